"""Fit the constants of ivr/adapters/recogniser/confidence.py on recordings of people, and judge the fit.

    OMP_NUM_THREADS=1 python tests/fit_confidence.py [--evidence FILE]

Reads the corpora of ../shared/data; about four minutes of one core. With --evidence, what the engine made of
the recordings is kept in FILE, and read from there the next time. All lots are drawn from hashes of file
names, so that each run gives the same figures.
"""

import argparse
import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ivr.adapters.codecs import CODECS
from ivr.adapters.models import default_models_dir, installed
from ivr.adapters.recogniser.confidence import SURE, Scored, Weights, weigh
from ivr.adapters.recogniser.engine import Request
from ivr.adapters.recogniser.whisper_engine import WhisperEngine
from ivr.cli.asr_bench.line import TelephoneLine
from ivr.cli.asr_bench.plan import read_corpora
from ivr.cli.asr_bench.strings import single_digits_task
from ivr.cli.asr_bench.trials import Task, category_tasks, out_of_grammar

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
_SPEECH = ("zh_audio_cmn", "en_fsdd_digits", "en_callie_telephony_prompts")
_LONGEST_S = 4.0
_FOLDS = 5
_MANY = 60
"""A speaker of more recordings is left out word by word: leaving all out would leave no Mandarin."""

_SPREAD = 1.0
"""Ridge penalty on weights of standardised evidence."""

_FALSE_REJECTS = 0.05

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Utterance:
    """One utterance in one grammar, as the engine heard it."""

    task: str
    name: str
    speaker: str
    spoken: bool
    meaning: str
    """Of what was said; empty outside the grammar."""
    scored: list[Scored]
    no_speech: float

    @property
    def best(self) -> Scored:
        return max(self.scored, key=lambda candidate: candidate.score)

    @property
    def right(self) -> bool:
        return bool(self.meaning) and self.best.meaning == self.meaning

    def confidence(self, without: Weights, beside: Weights) -> float:
        """As the engine would give it: with the free reading only where it is not sure without."""
        plain = [replace(candidate, apart=None) for candidate in self.scored]
        first = weigh(plain, self.no_speech, without, beside)
        if first and first[0].confidence >= SURE:
            return first[0].confidence
        second = weigh(self.scored, self.no_speech, without, beside)
        return second[0].confidence if second else 0.0


