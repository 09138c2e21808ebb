"""A caller who grows loud and fast is noticed; one who is just loud, or just on a loud line, is not."""

import pytest

from ivr.media.temper import Delivery, Temper, delivery, is_agitated

CALM = [Delivery(-26.0, 4.0), Delivery(-25.0, 4.4)]


@pytest.mark.parametrize(
    ("level_db", "rate", "agitated"),
    [
        (-25.5, 4.2, False),
        (-18.0, 4.2, False),  # 7.5 dB louder at the same pace
        (-25.0, 7.0, False),  # fast, but not loud
        (-19.0, 5.5, True),  # 6.5 dB louder and 1.31 times as fast
        (-13.0, 4.0, True),  # 12.5 dB louder: shouting
    ],
)
def test_louder_and_faster_than_before_is_agitated(level_db: float, rate: float, agitated: bool) -> None:
    assert is_agitated(Delivery(level_db, rate), CALM) is agitated


def test_nobody_is_judged_by_their_first_words() -> None:
    assert not is_agitated(Delivery(-8.0, 9.0), CALM[:1])


def test_whoever_shouts_all_the_time_does_not_become_calm_by_it() -> None:
    temper = Temper()
    assert [temper.judge(each) for each in (*CALM, *[Delivery(-12.0, 6.0)] * 8)] == [False] * 2 + [True] * 8


@pytest.mark.parametrize(
    ("text", "speech_ms", "syllables_per_s"),
    [("我要查余额", 1000, 5.0), ("I want my balance", 1000, 6.0), ("用 app 还款", 2000, 2.0)],
)
def test_the_pace_is_counted_in_syllables(text: str, speech_ms: int, syllables_per_s: float) -> None:
    found = delivery(text, level_db=-26.0, speech_ms=speech_ms)
    assert found is not None
    assert found.syllables_per_s == syllables_per_s


@pytest.mark.parametrize(("text", "speech_ms"), [("好", 300), ("", 2000)])
def test_too_little_tells_nothing(text: str, speech_ms: int) -> None:
    assert delivery(text, level_db=-26.0, speech_ms=speech_ms) is None
