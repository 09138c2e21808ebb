"""Invented loans with their plans, and the payments that go with them."""

from datetime import date, timedelta
from decimal import Decimal

from ivr.calls.instalment_plan import add_months, instalment_plan
from ivr.calls.loans import Instalment, Loan, Payment

_LATE_DAILY_RATE, _EARLY_FEE_RATE = Decimal("0.0005"), Decimal("0.02")


def demo_loan(
    loan_id: str,
    product: str,
    principal: Decimal,
    rate: str,
    months: int,
    due_day: int,
    past: int,
    unpaid: int,
    today: date,
) -> Loan:
    """A loan of which `past` instalments have fallen due, the last `unpaid` of them not paid."""
    next_due_on = today.replace(day=due_day)
    if next_due_on <= today:
        next_due_on = add_months(next_due_on, 1)
    first_due_on = add_months(next_due_on, -past)
    plan = tuple(
        Instalment(
            p.number,
            p.due_on,
            p.amount,
            p.principal,
            # What falls due this very day is paid, so that the next date is always one to look ahead to.
            p.due_on if p.number <= past - unpaid or p.due_on == today else None,
        )
        for p in instalment_plan(principal, Decimal(rate), months, first_due_on)
    )
    signed_on = add_months(first_due_on, -1) - timedelta(days=3)
    terms = (Decimal(rate), _LATE_DAILY_RATE, _EARLY_FEE_RATE)
    return Loan(loan_id, product, signed_on, principal, "CNY", plan, *terms)


def payments_for(customer: str, loans: tuple[Loan, ...]) -> tuple[Payment, ...]:
    """What paid the instalments that are paid, newest first."""
    paid = [part for loan in loans for part in loan.instalments if part.paid_on is not None]
    paid.sort(key=lambda part: part.paid_on or part.due_on)
    payments = [
        Payment(f"P{customer}-{n}", part.amount, part.paid_on or part.due_on, booked=True)
        for n, part in enumerate(paid, 1)
    ]
    return tuple(reversed(payments))
