"""Invented customers for trials: the same ones for the same seed, their dates counted from today."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from ivr.calls.ids import CustomerId
from ivr.calls.instalment_plan import add_months, instalment_plan
from ivr.calls.loans import Customer, CustomerFile, Instalment, Loan

TRIAL_PHONE = "+8613800000001"
"""The first customer of every demo book: Mandarin, ID number ending in 1234, one loan, nothing overdue."""

_AREA = "990000"
"""Issued by no authority, so that no ID number is a real person's."""

_CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = (
    "伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "勇", "杰", "秀英", "建国",
    "志强", "海燕", "文博", "雨桐", "子涵", "思远", "晓明", "佳怡", "浩然", "丽华", "国庆",
)  # fmt: skip
_FIRST_NAMES = ("Emma", "Liam", "Olivia", "Noah", "Grace", "Daniel", "Sophie", "Lucas", "Alice", "Henry")
_LAST_NAMES = (
    "Carter",
    "Bennett",
    "Hughes",
    "Foster",
    "Morgan",
    "Reed",
    "Sullivan",
    "Parker",
    "Hayes",
    "Brooks",
)
_PRODUCTS = ("安心贷", "优享贷", "车易贷", "教育分期")
_RATES = ("0.0720", "0.0960", "0.1260", "0.1560", "0.1800", "0.2160")
_TERMS = (6, 12, 18, 24, 36)
_SHARE_ENGLISH = 0.15


def demo_customers(count: int, seed: int, today: date) -> Iterator[CustomerFile]:
    """`count` customers, each the same for the same seed and day however many are asked for.

    The first three are for trial calls: +8613800000001, whose ID number ends in 1234; +8613800000002, the
    same tail, who speaks English; +8613800000003, whose number ends in 567X. Whoever has a running loan has
    a due date after `today`; some are overdue.
    """
    for number in range(1, count + 1):
        rng = Random(f"{seed}/{number}")
        if number == 1:
            yield _file(1, "林晓雨", "zh-CN", _id_number("1234", rng), (_trial_loan(1, "安心贷", today),))
        elif number == 2:
            yield _file(
                2, "Emma Carter", "en-US", _id_number("1234", rng), (_trial_loan(2, "优享贷", today),)
            )
        elif number == 3:
            yield _file(3, "周建国", "zh-CN", _id_number("567X", rng), (_trial_loan(3, "安心贷", today),))
        else:
            yield _random_customer(number, rng, today)


def _random_customer(number: int, rng: Random, today: date) -> CustomerFile:
    english = rng.random() < _SHARE_ENGLISH
    name = (
        f"{rng.choice(_FIRST_NAMES)} {rng.choice(_LAST_NAMES)}"
        if english
        else rng.choice(_SURNAMES) + rng.choice(_GIVEN)
    )
    loans = tuple(
        _random_loan(f"L{number:06}-{n}", rng, today) for n in range(1, rng.choice((1, 1, 1, 2, 2, 3)) + 1)
    )
    return _file(number, name, "en-US" if english else "zh-CN", _id_number(None, rng), loans)


def _file(number: int, name: str, locale: str, id_number: str, loans: tuple[Loan, ...]) -> CustomerFile:
    customer = Customer(CustomerId(f"C{number:06}"), name, f"+86138{number:08}", locale)
    born = date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    return CustomerFile(customer, id_number, born, loans)


def _trial_loan(number: int, product: str, today: date) -> Loan:
    """Eight of 24 instalments paid, the ninth to come."""
    return _loan(f"L{number:06}-1", product, Decimal(30_000 + number * 1_234), "0.1560", 24, 15, 8, 0, today)


def _random_loan(loan_id: str, rng: Random, today: date) -> Loan:
    months = rng.choice(_TERMS)
    past = rng.randint(0, months)
    unpaid = rng.choice((0, 0, 0, 0, 1, 2)) if past < months else 0
    return _loan(
        loan_id,
        rng.choice(_PRODUCTS),
        Decimal(rng.randint(30, 2_000) * 100),
        rng.choice(_RATES),
        months,
        rng.randint(1, 28),
        past,
        min(unpaid, past),
        today,
    )


def _loan(
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
    return Loan(loan_id, product, signed_on, principal, "CNY", plan)


def _id_number(tail: str | None, rng: Random) -> str:
    """An 18-character number with a right check character (GB 11643), ending in `tail` when one is given."""
    while True:
        born = date(1960, 1, 1) + timedelta(days=rng.randrange(16_000))
        sequence = tail[:3] if tail else f"{rng.randrange(1_000):03}"
        body = f"{_AREA}{born:%Y%m%d}{sequence}"
        check = _CHECK_CHARACTERS[sum(int(d) * w for d, w in zip(body, _CHECK_WEIGHTS, strict=True)) % 11]
        if tail is None or check == tail[3]:
            return body + check
