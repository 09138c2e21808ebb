"""Whether the day of the month on which a customer pays can become another one."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from ivr.calls.loans import Loan, running

LAST_DAY = 28
"""Every month has it, so that no due date moves about."""


class DueDayRefusal(StrEnum):
    """Why it cannot."""

    NO_LOANS = "no_loans"
    NO_SUCH_DAY = "no_such_day"
    SAME_DAY = "same_day"
    OVERDUE = "overdue"


def due_day_refusal(loans: Sequence[Loan], new_day: int, today: date) -> DueDayRefusal | None:
    """None when the customer may ask for it; whether it is granted is for people to say.

    The present day is the latest one among the unpaid due dates, since short months cut days off.
    """
    owed = running(loans)
    if not owed:
        return DueDayRefusal.NO_LOANS
    if not 1 <= new_day <= LAST_DAY:
        return DueDayRefusal.NO_SUCH_DAY
    if any(part.due_on < today for loan in owed for part in loan.unpaid):
        return DueDayRefusal.OVERDUE
    if all(max(part.due_on.day for part in loan.unpaid) == new_day for loan in owed):
        return DueDayRefusal.SAME_DAY
    return None
