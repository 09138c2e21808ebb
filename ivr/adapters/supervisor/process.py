"""One process that is kept alive: started, probed, started again when it dies or hangs, and stopped."""

import asyncio
import ctypes
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx
import structlog

from ivr.adapters.supervisor.ports import WantedPort
from ivr.adapters.supervisor.probe import Answer, probe
from ivr.adapters.supervisor.understudy import Understudy
from ivr.runtime.supervision import ProcessHealth, RestartPolicy, after_death, after_probe

log = structlog.get_logger(__name__)

Announce = Callable[[str], None]
"""Takes one line for the person at the terminal."""

PROBE_TIMEOUT_S = 2.0
PROBE_EVERY_S = 1.0
PROBE_EVERY_WHILE_STARTING_S = 0.2
UNWELL_PATIENCE_S = 5.0
"""One that answers but is not well, say because a trunk is away, still serves others: told, not failed."""

PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSpec:
    """What to run and how to see that it is well."""

    name: str
    argv: tuple[str, ...]
    health_url: str
    """`http://.../healthz` or `tcp://host:port`."""
    ports: tuple[WantedPort, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    """Added to our own environment."""
    start_timeout_s: float = 30.0
    stop_timeout_s: float = 5.0
    """From SIGTERM to SIGKILL."""
    cue: str = ""
    """What makes the understudy this process; empty when it has none."""


def die_with_parent() -> None:
    """Runs in the child between fork and exec: the kernel sends SIGTERM when the supervisor is gone.

    Without it a supervisor that is killed leaves workers behind that hold its ports. A watchdog pipe
    would need each program's help; this needs none. It makes one system call and takes no lock, which
    is what may be done at this point.
    """
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


class SupervisedProcess:
    """Keeps one `ProcessSpec` running until it is stopped."""

    def __init__(
        self,
        spec: ProcessSpec,
        *,
        client: httpx.AsyncClient,
        policy: RestartPolicy,
        announce: Announce,
        understudy: Understudy | None = None,
    ) -> None:
        self.spec = spec
        self._understudy = understudy if spec.cue else None
        self._client = client
        self._policy = policy
        self._announce = announce
        self._health = ProcessHealth()
        self._process: Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._was_ready = False
        self._first_start: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def pid(self) -> int | None:
        """Of the present life, or None while it is down."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> str:
        """Start it and wait until it is well. Returns the empty string, or why it is not."""
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.spec.name}")
        try:
            async with asyncio.timeout(self.spec.start_timeout_s):
                return await asyncio.shield(self._first_start)
        except TimeoutError:
            answer = await probe(self._client, self.spec.health_url, timeout_s=PROBE_TIMEOUT_S)
            return f"was not ready within {self.spec.start_timeout_s:g} s: {answer.reason or 'slow'}"

    async def stop(self) -> None:
        """Ask it to end, wait, and make it end when it does not."""
        self._stopping.set()
        if self._keeper is None or self._keeper.done():
            return
        self._signal(signal.SIGTERM)
        _, pending = await asyncio.wait([self._keeper], timeout=self.spec.stop_timeout_s)
        if pending:
            log.warning("process_did_not_stop", child=self.spec.name, waited_s=self.spec.stop_timeout_s)
            self._signal(signal.SIGKILL)
        await self._keeper
        self._announce(f"{self.spec.name} stopped")

    def kill(self) -> None:
        """End it now, whatever it is doing."""
        self._stopping.set()
        self._signal(signal.SIGKILL)

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            started = loop.time()
            how = await self._live()
            if not self._stopping.is_set():
                await self._pause_after_death(how, loop.time() - started)
        self._settle_first_start("was stopped")

    async def _live(self) -> str:
        """One life from start to end. Returns how it ended."""
        try:
            self._process = await self._spawn()
        except OSError as error:
            return f"{error.strerror or error} at its start"
        if self._stopping.is_set():
            self._signal(signal.SIGTERM)
        watch = asyncio.create_task(self._watch(), name=f"watch {self.spec.name}")
        try:
            return how_it_ended(await self._process.wait())
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    async def _spawn(self) -> Process:
        if self._understudy is not None and (ready := await self._understudy.take(self.spec.cue)) is not None:
            return ready
        # A process group of its own: Ctrl-C reaches the supervisor alone, which stops the rest in order.
        return await asyncio.create_subprocess_exec(
            *self.spec.argv,
            stdin=asyncio.subprocess.DEVNULL,
            env={**os.environ, **self.spec.environ},
            process_group=0,
            preexec_fn=die_with_parent,
        )

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        self._was_ready = False
        reported, unwell_since = "", 0.0
        while True:
            answer = await probe(self._client, self.spec.health_url, timeout_s=PROBE_TIMEOUT_S)
            if answer.answered and not self._was_ready:
                unwell_since = unwell_since or loop.time()
                if answer.well or loop.time() - unwell_since >= UNWELL_PATIENCE_S:
                    self._now_ready(loop.time() - started, answer.reason)
            due = self._was_ready or loop.time() - started > self.spec.start_timeout_s
            # A process on its way out closes its address before it has saved everything.
            if due and not self._stopping.is_set():
                self._kill_when_hung(answer)
            if self._was_ready and answer.answered and answer.reason != reported:
                reported = answer.reason
                log.warning("health_changed", child=self.spec.name, failed=reported or None)
            await asyncio.sleep(PROBE_EVERY_S if self._was_ready else PROBE_EVERY_WHILE_STARTING_S)

    def _now_ready(self, took_s: float, failed: str) -> None:
        self._was_ready = True
        log.info("process_ready", child=self.spec.name, pid=self.pid, took_s=round(took_s, 2))
        but = f", but: {failed}" if failed else ""
        self._announce(f"{self.spec.name} ready after {took_s:.1f} s{but}")
        if self._understudy is not None:
            self._understudy.prepare()
        self._settle_first_start("")

    def _kill_when_hung(self, answer: Answer) -> None:
        self._health, hung = after_probe(self._health, answered=answer.answered, policy=self._policy)
        if hung:
            log.error("process_hung", child=self.spec.name, pid=self.pid, reason=answer.reason)
            self._announce(f"{self.spec.name} does not answer at {self.spec.health_url}: killing it")
            self._signal(signal.SIGKILL)

    async def _pause_after_death(self, how: str, lived_s: float) -> None:
        self._health, pause_s = after_death(self._health, lived_s, self._policy)
        log.error("process_died", child=self.spec.name, how=how, lived_s=round(lived_s, 1), pause_s=pause_s)
        if not self._first_start.done():
            self._stopping.set()
            self._settle_first_start(f"ended with {how} before it was ready")
            return
        self._announce(f"{self.spec.name} ended with {how}: starting it again in {pause_s:g} s")
        try:
            async with asyncio.timeout(pause_s):
                await self._stopping.wait()
        except TimeoutError:
            pass

    def _settle_first_start(self, fault: str) -> None:
        if not self._first_start.done():
            self._first_start.set_result(fault)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)


def how_it_ended(returncode: int) -> str:
    """`exit code 3`, or `signal SIGSEGV`."""
    if returncode >= 0:
        return f"exit code {returncode}"
    try:
        return f"signal {signal.Signals(-returncode).name}"
    except ValueError:
        return f"signal {-returncode}"
