"""Chats and recent dialogues in memory: the same promises as the store's, for tests and trials."""

from collections.abc import Sequence
from datetime import datetime

from ivr.calls.events import (
    CallerIdentified,
    CallEvent,
    CallStarted,
    TicketOpened,
    TurnTaken,
    WishSettled,
)
from ivr.calls.handover import PastDialogue
from ivr.calls.ids import CallId, CustomerId
from ivr.runtime.chat.record import ChatRecord, StaleChat


class MemoryChatStore:
    """Keeps chats as long as the process lives."""

    def __init__(self) -> None:
        self._chats: dict[str, ChatRecord] = {}

    async def open(self, record: ChatRecord) -> ChatRecord:
        """Keep a new chat, or return the one of the same request."""
        asked = record.request_id
        known = [each for each in self._chats.values() if asked is not None and each.request_id == asked]
        if known:
            return known[0]
        self._chats[record.chat_id] = record
        return record

    async def find(self, chat_id: str) -> ChatRecord | None:
        """The chat, or None."""
        return self._chats.get(chat_id)

    async def save(self, record: ChatRecord) -> None:
        """Put it in place of the version before. Raises `StaleChat`."""
        kept = self._chats.get(record.chat_id)
        if kept is None or kept.version != record.version - 1:
            raise StaleChat
        self._chats[record.chat_id] = record

    async def idle(self, before: datetime, limit: int) -> Sequence[str]:
        """Open chats in which nothing happened since, longest idle first."""
        found = [each for each in self._chats.values() if not each.ended and each.last_at < before]
        return [each.chat_id for each in sorted(found, key=lambda each: each.last_at)[:limit]]

    async def forget(self, before: datetime) -> int:
        """Drop the chats that ended earlier."""
        old = [each.chat_id for each in self._chats.values() if each.ended and each.last_at < before]
        for chat_id in old:
            del self._chats[chat_id]
        return len(old)


class MemoryRecentDialogues:
    """Reads past dialogues off the events that it is given."""

    def __init__(self) -> None:
        self._events: dict[CallId, list[CallEvent]] = {}

    async def append(self, events: Sequence[CallEvent]) -> None:
        """Take the events."""
        for event in events:
            self._events.setdefault(event.call_id, []).append(event)

    async def of_customer(self, customer_id: CustomerId, since: datetime) -> Sequence[PastDialogue]:
        """The customer's dialogues in which something happened since."""
        found = [
            _told(call_id, events)
            for call_id, events in self._events.items()
            if _customer(events) == customer_id
        ]
        return [dialogue for dialogue in found if dialogue.last_at >= since]


def _customer(events: Sequence[CallEvent]) -> CustomerId | None:
    named = [event.customer_id for event in events if isinstance(event, CallerIdentified)]
    return named[-1] if named else None


def _told(call_id: CallId, events: Sequence[CallEvent]) -> PastDialogue:
    started = [event.direction for event in events if isinstance(event, CallStarted)]
    turns = [event for event in events if isinstance(event, TurnTaken)]
    return PastDialogue(
        call_id,
        "chat" if started == ["chat"] else "voice",
        max(event.at for event in events),
        tuple(turn.intent for turn in turns if turn.result == "match" and turn.intent),
        frozenset(event.wish for event in events if isinstance(event, WishSettled)),
        tuple(event.ticket_kind for event in events if isinstance(event, TicketOpened)),
    )
