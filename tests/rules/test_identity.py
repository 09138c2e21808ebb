"""Pieces are compared as people say them, and too many wrong ones end the guessing."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from ivr.calls.identity import is_birth_date, is_locked, is_repayment, is_tail

NOW = datetime(2030, 3, 10, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("amount", "said", "right"),
    [
        ("1234.56", "1234.56", True),
        ("1234.56", "1234.560", True),
        ("1234.56", "1234", True),
        ("1234.56", "1234.00", True),
        ("1234.00", "1234", True),
        ("1234.50", "1234.5", True),
        ("1234.56", "1235", False),
        ("1234.56", "1234.5", False),
        ("1234.56", "234.56", False),
        ("0.56", "0", False),
        ("1234.56", "", False),
        ("1234.56", "NaN", False),
        ("1234.56", "Infinity", False),
        ("1234.56", "-1234.56", False),
    ],
)
def test_an_amount_is_right_to_the_cent_or_in_whole_yuan(amount: str, said: str, right: bool) -> None:
    assert is_repayment({Decimal(amount)}, said) is right
    assert not is_repayment(set(), said)


def test_a_birth_date_may_be_said_or_keyed() -> None:
    born = date(1990, 1, 2)
    assert is_birth_date(born, "1990-01-02")
    assert is_birth_date(born, "19900102")
    assert not any(is_birth_date(born, said) for said in ("1990-02-01", "900102", "", "1990"))


def test_an_id_tail_is_four_characters_long() -> None:
    assert is_tail("99000019931005567x", "567X")
    assert not any(is_tail("99000019931005567X", said) for said in ("", "X", "7X", "5567X", "5678"))


@pytest.mark.parametrize(
    ("hours_ago", "locked"),
    [
        ([], False),
        ([1, 2, 3, 4], False),
        ([1, 2, 3, 4, 5], True),
        ([0, 6, 12, 18, 24], True),
        # Spread over more than a day: never five within one.
        ([1, 8, 15, 22, 29], False),
        # The fifth was a day ago: the lock is over.
        ([24, 25, 26, 27, 28], False),
        ([23, 25, 26, 27, 28], True),
    ],
)
def test_five_wrong_checks_within_a_day_lock_for_a_day(hours_ago: list[int], locked: bool) -> None:
    assert is_locked([NOW - hours * HOUR for hours in hours_ago], NOW) is locked
