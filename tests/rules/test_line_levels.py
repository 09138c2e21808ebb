"""What the levels of a line tell: its noise, the bot's own voice, and where a prompt pauses."""

from random import Random

import pytest

from ivr.media.barge_in import BargeInRules
from ivr.media.echo import EchoGauge
from ivr.media.noise_floor import NoiseFloor
from ivr.media.resumption import PromptPauses

FRAME_MS = 20


def echo_gauge(heard_db: list[float], sent_db: list[float]) -> float:
    gauge = EchoGauge()
    for heard, sent in zip(heard_db, sent_db, strict=True):
        gauge.feed(heard, sent)
    return gauge.likeness


def syllables(seed: int, count: int = 120) -> list[float]:
    """Levels that rise and fall like speech."""
    rng = Random(seed)
    levels: list[float] = []
    while len(levels) < count:
        levels += [rng.uniform(-45, -20)] * rng.randint(3, 12) + [-60.0] * rng.randint(0, 6)
    return levels[:count]


def test_the_bots_own_voice_is_known_when_it_comes_back_later_and_weaker():
    sent = syllables(1)
    delayed = [-60.0] * 12 + [level - 15 for level in sent[:-12]]
    assert echo_gauge(delayed, sent) > BargeInRules().echo_likeness


def test_another_voice_is_not_taken_for_an_echo():
    assert all(echo_gauge(syllables(n), syllables(n + 50)) < 0.8 for n in range(20))


def test_a_voice_over_an_echo_is_not_taken_for_an_echo():
    sent = syllables(1)
    both = [max(level - 20, voice) for level, voice in zip(sent, syllables(7), strict=True)]
    assert echo_gauge(both, sent) < BargeInRules().echo_likeness


@pytest.mark.parametrize(
    ("sent", "back_ms"),
    [
        ("#" * 20, 300),
        ("####...####", 500),
        ("####..########", 1000),
        ("####..####", 600),
        ("####..##", 300),
        ("#.#..#####.##", 900),
    ],
    ids=str,
)
def test_a_prompt_goes_on_at_its_last_pause_before_the_cut(sent, back_ms):
    pauses = PromptPauses()
    for letter in sent:
        for _ in range(5):
            pauses.feed(-25.0 if letter == "#" else -80.0, FRAME_MS)
    assert pauses.back_ms == pytest.approx(back_ms, abs=100)


def feed(floor: NoiseFloor, levels_db: list[float], *, in_speech: bool = False) -> list[bool]:
    return [floor.feed(level_db, 20, in_speech=in_speech) for level_db in levels_db]


def test_steady_noise_does_not_stand_out_but_speech_over_it_does():
    floor = NoiseFloor()
    feed(floor, [-40.0 + i % 3 for i in range(200)])
    assert feed(floor, [-36.0, -25.0]) == [False, True]


def test_where_a_surer_detector_judges_too_softer_speech_may_stand_out():
    floor = NoiseFloor()
    feed(floor, [-40.0] * 200)
    assert [floor.feed(-34.0, 20, in_speech=False, doubted=doubted) for doubted in (False, True)] == [
        False,
        True,
    ]


def test_a_room_with_bursts_raises_the_bar_above_them():
    floor = NoiseFloor()
    feed(floor, [-45.0 if i % 10 < 7 else -35.0 for i in range(300)])
    assert feed(floor, [-34.0, -24.0]) == [False, True]


def test_nothing_stands_out_before_the_line_is_known():
    assert not any(feed(NoiseFloor(), [-20.0] * 25))


def test_what_is_said_does_not_count_as_noise_however_long_it_lasts():
    floor = NoiseFloor()
    feed(floor, [-60.0] * 100)
    assert all(feed(floor, [-25.0] * 500, in_speech=True))
    assert feed(floor, [-40.0]) == [True]


def test_inside_an_utterance_softer_syllables_still_count():
    floor = NoiseFloor()
    feed(floor, [-50.0] * 100)
    assert feed(floor, [-43.0]) == [False]
    assert feed(floor, [-43.0], in_speech=True) == [True]
