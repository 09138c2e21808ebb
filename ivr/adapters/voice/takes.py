"""Which sentences are spoken so that every recording can be cut out of one, with the melody of its place.

A take is one sentence. The fixed words of a prompt are cut out of the prompt itself with sample values in its
slots; the pieces of amounts, dates and digits are cut out of sentences that hold many of them.
"""

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from ivr.adapters.voice.prompt_files import PromptTexts
from ivr.calls.speech import SlotValue
from ivr.dialogue.prompt_filling import FilledPrompt, Names, Segment, fill
from ivr.dialogue.prompt_text import PromptText, SlotKind, parse
from ivr.dialogue.spoken import RECORDED_YEARS, Place


@dataclass(frozen=True, slots=True)
class Take:
    """A sentence to be spoken in parts, and the recordings to be cut out of it by the part's index."""

    segments: tuple[Segment, ...]
    recordings: Mapping[int, str]
    pace: float = 1.0
    """How much faster or slower than the voice's pace."""

    @property
    def locale(self) -> str:
        """The locale of its words."""
        return self.segments[0].locale

    def spoken_parts(self) -> tuple[str, ...]:
        """The words of each part with the punctuation that its place asks for."""
        marks = ("，", "。") if self.locale.startswith("zh") else (",", ".")
        pause, final = marks
        return tuple(
            _with_mark(s, {Place.INNER: "", Place.PAUSE: pause, Place.FINAL: final}) for s in self.segments
        )


_SAMPLES: Mapping[SlotKind, SlotValue] = {
    SlotKind.MONEY: Decimal(3500),
    SlotKind.DATE: date(2026, 7, 15),
    SlotKind.DAY: date(2026, 7, 15),
    SlotKind.TIME: time(9),
    SlotKind.DIGITS: "138",
    SlotKind.NUMBER: 3,
    SlotKind.ORDINAL: 3,
    SlotKind.PERCENT: Decimal("0.05"),
}
_VALUE_PACE = 0.9
_PACES = {SlotKind.DIGITS: 0.75, SlotKind.NAME: 1.0}
"""Values are said slowly, to be noted down; digits, which nothing else bears out, more slowly still."""

_TEXT_SAMPLES = {"zh": "王先生", "en": "Mister Wang"}

_ORDINAL_FRAMES = {
    ("zh", Place.FINAL): "下面是第{value:%s}。",
    ("zh", Place.PAUSE): "下面是第{value:%s}，谢谢。",
    ("zh", Place.INNER): "下面是第{value:%s}期。",
    ("en", Place.FINAL): "This is the {value:%s}.",
    ("en", Place.PAUSE): "This is the {value:%s}, thank you.",
    ("en", Place.INNER): "This is the {value:%s} instalment.",
}
_FRAMES = {
    ("zh", Place.FINAL): "一共是{value:%s}。",
    ("zh", Place.PAUSE): "一共是{value:%s}，谢谢。",
    ("zh", Place.INNER): "一共是{value:%s}左右。",
    ("en", Place.FINAL): "The answer is {value:%s}.",
    ("en", Place.PAUSE): "The answer is {value:%s}, thank you.",
    ("en", Place.INNER): "The answer is {value:%s} or so.",
}


def takes(texts: PromptTexts, locale: str) -> list[Take]:
    """All takes for a locale's prompts, names and values, each recording in exactly one."""
    found = [take for prompt in texts.wordings(locale) if (take := _prompt_take(prompt))]
    return [*found, *_value_takes(locale, texts.names.get(locale, {}))]


def filled_with_samples(prompt: PromptText) -> FilledPrompt:
    """The prompt with a plausible value in each slot."""
    language = prompt.spoken_in.partition("-")[0]
    values = {slot.name: _SAMPLES.get(slot.kind, _TEXT_SAMPLES.get(language, "")) for slot in prompt.slots}
    return fill(prompt, values)


def _prompt_take(prompt: PromptText) -> Take | None:
    segments = filled_with_samples(prompt).segments
    wanted = {i: s.recordings[0] for i, s in enumerate(segments) if len(s.recordings) == 1}
    return Take(segments, wanted) if wanted else None


def _value_takes(locale: str, names: Names) -> Iterator[Take]:
    """Sample values in order, keeping those that bring a piece not yet recorded."""
    recorded: set[str] = set()
    for kind, value, place in sample_values(locale.partition("-")[0], names):
        filled = _framed(kind, value, place, locale, names)
        wanted: dict[int, str] = {}
        for index, segment in enumerate(filled.segments):
            if len(segment.recordings) > 1 and segment.recordings[0] not in recorded:
                wanted[index] = segment.recordings[0]
                recorded.add(segment.recordings[0])
        if wanted:
            yield Take(filled.segments, wanted, _PACES.get(kind, _VALUE_PACE))


