"""What it takes to settle a loan on a day that the customer names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from ivr.calls.loans import NOTHING, Instalment, Loan, TermsUnknown, running, whole_cents

YEAR_DAYS = 360
"""A daily rate is a 360th of the annual one, and the days are counted as they are (actual/360): the People's
Bank of China's conversion for loans in renminbi (notice Yinfa [2005] No. 129)."""

LONGEST_AHEAD_DAYS = 90


class NoQuote(StrEnum):
    """Why there is none."""

    NO_LOANS = "no_loans"
    PAST = "past"
    TOO_FAR = "too_far"
    """More than `LONGEST_AHEAD_DAYS` ahead, or after everything is paid by the plan."""
    OVERDUE = "overdue"
    """What is overdue must be paid first."""


@dataclass(frozen=True, slots=True)
class SettlementQuote:
    """What settles the loans on `settle_on`, if all that falls due before that day is paid as planned."""

    settle_on: date
    principal: Decimal
    interest: Decimal
    """Since the due date before."""
    fee: Decimal

    @property
    def total(self) -> Decimal:
        """What is to be paid on the day."""
        return self.principal + self.interest + self.fee


def settlement_quote(loans: Sequence[Loan], settle_on: date, today: date) -> SettlementQuote | NoQuote:
    """Settle all of these loans on one day. Raises `TermsUnknown` where a loan lacks a rate.

    Principal: that of the instalments due on `settle_on` or later. Interest: principal x annual_rate x
    days / 360, from the last due date before (the signing, when there is none). Fee: principal x
    early_fee_rate. Each loan's sums are rounded to the cent by themselves.
    """
    owed = running(loans)
    if not owed:
        return NoQuote.NO_LOANS
    if settle_on < today:
        return NoQuote.PAST
    if (settle_on - today).days > LONGEST_AHEAD_DAYS:
        return NoQuote.TOO_FAR
    if any(part.due_on < today for loan in owed for part in loan.unpaid):
        return NoQuote.OVERDUE
    parts = [_settle(loan, settle_on) for loan in owed]
    if not any(principal for principal, _, _ in parts):
        return NoQuote.TOO_FAR
    return SettlementQuote(
        settle_on,
        principal=sum((principal for principal, _, _ in parts), NOTHING),
        interest=sum((interest for _, interest, _ in parts), NOTHING),
        fee=sum((fee for _, _, fee in parts), NOTHING),
    )


def _settle(loan: Loan, settle_on: date) -> tuple[Decimal, Decimal, Decimal]:
    if loan.annual_rate is None or loan.early_fee_rate is None:
        raise TermsUnknown("the loan book does not tell the annual_rate and the early_fee_rate of a loan")
    paid = [part for part in loan.instalments if _paid_by(part, settle_on)]
    principal = sum((part.principal for part in loan.instalments if part not in paid), NOTHING)
    since = max((part.due_on for part in paid), default=loan.signed_on)
    # Whoever has paid ahead of the plan owes no interest for what is paid already.
    days = max(0, (settle_on - since).days)
    interest = principal * loan.annual_rate * days / YEAR_DAYS
    return principal, whole_cents(interest), whole_cents(principal * loan.early_fee_rate)


def _paid_by(part: Instalment, day: date) -> bool:
    return part.paid_on is not None or part.due_on < day
