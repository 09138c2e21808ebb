"""Which sentences are spoken so that every recording can be cut out of one, with the melody of its place.

A take is one sentence. The fixed words of a prompt are cut out of the prompt itself with sample values in its
slots; the pieces of amounts, dates and digits are cut out of sentences that hold many of them.
"""

import calendar
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ivr.calls.speech import SlotValue
from ivr.dialogue.prompt_filling import FilledPrompt, Segment, fill
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
    SlotKind.DIGITS: "138",
    SlotKind.NUMBER: 3,
}
_VALUE_PACE = 0.9
_PACES = {SlotKind.DIGITS: 0.75}
"""Values are said slowly, to be noted down; digits, which nothing else bears out, more slowly still."""

_TEXT_SAMPLES = {"zh": "王先生", "en": "Mister Wang"}

_FRAMES = {
    ("zh", Place.FINAL): "一共是{value:%s}。",
    ("zh", Place.PAUSE): "一共是{value:%s}，谢谢。",
    ("zh", Place.INNER): "一共是{value:%s}左右。",
    ("en", Place.FINAL): "The answer is {value:%s}.",
    ("en", Place.PAUSE): "The answer is {value:%s}, thank you.",
    ("en", Place.INNER): "The answer is {value:%s} or so.",
}


def takes(prompts: Iterable[PromptText]) -> list[Take]:
    """All takes for these prompts and for the values their locales can say, each recording in exactly one."""
    rows = list(prompts)
    found = [take for prompt in rows if (take := _prompt_take(prompt))]
    for locale in sorted({prompt.locale for prompt in rows}):
        found += _value_takes(locale)
    return found


def _prompt_take(prompt: PromptText) -> Take | None:
    language = prompt.spoken_in.partition("-")[0]
    values = {slot.name: _SAMPLES.get(slot.kind, _TEXT_SAMPLES.get(language, "")) for slot in prompt.slots}
    segments = fill(prompt, values).segments
    wanted = {i: s.recordings[0] for i, s in enumerate(segments) if len(s.recordings) == 1}
    return Take(segments, wanted) if wanted else None


def _value_takes(locale: str) -> Iterator[Take]:
    """Sample values in order, keeping those that bring a piece not yet recorded."""
    recorded: set[str] = set()
    for kind, value, place in _sample_values(locale.partition("-")[0]):
        filled = _framed(kind, value, place, locale)
        wanted: dict[int, str] = {}
        for index, segment in enumerate(filled.segments):
            if len(segment.recordings) > 1 and segment.recordings[0] not in recorded:
                wanted[index] = segment.recordings[0]
                recorded.add(segment.recordings[0])
        if wanted:
            yield Take(filled.segments, wanted, _PACES.get(kind, _VALUE_PACE))


def _framed(kind: SlotKind, value: SlotValue, place: Place, locale: str) -> FilledPrompt:
    template = _FRAMES[locale.partition("-")[0], place] % kind
    return fill(parse("value", template, locale), {"value": value})


def _sample_values(language: str) -> Iterator[tuple[SlotKind, SlotValue, Place]]:
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


def _days() -> Iterator[tuple[SlotKind, SlotValue, Place]]:
    for place, shift in ((Place.FINAL, 0), (Place.PAUSE, 5)):
        for day in range(1, 32):
            year = RECORDED_YEARS[(day + shift) % len(RECORDED_YEARS)]
            month = (day + shift) % 12 + 1
            while day > calendar.monthrange(year, month)[1]:
                month = month % 12 + 1
            yield SlotKind.DATE, date(year, month, day), place
    yield SlotKind.DATE, date(2013, 3, 4), Place.FINAL


def _with_mark(segment: Segment, marks: Mapping[Place, str]) -> str:
    return segment.text if segment.text[-1] in ",.!?;:，。！？；：" else segment.text + marks[segment.place]
