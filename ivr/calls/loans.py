"""What a customer owes, and when: the loan book's words, and the sum of what is unpaid."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from ivr.calls.ids import CustomerId

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")


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
    """A signed loan with its instalment plan, ordered by due date.

    A rate is a fraction (0.12 is 12 %); None where the book does not tell it, and then nothing is
    reckoned with it.
    """

    loan_id: str
    product: str
    signed_on: date
    principal: Decimal
    currency: str
    instalments: tuple[Instalment, ...]
    annual_rate: Decimal | None = None
    """Interest, of the principal, for a year."""
    late_daily_rate: Decimal | None = None
    """What being late costs, of the overdue amount, for a day."""
    early_fee_rate: Decimal | None = None
    """Fee for settling early, of the principal that is still owed."""

    @property
    def unpaid(self) -> tuple[Instalment, ...]:
        """What is still to be paid, in the order of its due dates."""
        return tuple(part for part in self.instalments if part.paid_on is None)


class TermsUnknown(LookupError):
    """The book does not tell a rate that a sum needs: a person must answer."""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that a customer has sent. Until it is `booked` it is on its way."""

    payment_id: str
    amount: Decimal
    received_on: date
    booked: bool


class ApplicationStatus(StrEnum):
    """How far an application for a loan has come."""

    REVIEWING = "reviewing"
    APPROVED = "approved"
    REFUSED = "refused"
    PAID_OUT = "paid_out"


@dataclass(frozen=True, slots=True)
class Application:
    """A customer's application for a loan."""

    application_id: str
    product: str
    amount: Decimal
    status: ApplicationStatus
    submitted_on: date


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """A customer as the book keeps one: with what proves who is calling, and what is owed."""

    customer: Customer = field(repr=False)
    id_number: str = field(repr=False)
    birth_date: date = field(repr=False)
    loans: tuple[Loan, ...] = field(repr=False)
    payments: tuple[Payment, ...] = field(default=(), repr=False)
    applications: tuple[Application, ...] = field(default=(), repr=False)


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
    unpaid = [part for loan in loans for part in loan.unpaid]
    coming = [part for part in unpaid if part.due_on >= today]
    next_due_on = min((part.due_on for part in coming), default=None)
    return LoanSummary(
        balance=sum((part.amount for part in unpaid), NOTHING),
        loans=len(running(loans)),
        next_due_on=next_due_on,
        next_due_amount=sum((part.amount for part in coming if part.due_on == next_due_on), NOTHING),
        overdue_amount=sum((part.amount for part in unpaid if part.due_on < today), NOTHING),
    )


def running(loans: Sequence[Loan]) -> tuple[Loan, ...]:
    """The loans on which something is still to be paid, in the order given."""
    return tuple(loan for loan in loans if loan.unpaid)


def whole_cents(amount: Decimal) -> Decimal:
    """Rounded to the nearest cent, half a cent up."""
    return amount.quantize(CENT, ROUND_HALF_UP)
