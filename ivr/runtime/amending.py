"""What an answer means together with what the caller has added to it."""

from collections.abc import Callable, Mapping, Sequence

from ivr.dialogue.state import Amendment
from ivr.grammar.asides import corrected
from ivr.grammar.result import Alternative, Interpretation, Match, NoMatch

Interpret = Callable[[Sequence[Alternative]], Interpretation]


def amendment(
    joined: Sequence[Alternative], locale: str, before: Interpretation | None, interpret: Interpret
) -> Amendment | None:
    """What both mean as one; None when that is what the answer meant alone.

    `joined` are the readings of both together, `before` is what the answer meant, `interpret` reads as that
    answer was read.
    """
    instead = [(corrected(a.text, locale), a.confidence) for a in joined]
    found = interpret([Alternative(text, confidence) for text, confidence in instead if text])
    if isinstance(found, Match):
        return Amendment(found, explicit=True)
    found = interpret(joined)
    if isinstance(found, Match) and found.meaning != _meaning(before):
        return Amendment(found)
    taken_back = bool(instead) and instead[0][0] == ""
    return Amendment(NoMatch("taken_back"), explicit=True) if taken_back else None


def _meaning(found: Interpretation | None) -> Mapping[str, str] | None:
    return found.meaning if isinstance(found, Match) else None
