"""Tickets as those see them who work on them: the open ones, one whole, and closing it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy.database import Database
from ivr.adapters.store_sqlalchemy.tables import tickets

Record = dict[str, Any]
"""One row by column name, with aware datetimes and plain values."""


class SqlTickets:
    """Queries over tickets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self, limit: int, *, closed: bool = False, kind: str | None = None) -> list[Record]:
        """Those for the care team first, then by the day they are promised for, then as they came.

        With `closed` the closed ones, the last first.
        """
        statement = select(tickets).limit(limit)
        if kind is not None:
            statement = statement.where(tickets.c.ticket_kind == kind)
        if closed:
            statement = statement.where(tickets.c.closed_at.is_not(None)).order_by(
                tickets.c.closed_at.desc(), tickets.c.number
            )
        else:
            statement = statement.where(tickets.c.closed_at.is_(None)).order_by(
                tickets.c.care.desc(), tickets.c.due_on.asc().nulls_last(), tickets.c.at, tickets.c.number
            )
        return await self._rows(statement)

    async def find(self, number: str) -> Record | None:
        """The ticket with this number."""
        found = await self._rows(select(tickets).where(tickets.c.number == number))
        return found[0] if found else None

    async def close(self, number: str, at: datetime, note: str) -> bool:
        """Close an open ticket; False when there is none with this number."""
        statement = (
            update(tickets)
            .where(tickets.c.number == number, tickets.c.closed_at.is_(None))
            .values(closed_at=at, closing_note=note)
        )

        async def work(connection: AsyncConnection) -> bool:
            return bool((await connection.execute(statement)).rowcount)

        return await self._database.write(work)

    async def _rows(self, statement: Select[Any]) -> list[Record]:
        async def work(connection: AsyncConnection) -> list[Record]:
            return [dict(row) for row in (await connection.execute(statement)).mappings()]

        return await self._database.read(work)
