"""Words into meaning where the question is open and no grammar lists the answers."""

from collections.abc import Set

from ivr.grammar.intents.model import IntentModel
from ivr.grammar.result import Hypothesis, Interpretation, Match, NoMatch

LEAST_CONFIDENCE = 0.40
"""Below it the caller is asked again rather than asked to confirm: the lower band of the ladder."""
LEAST_HEARD = 0.30
"""The recogniser's confidence over all readings, below which even a familiar text is taken for noise."""


def interpret_open(
    hypothesis: Hypothesis,
    model: IntentModel,
    *,
    commands: Set[str] = frozenset(),
    least_confidence: float = LEAST_CONFIDENCE,
    least_heard: float = LEAST_HEARD,
) -> Interpretation:
    """What the caller wants, over all of the recogniser's readings.

    Each reading has a say by its confidence. That confidence weighs readings against each other and does
    not lower the result: a text heard badly is unlike the examples and scores low by itself.
    A match means `{"intent": name}`, or `{"command": name}` for the names in `commands`.
    `NoMatch` is `empty` when nothing was heard, `low_confidence` when it was hardly heard, `ambiguous` when
    the two best intents would be believed together but neither alone, else `out_of_grammar`.
    """
    heard = [(it, found) for it in hypothesis.alternatives if (found := model.confidences(it.text))]
    if not heard:
        return NoMatch("empty")
    total = sum(alternative.confidence for alternative, _ in heard)
    first = heard[0][0]
    if total < least_heard:
        return NoMatch("low_confidence", first.text, total)
    pooled: dict[str, float] = {}
    for alternative, found in heard:
        for intent, confidence in found.items():
            pooled[intent] = pooled.get(intent, 0.0) + confidence * alternative.confidence / total
    best, second = sorted(pooled, key=lambda intent: -pooled[intent])[:2]
    if pooled[best] >= least_confidence:
        slot = "command" if best in commands else "intent"
        speaker = max(heard, key=lambda each: each[0].confidence * each[1][best])[0]
        return Match({slot: best}, min(pooled[best], 1.0), speaker.text, listed=False)
    two_fold = pooled[best] + pooled[second] >= least_confidence and pooled[second] > 0.5 * pooled[best]
    return NoMatch("ambiguous" if two_fold else "out_of_grammar", first.text, pooled[best])
