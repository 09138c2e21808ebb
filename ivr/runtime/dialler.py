"""Rings the people whom campaigns are due to ring, for as long as the worker lives and has lines for it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from ivr.calls.attempts import AttemptResult
from ivr.calls.ids import AttemptId, CallId, WorkerId
from ivr.runtime.campaign_ports import CampaignStore, Claimed, TooSoon
from ivr.runtime.ports import Clock, NoFreeLine

LEASE = timedelta(seconds=60)
"""How long a dead worker's contacts wait for another: longer than a database may stall."""

RENEW_S = 15.0
"""How often a worker that lives says so."""

_LOOK_S = 1.0
_RECOVER_S = 20.0
_GOODBYE_S = 10.0


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """What came of an attempt."""

    result: AttemptResult
    sip_code: int | None = None
    callback_at: datetime | None = None
    call_id: CallId | None = None


OnAnswer = Callable[[], Awaitable[None]]
"""Takes note that the call was taken; called once at most, never raises."""

Ring = Callable[[OnAnswer], Awaitable[AttemptEnd]]
"""Dials, and holds the conversation to its end. Raises `NoFreeLine` before anything was sent."""


class Caller(Protocol):
    """Places the calls."""

    async def prepare(self, claimed: Claimed) -> Ring:
        """Have all that takes time ready, so that between the last decision and the INVITE no time passes.

        Raises what keeps the contact from being rung.
        """
        ...

    def time_is_up(self) -> None:
        """Say goodbye in all calls in hand."""
        ...


class Dialler:
    """Claims what is due, has the calls placed and writes down what came of them."""

    def __init__(
        self,
        store: CampaignStore,
        caller: Caller,
        *,
        worker_id: WorkerId,
        clock: Clock,
        free_lines: Callable[[], int],
        report: Callable[[str, Exception], None],
    ) -> None:
        """`free_lines` says how many lines may be used for ringing people at this moment."""
        self._store = store
        self._caller = caller
        self._worker_id = worker_id
        self._clock = clock
        self._free_lines = free_lines
        self._report = report
        self._in_hand: dict[AttemptId, asyncio.Task[None]] = {}
        self._without_line: set[AttemptId] = set()

    @property
    def calls(self) -> int:
        """Attempts in hand."""
        return len(self._in_hand)

    @property
    def without_line(self) -> int:
        """Those of them that are being prepared, and will want a line."""
        return len(self._without_line)

    async def run(self) -> None:
        """Ring people until cancelled; calls in hand go on, and `drain` waits for them."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._again("claiming contacts", self._ring_due, _LOOK_S), name="dialler")
            tasks.create_task(self._again("renewing leases", self._renew, RENEW_S), name="leases")
            tasks.create_task(self._again("recovering attempts", self._recover, _RECOVER_S), name="recovery")

    async def drain(self, limit_s: float) -> None:
        """Wait for the calls in hand; after `limit_s` say goodbye and end them.

        What is cut off even then is found lost by whoever recovers it.
        """
        if self._in_hand:
            await asyncio.wait(self._in_hand.values(), timeout=limit_s)
        if self._in_hand:
            self._caller.time_is_up()
            await asyncio.wait(self._in_hand.values(), timeout=_GOODBYE_S)
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
            self._without_line.add(attempt_id)
            task.add_done_callback(partial(self._ended, attempt_id))

    async def _ring(self, claimed: Claimed) -> None:
        attempt_id, end = claimed.attempt.attempt_id, AttemptEnd(AttemptResult.FAILED)
        ring = await self._prepared(claimed)
        try:
            # Decided once more, after all that took time: who has opted out meanwhile is not rung.
            if not await self._may_ring(attempt_id):
                return
            self._without_line.discard(attempt_id)
            if ring is not None:
                end = await ring(partial(self._answered, attempt_id))
        except NoFreeLine:
            pass
        except Exception as error:
            self._report("placing a call", error)
        await self._finish(attempt_id, end)

    async def _may_ring(self, attempt_id: AttemptId) -> bool:
        while True:
            now = self._clock.now()
            try:
                return await self._store.dialling(attempt_id, now)
            except TooSoon as early:
                await asyncio.sleep((early.until - now).total_seconds())

    async def _prepared(self, claimed: Claimed) -> Ring | None:
        """None for a contact that cannot be rung: a failed attempt, which its campaign's policy gives up."""
        try:
            return await self._caller.prepare(claimed)
        except Exception as error:
            self._report("preparing a call", error)
            return None

    async def _finish(self, attempt_id: AttemptId, end: AttemptEnd) -> None:
        try:
            await self._store.finish(
                attempt_id,
                end.result,
                sip_code=end.sip_code,
                now=self._clock.now(),
                callback_at=end.callback_at,
                call_id=end.call_id,
            )
        except Exception as error:
            # The lease runs out, and whoever recovers it finds the attempt dialled and never ended.
            self._report("finishing an attempt", error)

    def _ended(self, attempt_id: AttemptId, _: "asyncio.Task[None]") -> None:
        del self._in_hand[attempt_id]
        self._without_line.discard(attempt_id)

    async def _answered(self, attempt_id: AttemptId) -> None:
        try:
            await self._store.answered(attempt_id, self._clock.now())
        except Exception as error:
            # Nobody is hung up on because the store is away.
            self._report("noting an answer", error)

    async def _renew(self) -> None:
        for attempt_id in tuple(self._in_hand):
            await self._store.renew(attempt_id, self._clock.now(), LEASE)

    async def _recover(self) -> None:
        await self._store.recover(self._clock.now())
