"""People who hesitate, go on, take back, talk over and press keys: each a call on a timeline."""

import pytest
from phone_call import PROMPT_MS, hear_out, make_noise, phone, press, speak, wait

from ivr.calls.events import PromptPlayed, ReplyStarted, TurnTaken, WishSettled

GREETING = "greeting greeting_language wish_ask"
BALANCE, NEXT_DUE = "我要查询贷款余额", "下期还款"
LONG_MS = 6000


def ask_and_be_asked_for_the_tail(line):
    yield from hear_out(line)
    yield from speak(then_silence_ms=200)
    yield from hear_out(line)


def tails(call) -> list[tuple[str, str]]:
    return [(turn.result, turn.reason) for turn in call.of(TurnTaken) if turn.item == "id_tail"]


async def test_an_answer_before_the_prompt_has_ended_is_understood():
    def caller(line):
        yield from wait(4500)
        yield from speak(1200, then_silence_ms=1500)

    call = await phone(caller, [(BALANCE, 0.9)], prompt_ms=LONG_MS)
    assert call.cut_off == [GREETING]
    assert call.prompts[1] == "id_tail_ask"


async def test_a_pause_in_the_middle_of_a_number_is_waited_for():
    def caller(line):
        yield from ask_and_be_asked_for_the_tail(line)
        yield from speak(600, then_silence_ms=1100)
        yield from speak(600, then_silence_ms=1500)

    # The item waits 900 ms, but in the pause only the beginning of a number has been heard.
    call = await phone(caller, [(BALANCE, 0.9), [("一二", 0.9), ("一二三四", 0.9)]])
    assert tails(call) == [("match", "act")]
    (tail,) = [turn for turn in call.of(TurnTaken) if turn.item == "id_tail"]
    assert tail.speech_ms == pytest.approx(600 + 1100 + 600, abs=60)


async def test_a_number_that_was_cut_in_two_all_the_same_is_put_together():
    def caller(line):
        yield from ask_and_be_asked_for_the_tail(line)
        yield from speak(600, then_silence_ms=1440)
        yield from speak(600, then_silence_ms=3000)

    readings = [(BALANCE, 0.9), ("一二", 0.9), ("三四", 0.9)]
    call = await phone(caller, readings, joined=[("一二三四", 0.9)], prompt_ms=3000)
    assert tails(call) == [("no_match", "out_of_grammar"), ("match", "act")]
    assert "verified" in call.prompts[-1] or "verified" in call.prompts[-2]


async def test_an_answer_that_is_taken_back_at_once_is_replaced():
    def caller(line):
        yield from hear_out(line)
        yield from speak(then_silence_ms=800)
        yield from speak(1200, then_silence_ms=1500)
        yield from hear_out(line)
        yield from press("1234")
        yield from wait(3 * PROMPT_MS)

    said = f"不对，{NEXT_DUE}"
    call = await phone(caller, [(BALANCE, 0.9), ("", 0.0)], joined=[(BALANCE + said, 0.9)])
    assert [t.intent for t in call.of(TurnTaken) if t.item == "wish"] == ["balance", "next_due"]
    assert [w.wish for w in call.of(WishSettled)] == ["next_due"]
    assert call.cut_off == ["id_tail_ask"]


async def test_a_word_of_thanks_after_an_answer_lets_the_reply_go_on():
    def caller(line):
        yield from hear_out(line)
        yield from speak(then_silence_ms=900)
        yield from speak(400, then_silence_ms=2000)
        yield from press("1234")
        yield from wait(3 * PROMPT_MS)

    call = await phone(caller, [(BALANCE, 0.9), ("谢谢", 0.9)], prompt_ms=3000)
    assert call.prompts[1:3] == ["id_tail_ask", "id_tail_ask"]
    assert tails(call) == [("no_match", "false_barge_in"), ("match", "act")]


async def test_keys_pressed_while_speaking_win_at_once():
    def caller(line):
        yield from hear_out(line)
        yield from speak(500)
        yield from press("1", gap_ms=20)
        yield from speak(500)
        yield from wait(1000)

    call = await phone(caller, [(NEXT_DUE, 0.9)])
    (turn,) = call.of(TurnTaken)
    assert (turn.source, turn.intent) == ("keys", "balance")
    assert call.of(ReplyStarted)[0].reply_latency_ms == pytest.approx(0, abs=60)


async def test_a_back_channel_under_a_statement_does_not_stop_it():
    def caller(line):
        yield from ask_and_be_asked_for_the_tail(line)
        yield from press("1234")
        yield from wait(PROMPT_MS + 1500)
        yield from speak(400, then_silence_ms=8000)

    call = await phone(
        caller, [(BALANCE, 0.9), ("好的", 0.9)], lengths_ms={"more_ask": 800, "balance_told": 8000}
    )
    assert call.cut_off == []
    assert [t.item for t in call.of(TurnTaken)] == ["wish", "id_tail"]


async def test_the_wish_for_a_person_under_a_statement_is_heard():
    def caller(line):
        yield from ask_and_be_asked_for_the_tail(line)
        yield from press("1234")
        yield from wait(PROMPT_MS + 1500)
        yield from speak(600, then_silence_ms=3000)

    call = await phone(
        caller, [(BALANCE, 0.9), ("人工", 0.9)], lengths_ms={"more_ask": 800, "balance_told": 8000}
    )
    assert call.of(TurnTaken)[-1].intent == "agent"


async def test_a_prompt_that_a_sound_without_words_stopped_goes_on_where_it_stopped():
    def caller(line):
        yield from wait(2000)
        yield from speak(300, then_silence_ms=1000)
        yield from wait(6000)

    call = await phone(caller, [("", 0.0)], prompt_ms=LONG_MS)
    first, second = call.of(PromptPlayed)
    assert (first.barged_in, second.barged_in) == (True, False)
    assert call.line.starts_ms == [0, pytest.approx(first.played_ms - 300, abs=40)]
    assert [t.reason for t in call.of(TurnTaken)][:1] == ["false_barge_in"]


async def test_what_was_queued_behind_a_prompt_that_was_cut_off_follows_it():
    def caller(line):
        yield from ask_and_be_asked_for_the_tail(line)
        yield from press("1234")
        yield from wait(600)
        yield from speak(1200, then_silence_ms=8000)

    call = await phone(caller, [(BALANCE, 0.9), ("", 0.0)], prompt_ms=3000)
    told = call.prompts[2:]
    assert told == ["verified", "verified", "balance_told next_due_told more_ask"]


async def test_noise_alone_neither_stops_a_prompt_nor_counts_as_an_answer():
    call = await phone(lambda line: make_noise(5000), prompt_ms=3000)
    assert (call.cut_off, call.of(TurnTaken)) == ([], [])
