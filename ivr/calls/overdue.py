"""What being late has cost so far, and costs for every further day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ivr.calls.loans import NOTHING, Loan, TermsUnknown, whole_cents


@dataclass(frozen=True, slots=True)
class OverdueCost:
    """The answer to "I am late: what does that cost me?"."""

    amount: Decimal
    """Sum of the instalments that are overdue; what being late costs is not in it."""
    days: int
    """Since the oldest of them fell due."""
    daily: Decimal
    accrued: Decimal


def overdue_cost(loans: Sequence[Loan], today: date) -> OverdueCost | None:
    """None when nothing is overdue. Raises `TermsUnknown` where an overdue loan has no `late_daily_rate`.

    Simple, never compounded: amount x late_daily_rate x days, for each overdue instalment from the day
    after its due date through today, rounded once at the end. (How penalty interest is reckoned on overdue
    loans: People's Bank of China, notice Yinfa [2003] No. 251, section 3; the rate itself is the contract's.)
    """
    late = [(loan, part) for loan in loans for part in loan.unpaid if part.due_on < today]
    if not late:
        return None
    daily = accrued = NOTHING
    for loan, part in late:
        if loan.late_daily_rate is None:
            raise TermsUnknown("the loan book does not tell the late_daily_rate of an overdue loan")
        cost = part.amount * loan.late_daily_rate
        daily += cost
        accrued += cost * (today - part.due_on).days
    return OverdueCost(
        amount=sum((part.amount for _, part in late), NOTHING),
        days=(today - min(part.due_on for _, part in late)).days,
        daily=whole_cents(daily),
        accrued=whole_cents(accrued),
    )
