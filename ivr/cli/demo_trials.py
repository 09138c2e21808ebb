"""The first customers of every demo book: between them they have something to tell for every service."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ivr.calls.loans import Application, ApplicationStatus, Loan, Payment
from ivr.cli.demo_loans import demo_loan, payments_for


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a customer has."""

    loans: tuple[Loan, ...] = ()
    payments: tuple[Payment, ...] = ()
    applications: tuple[Application, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """A customer to make trial calls as, and what there is to ask as that one."""

    name: str
    locale: str
    tail: str
    has: str
    belongings: Callable[[int, date], Belongings]
    """Of the customer with this number, on this day."""


def _with_payments(number: int, *loans: Loan) -> Belongings:
    in_order = tuple(sorted(loans, key=lambda loan: loan.signed_on))
    return Belongings(in_order, payments_for(f"{number:06}", in_order))


def _running(number: int, product: str, today: date) -> Loan:
    """Eight of 24 instalments paid, the ninth to come."""
    principal = Decimal(30_000 + number * 1_234)
    return demo_loan(f"L{number:06}-1", product, principal, "0.1560", 24, 15, 8, 0, today)


def _one_loan(product: str) -> Callable[[int, date], Belongings]:
    return lambda number, today: _with_payments(number, _running(number, product, today))


def _overdue(late: int) -> Callable[[int, date], Belongings]:
    def belongings(number: int, today: date) -> Belongings:
        loan_id = f"L{number:06}-1"
        return _with_payments(
            number, demo_loan(loan_id, "优享贷", Decimal(24_000), "0.1800", 18, 9, 7, late, today)
        )

    return belongings


def _several(count: int) -> Callable[[int, date], Belongings]:
    def belongings(number: int, today: date) -> Belongings:
        key = f"L{number:06}"
        loans = (
            _running(number, "安心贷", today),
            demo_loan(f"{key}-2", "教育分期", Decimal(12_000), "0.0960", 12, 21, 3, 0, today),
            demo_loan(f"{key}-3", "车易贷", Decimal(80_000), "0.0720", 36, 5, 10, 0, today),
        )
        return _with_payments(number, *loans[:count])

    return belongings


def _on_its_way(number: int, today: date) -> Belongings:
    loan = _running(number, "安心贷", today)
    coming = Payment(f"P{number:06}-W", loan.unpaid[0].amount, today - timedelta(days=1), booked=False)
    return Belongings((loan,), (coming, *payments_for(f"{number:06}", (loan,))))


def _settled(number: int, today: date) -> Belongings:
    loan_id = f"L{number:06}-1"
    return _with_payments(
        number, demo_loan(loan_id, "教育分期", Decimal(6_000), "0.0960", 6, 12, 6, 0, today)
    )


def _applied(
    status: ApplicationStatus, days_ago: int, *, product: str = ""
) -> Callable[[int, date], Belongings]:
    """With a `product` the customer has such a loan already."""

    def belongings(number: int, today: date) -> Belongings:
        application = Application(
            f"A{number:06}-1", "教育分期", Decimal(12_000), status, today - timedelta(days=days_ago)
        )
        loans = (_running(number, product, today),) if product else ()
        return Belongings(loans, payments_for(f"{number:06}", loans), (application,))

    return belongings


def _paid_out(number: int, today: date) -> Belongings:
    """The loan that was applied for is there; nothing has fallen due."""
    loan_id, due_day = f"L{number:06}-1", today.day % 28 + 1
    loan = demo_loan(loan_id, "教育分期", Decimal(12_000), "0.0960", 12, due_day, 0, 0, today)
    applied_on = loan.signed_on - timedelta(days=5)
    status = ApplicationStatus.PAID_OUT
    application = Application(f"A{number:06}-1", "教育分期", Decimal(12_000), status, applied_on)
    return Belongings((loan,), (), (application,))


def _nothing(_number: int, _today: date) -> Belongings:
    return Belongings()


_REVIEWING, _REFUSED, _APPROVED = (
    ApplicationStatus.REVIEWING,
    ApplicationStatus.REFUSED,
    ApplicationStatus.APPROVED,
)

TRIALS = (
    Trial("林晓雨", "zh-CN", "1234", "one loan, nothing overdue", _one_loan("安心贷")),
    Trial("Emma Carter", "en-US", "1234", "one loan, nothing overdue", _one_loan("优享贷")),
    Trial("周建国", "zh-CN", "567X", "one loan, an ID number that ends in X", _one_loan("安心贷")),
    Trial("王海燕", "zh-CN", "1234", "two instalments overdue", _overdue(2)),
    Trial("Daniel Hughes", "en-US", "1234", "one instalment overdue", _overdue(1)),
    Trial("陈思远", "zh-CN", "1234", "three loans", _several(3)),
    Trial("Sophie Reed", "en-US", "1234", "two loans", _several(2)),
    Trial("刘佳怡", "zh-CN", "1234", "a payment on its way", _on_its_way),
    Trial("Henry Foster", "en-US", "1234", "a payment on its way", _on_its_way),
    Trial("杨浩然", "zh-CN", "1234", "an application under review, no loan", _applied(_REVIEWING, 2)),
    Trial(
        "Alice Brooks",
        "en-US",
        "1234",
        "an application under review, and a loan",
        _applied(_REVIEWING, 2, product="安心贷"),
    ),
    Trial("赵丽华", "zh-CN", "1234", "an application refused", _applied(_REFUSED, 6)),
    Trial("黄文博", "zh-CN", "1234", "an application approved, not paid out", _applied(_APPROVED, 3)),
    Trial("Lucas Parker", "en-US", "1234", "an application paid out", _paid_out),
    Trial("吴国庆", "zh-CN", "1234", "all loans settled", _settled),
    Trial("徐雨桐", "zh-CN", "1234", "neither loan nor application, no repayment", _nothing),
)
"""+8613800000001 and so on. Their other identity pieces: `ivr demo seed` prints them."""
