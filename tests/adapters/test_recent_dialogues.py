"""What a customer did lately is told alike by the store and in memory, and only to whom it may be told."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from ivr.adapters.chat_memory import MemoryRecentDialogues
from ivr.adapters.store_sqlalchemy import Database, SqlRecentDialogues, SqlStore
from ivr.calls.events import (
    CallerIdentified,
    CallEvent,
    CallStarted,
    TicketOpened,
    TurnTaken,
    WishSettled,
)
from ivr.calls.handover import PastDialogue
from ivr.calls.ids import CallId, CustomerId, LegId, WorkerId
from ivr.calls.rung import Rung
from ivr.dialogue.script import Service
from ivr.runtime.recent_context import RecentContext, RecentDialogues

NOW = datetime(2030, 1, 2, 12, tzinfo=UTC)
LIN = CustomerId("C1")


class Book(RecentDialogues, Protocol):
    async def append(self, events: Sequence[CallEvent]) -> None: ...


class SqlBook(SqlRecentDialogues):
    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.append = SqlStore(database, WorkerId("w")).append


@pytest.fixture
async def book(place: str | None) -> AsyncIterator[Book]:
    if place is None:
        yield MemoryRecentDialogues()
        return
    database = Database(place)
    yield SqlBook(database)
    await database.close()


def call(
    name: str, direction: str, hours: float, *wishes: str, settled: str = "", customer: str = LIN
) -> list[CallEvent]:
    call_id, at = CallId(name), NOW - timedelta(hours=hours)
    events: list[CallEvent] = [
        CallStarted(
            call_id=call_id,
            at=at,
            worker_id=WorkerId("w"),
            leg_id=LegId(f"{name}-a"),
            direction=direction,
            sip_call_id="",
            remote="+8613800000001",
            dialled="hotline",
            locale="zh-CN",
            script="hotline",
            script_version="1",
        ),
        CallerIdentified(call_id=call_id, at=at, customer_id=CustomerId(customer), verified=False),
    ]
    for turn, wish in enumerate(wishes):
        result = "no_match" if wish.startswith("!") else "match"
        events.append(_turn(call_id, at + timedelta(seconds=turn), turn, wish.lstrip("!"), result))
    if settled:
        events.append(WishSettled(call_id=call_id, at=at, turn=9, wish=settled, rung=Rung.SELF_SERVICE))
    return events


def _turn(call_id: CallId, at: datetime, turn: int, wish: str, result: str) -> TurnTaken:
    return TurnTaken(
        call_id=call_id,
        at=at,
        turn=turn,
        item="wish",
        form="ask",
        source="speech",
        result=result,
        reason="act",
        confidence=1.0,
        intent=wish,
        hypothesis=None,
        meaning=None,
        secret=False,
        rung=Rung.SELF_SERVICE,
        speech_ms=0,
        end_reason=None,
    )


async def test_dialogues_are_told_by_customer_with_wishes_in_order(book: Book) -> None:
    await book.append(call("a", "chat", 3, "balance", "early_settlement", settled="balance"))
    await book.append(call("b", "inbound", 2, "next_due", "!balance"))
    await book.append(call("c", "inbound", 1, "balance", customer="C2"))
    await book.append(call("d", "inbound", 30, "balance"))
    at = NOW - timedelta(hours=2)
    opened = TicketOpened(
        call_id=CallId("b"),
        at=at,
        ticket_id="t",
        ticket_kind="callback",
        reason="agent",
        phone=None,
        customer_id=None,
    )
    await book.append([opened])
    found = await book.of_customer(LIN, NOW - timedelta(hours=24))
    told = {each.call_id: each for each in found}
    assert set(told) == {"a", "b"}
    assert (told["a"].channel, told["a"].wishes) == ("chat", ("balance", "early_settlement"))
    assert told["a"].settled == frozenset({"balance"})
    assert told["b"] == PastDialogue(
        CallId("b"), "voice", told["b"].last_at, ("next_due",), frozenset(), ("callback",)
    )


@dataclass
class Clock:
    def now(self) -> datetime:
        return NOW


def context(book: Book, channel: str = "voice", hours: int = 24) -> RecentContext:
    services = (
        Service("early_settlement", ("early_settlement",), {"zh-CN": "提前结清", "en-US": "settling early"}),
        Service("balance", ("balance",), {"zh-CN": "余额", "en-US": "the balance"}),
    )
    return RecentContext(
        book,
        Clock(),
        channel=channel,
        within=timedelta(hours=hours),
        services=services,
        default_locale="zh-CN",
    )


async def test_who_has_proved_it_hears_what_was_left_unfinished_in_the_other_channel(book: Book) -> None:
    await book.append(call("a", "chat", 3, "early_settlement"))
    proved = {"customer_id": LIN, "proof_level": "light"}
    found = await context(book).look_up({**proved, "locale": "en-US"})
    assert found.result == "unfinished"
    assert found.slots == {"last_wish": "early_settlement", "about": "settling early"}
    assert (await context(book).look_up(proved)).slots["about"] == "提前结清"
    assert (await context(book, channel="chat").look_up(proved)).result == "none"
    assert (await context(book, hours=2).look_up(proved)).result == "none"
    assert (await context(book, hours=0).look_up(proved)).result == "none"


async def test_a_number_alone_opens_no_subject_and_no_proof_is_carried_along(book: Book) -> None:
    await book.append(call("a", "chat", 3, "early_settlement"))
    found = await context(book).look_up({"customer_id": LIN, "proof_level": "none"})
    assert (found.result, found.slots, found.verified) == ("recent", {}, False)
    assert (await context(book).look_up({})).result == "none"
    assert (await context(book).look_up({"customer_id": "C9", "proof_level": "light"})).result == "none"
