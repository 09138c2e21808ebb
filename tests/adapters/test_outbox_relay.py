"""News reaches the bus in order and completely, whatever happens to the broker, the store or a worker."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from conftest import StartBroker, stop
from event_samples import AT, answered, ended, started
from sqlalchemy import text

from ivr.adapters.bus_mqtt import MqttBus, MqttSettings
from ivr.adapters.outbox_relay import OutboxRelay
from ivr.adapters.store_sqlalchemy import Database, SqlOutbox, SqlStore
from ivr.calls.ids import WorkerId

W1 = WorkerId("w-1")
RELAY_PROCESS = Path(__file__).with_name("relay_process.py")


class SetClock:
    def __init__(self) -> None:
        self.time = AT

    def now(self) -> datetime:
        return self.time


class Listener:
    """A consumer of all topics, which comes back when the broker does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.messages: list[tuple[str, dict[str, Any], bool]] = []
        self.connected = asyncio.Event()

    async def run(self) -> None:
        while True:
            with suppress(aiomqtt.MqttError):
                async with aiomqtt.Client("127.0.0.1", self._port) as client:
                    await client.subscribe("ivr/v1/#", qos=1)
                    self.connected.set()
                    async for message in client.messages:
                        assert isinstance(message.payload, bytes)
                        body = json.loads(message.payload)
                        self.messages.append((str(message.topic), body, bool(message.retain)))
            self.connected.clear()
            await asyncio.sleep(0.05)

    def events(self) -> list[tuple[int, str, str]]:
        """Event id, call and kind of each event, duplicates dropped as a consumer should."""
        seen = {body["event_id"]: body for topic, body, _ in self.messages if "/calls/" in topic}
        return [(event_id, body["call_id"], body["kind"]) for event_id, body in seen.items()]

    def states(self) -> list[str]:
        return [body["state"] for topic, body, _ in self.messages if topic.endswith("/state")]


