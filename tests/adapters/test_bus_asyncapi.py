"""docs/asyncapi.yaml tells the truth about what is published."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from event_samples import AT, SECRET_MARK, sample
from jsonschema import Draft202012Validator, ValidationError

from ivr.adapters.outbox_relay import OutboxRelay
from ivr.calls.disposition import Disposition, HangupCause
from ivr.calls.events import CallEvent, event_classes, to_dict
from ivr.calls.ids import WorkerId
from ivr.calls.rung import Rung
from ivr.calls.topics import event_topic, worker_state_topic

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text("utf-8"))
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]


def _check(kind: str, payload: dict[str, Any]) -> None:
    message = DOCUMENT["components"]["messages"][kind]["payload"]
    Draft202012Validator({**DOCUMENT, **message}).validate(payload)


@pytest.mark.parametrize("event_class", event_classes(), ids=lambda c: c.kind)
def test_each_event_is_published_as_documented_without_private_fields(event_class: type[CallEvent]) -> None:
    for full in (True, False):
        payload = to_dict(sample(event_class, full=full), public=True) | {"event_id": 1}
        _check(event_class.kind, payload)
        assert payload.keys() == SCHEMAS[event_class.kind]["properties"].keys()
        assert set(SCHEMAS[event_class.kind]["required"]) == payload.keys()
        assert SECRET_MARK not in str(payload)
        for key in payload:
            with pytest.raises(ValidationError):
                _check(event_class.kind, {k: v for k, v in payload.items() if k != key})


def test_every_kind_has_a_channel_message_and_nothing_else_is_documented() -> None:
    kinds = {c.kind for c in event_classes()}
    calls = DOCUMENT["channels"]["calls"]
    assert set(calls["messages"]) == set(calls["parameters"]["kind"]["enum"]) == kinds
    assert set(DOCUMENT["components"]["messages"]) == kinds | {"worker_state"}


@pytest.mark.parametrize(
    ("schema", "words"), [("rung", Rung), ("disposition", Disposition), ("cause", HangupCause)]
)
def test_the_words_of_the_document_are_those_of_the_program(schema: str, words: Any) -> None:
    assert SCHEMAS[schema]["enum"] == [word.value for word in words]


def test_topics_are_those_of_the_channels() -> None:
    event = sample(event_classes()[0], "0193-a/b+#")
    assert event_topic(event) == "ivr/v1/calls/0193-a%2Fb%2B%23/" + event.kind
    assert DOCUMENT["channels"]["calls"]["address"] == "ivr/v1/calls/{call_id}/{kind}"
    state = DOCUMENT["channels"]["worker_state"]["address"].format(worker_id="host:5060")
    assert worker_state_topic(WorkerId("host:5060")) == state


class EmptyOutbox:
    async def pending(self, limit: int) -> Sequence[Any]:
        return ()

    async def mark_published(self, event_ids: Sequence[int], now: datetime) -> None:
        raise AssertionError("nothing was published")

    async def adopt(self, now: datetime) -> int:
        return 0

    async def purge(self, before: datetime, limit: int) -> int:
        return 0


class OpenBus:
    """Takes everything, and is its own link."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []

    @asynccontextmanager
    async def connect(self, will_topic: str, will_payload: dict[str, Any]) -> AsyncIterator["OpenBus"]:
        self.told.append((will_topic, will_payload))
        yield self

    async def publish(self, topic: str, payload: dict[str, Any], *, retain: bool = False) -> None:
        assert retain
        self.told.append((topic, payload))

    async def wait_lost(self) -> None:
        await asyncio.Event().wait()


class StoppedClock:
    def now(self) -> datetime:
        return AT


async def test_a_worker_tells_its_state_and_leaves_its_will_as_documented() -> None:
    bus, stopping = OpenBus(), asyncio.Event()
    stopping.set()
    await OutboxRelay(EmptyOutbox(), bus, StoppedClock(), WorkerId("host:5060")).run(stopping)
    assert [payload["state"] for _, payload in bus.told] == ["lost", "online", "offline"]
    for topic, payload in bus.told:
        assert topic == "ivr/v1/workers/host:5060/state"
        _check("worker_state", payload)
