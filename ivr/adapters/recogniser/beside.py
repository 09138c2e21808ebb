"""Phrases of a grammar beside the same speech read freely, where any sentence may be said. Pure."""

from collections.abc import Sequence

from ivr.grammar.result import Alternative
from ivr.grammar.text import normalise

_LEAST_COVER = 0.75
"""A phrase shorter than this share of the sentence leaves out what was said. Of 120 sentences at the open
question, in office noise at 15 to 20 dB, three were taken for a phrase of half their length with 0.7 to 0.92;
held to their share of the sentence none was, and five more were understood."""


def beside_sentence(
    phrases: Sequence[Alternative], read: Alternative, language: str
) -> tuple[Alternative, ...]:
    """All readings, the surest first; a phrase that leaves much of the sentence out is trusted less."""
    heard = normalise(read.text, language)
    said = {normalise(phrase.text, language): phrase for phrase in phrases}
    held = [_held(phrase, _share(text, heard)) for text, phrase in said.items()]
    both = held if heard in said else [*held, read]
    return tuple(sorted(both, key=lambda alternative: -alternative.confidence))


def _share(phrase: str, heard: str) -> float:
    """How much the phrase is of what was read. What Whisper writes a second time was said once."""
    rest = heard.removeprefix(phrase).strip()
    if heard.startswith(phrase) and phrase.startswith(rest):
        return 1.0
    return len(phrase) / max(1, len(heard))


def _held(phrase: Alternative, share: float) -> Alternative:
    if share >= _LEAST_COVER:
        return phrase
    return Alternative(phrase.text, round(phrase.confidence * share, 3))
