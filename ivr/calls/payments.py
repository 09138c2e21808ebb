"""What a customer has paid lately: "I have paid, has it arrived?"."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from ivr.calls.loans import NOTHING, Loan, Payment

LATELY = timedelta(days=30)


def payments_or_paid(payments: Sequence[Payment], loans: Sequence[Loan]) -> tuple[Payment, ...]:
    """The payments newest first; in a book that lists none, the instalments that are paid.

    Instalments of one loan that were paid on one day are one payment.
    """
    if payments:
        return tuple(sorted(payments, key=lambda payment: payment.received_on, reverse=True))
    paid: dict[tuple[date, str], Payment] = {}
    for loan in loans:
        for part in loan.instalments:
            if part.paid_on is None:
                continue
            key = (part.paid_on, loan.loan_id)
            name = f"{loan.loan_id}-{part.paid_on:%Y%m%d}"
            known = paid.setdefault(key, Payment(name, NOTHING, part.paid_on, booked=True))
            paid[key] = replace(known, amount=known.amount + part.amount)
    return tuple(sorted(paid.values(), key=lambda payment: payment.received_on, reverse=True))


def latest_payment(payments: Sequence[Payment], today: date) -> Payment | None:
    """The newest one of the last 30 days: a caller does not ask after an older one.

    Of those of one day the one that is on its way, since that is what makes people call.
    """
    lately = [payment for payment in payments if today - LATELY <= payment.received_on <= today]
    return max(lately, key=lambda payment: (payment.received_on, not payment.booked), default=None)


def last_repayments(payments: Sequence[Payment]) -> frozenset[Decimal]:
    """The amounts that a customer may rightly call their last repayment.

    All of the last day with a booked one, and whatever has come in since and is on its way.
    """
    booked_on = max((payment.received_on for payment in payments if payment.booked), default=None)
    return frozenset(
        payment.amount for payment in payments if booked_on is None or payment.received_on >= booked_on
    )
