"""What a customer left unfinished in another channel: the rule that offers to go on with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.calls.ids import CallId


@dataclass(frozen=True, slots=True)
class PastDialogue:
    """A dialogue of one customer, as the record tells of it. Names only, nothing that was said."""

    call_id: CallId
    channel: str
    """`voice` or `chat`."""
    last_at: datetime
    """When something last happened in it."""
    wishes: tuple[str, ...] = ()
    """What was asked for, in order."""
    settled: frozenset[str] = frozenset()
    tickets: tuple[str, ...] = ()
    """Kinds of the tickets that were opened."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The wish to go on with, and the dialogue it comes from."""

    wish: str
    service: str
    """What settles it."""
    call_id: CallId
    channel: str


def unfinished(
    dialogues: Iterable[PastDialogue],
    *,
    channel: str,
    now: datetime,
    within: timedelta,
    services: Mapping[str, str],
) -> Unfinished | None:
    """The last wish of the latest dialogue in another channel, where it was neither settled nor ticketed.

    `services` names what settles each wish; what none settles, such as a greeting, is nothing to go on with.
    A later dialogue in which the customer got what they wanted leaves nothing over from earlier ones.
    """
    others = [
        each for each in dialogues if each.channel != channel and timedelta() <= now - each.last_at <= within
    ]
    for dialogue in sorted(others, key=lambda each: each.last_at, reverse=True):
        asked = [wish for wish in dialogue.wishes if wish in services]
        if not asked:
            continue
        wish, service = asked[-1], services[asked[-1]]
        done = bool(dialogue.settled & {wish, service}) or bool(dialogue.tickets)
        return None if done else Unfinished(wish, service, dialogue.call_id, dialogue.channel)
    return None
