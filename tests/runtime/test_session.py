"""CallSession: whole calls on a timeline, in virtual time."""

from datetime import date
from decimal import Decimal

import pytest
from phone_call import PROMPT_MS, hear_out, make_noise, phone, press, speak, wait

from ivr.calls.disposition import Disposition, HangupCause
from ivr.calls.events import (
    CallAnswered,
    CallEnded,
    CallerIdentified,
    CallStarted,
    PromptPlayed,
    RecordingSaved,
    ReplyStarted,
    RungStepped,
    TicketOpened,
    TransferEnded,
    TurnTaken,
    WishSettled,
)
from ivr.calls.rung import Rung
from ivr.runtime.session import CallSession

GREETING = "greeting greeting_language wish_ask"
BALANCE = "我要查询贷款余额"


def balance_caller(line):
    yield from hear_out(line)
    yield from speak()
    yield from hear_out(line)
    yield from press("1234")
    yield from wait(2 * PROMPT_MS + 500)  # "verified", then the balance


async def test_a_whole_call_is_served_and_leaves_its_record_in_order():
    call = await phone(balance_caller, [(BALANCE, 0.9)])
    assert call.errors == []
    assert call.prompts == [GREETING, "id_tail_ask", "verified", "balance_told next_due_told more_ask"]
    kinds = [type(e) for e in call.events if not isinstance(e, PromptPlayed)]
    assert kinds == [
        CallStarted, CallAnswered, TurnTaken, CallerIdentified, ReplyStarted, TurnTaken, CallerIdentified,
        ReplyStarted, WishSettled, RecordingSaved, CallEnded,
    ]  # fmt: skip
    assert [e.verified for e in call.of(CallerIdentified)] == [False, True]
    (end,) = call.of(CallEnded)
    assert (end.disposition, end.cause, end.outcome) == (
        Disposition.ANSWERED, HangupCause.CALLER_HUNG_UP, "settled",
    )  # fmt: skip


async def test_no_silence_falls_while_the_next_part_of_an_answer_is_rendered():
    def caller(line):
        yield from hear_out(line)
        yield from speak()
        yield from hear_out(line)
        yield from press("1234")
        yield from wait(4 * PROMPT_MS)

    call = await phone(caller, [(BALANCE, 0.9)], rendering_s=PROMPT_MS / 1000)
    verified, balance = call.of(PromptPlayed)[2:4]
    assert verified.text == "verified"
    begun_after_s = (balance.at - verified.at).total_seconds() - balance.played_ms / 1000
    assert begun_after_s == pytest.approx(0, abs=0.1)


async def test_a_turn_tells_what_was_heard_and_how_long_the_caller_waited():
    call = await phone(balance_caller, [(BALANCE, 0.9)])
    wish, _ = call.of(TurnTaken)
    after_wish, after_tail = call.of(ReplyStarted)
    assert (wish.hypothesis, wish.meaning, wish.intent) == (BALANCE, {"intent": "balance"}, "balance")
    assert (wish.result, wish.source, wish.rung) == ("match", "speech", Rung.SELF_SERVICE)
    # 200 ms make a pause, 200 ms go by until its words are known; they are complete, so they are answered.
    assert after_wish.reply_latency_ms == pytest.approx(400, abs=60)
    assert after_tail.reply_latency_ms == pytest.approx(0, abs=60)


async def test_a_secret_is_nowhere_in_the_record_and_not_in_the_recording():
    call = await phone(balance_caller, [(BALANCE, 0.9)])
    tail = call.of(TurnTaken)[1]
    assert (tail.secret, tail.hypothesis, tail.meaning) == (True, None, None)
    assert not any("1234" in repr(event) for event in call.events)
    assert call.recorder.silent_ms == pytest.approx(PROMPT_MS + 4 * 200, abs=300)
    assert not call.recorder.paused


async def test_speech_over_the_prompt_stops_it_and_counts():
    def caller(line):
        yield from wait(500)
        yield from speak(900, then_silence_ms=1500)

    call = await phone(caller, [(BALANCE, 0.9)])
    assert call.cut_off == [GREETING]
    assert "id_tail_ask" in call.prompts


def talks_over_noise(line):
    yield from make_noise(1500)
    yield from speak(600)
    yield from make_noise(1500)


async def test_on_a_noisy_line_an_answer_over_the_prompt_stops_it_once_understood():
    call = await phone(talks_over_noise, [(BALANCE, 0.9)], prompt_ms=8000)
    assert call.cut_off == [GREETING]
    assert call.prompts[1] == "id_tail_ask"


@pytest.mark.parametrize("heard", [("", 0.0), ("今天天气怎么样", 0.9), (BALANCE, 0.5), None])
async def test_on_a_noisy_line_a_voice_that_means_nothing_leaves_the_prompt_alone(heard):
    call = await phone(talks_over_noise, [heard], prompt_ms=8000)
    assert (call.cut_off, call.of(TurnTaken), call.prompts) == ([], [], [GREETING])


async def test_keys_pressed_ahead_answer_the_question_before_it_is_put():
    def caller(line):
        yield from wait(400)
        yield from press("11234", gap_ms=100)
        yield from wait(4000)

    call = await phone(caller)
    assert call.of(WishSettled)[0].wish == "balance"
    assert [t.source for t in call.of(TurnTaken)] == ["keys", "keys"]


