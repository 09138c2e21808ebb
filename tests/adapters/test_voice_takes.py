"""Whatever value is to be said, its pieces have been recorded."""

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voice_samples import LOCALES, PROMPTS_DIR

from ivr.adapters.voice.prompt_files import load_prompt_texts
from ivr.adapters.voice.takes import Take, takes
from ivr.calls.speech import SlotValue
from ivr.dialogue.prompt_filling import piece_recordings, say_value
from ivr.dialogue.prompt_text import SlotKind
from ivr.dialogue.spoken import Place

TEXTS = load_prompt_texts(PROMPTS_DIR)
TAKES: list[Take] = [take for locale in LOCALES for take in takes(TEXTS, locale)]
RECORDED = [name for take in TAKES for name in take.recordings.values()]

VALUES = st.one_of(
    st.tuples(st.just(SlotKind.MONEY), st.integers(0, 10**14 - 1).map(lambda cents: Decimal(cents) / 100)),
    st.tuples(st.just(SlotKind.NUMBER), st.integers(0, 10**8)),
    st.tuples(st.just(SlotKind.DATE), st.dates(date(1900, 1, 1), date(2100, 12, 31))),
    st.tuples(st.just(SlotKind.DAY), st.dates(date(1900, 1, 1), date(2100, 12, 31))),
    st.tuples(st.just(SlotKind.TIME), st.times(time(0), time(23, 59))),
    st.tuples(st.just(SlotKind.ORDINAL), st.integers(1, 100)),
    st.tuples(st.just(SlotKind.PERCENT), st.integers(0, 10**7).map(lambda share: Decimal(share) / 10**4)),
    st.tuples(st.just(SlotKind.DIGITS), st.text("0123456789X", min_size=1, max_size=20)),
)


@given(VALUES, st.sampled_from(LOCALES), st.sampled_from(list(Place)))
def test_every_piece_of_every_value_has_a_recording(
    value: tuple[SlotKind, SlotValue], locale: str, place: Place
) -> None:
    pieces, _ = say_value(*value, locale, place)
    for piece in pieces:
        assert set(piece_recordings(piece, locale)) & set(RECORDED)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_name_is_recorded_at_every_place(locale: str) -> None:
    for piece in TEXTS.names[locale].values():
        for place in Place:
            assert piece_recordings(piece.at(place), locale)[0] in RECORDED


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("place", [Place.PAUSE, Place.FINAL])
@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (SlotKind.DATE, [date(2026, 2, day) for day in range(1, 29)]),
        (SlotKind.DAY, [date(2026, 1, day) for day in range(1, 32)]),
        (SlotKind.TIME, [time(hour, minute) for hour in range(24) for minute in (0, 5, 30, 45)]),
        (SlotKind.PERCENT, [Decimal("0.05"), Decimal("4.35"), Decimal("24")]),
    ],
)
def test_days_times_and_rates_end_with_the_melody_of_their_place(
    locale: str, place: Place, kind: SlotKind, values: list[SlotValue]
) -> None:
    for value in values:
        pieces, _ = say_value(kind, value, locale, place)
        assert piece_recordings(pieces[-1], locale)[0] in RECORDED


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("place", list(Place))
def test_amounts_end_with_the_melody_of_their_place(locale: str, place: Place) -> None:
    for cents in range(100):
        pieces, _ = say_value(SlotKind.MONEY, Decimal(cents) / 100 + 1, locale, place)
        assert piece_recordings(pieces[-1], locale)[0] in RECORDED


def test_each_recording_comes_from_one_take() -> None:
    assert len(RECORDED) == len(set(RECORDED))
