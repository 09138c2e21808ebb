"""Events reach the store surely and in order, whatever the store does."""

import asyncio
from datetime import UTC, datetime

import pytest

from ivr.adapters.store_memory import MemoryEventSink
from ivr.calls.events import CallAnswered, CallEvent
from ivr.calls.ids import CallId, LegId
from ivr.runtime.fanout import EventFanout
from ivr.runtime.store_ports import EventRefused


def event(number: int) -> CallEvent:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    return CallAnswered(call_id=CallId(str(number)), at=at, leg_id=LegId("leg"), codec="PCMA/8000")


class Balky(MemoryEventSink):
    """Fails as often as told, and for ever on a poisoned event."""

    def __init__(self, failures: int = 0, poison: str = "") -> None:
        super().__init__()
        self.failures = failures
        self.poison = poison

    async def append(self, events) -> None:
        if any(e.call_id == self.poison for e in events):
            raise EventRefused("no such column")
        if self.failures:
            self.failures -= 1
            raise ConnectionError("store is away")
        await super().append(events)


async def run(store, others=(), count=250):
    errors: list[str] = []
    fanout = EventFanout(store, others, on_error=lambda what, error: errors.append(what))
    task = asyncio.create_task(fanout.run())
    for number in range(count):
        fanout.emit(event(number))
    await fanout.flush()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert fanout.pending == 0
    return errors


@pytest.mark.parametrize("failures", [0, 7])
async def test_a_store_that_comes_back_has_everything_in_order(failures):
    store, other = Balky(failures), MemoryEventSink()
    errors = await run(store, [other])
    assert [e.call_id for e in store.events] == [str(n) for n in range(250)]
    assert other.events == store.events
    assert len(errors) == failures


async def test_one_event_that_the_store_refuses_costs_no_other():
    store = Balky(poison="42")
    errors = await run(store, count=100)
    assert [e.call_id for e in store.events] == [str(n) for n in range(100) if n != 42]
    assert errors == ["event lost: the store refuses it"]


async def test_a_broken_listener_does_not_stop_the_store():
    store = MemoryEventSink()
    errors = await run(store, [Balky(failures=10**6)], count=3)
    assert len(store.events) == 3
    assert set(errors) == {"event sink failed"}
