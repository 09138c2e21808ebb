"""A prompt with its slots filled: the row of segments to be said, each with its place in the sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from ivr.calls.speech import SlotValue
from ivr.dialogue.prompt_text import PromptText, PromptTextError, Slot, SlotKind
from ivr.dialogue.spoken import Piece, Place, SpokenRules, shown_percent, shown_time, to_date, to_time
from ivr.dialogue.spoken_en import ENGLISH
from ivr.dialogue.spoken_zh import MANDARIN


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech that one recording holds, or that must be synthesised."""

    recordings: tuple[str, ...]
    """Names of the recordings that would do, best first, such as `zh-CN/goodbye`; empty for free text."""
    text: str
    place: Place
    locale: str
    """The locale of its words."""


@dataclass(frozen=True, slots=True)
class FilledPrompt:
    """What is to be said, and the same as it is written down."""

    segments: tuple[Segment, ...]
    text: str


Names = Mapping[str, Piece]
"""What a locale's `{x:name}` slots may hold, in lower case, and what is said for it."""

_PAUSE_MARKS = ",;:，、；："
_FINAL_MARKS = ".!?。！？"
_NEAREST = {
    Place.INNER: (Place.INNER, Place.PAUSE, Place.FINAL),
    Place.PAUSE: (Place.PAUSE, Place.FINAL, Place.INNER),
    Place.FINAL: (Place.FINAL, Place.PAUSE, Place.INNER),
}
_RULES = {"zh": MANDARIN, "en": ENGLISH}


def fill(prompt: PromptText, slots: Mapping[str, SlotValue], names: Names | None = None) -> FilledPrompt:
    """Put values into the slots and cut the whole into segments. `names` are those of its spoken locale.

    Words before a slot end in a short pause, as good announcements do: the value stands out and starts
    clearly. Punctuation after a slot is not said: it decides how the slot's last piece ends. Raises
    `PromptTextError`.
    """
    segments: list[Segment] = []
    written: list[str] = []
    for index, part in enumerate(prompt.parts):
        if isinstance(part, str):
            written.append(part)
            segments += _fixed(prompt, index, part)
            continue
        if part.name not in slots:
            raise PromptTextError(f"prompt {prompt.prompt_id}: no value for the slot {part.name}")
        place = _place_before(prompt.parts[index + 1 :])
        try:
            said, shown = _say(part.kind, slots[part.name], prompt.spoken_in, place, names or {})
        except (TypeError, ValueError) as error:
            raise PromptTextError(f"prompt {prompt.prompt_id}, slot {part.name}: {error}") from None
        segments += said
        written.append(shown)
    return FilledPrompt(tuple(segments), "".join(written))


def say_value(kind: SlotKind, value: SlotValue, locale: str, last: Place) -> tuple[tuple[Piece, ...], str]:
    """The pieces of one value that is not free text, and the value as it is written.

    Raises `TypeError` for a value of the wrong type, `ValueError` for one that cannot be said.
    """
    rules = _rules(locale)
    match kind, value:
        case SlotKind.MONEY, Decimal() | int():
            said = rules.money(value, last), rules.shown_money(value)
        case SlotKind.NUMBER, int():
            said = rules.number(value, last), str(value)
        case SlotKind.ORDINAL, int():
            said = rules.ordinal(value, last), rules.shown_ordinal(value)
        case SlotKind.PERCENT, Decimal() | int():
            said = rules.percent(value, last), shown_percent(value)
        case SlotKind.DATE, date() | str():
            day = value if isinstance(value, date) else to_date(value)
            said = rules.full_date(day, last), rules.shown_date(day)
        case SlotKind.DAY, date() | str():
            day = value if isinstance(value, date) else to_date(value)
            said = rules.day(day, last), rules.shown_day(day)
        case SlotKind.TIME, time() | str():
            at = value if isinstance(value, time) else to_time(value)
            said = rules.time_of_day(at, last), shown_time(at)
        case SlotKind.DIGITS, str():
            said = rules.digits(value, last), value
        case _:
            raise TypeError(f"a {type(value).__name__} cannot be said as {kind}")
    return said


def piece_recordings(piece: Piece, locale: str) -> tuple[str, ...]:
    """Names of the recordings of a piece: its own place first, then the places that sound most like it."""
    return tuple(f"{locale}/pieces/{piece.name}.{place}" for place in _NEAREST[piece.place])


def _rules(locale: str) -> SpokenRules:
    language = locale.partition("-")[0]
    if language not in _RULES:
        raise ValueError(f"no rules for saying values in {locale}, only in {', '.join(_RULES)}")
    return _RULES[language]


def _say(
    kind: SlotKind, value: SlotValue, locale: str, place: Place, names: Names
) -> tuple[list[Segment], str]:
    pieces: tuple[Piece, ...]
    if kind is SlotKind.NAME and (known := names.get(str(value).strip().lower())):
        pieces, shown = (known.at(place),), known.text
    elif kind in (SlotKind.TEXT, SlotKind.NAME):
        return [Segment((), str(value), place, locale)], str(value)
    else:
        pieces, shown = say_value(kind, value, locale, place)
    return [
        Segment(piece_recordings(piece, locale), piece.text, piece.place, locale) for piece in pieces
    ], shown


def _fixed(prompt: PromptText, index: int, text: str) -> list[Segment]:
    words = (text if index == 0 else text.lstrip(_PAUSE_MARKS + _FINAL_MARKS + " ")).strip()
    if not words:
        return []
    ends = index == len(prompt.parts) - 1 or _place_of(words[-1]) is Place.FINAL
    place = Place.FINAL if ends else Place.PAUSE
    name = prompt.name if len(prompt.parts) == 1 else f"{prompt.name}.{index}"
    return [Segment((f"{prompt.locale}/{name}",), words, place, prompt.spoken_in)]


def _place_before(rest: tuple[str | Slot, ...]) -> Place:
    if not rest:
        return Place.FINAL
    following = rest[0]
    return Place.PAUSE if isinstance(following, Slot) else _place_of(following.lstrip()[:1])


def _place_of(mark: str) -> Place:
    if mark and mark in _FINAL_MARKS:
        return Place.FINAL
    return Place.PAUSE if mark and mark in _PAUSE_MARKS else Place.INNER
