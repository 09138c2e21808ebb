"""One worker process: its store, its devices, its calls, and the order in which they start and stop."""

import asyncio
import gc
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from pathlib import Path

import structlog
from prometheus_client import Gauge

from ivr.adapters.http_health import Check, CheckResult, HealthServer
from ivr.adapters.metrics import MetricsSink
from ivr.adapters.models import default_models_dir
from ivr.adapters.recogniser.client import RemoteRecogniser
from ivr.adapters.recording_wav import finish_recording, unfinished_recordings
from ivr.adapters.sip_pjsua2.endpoint import Pjsua2Endpoint
from ivr.adapters.store_sqlalchemy import SqlCallRecords, SqlRecentDialogues, SqlStore
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.voice import open_prompter
from ivr.bootstrap.faults import report_error
from ivr.bootstrap.loan_book import open_loan_book
from ivr.bootstrap.outbound import campaign_store, ringing
from ivr.bootstrap.rulebook import load_rulebook
from ivr.bootstrap.rulebook_keeper import RulebookKeeper
from ivr.bootstrap.sessions import SessionOpener, keep_warm, warm_up
from ivr.bootstrap.sip import sip_settings
from ivr.bootstrap.store_link import open_store, running
from ivr.calls.events import RecordingSaved
from ivr.calls.ids import CallId, LegId, WorkerId
from ivr.config import Settings
from ivr.runtime.fanout import EventFanout
from ivr.runtime.forwarding import TicketForwarder
from ivr.runtime.hotline import Hotline
from ivr.runtime.ports import Clock

log = structlog.get_logger(__name__)

_TASKS = Gauge("ivr_asyncio_tasks", "Tasks in the worker's event loop: steady when no call is in hand.")
_COLLECT_S = 5.0
_MOST_EVENTS_WAITING = 1000
"""More than this, and the store has been away for long enough to send callers elsewhere."""


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
        keeper = RulebookKeeper(rulebook, prompter, clock)
        # An understudy watches as well: it may take a place after many changes.
        await stack.enter_async_context(running(keeper.watch(), "rulebook"))
        # What is there before the first call stays, which keeps later collections to a few milliseconds.
        gc.collect()
        gc.freeze()
        index = await cue()
        worker_id = WorkerId(f"{socket.gethostname()}:{settings.sip_port(index)}")
        store = await stack.enter_async_context(open_store(settings, worker_id, clock))
        records = SqlCallRecords(store.database)
        await _save_left_recordings(settings.recordings_dir, records, store.events, clock)
        fanout = EventFanout(store.events, [MetricsSink()], on_error=report_error)
        await stack.enter_async_context(running(fanout.run(), "fanout", before_cancel=fanout.flush))
        recogniser = await stack.enter_async_context(
            RemoteRecogniser.open(settings.recogniser_url, timeout_s=settings.recogniser.timeout_s)
        )
        book = await stack.enter_async_context(open_loan_book(settings, store.loan_book))
        if book.requests is not None:
            forwarder = TicketForwarder(store.forwarding, book.requests, clock, report=report_error)
            await stack.enter_async_context(running(forwarder.run(), "ticket forwarding"))
        opener = SessionOpener(
            settings=settings,
            keeper=keeper,
            worker_id=worker_id,
            clock=clock,
            fanout=fanout,
            loan_book=book.book,
            desk=store.desk,
            dialogues=SqlRecentDialogues(store.database),
            recogniser=recogniser,
            do_not_call=campaign_store(settings, store.database),
        )
        endpoint = await Pjsua2Endpoint.start(sip_settings(settings, index))
        # Whatever ends the worker: a process that leaves with the library running is aborted by it.
        stack.push_async_callback(endpoint.shutdown)
        hotline = Hotline(endpoint, opener.open, report=report_error)
        checks = {"sip": _sip_check(endpoint), "store": _store_check(fanout), "rulebook": keeper.check}
        keeper.warm_with(partial(warm_up, recogniser))
        await stack.enter_async_context(_health(settings, index, checks))
        await stack.enter_async_context(running(keep_warm(recogniser, keeper), "warm-up"))
        await stack.enter_async_context(running(_collect_garbage(hotline, keeper), "garbage collection"))
        log.info("worker_ready", worker_id=worker_id, lines=endpoint.capacity)
        ring = ringing(
            settings,
            store.database,
            endpoint,
            opener=opener,
            keeper=keeper,
            recogniser=recogniser,
            worker_id=worker_id,
            clock=clock,
        )
        await _take_calls(hotline, ring, endpoint, settings.hotline.drain_s, stopping)


async def _take_calls(
    hotline: Hotline,
    ring: AbstractAsyncContextManager[object],
    endpoint: Pjsua2Endpoint,
    drain_s: float,
    stopping: asyncio.Event,
) -> None:
    async with running(hotline.run(), "hotline"):
        async with ring:
            await stopping.wait()
            log.info("worker_draining", calls=hotline.calls)
            endpoint.refuse_new_calls()
            draining = asyncio.create_task(hotline.drain(drain_s), name="drain")
        await draining


def _health(settings: Settings, index: int, checks: Mapping[str, Check]) -> HealthServer:
    loop = asyncio.get_running_loop()
    _TASKS.set_function(lambda: len(asyncio.all_tasks(loop)))
    return HealthServer(
        process=f"worker-{index}",
        host=settings.workers.http_host,
        port=settings.http_port(index),
        checks=checks,
    )


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


async def _collect_garbage(hotline: Hotline, keeper: RulebookKeeper) -> None:
    """Let go of ended calls soon: their parts refer to one another, so only the collector frees them.

    Left to itself it looks at old objects once these have grown by a quarter of the whole process.
    """
    while True:
        await asyncio.sleep(_COLLECT_S)
        if not hotline.calls:
            keeper.tidy()
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
