"""ChatDesk: all chats of a process. It loads a chat, has it take one message, and keeps it again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from ivr.calls.events import CallEvent
from ivr.calls.ids import CallId, LegId, WorkerId
from ivr.dialogue.ladder import LadderPolicy
from ivr.dialogue.script import Script
from ivr.runtime.call_plan import CallPlan
from ivr.runtime.chat.carried import carried
from ivr.runtime.chat.exchange import ChatDevices, ChatOver, Exchange
from ivr.runtime.chat.reading import for_record
from ivr.runtime.chat.record import (
    ChatRecord,
    ChatStore,
    Json,
    StaleChat,
    memory_from_json,
    memory_to_json,
)
from ivr.runtime.chat.session import ChatSession

_REPLIES_KEPT = 20
_STORE_PATIENCE_S = 5.0
_SWEPT_AT_ONCE = 100


class UnknownChat(LookupError):
    """There is no such chat, or it has been forgotten."""


@dataclass(frozen=True, slots=True)
class ChatLimits:
    """How long a chat may be, and how long it is kept."""

    idle: timedelta = timedelta(minutes=15)
    most_messages: int = 200
    kept: timedelta = timedelta(hours=24)
    """After its end."""


@dataclass(frozen=True, slots=True)
class ChatRules:
    """What all chats go by, and how they are named."""

    script: Script
    policy: LadderPolicy
    worker_id: WorkerId
    new_call_id: Callable[[], CallId]
    new_chat_id: Callable[[], str]
    limits: ChatLimits = ChatLimits()


@dataclass(frozen=True, slots=True)
class Told:
    """A reply, ready to be sent, and what the customer has proved so far."""

    chat_id: str
    body: Json = field(repr=False)
    proved: Mapping[str, Any] = field(default_factory=dict, repr=False)


class ChatDesk:
    """Opens chats, takes messages, ends what is idle. `settled` returns when the store has all events."""

    def __init__(
        self,
        rules: ChatRules,
        devices: ChatDevices,
        store: ChatStore,
        settled: Callable[[], Awaitable[None]],
    ) -> None:
        self._rules = rules
        self._devices = devices
        self._store = store
        self._settled = settled
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def open(
        self,
        locale: str,
        *,
        phone: str = "",
        channel: str = "web",
        request_id: str | None = None,
        proved: Mapping[str, Any] | None = None,
    ) -> Told:
        """Begin a chat. `phone` proposes the customer; `proved` is what an earlier chat `carried`.

        Raises `ValueError` when it is not.
        """
        now = self._devices.clock.now()
        record = ChatRecord(
            self._rules.new_chat_id(),
            self._rules.new_call_id(),
            request_id,
            now,
            now,
            phone=phone,
            channel=channel,
            locale=locale,
        )
        session, events = self._session(record)
        exchange = await session.begin(proved)
        record, told = self._after(record, session, exchange, message_id=request_id)
        kept = await self._store.open(record)
        if kept.chat_id != record.chat_id:
            return self._repeated(kept, request_id) or self._view(kept)
        await self._tell(events, exchange)
        return told

    async def write(self, chat_id: str, text: str, *, message_id: str | None = None) -> Told:
        """Take a message. Raises `UnknownChat`, `ChatOver`, `MessageTooLong`, `StaleChat`."""
        return await self._next(chat_id, message_id, lambda session: session.write(text), for_record(text))

    async def choose(self, chat_id: str, key: str, *, message_id: str | None = None) -> Told:
        """Take a choice. Raises as `write` does."""
        return await self._next(chat_id, message_id, lambda session: session.choose(key), None, key)

    async def view(self, chat_id: str) -> Json:
        """The chat so far, without secrets. Raises `UnknownChat`."""
        record = await self._find(chat_id)
        shown = {"messages": list(record.history), "locale": memory_from_json(record.memory).state.locale}
        return {**self._view(record).body, **shown}

    async def end(self, chat_id: str) -> None:
        """The customer closes the chat; one that has ended stays so. Raises `UnknownChat`, `StaleChat`."""
        async with self._lock(chat_id):
            record = await self._find(chat_id)
            if not record.ended:
                await self._close(record, ChatSession.leave)

    async def sweep(self) -> int:
        """End the chats in which nothing is written any more, forget old ones; how many were ended."""
        now, ended = self._devices.clock.now(), 0
        before = now - self._rules.limits.idle
        for chat_id in await self._store.idle(before, _SWEPT_AT_ONCE):
            async with self._lock(chat_id):
                record = await self._store.find(chat_id)
                if record is None or record.ended or record.last_at >= before:
                    continue
                with contextlib.suppress(StaleChat):
                    await self._close(record, ChatSession.idle)
                    ended += 1
        await self._store.forget(now - self._rules.limits.kept)
        return ended

    async def _next(
        self,
        chat_id: str,
        message_id: str | None,
        take: Callable[[ChatSession], Awaitable[Exchange]],
        text: str | None,
        key: str = "",
    ) -> Told:
        async with self._lock(chat_id):
            record = await self._find(chat_id)
            repeated = self._repeated(record, message_id)
            if repeated is not None:
                return repeated
            if record.ended:
                raise ChatOver
            session, events = self._session(record)
            shown = None if session.awaits_secret else text if text is not None else _label(record, key)
            exchange = await take(session)
            if record.written + 1 >= self._rules.limits.most_messages and not exchange.ended:
                last = await session.time_is_up("max_duration")
                exchange = replace(
                    last,
                    messages=(*exchange.messages, *last.messages),
                    tickets=(*exchange.tickets, *last.tickets),
                )
            line = self._line("customer", shown, session.memory.state.locale)
            record = replace(record, history=(*record.history, line), written=record.written + 1)
            record, told = self._after(record, session, exchange, message_id=message_id)
            await self._keep(record, events, exchange)
            return told

    async def _close(self, record: ChatRecord, end: Callable[[ChatSession], Exchange]) -> None:
        session, events = self._session(record)
        exchange = end(session)
        record, _ = self._after(record, session, exchange, message_id=None)
        await self._keep(record, events, exchange)

    def _session(self, record: ChatRecord) -> tuple[ChatSession, list[CallEvent]]:
        """The chat's session. Its events are held back until the chat is kept: what is refused never was."""
        events: list[CallEvent] = []
        plan = CallPlan(
            call_id=record.call_id,
            leg_id=LegId(f"{record.call_id}-a"),
            worker_id=self._rules.worker_id,
            script=self._rules.script,
            policy=self._rules.policy,
            locale=record.locale,
        )
        devices = replace(self._devices, emit=events.append)
        session = ChatSession(plan, devices, phone=record.phone, channel=record.channel)
        if record.memory:
            session.take_up(memory_from_json(record.memory), record.opened_at)
        return session, events

    def _after(
        self, record: ChatRecord, session: ChatSession, exchange: Exchange, *, message_id: str | None
    ) -> tuple[ChatRecord, Told]:
        body = reply_body(exchange)
        lines = [self._line("bot", each.text, each.locale) for each in exchange.messages]
        replies = list(record.replies)
        if message_id is not None:
            replies = [*replies, {"message_id": message_id, "body": body}][-_REPLIES_KEPT:]
        kept = replace(
            record,
            last_at=self._devices.clock.now(),
            ended=exchange.ended,
            version=record.version + (1 if record.memory else 0),
            memory=memory_to_json(session.memory),
            history=(*record.history, *lines),
            replies=replies,
            choices=body["choices"],
        )
        return kept, Told(record.chat_id, body, carried(session.memory.state, self._rules.script))

    async def _keep(self, record: ChatRecord, events: list[CallEvent], exchange: Exchange) -> None:
        await self._store.save(record)
        await self._tell(events, exchange)

    async def _tell(self, events: list[CallEvent], exchange: Exchange) -> None:
        for event in events:
            self._devices.emit(event)
        if exchange.tickets or exchange.ended:
            # What is promised is on disk before it is promised; a store that is away keeps nobody waiting.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_STORE_PATIENCE_S):
                    await self._settled()

    def _repeated(self, record: ChatRecord, message_id: str | None) -> Told | None:
        for reply in record.replies:
            if message_id is not None and reply["message_id"] == message_id:
                return Told(record.chat_id, dict(reply["body"]))
        return None

    def _view(self, record: ChatRecord) -> Told:
        listen = memory_from_json(record.memory).listen
        secret = listen is not None and listen.secret
        body = {"messages": [], "choices": list(record.choices), "secret": secret, "ended": record.ended}
        return Told(record.chat_id, body)

    async def _find(self, chat_id: str) -> ChatRecord:
        record = await self._store.find(chat_id)
        if record is None:
            raise UnknownChat
        return record

    def _line(self, who: str, text: str | None, locale: str) -> Json:
        return {"who": who, "text": text, "locale": locale, "at": _stamp(self._devices.clock.now())}

    @contextlib.asynccontextmanager
    async def _lock(self, chat_id: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(chat_id, asyncio.Lock())
        async with lock:
            yield


def reply_body(exchange: Exchange) -> Json:
    """An exchange in the types of JSON."""
    body: Json = {
        "messages": [{"text": each.text, "locale": each.locale} for each in exchange.messages],
        "choices": [
            {"choice": each.key, "label": each.label, "meaning": dict(each.meaning)}
            for each in exchange.choices
        ],
        "secret": exchange.secret,
        "ended": exchange.ended,
    }
    if exchange.tickets:
        last = exchange.tickets[-1]
        body["ticket"] = {"number": last.number, "kind": last.kind}
    return body


def _label(record: ChatRecord, key: str) -> str:
    return next((each["label"] for each in record.choices if each["choice"] == key), for_record(key))


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