async def test_a_key_wins_over_speech_that_is_still_being_recognised():
    def caller(line):
        yield from hear_out(line)
        yield from speak(then_silence_ms=700)
        yield from press("2")
        yield from wait(3000)

    call = await phone(caller, [(BALANCE, 0.9)], takes_s=5.0)
    assert [(t.source, t.intent) for t in call.of(TurnTaken)] == [("keys", "next_due")]
    assert call.errors == []


async def test_silence_climbs_the_ladder_and_ends_without_a_person():
    call = await phone(lambda line: wait(60_000), agent_uri="sip:agents@pbx")
    assert call.prompts == [GREETING, "wish_reprompt", "wish_choice", "goodbye"]
    assert [t.result for t in call.of(TurnTaken)] == ["no_input"] * 3
    assert call.of(CallEnded)[0].cause is HangupCause.COMPLETED


async def test_a_recogniser_that_dies_makes_the_bot_apologise_not_fall_silent():
    def caller(line):
        yield from hear_out(line)
        yield from speak()
        yield from hear_out(line)
        yield from speak()
        yield from hear_out(line)

    call = await phone(caller, [None, (BALANCE, 0.9)])
    assert call.prompts[1:] == ["trouble wish_ask", "id_tail_ask"]


def agent_caller(line):
    yield from hear_out(line)
    yield from speak()
    yield from hear_out(line)
    yield from wait(40_000)


async def test_the_wish_for_a_person_is_transferred_and_recorded():
    call = await phone(agent_caller, [("转人工", 0.8)], agent_uri="sip:agents@pbx", transfer_codes=(100, 200))
    assert call.line.transferred_to == ["sip:agents@pbx"]
    assert [e.succeeded for e in call.of(TransferEnded)] == [True]
    (end,) = call.of(CallEnded)
    assert (end.cause, end.outcome) == (HangupCause.TRANSFERRED, "transferred")
    assert call.of(RungStepped)[0].to_rung is Rung.LIVE_AGENT


async def test_a_person_who_does_not_answer_becomes_a_promised_callback():
    call = await phone(agent_caller, [("转人工", 0.8)], agent_uri="sip:agents@pbx", transfer_codes=(100, 486))
    assert "transfer_failed callback_promised goodbye" in call.prompts
    (ticket,) = call.of(TicketOpened)
    assert (ticket.ticket_kind, ticket.phone) == ("callback", "+8613800000001")
    assert call.of(CallEnded)[0].outcome == "ticket"


async def test_a_transfer_that_never_answers_is_given_up():
    call = await phone(agent_caller, [("转人工", 0.8)], agent_uri="sip:agents@pbx", transfer_codes=(100,))
    assert call.of(TransferEnded)[0].sip_code == 408
    assert call.of(TicketOpened)


async def test_a_caller_who_hangs_up_under_the_prompt_leaves_a_whole_record():
    call = await phone(lambda line: wait(300))
    (played,) = call.of(PromptPlayed)
    assert played.played_ms == pytest.approx(300, abs=60)
    assert not played.barged_in
    (end,) = call.of(CallEnded)
    assert (end.cause, end.outcome) == (HangupCause.CALLER_HUNG_UP, "abandoned")


async def test_a_caller_who_cancels_before_the_answer_is_recorded_as_such():
    call = await phone(lambda line: wait(0), answerable=False)
    (end,) = call.of(CallEnded)
    assert (end.disposition, end.cause, end.duration_ms) == (
        Disposition.CANCELLED, HangupCause.CALLER_CANCELLED, 0,
    )  # fmt: skip


async def test_a_call_that_lasts_too_long_is_ended_politely():
    call = await phone(lambda line: wait(60_000), longest_s=5.0)
    assert call.prompts[-1] == "max_duration_goodbye"
    assert call.of(CallEnded)[0].cause is HangupCause.MAX_DURATION


async def test_draining_says_goodbye_even_in_the_middle_of_a_prompt():
    call = await phone(
        lambda line: wait(60_000),
        interrupt=lambda session: session.time_is_up("draining"),
        interrupt_at_s=0.5,
    )
    assert call.prompts == [GREETING, "draining_goodbye"]
    assert call.of(CallEnded)[0].cause is HangupCause.DRAINED


async def test_a_fault_in_the_session_ends_the_call_with_a_record(monkeypatch):
    def broken(self, action):
        raise RuntimeError("a bug")

    monkeypatch.setattr(CallSession, "_do", broken)
    call = await phone(lambda line: wait(5_000))
    assert call.errors
    assert call.of(CallEnded)[0].cause is HangupCause.SESSION_ERROR


async def test_the_balance_told_is_the_customers_own():
    call = await phone(balance_caller, [(BALANCE, 0.9)])
    (told,) = [say for say in call.prompter.says if say.prompt_id == "balance_told"]
    assert (told.slots["balance"], told.slots["due_amount"]) == (Decimal("2021.00"), Decimal("1010.50"))
    assert told.slots["due_on"] == date(2030, 3, 20)
