"""A customer's latest calls and chats, read off the record of calls: the `RecentDialogues` port.

Nothing is kept beside the record, so a call that broke off tells as much as one that ended well.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import tables
from ivr.adapters.store_sqlalchemy.database import Database
from ivr.calls.handover import PastDialogue
from ivr.calls.ids import CallId, CustomerId

_MOST = 20
"""Dialogues of one customer; older ones tell nothing of what was left last."""


class SqlRecentDialogues:
    """Queries the tables of calls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_customer(self, customer_id: CustomerId, since: datetime) -> Sequence[PastDialogue]:
        """The customer's dialogues in which something happened since. Raises as `Database.read` does."""
        c = tables.calls.c
        latest = (
            select(c.call_id, c.direction, c.last_event_at)
            .where(c.customer_id == customer_id, c.last_event_at >= since)
            .order_by(c.last_event_at.desc())
            .limit(_MOST)
        )

        async def work(connection: AsyncConnection) -> Sequence[PastDialogue]:
            rows = (await connection.execute(latest)).all()
            calls = [row.call_id for row in rows]
            asked = await _named(connection, _wishes(calls))
            settled = await _named(connection, _of(tables.wishes_settled, "wish", calls))
            opened = await _named(connection, _of(tables.tickets, "ticket_kind", calls))
            return [
                PastDialogue(
                    CallId(row.call_id),
                    "chat" if row.direction == "chat" else "voice",
                    row.last_event_at,
                    tuple(asked.get(row.call_id, ())),
                    frozenset(settled.get(row.call_id, ())),
                    tuple(opened.get(row.call_id, ())),
                )
                for row in rows
            ]

        return await self._database.read(work)


def _wishes(calls: Sequence[str]) -> Select[Any]:
    turns = tables.turns
    return _of(turns, "intent", calls).where(turns.c.intent.is_not(None), turns.c.result == "match")


def _of(table: Any, column: str, calls: Sequence[str]) -> Select[Any]:
    order = (table.c.at, *table.primary_key.columns)
    return select(table.c.call_id, table.c[column]).where(table.c.call_id.in_(calls)).order_by(*order)


async def _named(connection: AsyncConnection, statement: Select[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for call_id, name in await connection.execute(statement):
        found.setdefault(call_id, []).append(name)
    return found
