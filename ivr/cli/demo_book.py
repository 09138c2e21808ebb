"""Invented customers for trials: the same ones for the same seed, their dates counted from today."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from ivr.calls.ids import CustomerId
from ivr.calls.loans import Customer, CustomerFile, Loan
from ivr.cli.demo_loans import demo_loan, payments_for
from ivr.cli.demo_trials import TRIALS, Belongings

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

    The first are `TRIALS`. Whoever has a running loan has a due date after `today`; some are overdue.
    """
    for number in range(1, count + 1):
        rng = Random(f"{seed}/{number}")
        customer = _trial_customer if number <= len(TRIALS) else _random_customer
        yield customer(number, rng, today)


def _trial_customer(number: int, rng: Random, today: date) -> CustomerFile:
    who = TRIALS[number - 1]
    return _file(number, who.name, who.locale, _id_number(who.tail, rng), who.belongings(number, today))


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
    id_number = _id_number(None, rng)
    belongings = Belongings(loans, payments_for(f"{number:06}", loans))
    return _file(number, name, "en-US" if english else "zh-CN", id_number, belongings)


def _file(number: int, name: str, locale: str, id_number: str, has: Belongings) -> CustomerFile:
    customer = Customer(CustomerId(f"C{number:06}"), name, f"+86138{number:08}", locale)
    born = date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    return CustomerFile(customer, id_number, born, has.loans, has.payments, has.applications)


def _random_loan(loan_id: str, rng: Random, today: date) -> Loan:
    months = rng.choice(_TERMS)
    past = rng.randint(0, months)
    unpaid = rng.choice((0, 0, 0, 0, 1, 2)) if past < months else 0
    return demo_loan(
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


def _id_number(tail: str | None, rng: Random) -> str:
    """An 18-character number with a right check character (GB 11643), ending in `tail` when one is given."""
    while True:
        born = date(1960, 1, 1) + timedelta(days=rng.randrange(16_000))
        sequence = tail[:3] if tail else f"{rng.randrange(1_000):03}"
        body = f"{_AREA}{born:%Y%m%d}{sequence}"
        check = _CHECK_CHARACTERS[sum(int(d) * w for d, w in zip(body, _CHECK_WEIGHTS, strict=True)) % 11]
        if tail is None or check == tail[3]:
            return body + check
