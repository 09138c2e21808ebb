"""What happened on a call is in the store, whole and at once, whatever it was."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from event_samples import AT, SECRET_MARK, all_samples, answered, ended, sample, started

from ivr.adapters.store_sqlalchemy import Database, SqlCallRecords, SqlOutbox, SqlStore
from ivr.calls.disposition import HangupCause
from ivr.calls.events import (
    CallEvent,
    ReplyStarted,
    TicketOpened,
    TurnTaken,
    WishSettled,
    event_classes,
    to_dict,
)
from ivr.calls.ids import CallId, WorkerId
from ivr.calls.rung import Rung
from ivr.runtime.store_ports import EventRefused

W1, W2 = WorkerId("w-1"), WorkerId("w-2")


@pytest.fixture
async def database(store_url: str) -> AsyncIterator[Database]:
    database = Database(store_url)
    yield database
    await database.close()


def _flat(record: Any) -> set[str]:
    """Every value of the record as text, nested ones too."""
    if isinstance(record, dict):
        return set().union(*(_flat(v) for v in record.values()), *(_flat(k) for k in record))
    if isinstance(record, (list, tuple)):
        return set().union(*(_flat(v) for v in record))
    return {str(record)}


@pytest.mark.parametrize("event_class", event_classes(), ids=lambda c: c.kind)
async def test_every_class_of_event_is_stored_whole_and_queued_without_private_fields(
    database: Database, event_class: type[CallEvent]
) -> None:
    store, outbox = SqlStore(database, W1), SqlOutbox(database, W1)
    for event in (sample(event_class), sample(event_class, "call-2", full=False)):
        if event_class is ReplyStarted:
            # It completes the row of its turn.
            await SqlStore(database, W2).append([sample(TurnTaken, event.call_id)])
        await store.append([event])
        record = await SqlCallRecords(database).find(event.call_id)
        assert record is not None
        stored = _flat(dataclasses.asdict(record))
        missing = {
            field.name
            for field in dataclasses.fields(event)
            if (value := getattr(event, field.name)) is not None and not _flat(_plain(value)) <= stored
        }
        assert missing == set()
    rows = await outbox.pending(10)
    # The ticket of which nobody was told a number has got one.
    given = {"number": "100010"} if event_class is TicketOpened else {}
    assert [row.payload for row in rows] == [
        to_dict(sample(event_class), public=True),
        to_dict(sample(event_class, "call-2", full=False), public=True) | given,
    ]
    assert SECRET_MARK not in str([row.payload for row in rows])
    assert [row.topic for row in rows] == [f"ivr/v1/calls/call-{n}/{event_class.kind}" for n in (1, 2)]


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)


async def test_a_call_reads_back_as_one_record_in_the_order_it_happened(database: Database) -> None:
    store = SqlStore(database, W1)
    later = AT + timedelta(seconds=1, microseconds=250)
    turn = sample(TurnTaken)
    turns = [dataclasses.replace(turn, turn=n, at=later + timedelta(seconds=n)) for n in (1, 2, 3)]
    await store.append([started("call-1"), answered("call-1", later)])
    await store.append(turns)
    await store.append([dataclasses.replace(sample(ReplyStarted), turn=2, reply_latency_ms=640)])
    await store.append([ended("call-1")])
    record = await SqlCallRecords(database).find(CallId("call-1"))
    assert record is not None
    latencies = [(row["turn"], row["reply_latency_ms"]) for row in record.turns]
    assert latencies == [(1, None), (2, 640), (3, None)]
    assert (record.call["started_at"], record.call["answered_at"]) == (AT, later)
    assert record.call["started_at"].utcoffset() == timedelta()
    assert [(leg["codec"], leg["cause"]) for leg in record.legs] == [("PCMA/8000", "caller_hung_up")]
    assert await SqlCallRecords(database).find(CallId("no-such-call")) is None


async def test_the_newest_calls_are_listed_first(database: Database) -> None:
    store = SqlStore(database, W1)
    for n in range(4):
        await store.append([started(f"call-{n}", AT + timedelta(minutes=n))])
    assert [row["call_id"] for row in await SqlCallRecords(database).latest(2)] == ["call-3", "call-2"]


async def test_a_refused_event_takes_the_whole_batch_with_it(database: Database) -> None:
    woken: list[int] = []
    store = SqlStore(database, W1, appended=lambda: woken.append(1))
    naive = dataclasses.replace(ended("call-1"), at=AT.replace(tzinfo=None))
    with pytest.raises(EventRefused) as refusal:
        await store.append([started("call-1"), naive])
    assert "13800000001" not in str(refusal.value)
    assert await SqlCallRecords(database).find(CallId("call-1")) is None
    assert await SqlOutbox(database, W1).pending(10) == []
    assert woken == []


async def test_facts_without_the_start_of_their_call_are_kept_and_completed_later(database: Database) -> None:
    store = SqlStore(database, W1)
    await store.append([answered("call-1", AT + timedelta(seconds=1)), ended("call-1")])
    await store.append([started("call-1")])
    record = await SqlCallRecords(database).find(CallId("call-1"))
    assert record is not None
    assert (record.call["remote"], record.call["started_at"]) == ("13800000001", AT)
    assert record.legs[0]["sip_call_id"] == "call-1@host"


async def test_text_that_a_database_cannot_hold_is_mended_rather_than_lost(database: Database) -> None:
    store = SqlStore(database, W1)
    odd = "a\x00b\udcffc"
    await store.append([dataclasses.replace(started("call-1"), remote=odd, dialled=odd)])
    record = await SqlCallRecords(database).find(CallId("call-1"))
    assert record is not None
    assert (record.call["remote"], record.call["dialled"]) == ("ab?c", "ab?c")
    assert (await SqlOutbox(database, W1).pending(1))[0].payload["dialled"] == "ab?c"


async def test_calls_of_one_worker_appended_at_once_are_all_kept_in_order(database: Database) -> None:
    store = SqlStore(database, W1)

    async def one_call(n: int) -> None:
        for event in all_samples(f"call-{n}"):
            await store.append([event])

    await asyncio.gather(*(one_call(n) for n in range(4)))
    rows = await SqlOutbox(database, W1).pending(1_000)
    for n in range(4):
        kinds = [row.payload["kind"] for row in rows if row.payload["call_id"] == f"call-{n}"]
        assert kinds == [event.kind for event in all_samples()]


async def test_a_restarted_worker_ends_the_calls_it_died_in(database: Database) -> None:
    store = SqlStore(database, W1)
    await store.register(100, AT - timedelta(hours=1))
    await store.append([started("talking"), answered("talking", AT + timedelta(seconds=2))])
    wish = WishSettled(
        call_id=CallId("talking"), at=AT + timedelta(seconds=9), turn=1, wish="balance", rung=Rung.ROBOT
    )
    await store.append([wish, started("ringing", AT + timedelta(seconds=1))])
    await store.append([started("over"), ended("over")])
    assert await store.close_orphans(AT + timedelta(minutes=1)) == 0

    reborn = SqlStore(database, W1)
    now = AT + timedelta(hours=5)
    await reborn.register(101, now)
    await reborn.append([started("new", now + timedelta(seconds=1))])
    assert await reborn.close_orphans(now + timedelta(seconds=2)) == 2
    assert await reborn.close_orphans(now + timedelta(seconds=3)) == 0

    records = {row["call_id"]: row for row in await SqlCallRecords(database).latest(10)}
    ends = {
        name: (r["disposition"], r["cause"], r["outcome"], r["duration_ms"]) for name, r in records.items()
    }
    assert ends == {
        "talking": ("answered", "worker_died", "settled", 7_000),
        "ringing": ("failed", "worker_died", "none", 0),
        "over": ("answered", "caller_hung_up", "settled", 30_000),
        "new": (None, None, None, None),
    }
    talking = await SqlCallRecords(database).find(CallId("talking"))
    assert talking is not None
    assert [(leg["cause"], leg["ended_at"]) for leg in talking.legs] == [
        (HangupCause.WORKER_DIED, now + timedelta(seconds=2))
    ]


async def test_calls_of_a_worker_that_fell_silent_are_ended_by_another_with_their_news_in_order(
    database: Database,
) -> None:
    silent, other = SqlStore(database, W1), SqlStore(database, W2)
    await silent.register(100, AT)
    await silent.append(
        [started("call-1", AT + timedelta(seconds=1)), answered("call-1", AT + timedelta(seconds=2))]
    )
    now = AT + timedelta(seconds=59)
    await other.register(200, now)
    assert await other.close_orphans(now) == 0
    assert await other.close_orphans(AT + timedelta(seconds=61)) == 1
    kinds = [row.payload["kind"] for row in await SqlOutbox(database, W2).pending(10)]
    assert kinds == ["call_started", "call_answered", "call_ended"]
    assert await SqlOutbox(database, W1).pending(10) == []


async def test_workers_that_sweep_at_once_end_each_orphan_once(database: Database) -> None:
    dead = SqlStore(database, W1)
    await dead.register(100, AT)
    await dead.append([started(f"call-{n}", AT + timedelta(seconds=n)) for n in range(5)])
    now = AT + timedelta(minutes=5)
    sweepers = [SqlStore(database, WorkerId(f"s-{n}")) for n in range(3)]
    for n, sweeper in enumerate(sweepers):
        await sweeper.register(n, now)
    assert sum(await asyncio.gather(*(sweeper.close_orphans(now) for sweeper in sweepers))) == 5


async def test_a_heartbeat_keeps_the_calls_of_a_quiet_worker(database: Database) -> None:
    quiet, other = SqlStore(database, W1), SqlStore(database, W2)
    await quiet.register(100, AT)
    await quiet.append([started("call-1", AT + timedelta(seconds=1))])
    now = AT + timedelta(minutes=10)
    await quiet.heartbeat(now - timedelta(seconds=30))
    await other.register(200, now)
    assert await other.close_orphans(now) == 0


async def test_a_ticket_for_a_customer_whom_the_book_does_not_know_is_kept(database: Database) -> None:
    ticket = sample(TicketOpened)
    await SqlStore(database, W1).append([ticket])
    record = await SqlCallRecords(database).find(CallId("call-1"))
    assert record is not None
    assert [row["customer_id"] for row in record.tickets] == [SECRET_MARK]
