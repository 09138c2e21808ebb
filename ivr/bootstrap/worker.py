"""One worker process: what its calls lean on, its lines, its calls, and the order of start and stop."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import structlog
from prometheus_client import Gauge

from ivr.adapters.http_health import Check, CheckResult, HealthServer
from ivr.adapters.models import default_models_dir
from ivr.adapters.sip_pjsua2.endpoint import Pjsua2Endpoint
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.voice import open_prompter
from ivr.bootstrap.backing import open_backing
from ivr.bootstrap.faults import report_error
from ivr.bootstrap.outbound import open_dialler
from ivr.bootstrap.rulebook import load_rulebook
from ivr.bootstrap.rulebook_keeper import RulebookKeeper
from ivr.bootstrap.sessions import keep_warm, warm_up
from ivr.bootstrap.sip import sip_settings
from ivr.bootstrap.store_link import running
from ivr.calls.ids import WorkerId
from ivr.config import Settings
from ivr.runtime.dialler import Dialler
from ivr.runtime.fanout import EventFanout
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
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        keeper = await stack.enter_async_context(_prepared(settings, clock))
        index = await cue()
        worker_id = WorkerId(f"{socket.gethostname()}:{settings.sip_port(index)}")
        backing = await stack.enter_async_context(open_backing(settings, worker_id, keeper, clock))
        keeper.warm_with(partial(warm_up, backing.recogniser))
        endpoint = await Pjsua2Endpoint.start(sip_settings(settings, index))
        # Whatever ends the worker: a process that leaves with the library running is aborted by it.
        stack.push_async_callback(endpoint.shutdown)
        hotline = Hotline(endpoint, backing.opener.open, report=report_error)
        dialler = open_dialler(
            settings,
            backing.database,
            endpoint,
            opener=backing.opener,
            keeper=keeper,
            recogniser=backing.recogniser,
            worker_id=worker_id,
            clock=clock,
        )
        checks = {
            "sip": _sip_check(endpoint),
            "store": _store_check(backing.fanout),
            "rulebook": keeper.check,
        }
        await stack.enter_async_context(_health(settings, index, checks))
        await stack.enter_async_context(running(keep_warm(backing.recogniser, keeper), "warm-up"))
        await stack.enter_async_context(
            running(_collect_garbage(hotline, dialler, keeper), "garbage collection")
        )
        log.info("worker_ready", worker_id=worker_id, lines=endpoint.capacity)
        await _take_calls(hotline, dialler, endpoint, settings.hotline.drain_s, stopping)


@asynccontextmanager
async def _prepared(settings: Settings, clock: Clock) -> AsyncIterator[RulebookKeeper]:
    """All that a worker needs whichever it becomes, loaded, watched, and set apart from what calls make."""
    rulebook = load_rulebook(settings, clock)
    models = settings.models_dir or default_models_dir()
    prompter = open_prompter(settings.prompts_dir, settings.voice_cache_dir, models, settings.sip.clock_hz)
    async with prompter as opened:
        keeper = RulebookKeeper(rulebook, opened, clock)
        # An understudy watches as well: it may take a place after many changes.
        async with running(keeper.watch(), "rulebook"):
            # What is there before the first call stays, which keeps later collections to a few milliseconds.
            gc.collect()
            gc.freeze()
            yield keeper


async def _take_calls(
    hotline: Hotline,
    dialler: Dialler | None,
    endpoint: Pjsua2Endpoint,
    drain_s: float,
    stopping: asyncio.Event,
) -> None:
    """Answer and ring until `stopping`; then take nothing new, and let both finish what is in hand."""
    async with running(hotline.run(), "hotline"):
        if dialler is None:
            await stopping.wait()
        else:
            async with running(dialler.run(), "dialler"):
                await stopping.wait()
        log.info("worker_draining", calls=hotline.calls, rung=dialler.calls if dialler else 0)
        endpoint.refuse_new_calls()
        await asyncio.gather(hotline.drain(drain_s), *([dialler.drain(drain_s)] if dialler else []))


def _health(settings: Settings, index: int, checks: Mapping[str, Check]) -> HealthServer:
    loop = asyncio.get_running_loop()
    _TASKS.set_function(lambda: len(asyncio.all_tasks(loop)))
    return HealthServer(
        process=f"worker-{index}",
        host=settings.workers.http_host,
        port=settings.http_port(index),
        checks=checks,
    )


async def _collect_garbage(hotline: Hotline, dialler: Dialler | None, keeper: RulebookKeeper) -> None:
    """Let go of ended calls soon: their parts refer to one another, so only the collector frees them.

    Left to itself it looks at old objects once these have grown by a quarter of the whole process.
    """
    while True:
        await asyncio.sleep(_COLLECT_S)
        if not hotline.calls and not (dialler and dialler.calls):
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
