"""What is kept of a chat between two messages, and the port of its store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from ivr.calls.ids import CallId
from ivr.runtime.chat.exchange import Memory, OwedTicket
from ivr.runtime.chat.state_json import from_json, to_json
from ivr.runtime.chat.wording import Message

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChatRecord:
    """One chat as it stands after its last exchange. Times are aware, in UTC."""

    chat_id: str
    """Whoever knows it can read the chat and go on with it, so it cannot be guessed."""
    call_id: CallId
    """Its name in the record of calls."""
    request_id: str | None
    """The opener's own name for the request, so that a repeated one opens no second chat."""
    opened_at: datetime
    last_at: datetime
    ended: bool = False
    version: int = 1
    """Grows by one with each exchange."""
    phone: str = field(default="", repr=False)
    channel: str = "web"
    locale: str = ""
    memory: Json = field(default_factory=dict, repr=False)
    history: Sequence[Json] = field(default=(), repr=False)
    """`who` (bot or customer), `text` (None for a secret), `locale`, `at`."""
    replies: Sequence[Json] = field(default=(), repr=False)
    """The latest replies by `message_id`, for messages that are sent again."""
    choices: Sequence[Json] = field(default=(), repr=False)
    written: int = 0
    """How many messages the customer has written."""


class StaleChat(Exception):
    """Another process has gone on with the chat meanwhile."""


class ChatStore(Protocol):
    """Keeps chats. Durable on return, where it is a store."""

    async def open(self, record: ChatRecord) -> ChatRecord:
        """Keep a new chat. Returns the one that exists where its `request_id` is known already."""
        ...

    async def find(self, chat_id: str) -> ChatRecord | None:
        """The chat, or None."""
        ...

    async def save(self, record: ChatRecord) -> None:
        """Put it in place of the version before. Raises `StaleChat` when that is not the one kept."""
        ...

    async def idle(self, before: datetime, limit: int) -> Sequence[str]:
        """Ids of open chats in which nothing happened since, longest idle first."""
        ...

    async def forget(self, before: datetime) -> int:
        """Drop the chats that ended earlier: their record of calls stays. Returns how many there were."""
        ...


def memory_to_json(memory: Memory) -> Json:
    """A chat's memory without secrets."""
    owed = memory.owed
    return {
        "state": to_json(memory.state),
        "listen": to_json(memory.listen),
        "last": [[each.text, each.locale] for each in memory.last],
        "owed": [to_json(owed.ticket), to_json(owed.rest), owed.failures] if owed else None,
        "tickets": memory.tickets,
        "over": memory.over,
    }


def memory_from_json(kept: Mapping[str, Any]) -> Memory:
    """What `memory_to_json` wrote. Raises `ValueError` for what cannot be read."""
    owed = kept["owed"]
    return Memory(
        state=from_json(kept["state"]),
        listen=from_json(kept["listen"]),
        last=tuple(Message(text, locale) for text, locale in kept["last"]),
        owed=OwedTicket(from_json(owed[0]), from_json(owed[1]), owed[2]) if owed else None,
        tickets=kept["tickets"],
        over=kept["over"],
    )