def _framed(kind: SlotKind, value: SlotValue, place: Place, locale: str, names: Names) -> FilledPrompt:
    frames = _ORDINAL_FRAMES if kind is SlotKind.ORDINAL else _FRAMES
    template = frames[locale.partition("-")[0], place] % kind
    return fill(parse("value", template, locale), {"value": value}, names)


Sample = tuple[SlotKind, SlotValue, Place]


def sample_values(language: str, names: Names) -> Iterator[Sample]:
    """Values that together hold every piece a language can say, each at the place it stands in."""
    for amount in _amounts(language):
        yield SlotKind.MONEY, amount, Place.FINAL
    for amount in _cents():
        for place in Place:
            yield SlotKind.MONEY, amount, place
    for start in range(10):
        row = "".join(str((start + step * 3) % 10) for step in range(11))
        yield SlotKind.DIGITS, row, Place.FINAL
        yield SlotKind.DIGITS, row[::-1], Place.FINAL
    for row in ("12X4", "X34567", "123X"):
        yield SlotKind.DIGITS, row, Place.FINAL
    yield from _days()
    yield from _days_of_the_year()
    yield from _times()
    yield from _rates(language)
    yield from _places_in_a_row(language)
    for piece in dict.fromkeys(names.values()):
        for place in Place:
            yield SlotKind.NAME, piece.text, place


def _amounts(language: str) -> Iterator[Decimal]:
    """Amounts that hold every number below 100 in each of its forms, every hundred, thousand and unit."""
    for low in range(10, 55):
        high, hundreds = low + 45, (low * 7) % 9 + 1
        thousands = (low * 4) % 9 + 1
        if language == "zh":
            yield Decimal(low * 10000 + thousands * 1000 + hundreds * 100 + high)
        else:
            yield Decimal(low * 1000 + hundreds * 100 + high)
    for rest in range(1, 20):
        yield Decimal((rest % 9 + 1) * 10000 + (rest % 8 + 2) * 1000 + (rest % 7 + 1) * 100 + rest)
        yield Decimal(rest * 10000 + 3005 + rest * 100)
    for amount in (0, 2, 20000, 200_030_000, 1_002_000, 3_000_000_000):
        yield Decimal(amount)


def _cents() -> Iterator[Decimal]:
    yield from (Decimal(35) + Decimal(tenth) / 10 for tenth in range(10))
    yield from (Decimal(35) + Decimal(tenth * 10 + (tenth + 3) % 9 + 1) / 100 for tenth in range(1, 10))
    yield Decimal("35.05")


def _days() -> Iterator[Sample]:
    for place, shift in ((Place.FINAL, 0), (Place.PAUSE, 5)):
        for day in range(1, 32):
            year = RECORDED_YEARS[(day + shift) % len(RECORDED_YEARS)]
            month = (day + shift) % 12 + 1
            while day > calendar.monthrange(year, month)[1]:
                month = month % 12 + 1
            yield SlotKind.DATE, date(year, month, day), place
    yield SlotKind.DATE, date(2013, 3, 4), Place.FINAL


def _days_of_the_year() -> Iterator[Sample]:
    """Every day of the month at the end of a phrase; Mandarin has them from dates with their year."""
    for day in range(1, 32):
        for place in (Place.FINAL, Place.PAUSE):
            yield SlotKind.DAY, date(2024, (1, 3, 5, 7, 8, 10, 12)[day % 7], day), place


def _times() -> Iterator[Sample]:
    for place in Place:
        for hour in range(24):
            yield SlotKind.TIME, time(hour), place
        for at in (time(9, 30), time(17, 30), time(8, 5), time(20, 5), time(10, 45), time(15, 45)):
            yield SlotKind.TIME, at, place


def _rates(language: str) -> Iterator[Sample]:
    for digit in range(10):
        for place in (Place.FINAL, Place.PAUSE):
            yield SlotKind.PERCENT, Decimal(f"{digit}.0{digit or 5}"), place
    yield SlotKind.PERCENT, Decimal("0.05"), Place.INNER
    if language == "zh":  # where a whole rate ends in its number
        for whole in range(10, 37):
            for place in (Place.FINAL, Place.PAUSE):
                yield SlotKind.PERCENT, Decimal(whole), place


def _places_in_a_row(language: str) -> Iterator[Sample]:
    """Mandarin says them with the numbers it has; English needs words of its own, and counts its payments."""
    if language == "zh":
        yield SlotKind.ORDINAL, 100, Place.INNER
        return
    for place in (Place.INNER, Place.PAUSE):
        for number in (*range(1, 13), *range(40, 110, 10)):
            yield SlotKind.ORDINAL, number, place
    for place in (Place.PAUSE, Place.FINAL):
        for number in range(37):
            yield SlotKind.NUMBER, number, place


def _with_mark(segment: Segment, marks: Mapping[Place, str]) -> str:
    return segment.text if segment.text[-1] in ",.!?;:，。！？；：" else segment.text + marks[segment.place]
