"""One worker process: its store, its devices, its calls, and the order in which they start and stop."""

import asyncio
import gc
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import Gauge

from ivr.adapters.bus_mqtt import MqttBus, MqttSettings
from ivr.adapters.http_health import Check, CheckResult, HealthServer
from ivr.adapters.metrics import MetricsSink
from ivr.adapters.models import default_models_dir
from ivr.adapters.outbox_relay import OutboxRelay
from ivr.adapters.recogniser.client import RemoteRecogniser
from ivr.adapters.recording_wav import finish_recording, unfinished_recordings
from ivr.adapters.sip_pjsua2.endpoint import Pjsua2Endpoint
from ivr.adapters.store_sqlalchemy import Database, SqlCallRecords, SqlLoanBook, SqlOutbox, SqlStore
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.voice import open_prompter
from ivr.bootstrap.faults import report_error
from ivr.bootstrap.loan_book import open_loan_book
from ivr.bootstrap.sessions import SessionOpener, keep_warm, load_rulebook
from ivr.bootstrap.sip import sip_settings
from ivr.calls.events import RecordingSaved
from ivr.calls.ids import CallId, LegId, WorkerId
from ivr.config import Settings
from ivr.runtime.fanout import EventFanout
from ivr.runtime.hotline import Hotline
from ivr.runtime.ports import Clock

log = structlog.get_logger(__name__)

_TASKS = Gauge("ivr_asyncio_tasks", "Tasks in the worker's event loop: steady when no call is in hand.")
_HEARTBEAT_S = 15.0
_COLLECT_S = 5.0
_MOST_EVENTS_WAITING = 1000
"""More than this, and the store has been away for long enough to send callers elsewhere."""


@dataclass(frozen=True, slots=True)
class Store:
    """What a worker needs of the database, as one worker sees it."""

    events: SqlStore
    loan_book: SqlLoanBook


async def serve_worker(
    settings: Settings, cue: Callable[[], Awaitable[int]], stopping: asyncio.Event
) -> None:
    """Prepare, wait for the cue that says which worker to be, take calls until `stopping`, then drain.

    Everything slow comes before the cue, so that an understudy can take a dead worker's place at once.
    Raises what keeps it from starting.
    """
    async with AsyncExitStack() as stack:
        clock = SystemClock()
        rulebook = load_rulebook(settings, clock)
        prompter = await stack.enter_async_context(
            open_prompter(
                settings.prompts_dir,
                settings.voice_cache_dir,
                settings.models_dir or default_models_dir(),
                settings.sip.clock_hz,
            )
        )
        # What is there before the first call stays, which keeps later collections to a few milliseconds.
        gc.collect()
        gc.freeze()
        index = await cue()
        worker_id = WorkerId(f"{socket.gethostname()}:{settings.sip_port(index)}")
        store = await stack.enter_async_context(_store(settings, worker_id, clock))
        fanout = EventFanout(store.events, [MetricsSink()], on_error=report_error)
        await stack.enter_async_context(_running(fanout.run(), "fanout", before_cancel=fanout.flush))
        recogniser = await stack.enter_async_context(
            RemoteRecogniser.open(settings.recogniser_url, timeout_s=settings.recogniser.timeout_s)
        )
        opener = SessionOpener(
            settings=settings,
            rulebook=rulebook,
            worker_id=worker_id,
            clock=clock,
            fanout=fanout,
            loan_book=await stack.enter_async_context(open_loan_book(settings, store.loan_book)),
            recogniser=recogniser,
            prompter=prompter,
        )
        endpoint = await Pjsua2Endpoint.start(sip_settings(settings, index))
        # Whatever ends the worker: a process that leaves with the library running is aborted by it.
        stack.push_async_callback(endpoint.shutdown)
        hotline = Hotline(endpoint, opener.open, report=report_error)
        checks = {"sip": _sip_check(endpoint), "store": _store_check(fanout)}
        await stack.enter_async_context(_health(settings, index, checks))
        await stack.enter_async_context(_running(keep_warm(recogniser, rulebook), "warm-up"))
        await stack.enter_async_context(_running(_collect_garbage(), "garbage collection"))
        log.info("worker_ready", worker_id=worker_id, lines=endpoint.capacity)
        await _take_calls(hotline, endpoint, settings.hotline.drain_s, stopping)


