"""Loan books keep the same promises, wherever they keep their customers."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

import pytest
from core_system_client import FillableHttpLoanBook, Trial, open_book

from ivr.adapters.store_memory import MemoryLoanBook
from ivr.adapters.store_sqlalchemy import Database, SqlLoanBook, StoreError
from ivr.calls.ids import CustomerId
from ivr.calls.loans import Customer, CustomerFile, Instalment, Loan, summarise
from ivr.runtime.ports import LoanBook


class FillableLoanBook(LoanBook, Protocol):
    async def save(self, files: list[CustomerFile]) -> None: ...


TODAY = date(2025, 3, 4)


def _loan(loan_id: str, signed_on: date, amounts: list[str]) -> Loan:
    plan = tuple(
        Instalment(
            n,
            TODAY + timedelta(days=30 * n - 35),
            Decimal(amount),
            Decimal("0.01"),
            paid_on=TODAY if n == 0 else None,
        )
        for n, amount in enumerate(amounts)
    )
    return Loan(loan_id, "安心贷", signed_on, Decimal("999999999999.99"), "CNY", plan)


LIN = CustomerFile(
    Customer(CustomerId("C1"), "林晓雨", "+8613800000001", "zh-CN"),
    "99000019931005567X",
    date(1993, 10, 5),
    (
        _loan("L1", date(2024, 1, 1), ["23456.78", "0.10", "0.20", "1.01"]),
        _loan("L2", date(2024, 6, 1), ["5.00"]),
    ),
)
EMMA = CustomerFile(
    Customer(CustomerId("C2"), "Emma Carter", "+8613800000002", "en-US"),
    "990000197905081234",
    date(1979, 5, 8),
    (),
)


@pytest.fixture(params=["memory", "sqlite", "postgres", "http"])
def place(request: pytest.FixtureRequest) -> str | Trial | None:
    """The database's address, or the core system; None for a book in memory."""
    fixture = {"sqlite": "sqlite_url", "postgres": "postgres_url", "http": "trial"}.get(request.param)
    return request.getfixturevalue(fixture) if fixture else None


@pytest.fixture
async def book(place: str | Trial | None) -> AsyncIterator[FillableLoanBook]:
    async with AsyncExitStack() as stack:
        book: FillableLoanBook
        if place is None:
            book = MemoryLoanBook()
        elif isinstance(place, Trial):
            opened = await stack.enter_async_context(open_book(place.settings))
            book = FillableHttpLoanBook(opened.core, opened.metrics, fill=place.fill)
        else:
            database = Database(place)
            stack.push_async_callback(database.close)
            book = SqlLoanBook(database)
        await book.save([LIN, EMMA])
        yield book


WAYS_OF_WRITING = (
    "+8613800000001",
    "13800000001",
    "138 0000 0001",
    "138-0000-0001",
    "008613800000001",
    "+86 138 0000 0001",
    "tel:+86-138-0000-0001",
)


@pytest.mark.parametrize("written", WAYS_OF_WRITING)
async def test_a_customer_is_found_however_the_number_is_written(
    book: FillableLoanBook, written: str
) -> None:
    assert await book.find_customer(written) == LIN.customer


@pytest.mark.parametrize("written", ["", "anonymous", "1000", "13800000009", "+1", "0" * 40, "'; --", "１"])
async def test_nobody_is_found_by_what_is_no_customers_number(book: FillableLoanBook, written: str) -> None:
    assert await book.find_customer(written) is None


@pytest.mark.parametrize(
    ("tail", "right"),
    [
        ("567X", True),
        ("567x", True),
        ("X", True),
        ("5671", False),
        ("", False),
        ("%", False),
        ("56 7X", False),
    ],
)
async def test_an_id_tail_is_checked_exactly(book: FillableLoanBook, tail: str, right: bool) -> None:
    assert await book.verify_id_tail(LIN.customer.customer_id, tail) is right
    assert await book.verify_id_tail(CustomerId("C9"), tail) is False


async def test_loans_come_back_to_the_cent_with_their_plans_in_order(book: FillableLoanBook) -> None:
    loans = await book.loans(LIN.customer.customer_id)
    assert loans == LIN.loans
    assert [str(part.amount) for part in loans[0].instalments] == ["23456.78", "0.10", "0.20", "1.01"]
    summary = summarise(loans, TODAY)
    assert (str(summary.balance), str(summary.overdue_amount)) == ("1.31", "0.10")
    assert await book.loans(EMMA.customer.customer_id) == ()
    assert await book.loans(CustomerId("C9")) == ()


async def test_saving_again_replaces_what_was_known(book: FillableLoanBook) -> None:
    moved = replace(LIN, customer=replace(LIN.customer, phone="+8613900000001"), loans=LIN.loans[1:])
    for _ in range(2):
        await book.save([moved])
    assert await book.find_customer("13800000001") is None
    assert await book.find_customer("13900000001") == moved.customer
    assert await book.loans(LIN.customer.customer_id) == moved.loans


async def test_a_fraction_of_a_cent_is_refused_and_nothing_of_the_batch_is_kept(store_url: str) -> None:
    database = Database(store_url)
    book = SqlLoanBook(database)
    odd = replace(LIN, loans=(_loan("L3", TODAY, ["0.001"]),))
    with pytest.raises(StoreError, match="two decimals"):
        await book.save([EMMA, odd])
    assert await book.find_customer(EMMA.customer.phone) is None
    await database.close()