async def until(condition: Callable[[], object], timeout_s: float = 15.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - other processes have no event to wait for
            await asyncio.sleep(0.02)


@asynccontextmanager
async def listening(port: int) -> AsyncIterator[Listener]:
    listener = Listener(port)
    task = asyncio.create_task(listener.run())
    try:
        async with asyncio.timeout(10):
            await listener.connected.wait()
        yield listener
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def relaying(relay: OutboxRelay) -> AsyncIterator[asyncio.Event]:
    stopping = asyncio.Event()
    task = asyncio.create_task(relay.run(stopping))
    try:
        yield stopping
    finally:
        stopping.set()
        async with asyncio.timeout(20):
            await task


def bus_to(port: int, client_id: str = "ivr-w-1") -> MqttBus:
    return MqttBus(MqttSettings(f"mqtt://127.0.0.1:{port}", client_id=client_id, timeout_s=2.0))


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database(sqlite_url)
    yield database
    await database.close()


async def all_published(database: Database, timeout_s: float = 15.0) -> None:
    async with asyncio.timeout(timeout_s):
        while await _unpublished(database):  # noqa: ASYNC110 - the database has no event to wait for
            await asyncio.sleep(0.05)


async def _unpublished(database: Database) -> int:
    query = text("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    count: int = (await database.read(lambda connection: connection.execute(query))).scalar_one()
    return count


async def test_news_appended_while_the_broker_is_away_comes_later_in_order(
    database: Database, start_broker: StartBroker, free_port: Callable[[], int]
) -> None:
    port = free_port()
    relay = OutboxRelay(SqlOutbox(database, W1), bus_to(port), SetClock(), W1)
    store = SqlStore(database, W1, appended=relay.wake)
    broker = start_broker(port)
    try:
        async with listening(port) as listener, relaying(relay):
            await store.append([started("call-1"), answered("call-1")])
            await until(lambda: len(listener.events()) == 2)
            stop(broker)
            await store.append([ended("call-1"), started("call-2")])
            await store.append([answered("call-2")])
            await until(lambda: not listener.connected.is_set())
            assert len(listener.events()) == 2
            broker = start_broker(port)
            async with asyncio.timeout(10):
                await listener.connected.wait()
            await store.append([ended("call-2")])
            await all_published(database)
        ids = [event_id for event_id, _, _ in listener.events()]
        assert ids == sorted(ids)
        # The broker forgets: what was published while this consumer was not there yet is only in the store.
        assert [(call, kind) for _, call, kind in listener.events()][-1] == ("call-2", "call_ended")
    finally:
        stop(broker)
    assert broker.returncode in (0, -signal.SIGTERM)


async def test_every_event_reaches_a_consumer_that_is_there_and_a_stop_is_told(
    database: Database, start_broker: StartBroker, free_port: Callable[[], int]
) -> None:
    port = free_port()
    broker = start_broker(port)
    relay = OutboxRelay(SqlOutbox(database, W1), bus_to(port), SetClock(), W1)
    store = SqlStore(database, W1, appended=relay.wake)
    try:
        async with listening(port) as listener:
            async with relaying(relay):
                for n in range(60):
                    await store.append([started(f"call-{n}"), answered(f"call-{n}"), ended(f"call-{n}")])
            # The relay is gone: nothing that it was confirmed may have died with its connection.
            await until(lambda: listener.states()[-1:] == ["offline"])
            assert len(listener.events()) == 180
            assert [event_id for event_id, _, _ in listener.events()] == list(range(1, 181))
            assert listener.states() == ["online", "offline"]
        assert await _unpublished(database) == 0
        async with listening(port) as late:
            await until(lambda: late.messages)
            # The embedded broker tells a newcomer twice.
            assert {(body["state"], retained) for _, body, retained in late.messages} == {("offline", True)}
    finally:
        stop(broker)


@pytest.mark.slow
async def test_a_killed_relay_leaves_its_will_and_its_successor_the_rest(
    database: Database, sqlite_url: str, start_broker: StartBroker, free_port: Callable[[], int]
) -> None:
    port = free_port()
    broker = start_broker(port)
    command = [sys.executable, "-W", "error", str(RELAY_PROCESS), sqlite_url, f"mqtt://127.0.0.1:{port}", W1]
    store = SqlStore(database, W1)
    relay: subprocess.Popen[bytes] | None = None

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command)

    try:
        async with listening(port) as listener:
            relay = start()
            for n in range(40):
                await store.append([started(f"call-{n}"), answered(f"call-{n}")])
            await until(listener.events)
            relay.kill()
            relay.wait()
            await until(lambda: listener.states()[-1:] == ["lost"])
            await store.append([ended("call-0")])
            relay = start()
            await until(lambda: len(listener.events()) == 81)
            stop(relay)
            assert relay.returncode == 0
            await until(lambda: listener.states()[-1:] == ["offline"])
        assert [event_id for event_id, _, _ in listener.events()] == list(range(1, 82))
        assert await _unpublished(database) == 0
    finally:
        if relay is not None:
            stop(relay)
        stop(broker)


class RecordingLink:
    """A broker in memory that confirms everything, or goes away after so many messages."""

    def __init__(self, bus: "RecordingBus") -> None:
        self._bus = bus
        self._left = bus.messages_per_link

    async def publish(self, topic: str, payload: Any, *, retain: bool = False) -> None:
        if self._left == 0:
            raise ConnectionError("gone")
        self._left -= 1
        self._bus.published.append((topic, payload))

    async def wait_lost(self) -> None:
        await asyncio.Event().wait()


class RecordingBus:
    def __init__(self, messages_per_link: int = 1_000_000) -> None:
        self.messages_per_link = messages_per_link
        self.published: list[tuple[str, Any]] = []

    @asynccontextmanager
    async def connect(self, will_topic: str, will_payload: Any) -> AsyncIterator[RecordingLink]:
        yield RecordingLink(self)

    def event_ids(self) -> list[int]:
        return [payload["event_id"] for topic, payload in self.published if "/calls/" in topic]


async def test_a_connection_that_breaks_in_the_middle_costs_no_event_and_no_order(database: Database) -> None:
    bus = RecordingBus(messages_per_link=5)
    relay = OutboxRelay(SqlOutbox(database, W1), bus, SetClock(), W1)
    await SqlStore(database, W1).append([started(f"call-{n}") for n in range(9)])
    async with relaying(relay):
        await until(lambda: len(bus.event_ids()) >= 9)
    assert bus.event_ids() == list(range(1, 10))


async def test_a_store_in_trouble_is_waited_for_and_nothing_is_published_twice(database: Database) -> None:
    class Troubled(SqlOutbox):
        failures = 3

        async def mark_published(self, event_ids: Sequence[int], now: datetime) -> None:
            if self.failures:
                self.failures -= 1
                relay.wake()
                raise ConnectionError("the database is away")
            await super().mark_published(event_ids, now)

    bus = RecordingBus()
    relay = OutboxRelay(Troubled(database, W1), bus, SetClock(), W1)
    await SqlStore(database, W1).append([started("call-1"), answered("call-1")])
    async with relaying(relay):
        await all_published(database)
    assert bus.event_ids() == [1, 2]


async def test_the_news_of_a_dead_worker_is_published_by_a_living_one(database: Database) -> None:
    clock, bus = SetClock(), RecordingBus()
    dead, busy = SqlStore(database, WorkerId("dead")), SqlStore(database, WorkerId("busy"))
    await dead.register(1, AT)
    await dead.append([started("call-1")])
    await busy.register(2, AT + timedelta(seconds=30))
    await busy.append([started("call-2")])
    clock.time = AT + timedelta(seconds=70)
    async with relaying(OutboxRelay(SqlOutbox(database, W1), bus, clock, W1)):
        await until(bus.event_ids)
    assert [payload["call_id"] for topic, payload in bus.published if "/calls/" in topic] == ["call-1"]


async def test_published_rows_are_deleted_after_their_retention_and_ids_never_come_again(
    store_url: str,
) -> None:
    database = Database(store_url)
    outbox, store = SqlOutbox(database, W1), SqlStore(database, W1)
    await store.append([started("call-1"), answered("call-1"), ended("call-1")])
    await outbox.mark_published([1, 2, 3], AT)
    assert await outbox.purge(AT, 10) == 0
    assert await outbox.purge(AT + timedelta(seconds=1), 2) == 2
    assert await outbox.purge(AT + timedelta(seconds=1), 2) == 1
    await store.append([started("call-2")])
    assert [row.event_id for row in await outbox.pending(10)] == [4]
    await database.close()


async def test_a_relay_whose_broker_is_away_stops_when_told(database: Database) -> None:
    relay = OutboxRelay(SqlOutbox(database, W1), bus_to(1), SetClock(), W1)
    async with relaying(relay) as stopping:
        await asyncio.sleep(0.2)
        stopping.set()


@pytest.mark.parametrize("url", ["", "localhost:1883", "http://host:1883", "mqtt://"])
def test_an_address_that_is_no_broker_is_refused_with_the_mend(url: str) -> None:
    with pytest.raises(ValueError, match="mqtt://HOST:PORT"):
        MqttSettings(url, client_id="x")
