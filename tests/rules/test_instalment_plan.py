"""A plan pays back the principal to the cent, on the day agreed."""

from datetime import date
from decimal import Decimal

import pytest

from ivr.calls.instalment_plan import add_months, instalment_plan


@pytest.mark.parametrize(
    ("principal", "rate", "months", "payment"),
    [
        ("12000.00", "0.12", 12, "1066.19"),
        ("30000.00", "0.156", 24, "1463.17"),
        ("1000.00", "0", 3, "333.33"),
        ("0.05", "0.24", 2, "0.03"),
    ],
)
def test_instalments_are_level_and_pay_the_principal_back(
    principal: str, rate: str, months: int, payment: str
) -> None:
    plan = instalment_plan(Decimal(principal), Decimal(rate), months, date(2025, 1, 15))
    assert sum(part.principal for part in plan) == Decimal(principal)
    assert {part.amount for part in plan[:-1]} == {Decimal(payment)}
    assert abs(plan[-1].amount - plan[0].amount) < Decimal("0.01") * months + Decimal("0.01")
    assert [part.number for part in plan] == list(range(1, months + 1))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 1, 15), 1, date(2025, 2, 15)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 11, 30), 14, date(2027, 1, 30)),
        (date(2025, 3, 15), -3, date(2024, 12, 15)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_one(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    ("principal", "rate", "months"), [("0", "0.1", 12), ("1", "0.1", 0), ("1", "-0.1", 1)]
)
def test_a_plan_that_makes_no_sense_is_refused(principal: str, rate: str, months: int) -> None:
    with pytest.raises(ValueError, match="a plan needs"):
        instalment_plan(Decimal(principal), Decimal(rate), months, date(2025, 1, 15))
