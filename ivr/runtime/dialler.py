"""Rings the people whom campaigns are due to ring, for as long as the worker lives and has lines for it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from ivr.calls.attempts import AttemptResult
from ivr.calls.ids import AttemptId, CallId, WorkerId
from ivr.runtime.campaign_ports import CampaignStore, Claimed
from ivr.runtime.ports import Clock, NoFreeLine

LEASE = timedelta(seconds=60)
"""How long a dead worker's contacts wait for another: longer than a database may stall."""

_RENEW_S = 15.0
_LOOK_S = 1.0
_RECOVER_S = 20.0


@dataclass(frozen=True, slots=True)
class Came:
    """What came of an attempt."""

    result: AttemptResult
    sip_code: int | None = None
    callback_at: datetime | None = None
    call_id: CallId | None = None


OnAnswer = Callable[[], Awaitable[None]]
"""Takes note that a person has answered; called once at most."""


class PlaceCall(Protocol):
    """Dials one contact, holds the conversation to its end and tells what came of it."""

    async def __call__(self, claimed: Claimed, answered: OnAnswer) -> Came:
        """`answered` is told when a person takes the call. Raises `NoFreeLine` before anything was sent."""
        ...


class Dialler:
    """Claims what is due, places the calls and writes down what came of them."""

    def __init__(
        self,
        store: CampaignStore,
        place: PlaceCall,
        *,
        worker_id: WorkerId,
        clock: Clock,
        free_lines: Callable[[], int],
        report: Callable[[str, Exception], None],
    ) -> None:
        """`free_lines` says how many lines may be used for ringing people at this moment."""
        self._store = store
        self._place = place
        self._worker_id = worker_id
        self._clock = clock
        self._free_lines = free_lines
        self._report = report
        self._in_hand: dict[AttemptId, asyncio.Task[None]] = {}

    @property
    def calls(self) -> int:
        """Attempts in hand."""
        return len(self._in_hand)

    async def run(self) -> None:
        """Ring people until cancelled; calls in hand go on, and `drain` waits for them."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._again("claiming contacts", self._ring_due, _LOOK_S), name="dialler")
            tasks.create_task(self._again("renewing leases", self._renew, _RENEW_S), name="leases")
            tasks.create_task(self._again("recovering attempts", self._recover, _RECOVER_S), name="recovery")

    async def drain(self, limit_s: float) -> None:
        """Wait for the calls in hand; longer ones are cut off, and whoever recovers them finds them lost."""
        if self._in_hand:
            await asyncio.wait(self._in_hand.values(), timeout=limit_s)
        for task in tuple(self._in_hand.values()):
            task.cancel()
        await asyncio.gather(*self._in_hand.values(), return_exceptions=True)

    async def _again(self, what: str, work: Callable[[], Awaitable[None]], every_s: float) -> None:
        while True:
            try:
                await work()
            except Exception as error:
                self._report(what, error)
            await asyncio.sleep(every_s)

    async def _ring_due(self) -> None:
        free = self._free_lines()
        if free <= 0:
            return
        for claimed in await self._store.claim(
            self._worker_id, limit=free, now=self._clock.now(), lease=LEASE
        ):
            attempt_id = claimed.attempt.attempt_id
            task = asyncio.create_task(self._ring(claimed), name=f"attempt {attempt_id}")
            self._in_hand[attempt_id] = task
            task.add_done_callback(partial(self._ended, attempt_id))

    async def _ring(self, claimed: Claimed) -> None:
        attempt_id = claimed.attempt.attempt_id
        try:
            if not await self._store.dialling(attempt_id, self._clock.now()):
                return
            came = await self._place(claimed, partial(self._answered, attempt_id))
        except NoFreeLine:
            came = Came(AttemptResult.FAILED)
        except Exception as error:
            self._report("placing a call", error)
            came = Came(AttemptResult.FAILED)
        try:
            await self._store.finish(
                attempt_id,
                came.result,
                sip_code=came.sip_code,
                now=self._clock.now(),
                callback_at=came.callback_at,
                call_id=came.call_id,
            )
        except Exception as error:
            # The lease runs out, and whoever recovers it finds the attempt dialled and never ended.
            self._report("finishing an attempt", error)

    def _ended(self, attempt_id: AttemptId, _: "asyncio.Task[None]") -> None:
        del self._in_hand[attempt_id]

    async def _answered(self, attempt_id: AttemptId) -> None:
        await self._store.answered(attempt_id, self._clock.now())

    async def _renew(self) -> None:
        for attempt_id in tuple(self._in_hand):
            await self._store.renew(attempt_id, self._clock.now(), LEASE)

    async def _recover(self) -> None:
        await self._store.recover(self._clock.now())
