"""Fits the timing model on the train part of `answerers.yaml` and writes its weights into the package.

    python tests/fit_answerer.py --noise ../shared/data/noise_room/wav [--voices package/voices]

Every text of the part in every voice of it, four calls of each person and three of each machine; a threshold
for each moment: above every person of the part at first, above all but one of them later on.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ivr.bootstrap.answering import answer_detector
from ivr.cli.answerer_bench.answerers import HUMAN, answerers
from ivr.cli.answerer_bench.kit import open_stage
from ivr.media.answerer.listening import Listening
from ivr.media.answerer.rules import AnswerRules
from ivr.media.answerer.timing_model import FEATURES, features

ALLOWED = {3000: 0, 4200: 0, 6000: 1, 9000: 1}
"""People above the threshold, by moment in ms since the answer: they are dear, a missed machine is not."""
RIDGE = 0.02
SEED = 1
TARGET = Path(__file__).parents[1] / "ivr/media/answerer/timing_model_data.py"


def snapshots(samples: np.ndarray) -> Iterator[tuple[int, tuple[float, ...]]]:
    listening = Listening(8000, AnswerRules(), answered=True)
    detector = answer_detector()
    for at in range(0, samples.size - 159, 160):
        frame = samples[at : at + 160]
        listening.hear(frame, detector.judge(frame.tobytes(), 8000))
        if listening.looked and listening.heard_ms in ALLOWED:
            yield listening.heard_ms, features(listening.timing)


def fit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Logistic regression by Newton's steps, ridge on standardised features, weights for raw ones."""
    mean, spread = x[:, 1:].mean(0), x[:, 1:].std(0) + 1e-9
    z = np.c_[np.ones(len(x)), (x[:, 1:] - mean) / spread]
    ridge = RIDGE * len(x) * np.diag([0.0, *[1.0] * (z.shape[1] - 1)])
    weights = np.zeros(z.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-z @ weights))
        slope = z.T @ (p - y) + ridge @ weights
        weights = weights - np.linalg.solve((z.T * (p * (1 - p))) @ z + ridge, slope)
    raw = weights[1:] / spread
    return np.concatenate([[weights[0] - raw @ mean], raw])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--noise", type=Path, nargs="+", required=True)
    parser.add_argument("--voices", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    stage = open_stage(given.noise, given.voices, SEED)
    rows: dict[int, list[tuple[tuple[float, ...], bool]]] = {look: [] for look in ALLOWED}
    for answerer in answerers("train"):
        for take in range(4 if answerer.label == HUMAN else 3):
            scene = stage.play(answerer, take)
            for look, found in snapshots(scene.samples):
                rows[look].append((found, scene.label != HUMAN))
    lines = []
    for look, found in rows.items():
        x, y = np.array([f for f, _ in found]), np.array([m for _, m in found])
        weights = fit(x, y.astype(float))
        weights[0] -= np.sort((x @ weights)[~y])[-1 - ALLOWED[look]]
        caught = float((x @ weights > 0)[y].mean())
        print(f"{look} ms: {(~y).sum()} people, {y.sum()} machines, of which {caught:.1%} are caught")
        lines.append(f"    {look}: ({', '.join(f'{w:.4f}' for w in weights)}),")
    assert len(FEATURES) == x.shape[1]
    text = TARGET.read_text("utf-8")
    head, tail = text[: text.index("{\n") + 2], text[text.index("\n}\n") + 1 :]
    TARGET.write_text(head + "\n".join(lines) + "\n" + tail, "utf-8")


if __name__ == "__main__":
    main()
