"""Turn-taking on timelines: one letter is 100 ms of caller audio."""

import pytest

from ivr.media.barge_in import BargeIn, BargeInRules, decide
from ivr.media.frame import Frame
from ivr.media.keys import KeyCollector, KeyRules
from ivr.media.listening import (
    KeysEntered,
    Listening,
    ListeningRules,
    NoInputGiven,
    PromptStopped,
    SpeechDropped,
    SpeechStarted,
    SpokenOver,
    UtteranceEnded,
)
from ivr.media.noise_floor import NoiseFloor

FRAME_MS = 20


def run(timeline: str, *, prompt_ms: int = 0, rules: ListeningRules | None = None, floor_db: float = -70.0):
    """`s` speech, `.` silence, anything else a key; returns (ms, event) pairs. The prompt starts at 0."""
    listening = Listening(rules or ListeningRules())
    now, stopped, seen = 0, False, []
    for letter in timeline:
        plays = now < prompt_ms and not stopped
        if letter not in "s.":
            seen += [(now, event) for event in listening.press(letter, prompt_plays=plays)]
            stopped = stopped or plays
            continue
        for _ in range(100 // FRAME_MS):
            plays = now < prompt_ms and not stopped
            now += FRAME_MS
            frame = Frame(letter == "s", -30.0)
            events = listening.feed(frame, prompt_played_ms=now if plays else None, floor_db=floor_db)
            stopped = stopped or any(isinstance(e, PromptStopped) for e in events)
            seen += [(now, event) for event in events]
    return seen


def test_an_answer_ends_when_silence_has_lasted():
    assert run("..sssss.....sss") == [(300, SpeechStarted()), (1200, UtteranceEnded(500, 500))]


def test_a_short_pause_does_not_end_an_answer():
    assert [ms for ms, e in run("sss....sss.....") if isinstance(e, UtteranceEnded)] == [1500]


def test_a_click_is_not_speech():
    rules = ListeningRules(no_input_ms=1000)
    listening = Listening(rules)
    events = [
        e
        for i in range(50)
        for e in listening.feed(Frame(i % 25 == 0, -30.0), prompt_played_ms=None, floor_db=-70.0)
    ]
    assert events == [NoInputGiven()]


def test_speech_stops_the_prompt_and_the_answer_counts():
    events = run("......ssssss.....", prompt_ms=5000)
    assert [type(e) for _, e in events] == [SpeechStarted, PromptStopped, UtteranceEnded]
    assert events[1][0] == 600 + 240


def test_a_back_channel_leaves_the_prompt_alone():
    events = run("......ss......", prompt_ms=5000)
    assert [type(e) for _, e in events] == [SpeechStarted, SpeechDropped]


def test_after_a_dropped_back_channel_a_real_answer_is_still_heard():
    events = run("......ss......ssssss.....", prompt_ms=5000)
    assert [type(e) for _, e in events][2:] == [SpeechStarted, PromptStopped, UtteranceEnded]


def test_an_answer_that_begins_under_the_prompts_last_word_counts():
    assert isinstance(run("....ss" + "." * 5, prompt_ms=500)[-1][1], UtteranceEnded)


def test_a_prompt_that_may_not_be_interrupted_is_not():
    rules = ListeningRules(barge_in_allowed=False)
    assert not any(isinstance(e, PromptStopped) for _, e in run("ssssssssss", prompt_ms=5000, rules=rules))


def test_silence_counts_only_after_the_prompt():
    assert run("." * 80, prompt_ms=2000) == [(7000, NoInputGiven())]


def test_a_key_beats_speech_at_once():
    events = run("sss1sssss.......", prompt_ms=5000)
    kinds = [type(e) for _, e in events]
    assert kinds == [SpeechStarted, SpeechDropped, PromptStopped, KeysEntered]
    assert events[-1] == (300, KeysEntered("1"))


def test_nothing_is_reported_after_the_answer():
    assert run("1sssss.....2")[1:] == []


FOUR = KeyRules(max_keys=4)


@pytest.mark.parametrize(
    ("presses", "answer"),
    [("1234", "1234"), ("12#", "12"), ("0#", "0"), ("#", "#")],
)
def test_keys_complete_by_count_or_terminator(presses, answer):
    collector = KeyCollector(FOUR if presses != "#" else KeyRules())
    assert [collector.press(key) for key in presses][-1] == answer


def test_keys_complete_when_no_further_key_comes():
    assert run("12" + "." * 31, rules=ListeningRules(keys=FOUR)) == [(3000, KeysEntered("12"))]


@pytest.mark.parametrize(
    ("allowed", "speech_ms", "played_ms", "floor_db", "verdict"),
    [
        (True, 240, 400, -70.0, BargeIn.SPEECH),
        (True, 239, 400, -70.0, BargeIn.KEEP),
        (True, 900, 399, -70.0, BargeIn.KEEP),
        (False, 900, 4000, -70.0, BargeIn.KEEP),
        (True, 900, 4000, -50.0, BargeIn.SPEECH),
        (True, 900, 4000, -49.0, BargeIn.HOTWORD),
        (False, 900, 4000, -40.0, BargeIn.KEEP),
    ],
)
def test_barge_in(allowed, speech_ms, played_ms, floor_db, verdict):
    rules = BargeInRules()
    judged = decide(allowed=allowed, speech_ms=speech_ms, played_ms=played_ms, floor_db=floor_db, rules=rules)
    assert judged is verdict


def test_on_a_noisy_line_speech_over_the_prompt_must_prove_itself_first():
    events = run("......ssssss......ssssss.....", prompt_ms=5000, floor_db=-40.0)
    assert [type(e) for _, e in events] == [SpeechStarted, SpokenOver, SpeechStarted, SpokenOver]


def test_on_a_noisy_line_an_answer_after_the_prompt_counts_as_ever():
    events = run("......ssssss.....", prompt_ms=500, floor_db=-40.0)
    assert [type(e) for _, e in events] == [SpeechStarted, UtteranceEnded]


def feed(floor: NoiseFloor, levels_db: list[float], *, in_speech: bool = False) -> list[bool]:
    return [floor.feed(level_db, 20, in_speech=in_speech) for level_db in levels_db]


def test_steady_noise_does_not_stand_out_but_speech_over_it_does():
    floor = NoiseFloor()
    feed(floor, [-40.0 + i % 3 for i in range(200)])
    assert feed(floor, [-36.0, -25.0]) == [False, True]


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
