"""What every lookup is given and gives, and the guard before a customer's data."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import wraps

from ivr.calls.ids import CustomerId
from ivr.calls.loans import Loan
from ivr.calls.speech import SlotValue
from ivr.runtime.store_ports import LoanBook

Slots = Mapping[str, SlotValue]

PROVED = frozenset({"light", "strong"})
"""Values of the slot `proof_level` with which a customer's data may be told."""


@dataclass(frozen=True, slots=True)
class Found:
    """A service's answer. `customer_id` is set when this lookup proposed or proved who calls."""

    result: str
    slots: Slots = field(default_factory=dict, repr=False)
    customer_id: CustomerId | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a script."""

    book: LoanBook = field(repr=False)
    now: datetime
    """In the company's own zone."""
    caller: str = field(repr=False)
    """The caller's number as the network gave it."""
    slots: Slots = field(repr=False)
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def today(self) -> date:
        """In the company's own zone."""
        return self.now.date()

    @property
    def customer_id(self) -> CustomerId:
        """Whom it is about. Raises `KeyError` before a customer was proposed."""
        return CustomerId(str(self.slots["customer_id"]))

    async def loans(self) -> tuple[Loan, ...]:
        """All the customer's loans."""
        return await self.book.loans(self.customer_id)

    async def chosen_loans(self) -> tuple[Loan, ...]:
        """The one in the slot `loan_id`, or all where none was chosen."""
        loans = await self.loans()
        chosen = self.slots.get("loan_id")
        return tuple(loan for loan in loans if chosen is None or loan.loan_id == chosen)


Lookup = Callable[[Asked], Awaitable[Found]]


def proved(lookup: Lookup) -> Lookup:
    """Nothing is looked up for a caller who has proved nothing: the answer is `not_verified`.

    The script's gates see to that already; a customer's data is too dear to trust one guard.
    """

    @wraps(lookup)
    async def guarded(asked: Asked) -> Found:
        if asked.slots.get("proof_level") not in PROVED or "customer_id" not in asked.slots:
            return Found("not_verified")
        return await lookup(asked)

    return guarded
