"""All processes of one machine, in stages: each stage is well before the next starts."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from ivr.adapters.supervisor.ports import TakenPort, taken_ports
from ivr.adapters.supervisor.probe import probe_client
from ivr.adapters.supervisor.process import Announce, ProcessSpec, SupervisedProcess, die_with_parent
from ivr.adapters.supervisor.understudy import Understudy
from ivr.runtime.supervision import RestartPolicy


class StartFailed(Exception):
    """A process could not be brought up. The message says which, why, and what to do."""


class PortsTaken(StartFailed):
    """Somebody else holds ports that the processes need."""

    def __init__(self, taken: Sequence[TakenPort]) -> None:
        super().__init__("\n".join(str(port) for port in taken))
        self.taken = tuple(taken)


class Supervisor:
    """Starts stages in order and stops them in reverse. An async context manager."""

    def __init__(
        self,
        stages: Sequence[Sequence[ProcessSpec]],
        *,
        announce: Announce,
        policy: RestartPolicy | None = None,
        understudy: Sequence[str] = (),
    ) -> None:
        """`understudy` is the command of a spare for all processes that have a `cue`."""
        self._specs = [list(stage) for stage in stages]
        self._announce = announce
        self._policy = policy or RestartPolicy()
        self._client = probe_client()
        self._understudy = Understudy(understudy, preexec=die_with_parent) if understudy else None
        self._stages: list[list[SupervisedProcess]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        await self._client.aclose()

    @property
    def pids(self) -> dict[str, int | None]:
        """The present process of each name, None while it is down."""
        return {process.spec.name: process.pid for stage in self._stages for process in stage}

    async def start(self) -> None:
        """Bring everything up. Raises `StartFailed`; leaving the context stops what was started."""
        taken = taken_ports([port for stage in self._specs for spec in stage for port in spec.ports])
        if taken:
            raise PortsTaken(taken)
        for specs in self._specs:
            stage = [
                SupervisedProcess(
                    spec,
                    client=self._client,
                    policy=self._policy,
                    announce=self._announce,
                    understudy=self._understudy,
                )
                for spec in specs
            ]
            self._stages.append(stage)
            faults = await asyncio.gather(*(process.start() for process in stage))
            told = [f"{p.spec.name} {fault}" for p, fault in zip(stage, faults, strict=True) if fault]
            if told:
                raise StartFailed("; ".join(told) + ". Its own message is above. Mend: run `ivr doctor`")

    async def stop(self) -> None:
        """Stop in reverse order: workers finish their calls while the recogniser still serves them."""
        if self._understudy is not None:
            await self._understudy.end()
        for stage in reversed(self._stages):
            await asyncio.gather(*(process.stop() for process in stage))

    def kill(self) -> None:
        """End everything now. `stop` then returns soon."""
        for stage in self._stages:
            for process in stage:
                process.kill()