def main() -> None:
    """Gather or read the evidence; print the constants and what they come to on unseen speakers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--evidence", type=Path, help="keep the engine's evidence here, or read it")
    where = parser.parse_args().evidence
    if where and where.exists():
        rows = json.loads(where.read_text("utf-8"))
    else:
        rows = [asdict(utterance) for task in _tasks() for utterance in _heard(task)]
        if where:
            where.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    utterances = [Utterance(**row | {"scored": [Scored(**one) for one in row["scored"]]}) for row in rows]
    utterances = [utterance for utterance in utterances if utterance.scored]
    folds = _folds(utterances)
    confidences = np.zeros(len(utterances))
    for fold in range(_FOLDS):
        weights = _fit_both([u for u, its in zip(utterances, folds, strict=True) if its != fold])
        for at in np.flatnonzero(folds == fold):
            confidences[at] = utterances[at].confidence(*weights)
    for name, weights_of in zip(("WITHOUT_READING", "WITH_READING"), _fit_both(utterances), strict=True):
        print(name, "=", Weights(**{key: round(value, 2) for key, value in asdict(weights_of).items()}))
    _report(utterances, confidences)


def _tasks() -> list[Task]:
    """Short answers, each against the words of its kind; every other recording, and noise, is outside."""
    recordings, _ = read_corpora([_DATA / name for name in _SPEECH], "")
    rooms = [
        r for r in read_corpora([_DATA / "noise_room"], "")[0] if r.category.startswith(("noise", "off"))
    ]
    short = [r for r in recordings if r.transcript and r.duration_s() < _LONGEST_S]
    chinese = [r for r in short if r.language == "zh-CN"]
    english = [r for r in short if r.language == "en-US"]
    tasks = [
        *category_tasks(chinese, chinese, ("command", "yesno")),
        *category_tasks(chinese, chinese, ("finance",)),
        single_digits_task(chinese, "zh-CN"),
        single_digits_task([r for r in english if r.category == "digit"], "en-US"),
    ]
    return [
        replace(
            task,
            outside=out_of_grammar(
                task,
                [r for r in short if r.language == task.language and (not number or _hash(r.name) % 5 < 2)]
                + rooms[number % 2 :: 2],
            ),
        )
        for number, task in enumerate(tasks)
    ]


def _heard(task: Task) -> Iterator[Utterance]:
    model = installed("whisper-base", default_models_dir())
    if model is None:
        raise SystemExit("needs the model whisper-base: ivr models pull whisper-base")
    engine = WhisperEngine(model, threads=1)
    line = TelephoneLine(CODECS["pcma"], snr_db=0.0, loss=0.0, seed=1)
    assert task.grammar is not None
    for inside, trials in ((True, task.trials), (False, task.outside)):
        for trial in trials:
            decoding = engine.open(Request(task.language, line.codec.sample_rate_hz, task.grammar.source))
            decoding.feed(line.carry(trial).astype("<i2").tobytes())
            scored, no_speech = decoding.evidence()
            meaning = repr(task.grammar.match(trial.said)) if inside else ""
            name = f"{task.name} ({task.language})"
            yield Utterance(name, trial.name, trial.speaker, bool(trial.said), meaning, scored, no_speech)


def _folds(utterances: list[Utterance]) -> npt.NDArray[np.int64]:
    """By speaker; by recording where one speaker has most of a language, by file for noise."""
    names: dict[str, set[str]] = {}
    for utterance in utterances:
        names.setdefault(utterance.speaker, set()).add(utterance.name)
    groups = [
        u.name.split("@")[0] if not u.speaker or len(names[u.speaker]) > _MANY else u.speaker
        for u in utterances
    ]
    return np.array([_hash(group) % _FOLDS for group in groups])


def _fit_both(utterances: list[Utterance]) -> tuple[Weights, Weights]:
    # An answer that is mistaken for another one says nothing of whether it was an answer.
    told = [u for u in utterances if u.right or not u.meaning]
    evidence = np.array([[u.best.gain, u.best.distance, u.no_speech, u.best.apart] for u in told], float)
    said = np.array([u.right for u in told], float)
    without = _fit(evidence[:, :3], said)
    return Weights(*(*without, 0.0)), Weights(*_fit(evidence, said))


def _fit(evidence: Vector, said: Vector) -> list[float]:
    """Logistic regression by Newton's method: the bias and a weight for each column."""
    mean, deviation = evidence.mean(axis=0), evidence.std(axis=0)
    columns = np.column_stack([np.ones(len(evidence)), (evidence - mean) / deviation])
    penalty = np.diag([0.0] + [_SPREAD] * evidence.shape[1])
    weights = np.zeros(columns.shape[1])
    for _ in range(50):
        expected = 1 / (1 + np.exp(-columns @ weights))
        slope = columns.T @ (said - expected) - penalty @ weights
        curvature = (columns.T * (expected * (1 - expected))) @ columns + penalty
        weights = weights + np.linalg.solve(curvature, slope)
    scaled = weights[1:] / deviation
    return [float(weights[0] - scaled @ mean), *scaled.tolist()]


def _report(utterances: list[Utterance], confidences: Vector) -> None:
    right = np.array([u.right for u in utterances])
    outside = np.array([not u.meaning for u in utterances])
    spoken = np.array([u.spoken for u in utterances])
    tasks = np.array([u.task for u in utterances])
    for name in ("", *dict.fromkeys(tasks)):
        mine = np.isin(tasks, [name] if name else tasks)
        known = confidences[mine & right]
        threshold = float(np.sort(known)[math.floor(_FALSE_REJECTS * len(known))])
        accepted, others = confidences >= threshold, mine & outside
        print(
            f"{name or 'all':24} right {len(known):3}, outside {others.sum():3}; at {threshold:.2f}",
            f"refused {1 - accepted[mine & right].mean():.1%},",
            f"accepted of the others {accepted[others].mean():.1%},",
            f"of other speech {accepted[others & spoken].mean():.1%}",
        )


def _hash(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16)


if __name__ == "__main__":
    main()
