"""Train on some texts, judge others: by a test set, or by cross-validation."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ivr.grammar.intents.example import IntentExample
from ivr.grammar.intents.homophones import mishear
from ivr.grammar.intents.meaning_space import Vectorise
from ivr.grammar.intents.measures import Judged
from ivr.grammar.intents.model import IntentModel
from ivr.grammar.intents.training import train

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""


@dataclass
class Trial:
    """What was judged, and what it cost."""

    judged: list[Judged] = field(default_factory=list)
    train_s: list[float] = field(default_factory=list)
    classify_us: list[float] = field(default_factory=list)

    def run(
        self,
        training: Sequence[IntentExample],
        test: Sequence[IntentExample],
        language: str,
        progress: Progress,
        vectorise: Vectorise | None = None,
    ) -> None:
        """Train once and judge every test text; costs are CPU time."""
        started_s = time.process_time()
        model = train(training, language=language, vectorise=vectorise)
        self.train_s.append(time.process_time() - started_s)
        for done, example in enumerate(test, 1):
            self.judged.append(self._judge(model, example))
            progress(done, len(test))

    def _judge(self, model: IntentModel, example: IntentExample) -> Judged:
        started_ns = time.process_time_ns()
        ranked = model.classify(example.text)
        self.classify_us.append((time.process_time_ns() - started_ns) / 1_000)
        if not ranked:
            return Judged(example.intent, None, 0.0, example.text)
        return Judged(example.intent, ranked[0].intent, ranked[0].confidence, example.text)


def cross_validate(
    examples: Sequence[IntentExample],
    *,
    language: str,
    folds: int,
    homophones: float,
    seed: int,
    progress: Progress,
    vectorise: Vectorise | None = None,
) -> Trial:
    """Judge each example by a model that has not seen it; each intent is spread evenly over the folds."""
    trial = Trial()
    for training, test in split_folds(examples, folds, np.random.default_rng(seed)):
        trial.run(training, misheard(test, homophones, seed), language, progress, vectorise)
    return trial


def split_folds(
    examples: Sequence[IntentExample], folds: int, rng: np.random.Generator
) -> Iterator[tuple[list[IntentExample], list[IntentExample]]]:
    """Training and test part of each fold."""
    fold_of = np.zeros(len(examples), dtype=int)
    for intent in dict.fromkeys(example.intent for example in examples):
        own = np.array([at for at, example in enumerate(examples) if example.intent == intent])
        fold_of[rng.permutation(own)] = np.arange(len(own)) % folds
    for fold in range(folds):
        yield (
            [example for example, at in zip(examples, fold_of, strict=True) if at != fold],
            [example for example, at in zip(examples, fold_of, strict=True) if at == fold],
        )


def misheard(examples: Sequence[IntentExample], rate: float, seed: int) -> list[IntentExample]:
    """The examples with homophones in place of some characters; the same seed gives the same errors."""
    if rate <= 0.0:
        return list(examples)
    rng = np.random.default_rng(seed)
    return [replace(example, text=mishear(example.text, rate, rng)) for example in examples]


def drawn(examples: Sequence[IntentExample], limit: int, seed: int) -> list[IntentExample]:
    """At most `limit` of the examples, drawn by lot, in their order; all of them for 0."""
    if not limit or len(examples) <= limit:
        return list(examples)
    chosen = np.random.default_rng(seed).choice(len(examples), limit, replace=False)
    return [examples[at] for at in sorted(chosen)]