async def _take_calls(
    hotline: Hotline, endpoint: Pjsua2Endpoint, drain_s: float, stopping: asyncio.Event
) -> None:
    async with _running(hotline.run(), "hotline"):
        await stopping.wait()
        log.info("worker_draining", calls=hotline.calls)
        endpoint.refuse_new_calls()
        await hotline.drain(drain_s)


def _health(settings: Settings, index: int, checks: Mapping[str, Check]) -> HealthServer:
    loop = asyncio.get_running_loop()
    _TASKS.set_function(lambda: len(asyncio.all_tasks(loop)))
    return HealthServer(
        process=f"worker-{index}",
        host=settings.workers.http_host,
        port=settings.http_port(index),
        checks=checks,
    )


@asynccontextmanager
async def _store(settings: Settings, worker_id: WorkerId, clock: Clock) -> AsyncIterator[Store]:
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
        await _save_left_recordings(settings.recordings_dir, SqlCallRecords(database), store, clock)
        stopping = asyncio.Event()
        relaying = asyncio.create_task(relay.run(stopping), name="outbox relay")
        async with _running(_keep_alive(store, clock), "heartbeat"):
            yield Store(store, SqlLoanBook(database))
        stopping.set()
        await relaying
    finally:
        await database.close()


async def _save_left_recordings(
    directory: Path, records: SqlCallRecords, store: SqlStore, clock: Clock
) -> None:
    """A worker that died left recordings without a name; those of ended calls get theirs."""
    for part in unfinished_recordings(directory):
        record = await records.find(CallId(part.stem))
        if record is None or record.call["ended_at"] is None:
            continue
        recording = finish_recording(part)
        if recording is not None:
            saved = RecordingSaved(
                call_id=CallId(part.stem),
                at=clock.now(),
                leg_id=LegId(record.legs[0]["leg_id"]),
                path=recording.path,
                duration_ms=recording.duration_ms,
                paused_ms=recording.paused_ms,
                sha256=recording.sha256,
            )
            await store.append([saved])


async def _keep_alive(store: SqlStore, clock: Clock) -> None:
    while True:
        await asyncio.sleep(_HEARTBEAT_S)
        try:
            await store.heartbeat(clock.now())
            await store.close_orphans(clock.now())
        except Exception as error:
            report_error("heartbeat", error)


@asynccontextmanager
async def _running(
    work: Coroutine[Any, Any, None], name: str, *, before_cancel: Callable[[], Awaitable[None]] | None = None
) -> AsyncIterator[None]:
    task = asyncio.create_task(work, name=name)
    try:
        yield
        if before_cancel is not None:
            await before_cancel()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _collect_garbage() -> None:
    """Let go of ended calls soon: their parts refer to one another, so only the collector frees them.

    Left to itself it looks at old objects once these have grown by a quarter of the whole process.
    """
    while True:
        await asyncio.sleep(_COLLECT_S)
        gc.collect()


def _sip_check(endpoint: Pjsua2Endpoint) -> Check:
    async def check() -> CheckResult:
        away = [name for name, registered in endpoint.registrations.items() if not registered]
        if away:
            return CheckResult(ok=False, reason=f"{len(away)} account(s) not registered")
        return CheckResult(ok=True, reason=f"{endpoint.lines_in_use} of {endpoint.capacity} lines in use")

    return check


def _store_check(fanout: EventFanout) -> Check:
    async def check() -> CheckResult:
        waiting = fanout.pending
        return CheckResult(ok=waiting < _MOST_EVENTS_WAITING, reason=f"{waiting} events wait for the store")

    return check
