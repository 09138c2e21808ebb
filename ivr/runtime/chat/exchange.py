"""What goes to and fro in a chat, and what it works with."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ivr.calls.events import CallEvent
from ivr.dialogue.state import Action, DialogueState, Listen, OpenTicket
from ivr.dialogue.taken import Taken
from ivr.runtime.chat.choices import Choice, ChoiceBook
from ivr.runtime.chat.wording import Message, Wording
from ivr.runtime.ports import Clock, GrammarBook, SilentSeat
from ivr.runtime.service_port import Services
from ivr.runtime.silent_seat import NobodySeat


@dataclass(frozen=True, slots=True)
class Ticket:
    """Work that was left for a person."""

    number: str
    kind: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the bot has to say, and what it waits for."""

    messages: tuple[Message, ...]
    choices: tuple[Choice, ...] = ()
    secret: bool = False
    """Whether the answer proves who somebody is: hide it while it is typed, and keep it nowhere."""
    ended: bool = False
    tickets: tuple[Ticket, ...] = ()
    taken: Taken | None = field(default=None, repr=False)
    """How the customer's message was taken."""


@dataclass(frozen=True, slots=True)
class OwedTicket:
    """A promise to ring back that waits for a number, and what was to follow it."""

    ticket: OpenTicket
    rest: tuple[Action, ...]
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """All that a chat needs to go on in another process."""

    state: DialogueState
    listen: Listen | None = None
    last: tuple[Message, ...] = ()
    owed: OwedTicket | None = None
    tickets: int = 0
    over: bool = False


@dataclass(frozen=True, slots=True)
class ChatDevices:
    """What a chat works with."""

    grammars: GrammarBook
    wording: Wording
    choices: ChoiceBook
    services: Services
    clock: Clock
    emit: Callable[[CallEvent], None]
    report: Callable[[str, Exception], None]
    silent_seat: SilentSeat = field(default_factory=NobodySeat)


class MessageTooLong(ValueError):
    """More than `MOST_CHARS` characters. Nothing was taken in; the question stands."""


class ChatOver(Exception):
    """Nothing more can be said in this chat."""


@dataclass(slots=True)
class Reply:
    """An exchange while it is put together."""

    messages: list[Message] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    taken: Taken | None = None
