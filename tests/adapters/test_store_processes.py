"""Several worker processes share one store, and any of them may be killed at any moment."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from event_samples import answered, started
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import Database, SqlStore
from ivr.calls.ids import WorkerId

T = TypeVar("T")

WRITER = Path(__file__).with_name("store_writer.py")


async def _writer(url: str, worker_id: str, calls: int) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", str(WRITER), url, worker_id, str(calls), stdout=PIPE
    )


async def _queued(url: str) -> list[tuple[str, str]]:
    """Call and kind of every outbox row, by id."""
    database = Database(url)
    query = text("SELECT call_id, topic FROM outbox ORDER BY id")
    rows = (await database.read(lambda connection: connection.execute(query))).all()
    await database.close()
    return [(row.call_id, row.topic.rsplit("/", 1)[1]) for row in rows]


@pytest.mark.slow
async def test_three_processes_that_append_at_once_lose_nothing(store_url: str) -> None:
    calls = 12
    writers = [await _writer(store_url, f"w-{n}", calls) for n in range(3)]
    told = [(await writer.communicate())[0].decode().splitlines() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    queued = await _queued(store_url)
    for n in range(3):
        mine = [f"{call_id} {kind}" for call_id, kind in queued if call_id.startswith(f"w-{n}-")]
        assert mine == told[n]
        assert len(mine) == 3 * calls


@pytest.mark.slow
async def test_a_killed_process_leaves_all_that_was_acknowledged_and_a_store_that_works(
    store_url: str,
) -> None:
    victim = await _writer(store_url, "w-0", 10_000)
    assert victim.stdout is not None
    acknowledged = [(await victim.stdout.readline()).decode().strip() for _ in range(40)]
    victim.send_signal(signal.SIGKILL)
    acknowledged += (await victim.communicate())[0].decode().splitlines()
    queued = [f"{call_id} {kind}" for call_id, kind in await _queued(store_url)]
    assert queued[: len(acknowledged)] == acknowledged
    # At most the one that was under way when the signal came.
    assert len(queued) - len(acknowledged) in (0, 1)
    heir = await _writer(store_url, "w-1", 2)
    assert len((await heir.communicate())[0].splitlines()) == 6


async def test_a_commit_whose_answer_was_lost_is_not_written_twice(store_url: str) -> None:
    class Forgetful(Database):
        """Works again after each commit, as it does when a connection breaks before the answer came."""

        async def write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
            await super().write(work)
            return await super().write(work)

    database = Forgetful(store_url)
    await SqlStore(database, WorkerId("w-0")).append([started("call-1"), answered("call-1")])
    await database.close()
    assert await _queued(store_url) == [("call-1", "call_started"), ("call-1", "call_answered")]
