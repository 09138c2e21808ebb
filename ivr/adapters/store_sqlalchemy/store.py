"""The store's door for events: rows and outbox in one transaction; and the register of workers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import tables
from ivr.adapters.store_sqlalchemy.database import Database, StoreError, StoreUnavailable, upsert
from ivr.adapters.store_sqlalchemy.orphans import orphan_ends
from ivr.adapters.store_sqlalchemy.projections import project, storable
from ivr.adapters.store_sqlalchemy.ticket_desk import number_of
from ivr.calls.events import CallEvent, TicketOpened, to_dict
from ivr.calls.ids import WorkerId
from ivr.calls.topics import event_topic
from ivr.runtime.store_ports import EventRefused


def _nothing() -> None:
    return


class SqlStore:
    """The `EventSink` of one worker on the database."""

    def __init__(
        self, database: Database, worker_id: WorkerId, *, appended: Callable[[], None] = _nothing
    ) -> None:
        """Write as `worker_id`; `appended` is called after each commit, to wake the outbox relay."""
        self._database = database
        self._worker_id = worker_id
        self._appended = appended

    async def append(self, events: Sequence[CallEvent]) -> None:
        """Store the events and queue their public part for the bus: all or none, durable on return.

        A commit whose answer was lost is recognised at the retry and not repeated. Raises
        `StoreUnavailable` when the database stays away for as long as it is retried, `EventRefused`
        when it will not have them.
        """
        if not events:
            return
        append_id, tried = uuid4().hex, False

        async def work(connection: AsyncConnection) -> None:
            nonlocal tried
            if not (tried and await _is_there(connection, append_id)):
                tried = True
                await self._append(connection, events, append_id)

        try:
            await self._database.write(work)
        except StoreUnavailable:
            raise
        except StoreError as error:
            raise EventRefused(str(error)) from None
        self._appended()

    async def register(self, pid: int, now: datetime) -> None:
        """Tell that this worker starts now. Before its first call, and before `close_orphans`."""
        row = {"worker_id": self._worker_id, "pid": pid, "started_at": now, "heartbeat_at": now}

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(upsert(connection, tables.workers, row))

        await self._database.write(work)

    async def heartbeat(self, now: datetime) -> None:
        """Tell that this worker lives: every 20 s at most, since others take over after 60 s of silence."""
        statement = (
            update(tables.workers)
            .where(tables.workers.c.worker_id == self._worker_id)
            .values(heartbeat_at=now)
        )

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(statement)

        await self._database.write(work)

    async def close_orphans(self, now: datetime) -> int:
        """End the calls that died with their worker: this worker's from before it registered, and those of
        workers silent for over 60 s. Safe at any time, in any number of workers. Returns how many it ended.

        Their unpublished news comes over to this worker too, so that a call's end is published last.
        """
        append_id = uuid4().hex

        async def work(connection: AsyncConnection) -> int:
            ends = await orphan_ends(connection, self._worker_id, now)
            if ends:
                await self._append(connection, ends, append_id)
                await connection.execute(
                    update(tables.outbox)
                    .where(
                        tables.outbox.c.call_id.in_([end.call_id for end in ends]),
                        tables.outbox.c.published_at.is_(None),
                    )
                    .values(worker_id=self._worker_id)
                )
            return len(ends)

        count = await self._database.write(work)
        if count:
            self._appended()
        return count

    async def _append(self, connection: AsyncConnection, given: Sequence[CallEvent], append_id: str) -> None:
        events = [await _numbered(connection, event) for event in given]
        for event in events:
            await project(connection, event, self._worker_id)
        rows = [
            {
                "append_key": f"{append_id}/{n}",
                "worker_id": self._worker_id,
                "call_id": event.call_id,
                "topic": event_topic(event),
                "payload": storable(to_dict(event, public=True)),
                "created_at": event.at,
            }
            for n, event in enumerate(events)
        ]
        await connection.execute(insert(tables.outbox), rows)


async def _numbered(connection: AsyncConnection, event: CallEvent) -> CallEvent:
    """A ticket of which the caller was told no number gets one all the same."""
    if isinstance(event, TicketOpened) and event.number is None:
        return replace(event, number=await number_of(connection, event.ticket_id))
    return event


async def _is_there(connection: AsyncConnection, append_id: str) -> bool:
    first = select(tables.outbox.c.id).where(tables.outbox.c.append_key == f"{append_id}/0")
    return (await connection.execute(first)).first() is not None
