"""The `LoanBook` port on the company's core system."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import quote
from uuid import uuid4

from cachetools import TTLCache

from ivr.adapters.loan_book_http.answers import (
    Answer,
    ApplicationsAnswer,
    FiledAnswer,
    FoundAnswer,
    IdentityAnswer,
    LoansAnswer,
    PaymentsAnswer,
    StatusAnswer,
)
from ivr.adapters.loan_book_http.core_system import REQUESTS, CoreSystem
from ivr.adapters.loan_book_http.faults import CoreSystemFault
from ivr.adapters.loan_book_http.metrics import LoanBookMetrics
from ivr.adapters.phone_numbers import to_e164
from ivr.calls.identity import Check, Piece
from ivr.calls.ids import CustomerId
from ivr.calls.loans import Application, Customer, Loan, Payment
from ivr.calls.tickets import Ticket
from ivr.runtime.ticket_ports import NotFiled

T = TypeVar("T")
A = TypeVar("A", bound=Answer)

_MOST_CACHED = 256
"""Of each kind of read: far more than one worker's lines can ask for within seconds."""


class HttpLoanBook:
    """Customers and loans as the core system has them, each read kept for a few seconds.

    Every operation raises `CoreSystemFault` unless it says otherwise. Secrets are compared on the core
    system's side: neither the ID number nor any part of it but what the caller has said comes this way, and
    results are never kept.
    """

    def __init__(
        self, core: CoreSystem, metrics: LoanBookMetrics, *, cache_s: float, default_region: str = "CN"
    ) -> None:
        """`default_region` (ISO 3166) is where numbers without a country code belong."""
        self._core = core
        self._metrics = metrics
        self._default_region = default_region
        # What is kept is wrapped in a tuple of one: that nobody has a number is an answer, too.
        self._customers: TTLCache[str, tuple[Customer | None]] = TTLCache(_MOST_CACHED, cache_s)
        self._loans: TTLCache[str, tuple[tuple[Loan, ...]]] = TTLCache(_MOST_CACHED, cache_s)
        self._payments: TTLCache[str, tuple[tuple[Payment, ...]]] = TTLCache(_MOST_CACHED, cache_s)
        self._applications: TTLCache[str, tuple[tuple[Application, ...]]] = TTLCache(_MOST_CACHED, cache_s)

    async def contract_version(self) -> str:
        """Which version of the contract the core system speaks, such as 1.0.0. Never cached."""
        return (await self._core.ask("getStatus", "GET", "v1/status", StatusAnswer)).contract_version

    async def find_customer(self, phone: str) -> Customer | None:
        """The customer with this number, in any common way of writing it."""
        number = to_e164(phone, self._default_region)
        if number is None:
            return None

        async def ask() -> Customer | None:
            path, body = "v1/customers/find", {"phone": number}
            return (await self._core.ask("findCustomer", "POST", path, FoundAnswer, body=body)).read()

        return await self._cached("findCustomer", self._customers, number, ask)

    async def check_piece(self, customer_id: CustomerId, piece: Piece, value: str) -> Check:
        """Whether the customer knows this, as the core system says, which counts and locks."""
        if not value:
            return Check.WRONG
        answer = await self._core.ask(
            "checkIdentity",
            "POST",
            f"{_path(customer_id)}/identity-checks",
            IdentityAnswer,
            body={"piece": piece.value, "value": value},
            # The core system counts checks; one whose answer was lost must not cost the caller two tries.
            idempotency_key=str(uuid4()),
        )
        return answer.result

    async def loans(self, customer_id: CustomerId) -> tuple[Loan, ...]:
        """All loans of the customer, oldest first, the settled ones too."""

        async def ask() -> tuple[Loan, ...]:
            return (await self._listed("listLoans", customer_id, "loans", LoansAnswer)).read()

        return await self._cached("listLoans", self._loans, customer_id, ask)

    async def payments(self, customer_id: CustomerId) -> tuple[Payment, ...]:
        """What the customer has sent, newest first."""

        async def ask() -> tuple[Payment, ...]:
            return (await self._listed("listPayments", customer_id, "payments", PaymentsAnswer)).read()

        return await self._cached("listPayments", self._payments, customer_id, ask)

    async def applications(self, customer_id: CustomerId) -> tuple[Application, ...]:
        """The customer's applications, newest first."""

        async def ask() -> tuple[Application, ...]:
            answer = await self._listed("listApplications", customer_id, "applications", ApplicationsAnswer)
            return answer.read()

        return await self._cached("listApplications", self._applications, customer_id, ask)

    async def file_request(self, ticket: Ticket) -> str:
        """Hand a ticket's request over; returns the core system's reference. Raises `NotFiled`."""
        asked = ticket.request
        body = {
            "ticket_id": asked.ticket_id,
            "number": ticket.number,
            "kind": asked.kind,
            "reason": asked.reason,
            "customer_id": asked.customer_id,
            "phone": asked.phone,
            "details": {name: str(value) for name, value in asked.details.items()},
            "opened_at": ticket.at.isoformat(),
            "due_on": ticket.due_on.isoformat() if ticket.due_on else None,
            "care": asked.care,
        }
        try:
            answer = await self._core.ask(
                "fileRequest",
                "POST",
                "v1/requests",
                FiledAnswer,
                body=body,
                idempotency_key=asked.ticket_id,
                circuit=REQUESTS,
            )
        except CoreSystemFault as fault:
            raise NotFiled(str(fault)) from None
        return answer.reference

    async def _listed(self, operation: str, customer_id: CustomerId, what: str, answer: type[A]) -> A:
        return await self._core.ask(operation, "GET", f"{_path(customer_id)}/{what}", answer)

    async def _cached(
        self, operation: str, kept: TTLCache[str, tuple[T]], key: str, ask: Callable[[], Awaitable[T]]
    ) -> T:
        known = kept.get(key)
        if known is not None:
            self._metrics.cache_hit(operation)
            return known[0]
        found = await ask()
        kept[key] = (found,)
        return found


def _path(customer_id: CustomerId) -> str:
    return f"v1/customers/{quote(customer_id, safe='')}"
