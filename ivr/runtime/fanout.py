"""Every event of every call, in order, to the store first and then to whoever counts."""

import asyncio
from collections.abc import Callable, Sequence

from ivr.calls.events import CallEvent
from ivr.runtime.store_ports import EventRefused, EventSink

_MOST_AT_ONCE = 100


class EventFanout:
    """Takes events without blocking the call and hands them on in batches.

    The first sink is the store: an event reaches the others only when the store has it, so that nobody
    hears of what could be lost. A store that fails is tried again, for ever, with growing pauses: the
    events wait in memory, and `pending` shows how many. An event that the store refuses for good is
    reported and left out.
    """

    def __init__(
        self,
        store: EventSink,
        others: Sequence[EventSink] = (),
        *,
        on_error: Callable[[str, Exception], None],
    ) -> None:
        self._store = store
        self._others = others
        self._on_error = on_error
        self._waiting: asyncio.Queue[CallEvent] = asyncio.Queue()
        self._open = 0

    @property
    def pending(self) -> int:
        """Events that the store does not have yet."""
        return self._open

    def emit(self, event: CallEvent) -> None:
        """Hand over one event."""
        self._open += 1
        self._waiting.put_nowait(event)

    async def flush(self) -> None:
        """Wait until everything emitted so far has been handed on."""
        await self._waiting.join()

    async def run(self) -> None:
        """Hand on until cancelled."""
        while True:
            batch = [await self._waiting.get()]
            while not self._waiting.empty() and len(batch) < _MOST_AT_ONCE:
                batch.append(self._waiting.get_nowait())
            await self._store_surely(batch)
            self._open -= len(batch)
            for sink in self._others:
                try:
                    await sink.append(batch)
                except Exception as error:
                    self._on_error("event sink failed", error)
            for _ in batch:
                self._waiting.task_done()

    async def _store_surely(self, batch: Sequence[CallEvent]) -> None:
        pause_s = 0.1
        while True:
            try:
                return await self._store.append(batch)
            except EventRefused as error:
                return await self._store_apart(batch, error)
            except Exception as error:
                self._on_error("store did not take events", error)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, 5.0)

    async def _store_apart(self, batch: Sequence[CallEvent], error: EventRefused) -> None:
        """One event that no store will ever take must not hold up all that come after it."""
        if len(batch) == 1:
            self._on_error("event lost: the store refuses it", error)
            return
        for event in batch:
            await self._store_surely([event])
