"""Tickets that the core system is to take over: claimed, forwarded, or put off to a later try."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy.database import Database
from ivr.adapters.store_sqlalchemy.tables import tickets
from ivr.calls.ids import CallId, CustomerId
from ivr.calls.tickets import CALLBACK, Ticket, TicketRequest

_CLAIM = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=1)
_MOST_DOUBLINGS = 6


class SqlForwardingQueue:
    """The `ForwardingQueue` on the database; any number of workers may work on it at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, now: datetime, limit: int) -> Sequence[Ticket]:
        """The oldest open tickets, callbacks aside, that are due for a try.

        They are another worker's again after a minute, should this one die. Raises as `Database.write` does.
        """
        due = (
            select(tickets)
            .where(
                tickets.c.closed_at.is_(None),
                tickets.c.forwarded_at.is_(None),
                tickets.c.ticket_kind != CALLBACK,
                or_(tickets.c.forward_after.is_(None), tickets.c.forward_after <= now),
            )
            .order_by(tickets.c.at, tickets.c.ticket_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )

        async def work(connection: AsyncConnection) -> Sequence[Ticket]:
            claimed = [_ticket(row) for row in await connection.execute(due)]
            await connection.execute(
                update(tickets)
                .where(tickets.c.ticket_id.in_([ticket.request.ticket_id for ticket in claimed]))
                .values(forward_after=now + _CLAIM)
            )
            return claimed

        return await self._database.write(work)

    async def forwarded(self, ticket_id: str, reference: str, now: datetime) -> None:
        """The core system has it, under this reference of its own."""
        await self._change(ticket_id, forwarded_at=now, forward_reference=reference, forward_fault="")

    async def postpone(self, ticket_id: str, fault: str, now: datetime) -> None:
        """Try again later: after a minute, then two, four and so on up to an hour."""

        async def work(connection: AsyncConnection) -> None:
            tried = select(tickets.c.forward_tries).where(tickets.c.ticket_id == ticket_id)
            tries = (await connection.execute(tried)).scalar_one()
            pause = min(_CLAIM * 2 ** min(tries, _MOST_DOUBLINGS), _LONGEST_PAUSE)
            await connection.execute(
                update(tickets)
                .where(tickets.c.ticket_id == ticket_id)
                .values(forward_tries=tries + 1, forward_fault=fault, forward_after=now + pause)
            )

        await self._database.write(work)

    async def _change(self, ticket_id: str, **values: Any) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(update(tickets).where(tickets.c.ticket_id == ticket_id).values(**values))

        await self._database.write(work)


def _ticket(row: Row[Any]) -> Ticket:
    request = TicketRequest(
        ticket_id=row.ticket_id,
        call_id=CallId(row.call_id),
        kind=row.ticket_kind,
        reason=row.reason,
        customer_id=CustomerId(row.customer_id) if row.customer_id is not None else None,
        phone=row.phone,
        details=row.details or {},
        care=row.care,
    )
    return Ticket(request, row.at, row.number, row.due_on)
