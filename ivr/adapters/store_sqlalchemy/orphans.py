"""Calls whose worker is gone, and the event that ends each of them."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import tables
from ivr.calls.disposition import Disposition, HangupCause
from ivr.calls.events import CallEnded
from ivr.calls.ids import CallId, LegId, WorkerId

STALE_AFTER = timedelta(seconds=60)
"""A worker that has not told for this long that it lives is taken for dead."""


async def orphan_ends(connection: AsyncConnection, worker_id: WorkerId, now: datetime) -> list[CallEnded]:
    """The missing ends, oldest call first; the calls' rows stay locked until the transaction is over."""
    calls, workers = tables.calls, tables.workers
    mine_from_before = and_(calls.c.worker_id == worker_id, calls.c.started_at < workers.c.started_at)
    of_the_dead = and_(calls.c.worker_id != worker_id, workers.c.heartbeat_at < now - STALE_AFTER)
    statement = (
        select(
            calls.c.call_id,
            calls.c.answered_at,
            calls.c.last_event_at,
            _first_leg().label("leg_id"),
            exists().where(tables.wishes_settled.c.call_id == calls.c.call_id).label("settled"),
            exists().where(tables.tickets.c.call_id == calls.c.call_id).label("ticket"),
            exists()
            .where(tables.transfers.c.call_id == calls.c.call_id, tables.transfers.c.succeeded)
            .label("transferred"),
        )
        .join(workers, workers.c.worker_id == calls.c.worker_id)
        # A chat outlives its process: any other goes on with it, or ends it when nothing is written any more.
        .where(calls.c.ended_at.is_(None), calls.c.direction != "chat", or_(mine_from_before, of_the_dead))
        .order_by(calls.c.started_at)
        .with_for_update(of=calls, skip_locked=True)
    )
    return [_end(row, now) for row in await connection.execute(statement)]


def _first_leg() -> ColumnElement[str]:
    legs = tables.legs
    return (
        select(legs.c.leg_id)
        .where(legs.c.call_id == tables.calls.c.call_id)
        .order_by(legs.c.started_at, legs.c.leg_id)
        .limit(1)
        .scalar_subquery()
    )


def _end(row: Row[tuple[object, ...]], now: datetime) -> CallEnded:
    answered = row.answered_at is not None
    # Nobody saw it end: count up to the last thing known of it, so that nobody is billed for silence.
    known = row.last_event_at - row.answered_at if answered else timedelta()
    return CallEnded(
        call_id=CallId(row.call_id),
        at=now,
        leg_id=LegId(row.leg_id or row.call_id),
        disposition=Disposition.ANSWERED if answered else Disposition.FAILED,
        cause=HangupCause.WORKER_DIED,
        sip_code=200 if answered else 0,
        outcome=_outcome(row, answered=answered),
        duration_ms=max(0, round(known / timedelta(milliseconds=1))),
    )


def _outcome(row: Row[tuple[object, ...]], *, answered: bool) -> str:
    for outcome in ("transferred", "ticket", "settled"):
        if getattr(row, outcome):
            return outcome
    return "abandoned" if answered else "none"
