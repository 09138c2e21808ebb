"""The plan of a loan repaid in equal monthly instalments (an annuity, 等额本息)."""

from calendar import monthrange
from datetime import date
from decimal import Decimal

from ivr.calls.loans import Instalment, whole_cents


def instalment_plan(
    principal: Decimal, annual_rate: Decimal, months: int, first_due_on: date
) -> tuple[Instalment, ...]:
    """One instalment a month from `first_due_on`, all equal but the last, which takes up the rounding.

    The instalment of a principal P over n months at the monthly rate r is P*r / (1 - (1+r)^-n), in whole
    cents. `annual_rate` 0.12 is 12 % a year, a month counts as a twelfth. Raises `ValueError` for a
    principal or a number of months that is not positive, or a negative rate.
    """
    if principal <= 0 or months <= 0 or annual_rate < 0:
        raise ValueError("a plan needs a positive principal, at least one month and no negative rate")
    rate = annual_rate / 12
    level = principal / months if rate == 0 else principal * rate / (1 - (1 + rate) ** -months)
    payment = whole_cents(level)
    plan, owed = [], principal
    for number in range(1, months + 1):
        interest = whole_cents(owed * rate)
        part = owed if number == months else payment - interest
        owed -= part
        due_on = add_months(first_due_on, number - 1)
        plan.append(Instalment(number, due_on, amount=part + interest, principal=part))
    return tuple(plan)


def add_months(day: date, months: int) -> date:
    """The same day of another month, or the last one of a month that is too short for it."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
