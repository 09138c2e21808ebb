"""Whether what was said so far is all that will be said, as far as the words can tell."""

from enum import StrEnum

from ivr.grammar.asides import hangs
from ivr.grammar.compiled import CompiledGrammar
from ivr.grammar.result import Hypothesis
from ivr.grammar.text import normalise

SURE = 0.6
"""Least confidence of words that may shorten the wait: a hasty end costs more than a slow one."""


class Outlook(StrEnum):
    """What the words so far promise; VoiceXML 2.0 (6.3.2) gives the first and the others their timeouts."""

    COMPLETE = "complete"
    """A whole phrase that nothing can follow."""
    EXTENDABLE = "extendable"
    """A whole phrase, or a free sentence, that could go on."""
    UNSURE = "unsure"
    """Words that may have been misheard."""
    INCOMPLETE = "incomplete"
    """The beginning of a phrase (digits missing), words that hang (我想…), or no words at all."""


def outlook(hypothesis: Hypothesis, grammar: CompiledGrammar, *, is_open: bool = False) -> Outlook:
    """Judge the words of an utterance that has paused. `is_open`: sentences outside the grammar count too."""
    best = hypothesis.best
    if best is None or not best.text.strip():
        return Outlook.INCOMPLETE
    meaning = _meaning(best.text, grammar)
    state = grammar.advance(grammar.start(), normalise(best.text, grammar.language))
    if meaning:
        same = (
            other.confidence for other in hypothesis.alternatives if _meaning(other.text, grammar) == meaning
        )
        if sum(same) < SURE:
            return Outlook.UNSURE
        ends_here = state is not None and grammar.is_final(state) and not grammar.next_chars(state)
        return Outlook.COMPLETE if ends_here else Outlook.EXTENDABLE
    if state is not None or hangs(best.text, grammar.language):
        return Outlook.INCOMPLETE
    return Outlook.EXTENDABLE if is_open and best.confidence >= SURE else Outlook.UNSURE


def _meaning(text: str, grammar: CompiledGrammar) -> tuple[dict[str, str], ...]:
    by_sound = None if (written := grammar.match(text)) else grammar.match_sound(text)
    return by_sound.meanings if by_sound else written
