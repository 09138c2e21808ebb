"""Loan books keep the same promises, wherever they keep their customers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

import pytest
from core_system_client import FillableHttpLoanBook, Trial, open_book
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_memory import MemoryLoanBook
from ivr.adapters.store_sqlalchemy import Database, SqlLoanBook, StoreError
from ivr.calls.identity import Check, Piece
from ivr.calls.ids import CustomerId
from ivr.calls.loans import (
    Application,
    ApplicationStatus,
    Customer,
    CustomerFile,
    Instalment,
    Loan,
    Payment,
    summarise,
)
from ivr.runtime.store_ports import LoanBook


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
    rates = (Decimal("0.156"), Decimal("0.00050001"), None) if loan_id == "L1" else (None, None, None)
    return Loan(loan_id, "安心贷", signed_on, Decimal("999999999999.99"), "CNY", plan, *rates)


LIN = CustomerFile(
    Customer(CustomerId("C1"), "林晓雨", "+8613800000001", "zh-CN"),
    "99000019931005567X",
    date(1993, 10, 5),
    (
        _loan("L1", date(2024, 1, 1), ["23456.78", "0.10", "0.20", "1.01"]),
        _loan("L2", date(2024, 6, 1), ["5.00"]),
    ),
    payments=(
        Payment("P2", Decimal("1234.56"), date(2025, 3, 1), booked=False),
        Payment("P1", Decimal("23456.78"), date(2025, 2, 1), booked=True),
    ),
    applications=(
        Application("A2", "车易贷", Decimal("80000.00"), ApplicationStatus.REVIEWING, date(2025, 3, 2)),
        Application("A1", "安心贷", Decimal("3000.00"), ApplicationStatus.PAID_OUT, date(2024, 1, 1)),
    ),
)
EMMA = CustomerFile(
    Customer(CustomerId("C2"), "Emma Carter", "+8613800000002", "en-US"),
    "990000197905081234",
    date(1979, 5, 8),
    (),
)


@dataclass
class SetClock:
    at: datetime = datetime(2025, 3, 4, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(params=["memory", "sqlite", "postgres", "http"])
def place(request: pytest.FixtureRequest) -> str | Trial | None:
    """The database's address, or the core system; None for a book in memory."""
    fixture = {"sqlite": "sqlite_url", "postgres": "postgres_url", "http": "trial"}.get(request.param)
    return request.getfixturevalue(fixture) if fixture else None


@pytest.fixture
async def book(place: str | Trial | None, clock: SetClock) -> AsyncIterator[FillableLoanBook]:
    async with AsyncExitStack() as stack:
        book: FillableLoanBook
        if place is None:
            book = MemoryLoanBook(clock=clock)
        elif isinstance(place, Trial):
            opened = await stack.enter_async_context(open_book(place.settings))
            book = FillableHttpLoanBook(opened.core, opened.metrics, fill=place.fill)
        else:
            database = Database(place)
            stack.push_async_callback(database.close)
            book = SqlLoanBook(database, clock=clock)
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
    ("piece", "value", "right"),
    [
        (Piece.ID_TAIL, "567X", True),
        (Piece.ID_TAIL, "567x", True),
        (Piece.ID_TAIL, "X", False),
        (Piece.ID_TAIL, "5671", False),
        (Piece.ID_TAIL, "", False),
        (Piece.ID_TAIL, "%", False),
        (Piece.ID_TAIL, "56 7X", False),
        (Piece.BIRTH_DATE, "1993-10-05", True),
        (Piece.BIRTH_DATE, "19931005", True),
        (Piece.BIRTH_DATE, "1993-05-10", False),
        (Piece.LAST_REPAYMENT, "1234.56", True),
        (Piece.LAST_REPAYMENT, "1234", True),
        (Piece.LAST_REPAYMENT, "23456.78", True),
        (Piece.LAST_REPAYMENT, "1234.5", False),
        (Piece.LAST_REPAYMENT, "1235.56", False),
        (Piece.LAST_REPAYMENT, "all", False),
    ],
)
async def test_a_piece_is_compared_as_people_say_it(
    book: FillableLoanBook, piece: Piece, value: str, right: bool
) -> None:
    expected = Check.RIGHT if right else Check.WRONG
    assert await book.check_piece(LIN.customer.customer_id, piece, value) is expected
    assert await book.check_piece(CustomerId("C9"), piece, value) is Check.WRONG


