"""Tickets: opened once under one number, kept whatever happens, handed over until they are taken."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from core_system_client import Trial, open_book

from ivr.adapters.store_memory import MemoryTicketDesk
from ivr.adapters.store_sqlalchemy import (
    Database,
    SqlCallRecords,
    SqlForwardingQueue,
    SqlOutbox,
    SqlStore,
    SqlTicketDesk,
    SqlTickets,
)
from ivr.calls.events import TicketOpened
from ivr.calls.ids import CallId, CustomerId, WorkerId
from ivr.calls.tickets import Ticket, TicketRequest, is_ticket_number
from ivr.runtime.forwarding import TicketForwarder
from ivr.runtime.ticket_ports import NotFiled, TicketDesk

AT = datetime(2030, 3, 10, 4, 0, tzinfo=UTC)
DUE = date(2030, 3, 13)
W1 = WorkerId("w-1")


def request(n: int = 1, kind: str = "complaint", **changes: Any) -> TicketRequest:
    return TicketRequest(
        ticket_id=f"call-1-{n}",
        call_id=CallId("call-1"),
        kind=kind,
        reason="asked",
        customer_id=CustomerId("C1"),
        phone="+8613800000001",
        details={"words": "多扣了一次款", "amount": Decimal("10.00")},
        **changes,
    )


@pytest.fixture
async def database(store_url: str) -> AsyncIterator[Database]:
    database = Database(store_url)
    yield database
    await database.close()


@pytest.fixture
async def desk(place: str | None) -> AsyncIterator[TicketDesk]:
    if place is None:
        yield MemoryTicketDesk()
        return
    database = Database(place)
    yield SqlTicketDesk(database, W1)
    await database.close()


async def test_each_ticket_has_a_number_of_its_own_and_the_same_one_again(desk: TicketDesk) -> None:
    numbers = [await desk.open(request(n), AT, DUE) for n in (1, 2, 3, 1)]
    assert numbers[0] == numbers[3]
    assert len(set(numbers)) == 3
    assert all(is_ticket_number(number) for number in numbers)


async def test_tickets_opened_at_once_never_share_a_number(desk: TicketDesk) -> None:
    numbers = await asyncio.gather(*(desk.open(request(n), AT, DUE) for n in range(12)))
    assert len(set(numbers)) == 12


async def test_a_ticket_is_kept_before_its_event_comes_and_is_one_with_it(database: Database) -> None:
    asked = request(care=True)
    number = await SqlTicketDesk(database, W1).open(asked, AT, DUE)
    before = await SqlTickets(database).find(number)
    await SqlStore(database, W1).append([Ticket(asked, AT, number, DUE).opened()])
    (after,) = await SqlTickets(database).listed(10)
    assert before == after
    assert (after["due_on"], after["care"], after["ticket_kind"]) == (DUE, True, "complaint")
    assert after["details"] == {"words": "多扣了一次款", "amount": "10.00"}
    (news,) = await SqlOutbox(database, W1).pending(10)
    assert (news.payload["number"], news.payload["due_on"], news.payload["care"]) == (
        number,
        "2030-03-13",
        True,
    )
    assert not [word for word in ("多扣", "13800000001", "C1") if word in str(news.payload)]


async def test_a_callback_that_nobody_was_told_a_number_of_gets_one(database: Database) -> None:
    callback = TicketOpened(
        call_id=CallId("call-1"),
        at=AT,
        ticket_id="call-1-1",
        ticket_kind="callback",
        reason="asked_for_agent",
        phone="+8613800000001",
        customer_id=None,
    )
    await SqlStore(database, W1).append([callback])
    record = await SqlCallRecords(database).find(CallId("call-1"))
    assert record is not None
    assert is_ticket_number(record.tickets[0]["number"])


async def test_the_care_team_comes_first_then_the_day_that_was_promised(database: Database) -> None:
    desk, tickets = SqlTicketDesk(database, W1), SqlTickets(database)
    later = await desk.open(request(1), AT, DUE + timedelta(days=3))
    sooner = await desk.open(request(2, "dispute"), AT, DUE)
    care = await desk.open(request(3, care=True), AT, DUE + timedelta(days=9))
    assert [row["number"] for row in await tickets.listed(10)] == [care, sooner, later]
    assert [row["number"] for row in await tickets.listed(10, kind="dispute")] == [sooner]
    assert await tickets.close(sooner, AT, "mended")
    assert not await tickets.close(sooner, AT, "again")
    assert not await tickets.close("100001", AT, "")
    assert [row["number"] for row in await tickets.listed(10)] == [care, later]
    (closed,) = await tickets.listed(10, closed=True)
    assert (closed["number"], closed["closing_note"], closed["closed_at"]) == (sooner, "mended", AT)


@dataclass
class SetClock:
    at: datetime = AT

    def now(self) -> datetime:
        return self.at


@dataclass
class MoodyDesk:
    """Takes requests over, but for those in `refused`."""

    refused: set[str] = field(default_factory=set)
    filed: list[Ticket] = field(default_factory=list)

    async def file_request(self, ticket: Ticket) -> str:
        if ticket.request.ticket_id in self.refused:
            raise NotFiled("fileRequest: busy")
        self.filed.append(ticket)
        return f"R-{len(self.filed)}"


def _ids(desk: MoodyDesk) -> list[str]:
    return [ticket.request.ticket_id for ticket in desk.filed]


def no_fault(what: str, error: Exception) -> None:
    raise AssertionError(what) from error


async def test_what_is_open_is_handed_over_once_and_callbacks_stay_here(database: Database) -> None:
    opening, clock, core = SqlTicketDesk(database, W1), SetClock(), MoodyDesk()
    forwarder = TicketForwarder(SqlForwardingQueue(database), core, clock, report=no_fault)
    number = await opening.open(request(1), AT, DUE)
    await opening.open(request(2, "callback"), AT, DUE)
    done = await opening.open(request(3), AT, DUE)
    await SqlTickets(database).close(done, AT, "")
    assert await forwarder.forward_due() == 1
    clock.at += timedelta(hours=2)
    assert await forwarder.forward_due() == 0
    (filed,) = core.filed
    assert (filed.number, filed.due_on, filed.request.phone) == (number, DUE, "+8613800000001")
    assert filed.request.details == {"words": "多扣了一次款", "amount": "10.00"}
    row = await SqlTickets(database).find(number)
    assert row is not None
    assert (row["forward_reference"], row["forwarded_at"]) == ("R-1", AT)


async def test_a_ticket_without_a_promised_day_is_handed_over_too(sqlite_url: str, trial: Trial) -> None:
    database = Database(sqlite_url)
    lost_phone = TicketOpened(
        call_id=CallId("call-1"), at=AT, ticket_id="no-day-1", ticket_kind="lost_phone", reason="lost_phone",
        phone=None, customer_id=None,
    )  # fmt: skip
    await SqlStore(database, W1).append([lost_phone])
    async with open_book(trial.settings) as opened:
        forwarder = TicketForwarder(SqlForwardingQueue(database), opened.book, SetClock(), report=no_fault)
        assert await forwarder.forward_due() == 1
    assert trial.seen["requests"]["no-day-1"]["due_on"] is None
    assert trial.seen["offences"] == []
    await database.close()


async def test_one_that_is_refused_waits_longer_each_time_and_holds_up_no_other(database: Database) -> None:
    opening, clock = SqlTicketDesk(database, W1), SetClock()
    core = MoodyDesk(refused={"call-1-1"})
    forwarder = TicketForwarder(SqlForwardingQueue(database), core, clock, report=no_fault)
    number = await opening.open(request(1), AT, DUE)
    await opening.open(request(2), AT + timedelta(seconds=1), DUE)
    tried_at = []
    for minute in range(0, 200):
        clock.at = AT + timedelta(minutes=minute)
        await forwarder.forward_due()
        row = await SqlTickets(database).find(number)
        assert row is not None
        if row["forward_tries"] > len(tried_at):
            tried_at.append(minute)
    assert tried_at == [0, 1, 3, 7, 15, 31, 63, 123, 183]
    assert row["forward_fault"] == "fileRequest: busy"
    core.refused.clear()
    clock.at = AT + timedelta(hours=5)
    assert await forwarder.forward_due() == 1
    assert _ids(core) == ["call-1-2", "call-1-1"]


async def test_workers_that_forward_at_once_take_each_ticket_once(database: Database) -> None:
    opening, core = SqlTicketDesk(database, W1), MoodyDesk()
    for n in range(30):
        await opening.open(request(n), AT, DUE)
    queue = SqlForwardingQueue(database)
    workers = [TicketForwarder(queue, core, SetClock(), report=no_fault) for _ in range(3)]
    assert sum(await asyncio.gather(*(worker.forward_due() for worker in workers))) == 30
    assert len(set(_ids(core))) == len(core.filed) == 30


async def test_a_ticket_of_a_worker_that_died_over_it_is_taken_up_again(database: Database) -> None:
    await SqlTicketDesk(database, W1).open(request(1), AT, DUE)
    queue = SqlForwardingQueue(database)
    assert len(await queue.claim(AT, 10)) == 1
    assert await queue.claim(AT + timedelta(seconds=59), 10) == []
    assert len(await queue.claim(AT + timedelta(seconds=60), 10)) == 1


async def test_a_core_system_that_was_away_gets_what_was_opened_meanwhile(
    sqlite_url: str, trial: Trial
) -> None:
    database, clock = Database(sqlite_url), SetClock()
    asked = replace(request(1), ticket_id="away-1")
    await SqlTicketDesk(database, W1).open(asked, AT, DUE)
    async with open_book(trial.settings, attempts=1) as opened:
        forwarder = TicketForwarder(SqlForwardingQueue(database), opened.book, clock, report=no_fault)
        trial.spoil({"status": 503, "before": True}, {"status": 502})
        for _ in range(3):
            await forwarder.forward_due()
            clock.at += timedelta(hours=1)
    filed = trial.seen["requests"]["away-1"]
    assert (filed["kind"], filed["details"]["words"]) == ("complaint", "多扣了一次款")
    (row,) = await SqlTickets(database).listed(10)
    assert (row["forward_reference"], row["forward_tries"]) == (filed["reference"], 2)
    assert trial.seen["offences"] == []
    await database.close()


async def test_the_forwarder_outlives_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.runtime.forwarding._EVERY_S", 0.001)
    told: list[str] = []
    rounds = asyncio.Event()

    class LostQueue:
        async def claim(self, now: datetime, limit: int) -> list[Ticket]:
            if told:
                rounds.set()
                return []
            raise ConnectionError("the database is away")

    forwarder = TicketForwarder(
        LostQueue(), MoodyDesk(), SetClock(), report=lambda what, _error: told.append(what)
    )
    running = asyncio.create_task(forwarder.run())
    async with asyncio.timeout(5):
        await rounds.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert told == ["forwarding tickets"]
