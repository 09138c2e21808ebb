"""The desk keeps chats between messages: over restarts, repeated posts, rivals and long silences."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from chat_bench import PHONE, TAIL, Desk

from ivr.adapters.chat_memory import MemoryChatStore
from ivr.calls.disposition import HangupCause
from ivr.calls.events import CallEnded, CallStarted, TicketOpened, TurnTaken
from ivr.runtime.chat.desk import ChatLimits, UnknownChat
from ivr.runtime.chat.exchange import ChatOver
from ivr.runtime.chat.record import ChatRecord, StaleChat


def of(bench: Desk, kind):
    return [event for event in bench.events if isinstance(event, kind)]


async def test_each_message_may_be_taken_by_another_process() -> None:
    first = Desk()
    second = first.another()
    chat = (await first.desk.open("zh-CN", phone=PHONE)).chat_id
    assert (await second.desk.write(chat, "余额")).body["secret"]
    told = await first.desk.write(chat, TAIL)
    assert "2,021.00元" in told.body["messages"][1]["text"]
    assert (await second.desk.write(chat, "没有了")).body["ended"]
    assert len(of(first, CallStarted)) == len(of(first, CallEnded)) == 1
    assert [turn.turn for turn in of(first, TurnTaken)] == sorted(
        {turn.turn for turn in of(first, TurnTaken)}
    )


async def test_the_history_can_be_read_back_and_holds_no_secret() -> None:
    bench = Desk()
    chat = (await bench.desk.open("zh-CN", phone=PHONE)).chat_id
    await bench.desk.choose(chat, "1")
    await bench.desk.write(chat, TAIL)
    view = await bench.desk.view(chat)
    customer = [line["text"] for line in view["messages"] if line["who"] == "customer"]
    assert customer == ["查询贷款余额", None]
    assert any("2,021.00元" in (line["text"] or "") for line in view["messages"])
    kept = await bench.store.find(chat)
    assert '"1234"' not in json.dumps([kept.memory, kept.replies, kept.choices, *kept.history])


async def test_a_message_that_is_sent_again_is_taken_once_and_answered_alike() -> None:
    bench = Desk()
    chat = (await bench.desk.open("zh-CN", phone=PHONE)).chat_id
    once = await bench.desk.write(chat, "余额", message_id="message-1")
    again = await bench.another().desk.write(chat, "余额", message_id="message-1")
    assert again.body == once.body
    assert len(of(bench, TurnTaken)) == 1


async def test_the_last_message_can_be_sent_again_though_the_chat_has_ended() -> None:
    bench = Desk()
    chat = (await bench.desk.open("zh-CN", phone=PHONE)).chat_id
    once = await bench.desk.write(chat, "转人工", message_id="message-1")
    assert once.body["ticket"]["kind"] == "callback"
    assert (await bench.desk.write(chat, "转人工", message_id="message-1")).body == once.body
    with pytest.raises(ChatOver):
        await bench.desk.write(chat, "转人工", message_id="message-2")
    assert len(of(bench, TicketOpened)) == 1


async def test_an_opening_that_is_sent_again_opens_no_second_chat() -> None:
    bench = Desk()
    once = await bench.desk.open("zh-CN", request_id="request-000000001")
    again = await bench.desk.open("zh-CN", request_id="request-000000001")
    assert (again.chat_id, again.body) == (once.chat_id, once.body)
    assert len(of(bench, CallStarted)) == 1


async def test_messages_that_come_at_once_are_taken_one_after_the_other() -> None:
    bench = Desk()
    chat = (await bench.desk.open("zh-CN", phone=PHONE)).chat_id
    await asyncio.gather(*(bench.desk.write(chat, "你好") for _ in range(5)))
    kept = await bench.store.find(chat)
    assert (kept.written, kept.version) == (5, 6)


class RivalStore(MemoryChatStore):
    """Another process saves first."""

    async def save(self, record: ChatRecord) -> None:
        raise StaleChat


async def test_a_message_that_lost_against_a_rival_leaves_no_trace_in_the_record() -> None:
    bench = Desk(store=RivalStore())
    chat = (await bench.desk.open("zh-CN", phone=PHONE)).chat_id
    before = len(bench.events)
    with pytest.raises(StaleChat):
        await bench.desk.write(chat, "余额")
    assert len(bench.events) == before


async def test_a_chat_in_which_nothing_is_written_any_more_is_ended_with_a_word_and_later_forgotten() -> None:
    bench = Desk(limits=ChatLimits(idle=timedelta(minutes=15), kept=timedelta(hours=24)))
    chat = (await bench.desk.open("zh-CN", phone=PHONE)).chat_id
    bench.clock.move(timedelta(minutes=14))
    assert await bench.desk.sweep() == 0
    await bench.desk.write(chat, "你好")
    bench.clock.move(timedelta(minutes=16))
    assert await bench.another().desk.sweep() == 1
    assert await bench.desk.sweep() == 0
    view = await bench.desk.view(chat)
    assert view["ended"]
    assert "没有回复" in view["messages"][-1]["text"]
    assert [event.cause for event in of(bench, CallEnded)] == [HangupCause.IDLE]
    bench.clock.move(timedelta(hours=25))
    await bench.desk.sweep()
    with pytest.raises(UnknownChat):
        await bench.desk.view(chat)


async def test_a_chat_that_the_customer_closes_is_over_and_closing_it_twice_does_nothing() -> None:
    bench = Desk()
    chat = (await bench.desk.open("zh-CN")).chat_id
    await bench.desk.end(chat)
    await bench.desk.end(chat)
    [ended] = of(bench, CallEnded)
    assert (ended.cause, ended.outcome) == (HangupCause.CALLER_HUNG_UP, "abandoned")


async def test_what_was_proved_can_be_carried_into_the_next_chat() -> None:
    bench = Desk()
    chat = (await bench.desk.open("zh-CN", phone=PHONE)).chat_id
    assert (await bench.desk.write(chat, "余额")).proved == {}
    proved = (await bench.desk.write(chat, TAIL)).proved
    following = await bench.desk.open("zh-CN", proved=proved)
    told = await bench.desk.write(following.chat_id, "余额")
    assert "2,021.00元" in told.body["messages"][0]["text"]


async def test_a_chat_whose_memory_was_written_by_an_older_program_goes_on() -> None:
    bench = Desk()
    chat = (await bench.desk.open("zh-CN", phone=PHONE)).chat_id
    kept = await bench.store.find(chat)
    state = {name: value for name, value in kept.memory["state"].items() if name != "failures"}
    memory = {**kept.memory, "state": {**state, "no_longer_known": 1}}
    await bench.store.save(replace(kept, memory=memory, version=kept.version + 1))
    assert (await bench.desk.write(chat, "余额")).body["secret"]
