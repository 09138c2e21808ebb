"""The outbox's rows as the relay needs them: what is to be published, by whom, and what is done with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy.database import Database
from ivr.adapters.store_sqlalchemy.orphans import STALE_AFTER
from ivr.adapters.store_sqlalchemy.tables import outbox, workers
from ivr.calls.ids import WorkerId


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One piece of news that the bus has not confirmed. `event_id` grows and never repeats."""

    event_id: int
    topic: str
    payload: dict[str, Any] = field(repr=False)


class SqlOutbox:
    """One worker's part of the outbox."""

    def __init__(self, database: Database, worker_id: WorkerId) -> None:
        self._database = database
        self._worker_id = worker_id

    async def pending(self, limit: int) -> Sequence[OutboxRow]:
        """The oldest unpublished rows of this worker, oldest first. Raises as `Database.read` does."""
        statement = (
            select(outbox.c.id, outbox.c.topic, outbox.c.payload)
            .where(outbox.c.worker_id == self._worker_id, outbox.c.published_at.is_(None))
            .order_by(outbox.c.id)
            .limit(limit)
        )

        async def work(connection: AsyncConnection) -> Sequence[OutboxRow]:
            return [OutboxRow(*row) for row in await connection.execute(statement)]

        return await self._database.read(work)

    async def mark_published(self, event_ids: Sequence[int], now: datetime) -> None:
        """The bus has confirmed these. Raises as `Database.write` does."""
        await self._change(update(outbox).where(outbox.c.id.in_(event_ids)).values(published_at=now))

    async def adopt(self, now: datetime) -> int:
        """Take over what workers silent for over 60 s left behind; returns the number of rows."""
        living = select(workers.c.worker_id).where(workers.c.heartbeat_at >= now - STALE_AFTER)
        return await self._change(
            update(outbox)
            .where(
                outbox.c.published_at.is_(None),
                outbox.c.worker_id != self._worker_id,
                outbox.c.worker_id.not_in(living),
            )
            .values(worker_id=self._worker_id)
        )

    async def purge(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` rows published earlier than `before`; returns how many there were."""
        done = select(outbox.c.id).where(outbox.c.published_at < before).order_by(outbox.c.id).limit(limit)
        return await self._change(delete(outbox).where(outbox.c.id.in_(done)))

    async def _change(self, statement: Any) -> int:
        async def work(connection: AsyncConnection) -> int:
            return int((await connection.execute(statement)).rowcount)

        return await self._database.write(work)
