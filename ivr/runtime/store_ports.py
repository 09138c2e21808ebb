"""What a call needs to look up and to keep: the loan book, and a place for its events."""

from collections.abc import Sequence
from typing import Protocol

from ivr.calls.events import CallEvent
from ivr.calls.identity import Check, Piece
from ivr.calls.ids import CustomerId
from ivr.calls.loans import Application, Customer, Loan, Payment


class LoanBook(Protocol):
    """The company's customers and loans."""

    async def find_customer(self, phone: str) -> Customer | None:
        """The customer with this telephone number, in any common way of writing it."""
        ...

    async def check_piece(self, customer_id: CustomerId, piece: Piece, value: str) -> Check:
        """Whether the customer knows this; nobody does who is not in the book.

        Wrong ones are counted for each customer over all calls, and lock the checks (`identity.is_locked`)
        from the one that is too many. Of a check only its time and the piece's name are kept.
        """
        ...

    async def loans(self, customer_id: CustomerId) -> tuple[Loan, ...]:
        """All loans of the customer, oldest first, the settled ones too."""
        ...

    async def payments(self, customer_id: CustomerId) -> tuple[Payment, ...]:
        """What the customer has sent, newest first; empty also in a book that lists no payments."""
        ...

    async def applications(self, customer_id: CustomerId) -> tuple[Application, ...]:
        """The customer's applications, newest first."""
        ...


class EventSink(Protocol):
    """Where the facts of a call go."""

    async def append(self, events: Sequence[CallEvent]) -> None:
        """Take the events, in order, all or none. Durable when it returns, where the sink is a store.

        Raises `EventRefused` when trying again would not help.
        """
        ...


class EventRefused(Exception):
    """The sink will never take one of these events."""
