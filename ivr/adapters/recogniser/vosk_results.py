"""What Vosk says, as readings with a confidence."""

import json
import math
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

from ivr.grammar.result import Alternative

UNKNOWN = "[unk]"
"""The word by which models that have it stand for all others."""

ALTERNATIVES = 20
"""Readings asked of Vosk. Its grammar is a bigram over words, so that the best reading is often a mixture of
phrases, and the phrase that was said comes after it: with 20 instead of 1, 32 % rather than 16 % of synthetic
Korean commands of two or three words were found, at no more false accepts."""

_KEPT = 50
"""Readings of an utterance that Vosk cut into sentences: the best combinations."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Words of one utterance, `[unk]` among them, with their log-likelihood."""

    words: tuple[str, ...]
    score: float

    @property
    def known(self) -> tuple[str, ...]:
        """The words without those unknown to the model."""
        return tuple(word for word in self.words if word != UNKNOWN)


def read_alternatives(result: str) -> list[Reading]:
    """The readings in a result of Vosk with alternatives; one without words for silence."""
    found = [
        Reading(tuple(alternative["text"].split()), float(alternative["confidence"]))
        for alternative in json.loads(result).get("alternatives", ())
    ]
    return found or [Reading((), 0.0)]


def read_words(result: str) -> list[dict[str, Any]]:
    """The words of a result of Vosk without alternatives: `word`, `conf` (0..1), `start`, `end` in s."""
    words: list[dict[str, Any]] = json.loads(result).get("result", [])
    return words


def joined(before: Sequence[Reading], after: Sequence[Reading]) -> list[Reading]:
    """The readings of two sentences, one after the other, as readings of one utterance, best first."""
    pairs = [Reading(a.words + b.words, a.score + b.score) for a in before for b in after]
    return sorted(pairs, key=lambda reading: -reading.score)[:_KEPT]


def weighed(
    readings: Sequence[Reading], phrases: Container[tuple[str, ...]] | None, *, joint: str, limit: int
) -> tuple[Alternative, ...]:
    """Up to `limit` readings, surest first, phrases before mixtures of them (`phrases` None: no grammar).

    A reading's confidence is its share of the likelihood of all readings, less by the share of its words
    that the model does not know, for something was said that the grammar does not hold.
    """
    likeliest = max(reading.score for reading in readings)
    weights = [math.exp(reading.score - likeliest) for reading in readings]
    shares: dict[tuple[str, ...], float] = {}
    for reading, weight in zip(readings, weights, strict=True):
        if reading.known:
            sure = weight / sum(weights) * len(reading.known) / len(reading.words)
            shares[reading.known] = shares.get(reading.known, 0.0) + sure
    inside = [words for words in shares if phrases is None or words in phrases]
    chosen = (inside + [words for words in shares if words not in inside])[:limit]
    heard = [Alternative(joint.join(words), round(min(1.0, shares[words]), 3)) for words in chosen]
    return tuple(sorted(heard, key=lambda alternative: -alternative.confidence))
