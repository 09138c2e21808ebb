"""Turn-taking on timelines: one letter is 100 ms of caller audio."""

from dataclasses import replace

import pytest

from ivr.grammar.outlook import Outlook
from ivr.media.barge_in import BargeIn, BargeInRules, Overheard, Reason, decide
from ivr.media.endpointing import Endpoint, Endpointer, EndpointRules, EndReason, end_silence_ms
from ivr.media.frame import Frame
from ivr.media.keys import KeyCollector, KeyRules
from ivr.media.listening import (
    KeysEntered,
    Listening,
    ListeningRules,
    NoInputGiven,
    Prompt,
    PromptStopped,
    SpeechDropped,
    SpeechStarted,
    SpokenOver,
    UtteranceEnded,
)
from ivr.media.pace import Pace

FRAME_MS = 20


def run(
    timeline: str,
    *,
    prompt_ms: int = 0,
    statement_ms: int = 0,
    rules: ListeningRules | None = None,
    floor_db: float = -70.0,
    outlook: Outlook | None = None,
    confirmed: bool | None = None,
    pace: Pace | None = None,
):
    """`s` speech, `.` silence, anything else a key; returns (ms, event) pairs.

    The prompt starts at 0 and tells something for `statement_ms`. In every pause the words are known at once
    to be as `outlook` says.
    """
    listening = Listening(rules or ListeningRules(), pace=pace)
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
            frame = Frame(letter == "s", -30.0, confirmed=confirmed)
            prompt = Prompt(now, now <= statement_ms) if plays else None
            events = listening.feed(frame, prompt=prompt, floor_db=floor_db)
            if listening.paused and outlook is not None:
                listening.expect(outlook)
            stopped = stopped or any(isinstance(e, PromptStopped) for e in events)
            seen += [(now, event) for event in events]
    return seen


def ends(timeline: str, **known) -> list[int]:
    """When utterances ended."""
    return [ms for ms, event in run(timeline, **known) if isinstance(event, UtteranceEnded)]


def test_an_answer_ends_when_silence_has_lasted():
    ended = UtteranceEnded(500, 700, EndReason.PAUSED)
    assert run("..sssss" + "." * 7 + "sss") == [(300, SpeechStarted()), (1400, ended)]


def test_a_short_pause_does_not_end_an_answer():
    assert ends("sss....sss" + "." * 7) == [1700]


@pytest.mark.parametrize(
    ("outlook", "item_silence_ms", "silence_ms"),
    [
        (Outlook.COMPLETE, 500, 300),
        (Outlook.COMPLETE, 1200, 300),
        (Outlook.EXTENDABLE, 500, 500),
        (Outlook.EXTENDABLE, 1200, 720),
        (Outlook.UNSURE, 500, 500),
        (Outlook.UNSURE, 1200, 1200),
        (Outlook.INCOMPLETE, 500, 1300),
        (Outlook.INCOMPLETE, 1500, 1500),
        (None, 500, 700),
        (None, 1200, 1200),
    ],
)
def test_how_long_to_wait_depends_on_what_was_heard_and_on_the_item(outlook, item_silence_ms, silence_ms):
    rules = EndpointRules(item_silence_ms=item_silence_ms)
    assert end_silence_ms(outlook, rules, 0) == silence_ms
    listening = ListeningRules(endpoint=rules)
    assert ends("sssss" + "." * 20, rules=listening, outlook=outlook) == [500 + silence_ms]


def test_an_end_tells_its_reason():
    def reason(**known):
        return run("sssss" + "." * 20, **known)[-1][1].reason

    assert reason(outlook=Outlook.COMPLETE) is EndReason.COMPLETE
    assert reason(outlook=Outlook.EXTENDABLE) is EndReason.PAUSED
    assert reason(rules=ListeningRules(endpoint=EndpointRules(longest_ms=400))) is EndReason.TIMEOUT


def test_what_was_known_of_the_words_is_forgotten_when_speech_goes_on():
    endpointer = Endpointer(EndpointRules())
    said = [*"sssss", *"..........", *"....."]
    for letter in said:
        endpointer.feed(letter == "s", FRAME_MS)
    endpointer.expect(Outlook.COMPLETE)
    assert [endpointer.feed(True, FRAME_MS) for _ in range(3)][-1] is Endpoint.RESUMED
    quiet = [endpointer.feed(False, FRAME_MS) for _ in range(40)]
    assert quiet.index(Endpoint.ENDED) == 700 // FRAME_MS - 1


def test_one_loud_frame_in_a_pause_is_not_the_caller_going_on():
    endpointer = Endpointer(EndpointRules())
    frames = "sssss" + "." * 15 + "s" + "." * 30
    changes = [endpointer.feed(letter == "s", FRAME_MS) for letter in frames]
    assert Endpoint.RESUMED not in changes
    assert changes.index(Endpoint.ENDED) == 5 + 700 // FRAME_MS - 1


def test_a_caller_who_pauses_long_in_a_number_is_waited_for_the_next_time():
    pace = Pace()
    incomplete = {"outlook": Outlook.INCOMPLETE, "pace": pace}
    assert ends("sss" + "." * 9 + "sss" + "." * 20, **incomplete) == [1500 + 1300]
    assert pace.wait_ms == 1200
    assert ends("sss" + "." * 20, outlook=Outlook.EXTENDABLE, pace=pace) == [300 + 1200]
    assert ends("sss" + "." * 20, outlook=Outlook.COMPLETE, pace=pace) == [300 + 300]


