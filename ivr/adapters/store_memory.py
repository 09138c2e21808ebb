"""A store that forgets: the same promises as the real one, in memory, for tests and trials."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from ivr.adapters.phone_numbers import to_e164
from ivr.adapters.system_clock import SystemClock
from ivr.calls.events import CallEvent
from ivr.calls.identity import Check, Piece, check_known, is_locked, known_pieces
from ivr.calls.ids import CustomerId
from ivr.calls.loans import Application, Customer, CustomerFile, Loan, Payment
from ivr.calls.tickets import Ticket, TicketRequest, ticket_number
from ivr.runtime.ports import Clock


class MemoryEventSink:
    """Keeps the events in the order they came."""

    def __init__(self) -> None:
        self.events: list[CallEvent] = []

    async def append(self, events: Sequence[CallEvent]) -> None:
        """Take the events."""
        self.events.extend(events)


class MemoryTicketDesk:
    """Keeps the tickets in the order they were opened."""

    def __init__(self) -> None:
        self.tickets: dict[str, Ticket] = {}

    async def open(self, request: TicketRequest, at: datetime, due_on: date) -> str:
        """Keep the request; returns its number."""
        known = self.tickets.get(request.ticket_id)
        number = known.number if known else ticket_number(len(self.tickets) + 1)
        self.tickets[request.ticket_id] = Ticket(request, at, number, due_on)
        return number


class MemoryLoanBook:
    """A loan book made of the files it was given."""

    def __init__(
        self,
        files: Sequence[CustomerFile] = (),
        *,
        default_region: str = "CN",
        clock: Clock = SystemClock(),
    ) -> None:
        self._default_region = default_region
        self._clock = clock
        self._files: dict[CustomerId, CustomerFile] = {file.customer.customer_id: file for file in files}
        self._wrong_at: dict[CustomerId, list[datetime]] = defaultdict(list)

    async def save(self, files: Sequence[CustomerFile]) -> None:
        """Put these in place of what was known of the same customers."""
        self._files.update({file.customer.customer_id: file for file in files})

    async def find_customer(self, phone: str) -> Customer | None:
        """The customer with this number, in any common way of writing it."""
        number = to_e164(phone, self._default_region)
        return next((f.customer for f in self._files.values() if f.customer.phone == number), None)

    async def check_piece(self, customer_id: CustomerId, piece: Piece, value: str) -> Check:
        """Whether the customer knows this; wrong ones are counted, and lock the checks."""
        file, now = self._files.get(customer_id), self._clock.now()
        if file is None:
            return Check.WRONG
        wrong_at = self._wrong_at[customer_id]
        if is_locked(wrong_at, now):
            return Check.LOCKED
        known = known_pieces(file.id_number, file.birth_date, file.loans, file.payments)
        result = check_known(known, piece, value)
        if result is Check.WRONG:
            wrong_at.append(now)
            return Check.LOCKED if is_locked(wrong_at, now) else Check.WRONG
        return result

    async def loans(self, customer_id: CustomerId) -> tuple[Loan, ...]:
        """All loans of the customer, oldest first, the settled ones too."""
        file = self._files.get(customer_id)
        return tuple(sorted(file.loans, key=lambda loan: (loan.signed_on, loan.loan_id))) if file else ()

    async def payments(self, customer_id: CustomerId) -> tuple[Payment, ...]:
        """What the customer has sent, newest first."""
        file = self._files.get(customer_id)
        by_id = sorted(file.payments, key=lambda payment: payment.payment_id) if file else []
        return tuple(sorted(by_id, key=lambda payment: payment.received_on, reverse=True))

    async def applications(self, customer_id: CustomerId) -> tuple[Application, ...]:
        """The customer's applications, newest first."""
        file = self._files.get(customer_id)
        by_id = sorted(file.applications, key=lambda one: one.application_id) if file else []
        return tuple(sorted(by_id, key=lambda one: one.submitted_on, reverse=True))
