"""What a customer owes, and when: the loan book's words and sums."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ivr.calls.ids import CustomerId


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as the hotline needs to know one; the ID number itself stays in the store."""

    customer_id: CustomerId
    name: str
    phone: str
    """E.164, such as +8613800000001."""
    locale: str


@dataclass(frozen=True, slots=True)
class Instalment:
    """One dated payment of a loan."""

    number: int
    due_on: date
    amount: Decimal
    principal: Decimal
    paid_on: date | None = None


@dataclass(frozen=True, slots=True)
class Loan:
    """A signed loan with its instalment plan, ordered by due date."""

    loan_id: str
    product: str
    signed_on: date
    principal: Decimal
    currency: str
    instalments: tuple[Instalment, ...]


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """A customer as the book keeps one: with what proves who is calling, and what is owed."""

    customer: Customer = field(repr=False)
    id_number: str = field(repr=False)
    birth_date: date = field(repr=False)
    loans: tuple[Loan, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoanSummary:
    """The answer to "how much do I owe, and when is the next payment?"."""

    balance: Decimal
    """Sum of all unpaid instalments, interest included."""
    loans: int
    next_due_on: date | None
    next_due_amount: Decimal
    """Everything unpaid that falls on `next_due_on`, over all loans."""
    overdue_amount: Decimal


def summarise(loans: Sequence[Loan], today: date) -> LoanSummary:
    """Add up what is unpaid over all loans of one customer.

    An instalment due before `today` and unpaid is overdue; the next due date is the earliest unpaid one
    on or after `today`.
    """
    unpaid = [i for loan in loans for i in loan.instalments if i.paid_on is None]
    zero = Decimal("0.00")
    coming = [i for i in unpaid if i.due_on >= today]
    next_due_on = min((i.due_on for i in coming), default=None)
    return LoanSummary(
        balance=sum((i.amount for i in unpaid), zero),
        loans=sum(1 for loan in loans if any(i.paid_on is None for i in loan.instalments)),
        next_due_on=next_due_on,
        next_due_amount=sum((i.amount for i in coming if i.due_on == next_due_on), zero),
        overdue_amount=sum((i.amount for i in unpaid if i.due_on < today), zero),
    )


def ends_with_tail(id_number: str, tail: str) -> bool:
    """Whether an ID number ends in these characters; an X counts in either case. Never for no tail."""
    return bool(tail) and id_number.upper().endswith(tail.upper())
