"""Tickets: what a caller asks of people, the number they are told for it, and the day it is promised for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from ivr.calls.events import TicketOpened
from ivr.calls.ids import CallId, CustomerId
from ivr.calls.speech import SlotValue

CALLBACK = "callback"
"""For our own people: everything else is handed on to the core system where there is one."""

STRONG_KINDS = frozenset({"change_phone", "change_card"})
"""Whoever gets one of these wrong gives a customer's account away."""

_FIRST = 10_000
"""So that every number has at least six digits, and none of them looks like a key of a menu."""


class ProofMissing(Exception):
    """The caller has not proved enough for this kind of ticket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRequest:
    """What is to be done for a caller. The same `ticket_id` again is the same ticket."""

    ticket_id: str
    call_id: CallId
    kind: str
    reason: str
    customer_id: CustomerId | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    details: Mapping[str, SlotValue] = field(default_factory=dict, repr=False)
    """What was learned in the dialogue, by slot; never a secret."""
    working_days: int = 1
    care: bool = False
    """Whether the care team should see it first."""
    proof_level: str = "none"
    """What the caller has proved: none, light or strong."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """An opened ticket."""

    request: TicketRequest
    at: datetime
    number: str
    due_on: date | None
    """The day that was promised; None where only "as soon as we can" was."""

    @property
    def slots(self) -> dict[str, SlotValue]:
        """What a script can tell of it."""
        told: dict[str, SlotValue] = {"ticket_number": self.number}
        return told if self.due_on is None else told | {"ticket_due_on": self.due_on}

    def opened(self) -> TicketOpened:
        """The fact."""
        asked = self.request
        return TicketOpened(
            call_id=asked.call_id,
            at=self.at,
            ticket_id=asked.ticket_id,
            ticket_kind=asked.kind,
            reason=asked.reason,
            phone=asked.phone,
            customer_id=asked.customer_id,
            number=self.number,
            due_on=self.due_on,
            care=asked.care,
            details={name: str(value) for name, value in asked.details.items()},
        )


def ticket_number(serial: int) -> str:
    """The number that is told for the ticket with this serial number, counted from 1.

    Its last digit is a check digit (ISO/IEC 7064, MOD 11,10), so that a misheard one is noticed. Raises
    `ValueError` for a serial number below 1.
    """
    if serial < 1:
        raise ValueError("serial numbers of tickets are counted from 1")
    digits = str(_FIRST + serial)
    return f"{digits}{(11 - _carry(digits)) % 10}"


def is_ticket_number(text: str) -> bool:
    """Whether this can be the number of a ticket: its check digit is right."""
    if not (text.isascii() and text.isdigit()) or int(text[:-1] or 0) <= _FIRST:
        return False
    return (_carry(text[:-1]) + int(text[-1])) % 10 == 1


def _carry(digits: str) -> int:
    carry = 10
    for digit in digits:
        carry = ((carry + int(digit)) % 10 or 10) * 2 % 11
    return carry
