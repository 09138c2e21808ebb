"""The rulebook that new calls go by, and its replacement when files change. Calls in hand keep theirs."""

import asyncio
import gc
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge
from watchfiles import awatch

from ivr.adapters.http_health import CheckResult
from ivr.adapters.voice import RecordedPrompter
from ivr.adapters.voice.recordings import Recordings, load_recordings
from ivr.bootstrap.faults import report_error
from ivr.bootstrap.rulebook import Rulebook, Words, assemble, rulebook_version
from ivr.bootstrap.rulebook_process import LENGTH_BYTES, Part, Request
from ivr.config import find_file
from ivr.runtime.ports import Clock

log = structlog.get_logger(__name__)

QUIET_MS = 500
"""Files are looked at once nothing has changed for this long, as an editor or a copy saves several."""
_LONGEST_UNREST_MS = 10_000
_SURELY_WATCHED_MS = 2_000
_BREATH_S = 0.02
"""Between two parts: the time that a frame of audio takes."""
_LOAD_TIMEOUT_S = 120.0
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Its threads would wait for one another in busy loops, and take the cores from the calls."""
_PROGRAM = "from ivr.bootstrap.rulebook_process import main; main()"
"""Not `-m`, by which what it pickles would belong to `__main__`."""


@dataclass(frozen=True, slots=True)
class InForce:
    """What a call that begins now goes by."""

    rulebook: Rulebook
    prompter: RecordedPrompter


class RulebookRefused(Exception):
    """A changed set is not right. `faults` has a line for each, with place and mend."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class RulebookKeeper:
    """Watches the files, and lets new calls go by what has changed once the whole of it is right."""

    def __init__(
        self,
        rulebook: Rulebook,
        prompter: RecordedPrompter,
        clock: Clock,
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        self._now = InForce(rulebook, prompter)
        self._running = rulebook.settings
        self._clock = clock
        self._faults: tuple[str, ...] = ()
        self._looked_at = ""
        self._untidy = False
        self._warm: Callable[[Rulebook], Awaitable[None]] | None = None
        self._loads = Counter(
            "ivr_rulebook_loads",
            "Changed sets of scripts, prompts and grammars.",
            ["result"],
            registry=registry,
        )
        self._refused = Gauge(
            "ivr_rulebook_refused", "1 while the files hold a set that was refused.", registry=registry
        )
        self._info = Gauge("ivr_rulebook", "The set that new calls go by.", ["version"], registry=registry)
        self._info.labels(rulebook.version).set(1)

    @property
    def in_force(self) -> InForce:
        """What a call that begins now goes by."""
        return self._now

    def warm_with(self, warm: Callable[[Rulebook], Awaitable[None]]) -> None:
        """What has to be done with a new rulebook before the first call that goes by it."""
        self._warm = warm

    async def check(self) -> CheckResult:
        """For /healthz. A refused set fails nothing: the one in force goes on."""
        version = f"version {self._now.rulebook.version}"
        if not self._faults:
            return CheckResult(ok=True, reason=version)
        others = f" (and {len(self._faults) - 1} more)" if len(self._faults) > 1 else ""
        return CheckResult(ok=True, reason=f"{version}; a changed set was refused: {self._faults[0]}{others}")

    async def watch(self) -> None:
        """Renew the rulebook whenever files change, until cancelled."""
        self._looked_at = await asyncio.to_thread(self._look)
        while True:
            # Closed here and not by the collector: a generator that is dropped is ended by a task of its own.
            async with aclosing(self._signs()) as signs:
                async for _ in signs:
                    await self._take_in_changes()

    async def _take_in_changes(self) -> None:
        while (look := await asyncio.to_thread(self._look)) != self._looked_at:
            self._looked_at = look
            try:
                await self.renew()
            except Exception as error:  # the old goes on, and the next change is looked at
                report_error("rulebook not renewed", error)

    def tidy(self) -> None:
        """Let go of old rulebooks and what was frozen with new ones. Takes 0.3 s: not during calls."""
        if self._untidy:
            self._untidy = False
            gc.unfreeze()
            gc.collect()
            gc.freeze()

    async def renew(self) -> None:
        """Load the set that the files hold now; use it when it is right, else say why not."""
        try:
            rulebook, recordings = await self._load()
        except RulebookRefused as refused:
            self._faults = refused.faults
            self._refused.set(1)
            self._loads.labels("refused").inc()
            log.error("rulebook_refused", faults=list(refused.faults), kept=self._now.rulebook.version)
            return
        self._faults = ()
        self._refused.set(0)
        if rulebook.version == self._now.rulebook.version:
            return
        if self._warm is not None:
            await self._warm(rulebook)
        before = self._now.rulebook.version
        prompter = self._now.prompter.with_files(rulebook.prompts, recordings)
        self._now = InForce(rulebook, prompter)
        self._info.remove(before)
        self._info.labels(rulebook.version).set(1)
        self._loads.labels("taken").inc()
        log.info("rulebook_changed", version=rulebook.version, before=before)

    async def _load(self) -> tuple[Rulebook, Recordings]:
        parts: dict[str, dict[Any, Any]] = defaultdict(dict)
        held = self._now.prompter.recordings
        self._untidy = True
        async for part in _parts(Request(self._running, held.rate_hz)):
            parts[part.kind][part.key] = part.value
        if parts["refused"]:
            raise RulebookRefused(parts["refused"]["faults"])
        if not parts["version"]:
            raise RulebookRefused(("the process that checks the files broke: its own message is above",))
        if for_restart := parts["settings"]["for_restart"]:
            log.warning("settings_wait_for_restart", keys=list(for_restart))
        words = Words(**parts["words"], speech=parts["speech"], compiled=parts["compiled"])
        settings = parts["settings"]["live"]
        rulebook = assemble(words, settings, self._clock, parts["version"]["version"])
        if parts["recordings"]["fingerprint"] == held.fingerprint:
            return rulebook, held
        return rulebook, await asyncio.to_thread(load_recordings, settings.prompts_dir, held.rate_hz)

    def _look(self) -> str:
        """Changes with the files, the settings file included."""
        file = find_file(None, os.environ)
        content = file.read_text("utf-8", "replace") if file is not None and file.is_file() else ""
        return rulebook_version(self._running) + content

    async def _signs(self) -> AsyncGenerator[None, None]:
        """When to look at the files: once they are surely watched, and at a change.

        It ends with the change. Watch anew then: a file that was replaced is another one.
        """
        settings = self._running
        paths: list[Path] = [settings.scripts_dir, settings.prompts_dir, settings.grammars_dir]
        file = find_file(None, os.environ)
        if file is not None and file.is_file():
            paths.append(file)
        watching = awatch(
            *paths,
            step=QUIET_MS,
            debounce=_LONGEST_UNREST_MS,
            rust_timeout=_SURELY_WATCHED_MS,
            yield_on_timeout=True,
        )
        sure = False
        async with aclosing(watching):
            async for changes in watching:
                if changes or not sure:
                    yield
                if changes:
                    return
                sure = True


async def _parts(request: Request) -> AsyncIterator[Part]:
    """Load in another process. Unpickling takes a few milliseconds a part, with a breath between two."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PROGRAM, stdin=PIPE, stdout=PIPE, env=os.environ | _ONE_THREAD
    )
    assert process.stdin is not None
    try:
        async with asyncio.timeout(_LOAD_TIMEOUT_S):
            process.stdin.write(pickle.dumps(request))
            process.stdin.close()
            while (body := await _body(process)) is not None:
                yield _unpickled(body)
                await asyncio.sleep(_BREATH_S)
    except TimeoutError:
        raise RulebookRefused((f"the files were not loaded within {_LOAD_TIMEOUT_S:g} s",)) from None
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _unpickled(body: bytes) -> Part:
    """One part, kept out of collections at once: so many new objects would set off a full one."""
    gc.disable()
    try:
        part: Part = pickle.loads(body)
        gc.freeze()
    finally:
        gc.enable()
    return part


async def _body(process: Process) -> bytes | None:
    assert process.stdout is not None
    try:
        length = await process.stdout.readexactly(LENGTH_BYTES)
        return await process.stdout.readexactly(int.from_bytes(length, "big"))
    except asyncio.IncompleteReadError:
        return None
