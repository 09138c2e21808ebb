"""The `LoanBook` port on the company's core system."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import quote
from uuid import uuid4

from cachetools import TTLCache

from ivr.adapters.loan_book_http.answers import FoundAnswer, IdentityAnswer, LoansAnswer, StatusAnswer
from ivr.adapters.loan_book_http.core_system import CoreSystem
from ivr.adapters.loan_book_http.metrics import LoanBookMetrics
from ivr.adapters.phone_numbers import to_e164
from ivr.calls.ids import CustomerId
from ivr.calls.loans import Customer, Loan

T = TypeVar("T")

_MOST_CACHED = 256
"""Of each kind of read: far more than one worker's lines can ask for within seconds."""


class HttpLoanBook:
    """Customers and loans as the core system has them, each read kept for a few seconds.

    Every operation raises `CoreSystemFault`. Secrets are compared on the core system's side: neither the ID
    number nor any part of it but what the caller has said comes this way, and results are never kept.
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

    async def verify_id_tail(self, customer_id: CustomerId, tail: str) -> bool:
        """Whether the customer's ID number ends in these characters; never for an empty tail."""
        if not tail:
            return False
        answer = await self._core.ask(
            "checkIdentity",
            "POST",
            f"v1/customers/{quote(customer_id, safe='')}/identity-checks",
            IdentityAnswer,
            body={"piece": "id_tail", "value": tail},
            # The core system counts checks; one whose answer was lost must not cost the caller two tries.
            idempotency_key=str(uuid4()),
        )
        return answer.matches

    async def loans(self, customer_id: CustomerId) -> tuple[Loan, ...]:
        """All loans of the customer, oldest first, the settled ones too."""

        async def ask() -> tuple[Loan, ...]:
            path = f"v1/customers/{quote(customer_id, safe='')}/loans"
            return (await self._core.ask("listLoans", "GET", path, LoansAnswer)).read()

        return await self._cached("listLoans", self._loans, customer_id, ask)

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