async def test_who_never_paid_is_asked_for_another_piece_and_it_costs_no_try(book: FillableLoanBook) -> None:
    for _ in range(6):
        check = await book.check_piece(EMMA.customer.customer_id, Piece.LAST_REPAYMENT, "100")
        assert check is Check.UNAVAILABLE
    assert await book.check_piece(EMMA.customer.customer_id, Piece.ID_TAIL, "1234") is Check.RIGHT


async def test_the_fifth_wrong_check_locks_that_customer_for_right_ones_too(book: FillableLoanBook) -> None:
    who, other = LIN.customer.customer_id, EMMA.customer.customer_id
    tries = [(Piece.ID_TAIL, "0000"), (Piece.BIRTH_DATE, "1900-01-01"), (Piece.LAST_REPAYMENT, "1")]
    assert [await book.check_piece(who, *one) for one in tries] == [Check.WRONG] * 3
    assert await book.check_piece(who, Piece.ID_TAIL, "567X") is Check.RIGHT
    assert [await book.check_piece(who, *one) for one in tries[:2]] == [Check.WRONG, Check.LOCKED]
    assert await book.check_piece(who, Piece.ID_TAIL, "567X") is Check.LOCKED
    assert await book.check_piece(other, Piece.ID_TAIL, "1234") is Check.RIGHT


@pytest.mark.parametrize("place", ["memory", "sqlite", "postgres"], indirect=True)
async def test_a_lock_lasts_for_24_hours_and_outlives_an_import(
    book: FillableLoanBook, clock: SetClock
) -> None:
    who = LIN.customer.customer_id
    for _ in range(5):
        await book.check_piece(who, Piece.ID_TAIL, "0000")
        clock.at += timedelta(minutes=1)
    await book.save([LIN])
    clock.at += timedelta(hours=23, minutes=58)
    assert await book.check_piece(who, Piece.ID_TAIL, "567X") is Check.LOCKED
    clock.at += timedelta(minutes=2)
    assert await book.check_piece(who, Piece.ID_TAIL, "567X") is Check.RIGHT


@pytest.mark.parametrize("place", ["sqlite", "postgres"], indirect=True)
async def test_checks_that_run_at_once_are_all_counted(book: FillableLoanBook) -> None:
    who = LIN.customer.customer_id
    checks = await asyncio.gather(*(book.check_piece(who, Piece.ID_TAIL, "0000") for _ in range(9)))
    assert sorted(check.value for check in checks) == ["locked"] * 5 + ["wrong"] * 4


async def test_what_was_said_in_a_check_is_nowhere_in_the_store(store_url: str) -> None:
    database = Database(store_url)
    book = SqlLoanBook(database)
    await book.save([LIN])
    await book.check_piece(LIN.customer.customer_id, Piece.ID_TAIL, "9876")

    async def rows(connection: AsyncConnection) -> list[dict[str, object]]:
        found = await connection.execute(text("SELECT * FROM wrong_checks"))
        return [dict(row) for row in found.mappings()]

    (row,) = await database.read(rows)
    assert set(row) == {"id", "customer_id", "piece", "at"}
    assert row["piece"] == "id_tail"
    await database.close()


async def test_payments_and_applications_come_back_newest_first(book: FillableLoanBook) -> None:
    assert await book.payments(LIN.customer.customer_id) == LIN.payments
    assert await book.applications(LIN.customer.customer_id) == LIN.applications
    for nobody in (EMMA.customer.customer_id, CustomerId("C9")):
        assert await book.payments(nobody) == ()
        assert await book.applications(nobody) == ()


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
