"""Reading back what happened on calls: a list, and one call whole."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import tables
from ivr.adapters.store_sqlalchemy.database import Database
from ivr.calls.ids import CallId

Record = dict[str, Any]
"""One row by column name, with aware datetimes and plain values."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """Everything stored about one call, each part in the order it happened."""

    call: Record = field(repr=False)
    legs: tuple[Record, ...] = field(repr=False)
    turns: tuple[Record, ...] = field(repr=False)
    prompts_played: tuple[Record, ...] = field(repr=False)
    rung_steps: tuple[Record, ...] = field(repr=False)
    wishes_settled: tuple[Record, ...] = field(repr=False)
    survey_answers: tuple[Record, ...] = field(repr=False)
    transfers: tuple[Record, ...] = field(repr=False)
    tickets: tuple[Record, ...] = field(repr=False)
    recordings: tuple[Record, ...] = field(repr=False)


class SqlCallRecords:
    """Queries over past and present calls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def latest(self, limit: int) -> tuple[Record, ...]:
        """The newest calls first."""
        calls = tables.calls
        statement = select(calls).order_by(calls.c.started_at.desc(), calls.c.call_id.desc()).limit(limit)
        return await self._database.read(lambda connection: _rows(connection, statement))

    async def find(self, call_id: CallId) -> CallRecord | None:
        """One call with all that belongs to it, as of one moment; None when there is no such call."""

        async def work(connection: AsyncConnection) -> CallRecord | None:
            found = await _rows(connection, select(tables.calls).where(tables.calls.c.call_id == call_id))
            if not found:
                return None

            async def part(table: Table) -> tuple[Record, ...]:
                order = table.c.started_at if table is tables.legs else table.c.at
                statement = select(table).where(table.c.call_id == call_id)
                return await _rows(connection, statement.order_by(order, *table.primary_key.columns))

            return CallRecord(
                call=found[0],
                legs=await part(tables.legs),
                turns=await part(tables.turns),
                prompts_played=await part(tables.prompts_played),
                rung_steps=await part(tables.rung_steps),
                wishes_settled=await part(tables.wishes_settled),
                survey_answers=await part(tables.survey_answers),
                transfers=await part(tables.transfers),
                tickets=await part(tables.tickets),
                recordings=await part(tables.recordings),
            )

        return await self._database.read(work)


async def _rows(connection: AsyncConnection, statement: Select[Any]) -> tuple[Record, ...]:
    return tuple(
        {name: value for name, value in row.items() if name != "id"}
        for row in (await connection.execute(statement)).mappings()
    )