def test_patience_has_an_end_and_forgets_old_pauses():
    pace = Pace()
    pace.went_on_after(3000)
    assert pace.wait_ms == 1500
    for _ in range(6):
        pace.went_on_after(300)
    assert pace.wait_ms == 400


def test_a_click_is_not_speech():
    rules = ListeningRules(no_input_ms=1000)
    listening = Listening(rules)
    events = [
        e for i in range(50) for e in listening.feed(Frame(i % 25 == 0, -30.0), prompt=None, floor_db=-70.0)
    ]
    assert events == [NoInputGiven()]


def test_speech_stops_the_prompt_and_the_answer_counts():
    events = run("......ssssss" + "." * 7, prompt_ms=5000)
    assert [type(e) for _, e in events] == [SpeechStarted, PromptStopped, UtteranceEnded]
    assert events[1][0] == 600 + 240


def test_a_back_channel_leaves_the_prompt_alone():
    events = run("......ss" + "." * 8, prompt_ms=5000)
    assert [e for _, e in events] == [SpeechStarted(), SpeechDropped(Reason.TOO_SHORT)]


def test_after_a_dropped_back_channel_a_real_answer_is_still_heard():
    events = run("......ss" + "." * 8 + "ssssss" + "." * 7, prompt_ms=5000)
    assert [type(e) for _, e in events][2:] == [SpeechStarted, PromptStopped, UtteranceEnded]


def test_an_answer_that_begins_under_the_prompts_last_word_counts():
    assert isinstance(run("....ss" + "." * 7, prompt_ms=500)[-1][1], UtteranceEnded)


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


A_VOICE = Overheard(speech_ms=900, played_ms=4000, floor_db=-70.0, confirmed_ms=500)


@pytest.mark.parametrize(
    ("heard", "verdict", "reason"),
    [
        ({}, BargeIn.SPEECH, Reason.SPEECH),
        ({"speech_ms": 240}, BargeIn.SPEECH, Reason.SPEECH),
        ({"speech_ms": 239}, BargeIn.KEEP, Reason.TOO_SHORT),
        ({"played_ms": 399}, BargeIn.KEEP, Reason.PROMPT_BEGINS),
        ({"echo": 0.9}, BargeIn.KEEP, Reason.ECHO),
        ({"confirmed_ms": 95}, BargeIn.KEEP, Reason.NOISE),
        ({"confirmed_ms": 0, "spread_db": 3.0}, BargeIn.KEEP, Reason.MUSIC),
        ({"confirmed_ms": None}, BargeIn.SPEECH, Reason.SPEECH),
        ({"statement": True, "speech_ms": 1000}, BargeIn.SPEECH, Reason.SPEECH),
        ({"statement": True, "speech_ms": 999}, BargeIn.HOTWORD, Reason.BACK_CHANNEL),
        ({"floor_db": -50.0, "confirmed_ms": None}, BargeIn.SPEECH, Reason.SPEECH),
        ({"floor_db": -49.0, "confirmed_ms": None}, BargeIn.HOTWORD, Reason.NOISY_LINE),
        ({"floor_db": -49.0, "confirmed_ms": 199}, BargeIn.HOTWORD, Reason.NOISY_LINE),
        ({"floor_db": -49.0, "confirmed_ms": 200}, BargeIn.SPEECH, Reason.SPEECH),
    ],
)
def test_barge_in(heard, verdict, reason):
    rules, sound = BargeInRules(), replace(A_VOICE, **heard)
    judged = decide(sound, rules, allowed=True)
    assert (judged.barge_in, judged.reason) == (verdict, reason)
    forbidden = decide(sound, rules, allowed=False)
    assert (forbidden.barge_in, forbidden.reason) == (BargeIn.KEEP, Reason.FORBIDDEN)


def test_on_a_noisy_line_speech_over_the_prompt_must_prove_itself_first():
    events = run("......ssssss" + "." * 8 + "ssssss" + "." * 7, prompt_ms=5000, floor_db=-40.0)
    assert [type(e) for _, e in events] == [SpeechStarted, SpokenOver, SpeechStarted, SpokenOver]


def test_on_a_noisy_line_an_answer_after_the_prompt_counts_as_ever():
    events = run("......ssssss" + "." * 7, prompt_ms=500, floor_db=-40.0)
    assert [type(e) for _, e in events] == [SpeechStarted, UtteranceEnded]


def test_a_word_under_a_statement_leaves_it_alone_until_the_word_is_known():
    events = run("......ssss" + "." * 8, prompt_ms=5000, statement_ms=5000)
    assert events[-1][1] == SpokenOver(400, 700, Reason.BACK_CHANNEL)


def test_a_sentence_under_a_statement_stops_it():
    events = run("......" + "s" * 11 + "." * 8, prompt_ms=5000, statement_ms=5000)
    assert events[1] == (600 + 1000, PromptStopped("speech", statement=True))


def test_a_word_that_runs_into_the_question_answers_it():
    events = run("......ssss" + "." * 8, prompt_ms=5000, statement_ms=700)
    assert [type(e) for _, e in events] == [SpeechStarted, PromptStopped, UtteranceEnded]


def test_what_the_second_detector_takes_for_no_voice_leaves_the_prompt_alone():
    events = run("......ssssss" + "." * 8, prompt_ms=5000, confirmed=False)
    assert events[-1][1] == SpeechDropped(Reason.MUSIC)
