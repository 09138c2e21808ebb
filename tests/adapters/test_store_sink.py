"""Event sinks keep the same promises, whether they remember or forget."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from event_samples import all_samples, ended, started
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_memory import MemoryEventSink
from ivr.adapters.store_sqlalchemy import Database, SqlOutbox, SqlStore
from ivr.calls.events import CallEvent
from ivr.calls.ids import WorkerId
from ivr.runtime.store_ports import EventSink

W1 = WorkerId("w-1")
Taken = Callable[[], Awaitable[list[tuple[str, str]]]]
"""Call and kind of every event that the sink has taken, in order."""


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "memory" else request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
async def sink(place: str | None) -> AsyncIterator[tuple[EventSink, Taken]]:
    if place is None:
        memory = MemoryEventSink()

        async def remembered() -> list[tuple[str, str]]:
            return [(event.call_id, event.kind) for event in memory.events]

        yield memory, remembered
        return
    database = Database(place)

    async def queued() -> list[tuple[str, str]]:
        rows = await SqlOutbox(database, W1).pending(1_000)
        return [(row.payload["call_id"], row.payload["kind"]) for row in rows]

    yield SqlStore(database, W1), queued
    await database.close()


def _names(events: list[CallEvent]) -> list[tuple[str, str]]:
    return [(event.call_id, event.kind) for event in events]


async def test_events_are_taken_whole_and_in_order(sink: tuple[EventSink, Taken]) -> None:
    store, taken = sink
    first, second = all_samples("call-1"), all_samples("call-2")
    await store.append(first)
    await store.append([])
    await store.append(second)
    assert await taken() == _names(first + second)


async def test_connections_that_the_server_drops_cost_no_event(postgres_url: str) -> None:
    database, killer = Database(postgres_url), Database(postgres_url)
    store = SqlStore(database, W1)
    drop = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    tries: list[int] = []

    async def cut_once(connection: AsyncConnection) -> None:
        tries.append(1)
        await connection.execute(text("SELECT 1"))
        if len(tries) == 1:
            await killer.read(lambda other: other.execute(drop))
        await connection.execute(text("SELECT 2"))

    await store.append([started("call-1")])
    await killer.read(lambda other: other.execute(drop))
    await store.append([ended("call-1")])
    assert len(await SqlOutbox(database, W1).pending(10)) == 2
    # In the middle of a transaction too.
    await database.write(cut_once)
    assert len(tries) == 2
    await database.close()
    await killer.close()
