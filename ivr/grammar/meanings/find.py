"""Slots in the same breath: the values within a free sentence, such as 我想五号还两千."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.grammar.meanings.amounts import AMOUNT
from ivr.grammar.meanings.corrections import corrected
from ivr.grammar.meanings.dates import DATE
from ivr.grammar.meanings.forms import Found, Kind
from ivr.grammar.meanings.moments import MOMENT
from ivr.grammar.meanings.numbers import CARD, DIGITS, ID_NUMBER, PHONE, NumberKind
from ivr.grammar.meanings.ordinals import ORDINAL
from ivr.grammar.meanings.periods import PERIOD
from ivr.grammar.meanings.plain import plain
from ivr.grammar.meanings.ratings import RATING_5, RATING_10
from ivr.grammar.meanings.times import TIME

_Finder = Callable[[str, str, datetime], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Span:
    """A value within a text, from `start` up to `end`."""

    kind: str
    value: str
    start: int
    end: int


def _finder(kind: Kind | NumberKind) -> _Finder:
    if isinstance(kind, Kind):
        return kind.find

    def timeless(text: str, language: str, _now: datetime) -> Iterator[Found]:
        return kind.find(text, language)

    return timeless


_KINDS: Mapping[str, Kind | NumberKind] = {
    "phone": PHONE,
    "card": CARD,
    "id_number": ID_NUMBER,
    "moment": MOMENT,
    "date": DATE,
    "time": TIME,
    "period": PERIOD,
    "amount": AMOUNT,
    "rating_5": RATING_5,
    "rating_10": RATING_10,
    "ordinal": ORDINAL,
    "digits": DIGITS,
}
FINDERS: Mapping[str, _Finder] = {name: _finder(kind) for name, kind in _KINDS.items()}
"""The kinds that can be found, those first that win when two take the same words."""


def find(text: str, kinds: Sequence[str], language: str, now: datetime) -> tuple[Span, ...]:
    """The values of these kinds in a sentence, in its order; none overlap, the longest win.

    When the caller corrects a value, the one before the correction is left out if one of its kind follows it.
    Raises `KeyError` for a kind that is none of `FINDERS`.
    """
    said = plain(text, language)
    ranked = [
        (kind, found)
        for kind in FINDERS
        if kind in _known(kinds)
        for found in FINDERS[kind](said.text, language, now)
    ]
    ranked.sort(key=lambda entry: entry[1].start - entry[1].end)
    chosen: list[tuple[str, Found]] = []
    for kind, found in ranked:
        if all(found.end <= other.start or found.start >= other.end for _, other in chosen):
            chosen.append((kind, found))
    chosen.sort(key=lambda entry: entry[1].start)
    kept = _uncorrected(chosen, len(said.text) - len(corrected(said.text, language)[1]))
    return tuple(Span(kind, found.value, *said.place(found.start, found.end)) for kind, found in kept)


def _known(kinds: Sequence[str]) -> frozenset[str]:
    unknown = set(kinds) - set(FINDERS)
    if unknown:
        raise KeyError(
            f"no values of kind {', '.join(sorted(unknown))}; known are {', '.join(sorted(FINDERS))}"
        )
    return frozenset(kinds)


def _uncorrected(found: list[tuple[str, Found]], correction_at: int) -> list[tuple[str, Found]]:
    """Without the values that were taken back before `correction_at`."""
    corrected_kinds = {kind for kind, value in found if value.start >= correction_at}
    return [
        (kind, value) for kind, value in found if value.start >= correction_at or kind not in corrected_kinds
    ]
