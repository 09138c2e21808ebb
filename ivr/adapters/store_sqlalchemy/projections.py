"""From an event to rows: which table each class of event changes, and how.

Events may come without those before them, and never fail for it: the call's row is made on first sight.
"""

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any

from sqlalchemy import Table, func, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import tables
from ivr.adapters.store_sqlalchemy.database import upsert
from ivr.calls.events import (
    AnswerGiven,
    CallAnswered,
    CallEnded,
    CallerIdentified,
    CallEvent,
    CallStarted,
    PromptPlayed,
    RecordingSaved,
    ReplyStarted,
    RungStepped,
    TicketOpened,
    TransferEnded,
    TurnTaken,
    WishSettled,
)
from ivr.calls.ids import WorkerId

_ONE_ROW_EACH: dict[type[CallEvent], Table] = {
    PromptPlayed: tables.prompts_played,
    TurnTaken: tables.turns,
    RungStepped: tables.rung_steps,
    WishSettled: tables.wishes_settled,
    TransferEnded: tables.transfers,
    RecordingSaved: tables.recordings,
    AnswerGiven: tables.survey_answers,
}
"""Facts that are written down and never change: one row, its columns named as the event's fields."""


async def project(connection: AsyncConnection, event: CallEvent, worker_id: WorkerId) -> None:
    """Write one event's rows. `worker_id` owns the call if nothing was heard of it before.

    Raises `LookupError` for a class of event that the store does not know.
    """
    await connection.execute(
        upsert(
            connection,
            tables.calls,
            {"call_id": event.call_id, "last_event_at": event.at},
            first_only={"worker_id": worker_id, "started_at": event.at},
        )
    )
    table = _ONE_ROW_EACH.get(type(event))
    if table is not None:
        await connection.execute(insert(table).values(_row(event, table)))
        return
    apply = _CHANGES.get(type(event))
    if apply is None:
        raise LookupError(f"the store has no place for {type(event).__name__}: add it to projections.py")
    await apply(connection, event)


def storable(value: Any) -> Any:
    """A value that both databases and JSON take: no enums, no tuples, no NUL, no broken surrogates."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    if isinstance(value, (tuple, list)):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value


def _row(event: CallEvent, table: Table) -> dict[str, Any]:
    return {c.name: storable(getattr(event, c.name)) for c in table.columns if hasattr(event, c.name)}


async def _started(connection: AsyncConnection, event: CallStarted) -> None:
    await connection.execute(
        upsert(connection, tables.legs, _row(event, tables.legs) | {"started_at": event.at})
    )
    # A second leg of the call must not rewrite how the call began.
    await connection.execute(
        update(tables.calls)
        .where(tables.calls.c.call_id == event.call_id, tables.calls.c.direction == "")
        .values(_row(event, tables.calls) | {"started_at": event.at})
    )


async def _answered(connection: AsyncConnection, event: CallAnswered) -> None:
    await connection.execute(
        upsert(
            connection,
            tables.legs,
            _row(event, tables.legs) | {"answered_at": event.at},
            first_only={"started_at": event.at},
        )
    )
    await connection.execute(
        _change_call(event).values(answered_at=func.coalesce(tables.calls.c.answered_at, event.at))
    )


async def _identified(connection: AsyncConnection, event: CallerIdentified) -> None:
    await connection.execute(_change_call(event).values(_row(event, tables.calls)))


async def _replied(connection: AsyncConnection, event: ReplyStarted) -> None:
    await connection.execute(
        update(tables.turns)
        .where(tables.turns.c.call_id == event.call_id, tables.turns.c.turn == event.turn)
        .values(reply_latency_ms=event.reply_latency_ms)
    )


async def _ticket(connection: AsyncConnection, event: TicketOpened) -> None:
    await connection.execute(upsert(connection, tables.tickets, _row(event, tables.tickets)))


async def _ended(connection: AsyncConnection, event: CallEnded) -> None:
    end = _row(event, tables.legs) | {"ended_at": event.at}
    await connection.execute(upsert(connection, tables.legs, end, first_only={"started_at": event.at}))
    # The call is over, so no leg of it may stay open in the record.
    await connection.execute(
        update(tables.legs)
        .where(tables.legs.c.call_id == event.call_id, tables.legs.c.ended_at.is_(None))
        .values({k: v for k, v in end.items() if k not in ("leg_id", "duration_ms")})
    )
    await connection.execute(_change_call(event).values(_row(event, tables.calls) | {"ended_at": event.at}))


def _change_call(event: CallEvent) -> Any:
    return update(tables.calls).where(tables.calls.c.call_id == event.call_id)


_CHANGES: dict[type[CallEvent], Callable[[AsyncConnection, Any], Awaitable[None]]] = {
    CallStarted: _started,
    CallAnswered: _answered,
    CallerIdentified: _identified,
    ReplyStarted: _replied,
    TicketOpened: _ticket,
    CallEnded: _ended,
}
"""Facts that change what is known of a call, a leg or a turn."""
