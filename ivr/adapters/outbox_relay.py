"""From the outbox to the bus: in order, until confirmed, however often the broker goes away."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from ivr.calls.events import SCHEMA_VERSION
from ivr.calls.ids import WorkerId
from ivr.calls.topics import worker_state_topic
from ivr.runtime.ports import Clock

log = structlog.get_logger(__name__)

T = TypeVar("T")

_BATCH = 100
_POLL_S = 1.0
_AFTER_LOSS_S = 0.2
_LONGEST_WAIT_S = 15.0
_HOUSEKEEPING_EVERY = timedelta(seconds=15)
_PURGE_BATCH = 500


class News(Protocol):
    """One unpublished row of the outbox."""

    @property
    def event_id(self) -> int:
        """Grows, never repeats: consumers drop what they have seen."""
        ...

    @property
    def topic(self) -> str:
        """Where it goes."""
        ...

    @property
    def payload(self) -> Mapping[str, Any]:
        """What is published, but for `event_id`, which the relay adds."""
        ...


class Outbox(Protocol):
    """What the relay needs of the store."""

    async def pending(self, limit: int) -> Sequence[News]:
        """This worker's oldest unpublished rows, oldest first."""
        ...

    async def mark_published(self, event_ids: Sequence[int], now: datetime) -> None:
        """The bus has confirmed these."""
        ...

    async def adopt(self, now: datetime) -> int:
        """Take over the rows of dead workers; returns how many."""
        ...

    async def purge(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` rows that were published earlier; returns how many."""
        ...


class Link(Protocol):
    """An open connection to the broker."""

    async def publish(self, topic: str, payload: Mapping[str, Any], *, retain: bool = False) -> None:
        """Return when the broker has confirmed. Raises `ConnectionError`."""
        ...

    async def wait_lost(self) -> None:
        """Return when the connection is gone."""
        ...


class Bus(Protocol):
    """The way to the broker."""

    def connect(self, will_topic: str, will_payload: Mapping[str, Any]) -> AbstractAsyncContextManager[Link]:
        """Connect for the length of the block, leaving a will. Raises `ConnectionError`."""
        ...


class OutboxRelay:
    """One per worker. Publishes at least once; the events of one call in their order."""

    def __init__(
        self,
        outbox: Outbox,
        bus: Bus,
        clock: Clock,
        worker_id: WorkerId,
        *,
        retention: timedelta = timedelta(days=7),
    ) -> None:
        """`retention` is how long published rows are kept before they are deleted."""
        self._outbox = outbox
        self._bus = bus
        self._clock = clock
        self._worker_id = worker_id
        self._retention = retention
        self._wake = asyncio.Event()
        self._confirmed: list[int] = []
        self._next_housekeeping = clock.now()

    def wake(self) -> None:
        """Tell that there is something new in the outbox. Only from the event loop's thread."""
        self._wake.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Publish until `stopping` is set; then send what is left, if the broker is there, and say goodbye.

        Once `stopping` is set it returns within about ten seconds, whatever the broker does.
        """
        while True:
            async with AsyncExitStack() as stack:
                link = await self._connect(stack, stopping)
                if link is None:
                    await self._settle()
                    return
                try:
                    await self._serve(link, stopping)
                    return
                except ConnectionError as error:
                    log.warning("bus_lost", error=str(error))
                    if stopping.is_set():
                        await self._settle()
                        return
            # A broker that takes connections and drops them must not be run against in a circle.
            await _pause(stopping, _AFTER_LOSS_S)

    async def _connect(self, stack: AsyncExitStack, stopping: asyncio.Event) -> Link | None:
        """A link that `stack` closes; None when stopped before there was one."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(ConnectionError),
            wait=wait_random_exponential(multiplier=0.2, max=_LONGEST_WAIT_S),
            stop=lambda _: stopping.is_set(),
            sleep=lambda seconds: _pause(stopping, seconds),
            before_sleep=_tell_absence,
            reraise=True,
        )
        try:
            async for attempt in retrying:
                with attempt:
                    link = await stack.enter_async_context(
                        self._bus.connect(worker_state_topic(self._worker_id), self._state("lost"))
                    )
        except ConnectionError:
            return None
        log.info("bus_connected")
        return link

    async def _serve(self, link: Link, stopping: asyncio.Event) -> None:
        topic = worker_state_topic(self._worker_id)
        await link.publish(topic, self._state("online"), retain=True)
        while True:
            # What was appended before the stop must be seen by a reading after it.
            last_round = stopping.is_set()
            self._wake.clear()
            published = await self._publish_batch(link)
            await self._keep_house()
            if published == _BATCH:
                continue
            if last_round:
                break
            await self._idle(link, stopping)
        await link.publish(topic, self._state("offline"), retain=True)

    async def _publish_batch(self, link: Link) -> int:
        """Publish the oldest rows; returns how many. Raises `ConnectionError` when the broker goes away."""
        if not await self._settle():
            return 0
        rows = await self._from_store(self._outbox.pending(_BATCH), ())
        for row in rows:
            await link.publish(row.topic, {**row.payload, "event_id": row.event_id})
            self._confirmed.append(row.event_id)
        await self._settle()
        return len(rows)

    async def _settle(self) -> bool:
        """Mark what was confirmed; until the store has taken that, nothing more may be read from it."""
        if self._confirmed:
            marking = self._outbox.mark_published(tuple(self._confirmed), self._clock.now())
            if not await self._from_store(_then_true(marking), False):
                return False
            self._confirmed.clear()
        return True

    async def _keep_house(self) -> None:
        now = self._clock.now()
        if now < self._next_housekeeping:
            return
        self._next_housekeeping = now + _HOUSEKEEPING_EVERY
        adopted = await self._from_store(self._outbox.adopt(now), 0)
        if adopted:
            log.info("outbox_adopted", rows=adopted)
            self._wake.set()
        await self._from_store(self._outbox.purge(now - self._retention, _PURGE_BATCH), 0)

    async def _from_store(self, answer: Awaitable[T], otherwise: T) -> T:
        """The store's answer, or `otherwise` when it is in trouble: that does not end the connection."""
        try:
            return await answer
        except Exception as error:
            log.warning("outbox_trouble", error=type(error).__name__)
            return otherwise

    async def _idle(self, link: Link, stopping: asyncio.Event) -> None:
        """Until there is something to do. Raises `ConnectionError` when the broker goes away meanwhile."""
        lost = asyncio.ensure_future(link.wait_lost())
        waits = {lost, asyncio.ensure_future(self._wake.wait()), asyncio.ensure_future(stopping.wait())}
        try:
            await asyncio.wait(waits, timeout=_POLL_S, return_when=asyncio.FIRST_COMPLETED)
            if lost.done():
                raise ConnectionError("the broker went away")
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def _state(self, state: str) -> dict[str, Any]:
        return {
            "schema": SCHEMA_VERSION,
            "kind": "worker_state",
            "worker_id": self._worker_id,
            "state": state,
            "at": self._clock.now().isoformat(),
        }


async def _then_true(work: Awaitable[None]) -> bool:
    await work
    return True


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()


def _tell_absence(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning("bus_away", attempt=state.attempt_number, error=str(error))
