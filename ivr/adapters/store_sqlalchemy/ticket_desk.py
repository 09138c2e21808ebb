"""Opening tickets in the database, each with a number of its own."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import tables
from ivr.adapters.store_sqlalchemy.database import Database
from ivr.adapters.store_sqlalchemy.projections import project
from ivr.calls.ids import WorkerId
from ivr.calls.tickets import Ticket, TicketRequest, ticket_number


class SqlTicketDesk:
    """The `TicketDesk` of one worker. What it writes is what the event of the ticket writes again."""

    def __init__(self, database: Database, worker_id: WorkerId) -> None:
        self._database = database
        self._worker_id = worker_id

    async def open(self, request: TicketRequest, at: datetime, due_on: date) -> str:
        """Keep the request; returns its number. Raises as `Database.write` does."""

        async def work(connection: AsyncConnection) -> str:
            number = await number_of(connection, request.ticket_id)
            await project(connection, Ticket(request, at, number, due_on).opened(), self._worker_id)
            return number

        return await self._database.write(work)


async def number_of(connection: AsyncConnection, ticket_id: str) -> str:
    """The ticket's number, a new one where it has none yet."""
    serials = tables.ticket_serials
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    await connection.execute(
        dialect.insert(serials)
        .values(ticket_id=ticket_id)
        .on_conflict_do_nothing(index_elements=["ticket_id"])
    )
    own = select(serials.c.serial).where(serials.c.ticket_id == ticket_id)
    return ticket_number((await connection.execute(own)).scalar_one())
