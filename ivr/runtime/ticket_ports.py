"""What tickets need of the outside world: a desk that opens them, one that takes them over, a calendar."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from ivr.calls.tickets import Ticket, TicketRequest
from ivr.calls.working_days import WorkCalendar


class TicketDesk(Protocol):
    """Where tickets are opened."""

    async def open(self, request: TicketRequest, at: datetime, due_on: date) -> str:
        """Keep the request and return the number to be told for it; durable when it returns.

        The same `ticket_id` again gives the same number.
        """
        ...


class RequestDesk(Protocol):
    """A system of the company that takes over what callers asked for."""

    async def file_request(self, ticket: Ticket) -> str:
        """Hand the request over; returns that system's own reference. Doing it again changes nothing.

        Raises `NotFiled`.
        """
        ...


class NotFiled(Exception):
    """The request was not taken over, or nobody knows. The message holds no data of a customer."""


class ForwardingQueue(Protocol):
    """Open tickets that are to be handed over."""

    async def claim(self, now: datetime, limit: int) -> Sequence[Ticket]:
        """The oldest that are due for a try, and nobody else's for the next minute."""
        ...

    async def forwarded(self, ticket_id: str, reference: str, now: datetime) -> None:
        """It was taken over."""
        ...

    async def postpone(self, ticket_id: str, fault: str, now: datetime) -> None:
        """It was not. The next try is later each time, from a minute up to an hour."""
        ...


class WorkCalendars(Protocol):
    """Which days are worked, in the company's country."""

    def around(self, day: date) -> WorkCalendar:
        """What is known of this day's year and the next."""
        ...
