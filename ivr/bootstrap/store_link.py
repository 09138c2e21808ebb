"""A process's link to the store: its events, its news on the bus, and the signs that it lives."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from ivr.adapters.bus_mqtt import MqttBus, MqttSettings
from ivr.adapters.outbox_relay import OutboxRelay
from ivr.adapters.store_sqlalchemy import (
    Database,
    SqlForwardingQueue,
    SqlLoanBook,
    SqlOutbox,
    SqlStore,
    SqlTicketDesk,
)
from ivr.bootstrap.faults import report_error
from ivr.calls.ids import WorkerId
from ivr.config import Settings
from ivr.runtime.ports import Clock

log = structlog.get_logger(__name__)

_HEARTBEAT_S = 15.0


@dataclass(frozen=True, slots=True)
class StoreLink:
    """The database as one process sees it, and where its events go."""

    database: Database
    events: SqlStore
    loan_book: SqlLoanBook
    desk: SqlTicketDesk
    forwarding: SqlForwardingQueue


@asynccontextmanager
async def open_store(settings: Settings, worker_id: WorkerId, clock: Clock) -> AsyncIterator[StoreLink]:
    """Register, close what a predecessor left open, publish the outbox, and tell that we live."""
    database = Database(settings.database_url)
    try:
        bus = MqttBus(
            MqttSettings(
                url=settings.broker_url,
                client_id=f"ivr-{worker_id}",
                username=settings.bus.username,
                password=settings.bus.password.get_secret_value() if settings.bus.password else "",
            )
        )
        relay = OutboxRelay(SqlOutbox(database, worker_id), bus, clock, worker_id)
        store = SqlStore(database, worker_id, appended=relay.wake)
        await store.register(os.getpid(), clock.now())
        if closed := await store.close_orphans(clock.now()):
            log.warning("orphans_closed", calls=closed)
        stopping = asyncio.Event()
        relaying = asyncio.create_task(relay.run(stopping), name="outbox relay")
        async with running(_keep_alive(store, clock), "heartbeat"):
            yield StoreLink(
                database,
                store,
                SqlLoanBook(database, clock=clock),
                SqlTicketDesk(database, worker_id),
                SqlForwardingQueue(database),
            )
        stopping.set()
        await relaying
    finally:
        await database.close()


@asynccontextmanager
async def running(
    work: Coroutine[Any, Any, None], name: str, *, before_cancel: Callable[[], Awaitable[None]] | None = None
) -> AsyncIterator[None]:
    """A task that goes on while the context is open; `before_cancel` is awaited before it is ended."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
        if before_cancel is not None:
            await before_cancel()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep_alive(store: SqlStore, clock: Clock) -> None:
    while True:
        await asyncio.sleep(_HEARTBEAT_S)
        try:
            await store.heartbeat(clock.now())
            await store.close_orphans(clock.now())
        except Exception as error:
            report_error("heartbeat", error)
