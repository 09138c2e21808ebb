"""What is told of a loan is right to the cent, and nothing is told that the book does not know."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from ivr.calls.due_day import due_day_refusal
from ivr.calls.early_settlement import NoQuote, SettlementQuote, settlement_quote
from ivr.calls.loans import Instalment, Loan, Payment, TermsUnknown
from ivr.calls.overdue import overdue_cost
from ivr.calls.payments import last_repayments, latest_payment, payments_or_paid
from ivr.calls.plan_pages import coming_instalments, plan_page

TODAY = date(2030, 3, 10)


def loan(*parts: tuple[date, bool], rates: tuple[str, str, str] = ("0.126", "0.0005", "0.02")) -> Loan:
    """Each part is 1,000.00 of principal and 10.50 of interest, due on a day, paid or not."""
    plan = tuple(
        Instalment(n, due_on, Decimal("1010.50"), Decimal("1000.00"), due_on if paid else None)
        for n, (due_on, paid) in enumerate(parts, 1)
    )
    terms = [Decimal(rate) for rate in rates]
    return Loan("L1", "安心贷", date(2029, 12, 20), Decimal("3000.00"), "CNY", plan, *terms)


def on(month: int, day: int, *, paid: bool = False) -> tuple[date, bool]:
    return date(2030, month, day), paid


RUNNING = loan(on(2, 20, paid=True), on(3, 20), on(4, 20))
LATE = loan(on(1, 20), on(2, 20), on(3, 20))
UNKNOWN = replace(LATE, annual_rate=None, late_daily_rate=None, early_fee_rate=None)


@pytest.mark.parametrize(
    ("loans", "expected"),
    [
        # 1010.50 x 0.0005 = 0.50525 a day for each; 49 and 18 days late.
        ([LATE], ("2021.00", 49, "1.01", "33.85")),
        ([loan(on(3, 9), on(4, 9))], ("1010.50", 1, "0.51", "0.51")),
        ([loan(on(3, 9), rates=("0", "0", "0"))], ("1010.50", 1, "0.00", "0.00")),
        ([RUNNING, LATE], ("2021.00", 49, "1.01", "33.85")),
    ],
)
def test_being_late_costs_a_share_of_what_is_overdue_for_each_day(
    loans: list[Loan], expected: tuple[str, int, str, str]
) -> None:
    cost = overdue_cost(loans, TODAY)
    assert cost is not None
    assert (str(cost.amount), cost.days, str(cost.daily), str(cost.accrued)) == expected


@pytest.mark.parametrize("loans", [[], [RUNNING], [loan(on(3, 10))], [loan(on(1, 1, paid=True))]])
def test_what_is_due_today_is_not_late(loans: list[Loan]) -> None:
    assert overdue_cost(loans, TODAY) is None


def test_a_cost_that_the_book_does_not_know_is_left_to_people() -> None:
    with pytest.raises(TermsUnknown):
        overdue_cost([UNKNOWN], TODAY)
    current = replace(RUNNING, annual_rate=None)
    with pytest.raises(TermsUnknown):
        settlement_quote([current], TODAY, TODAY)


@pytest.mark.parametrize(
    ("start", "numbers", "left"),
    [(0, [1, 2, 3], 4), (3, [4, 5, 6], 1), (6, [7], 0), (7, [], 0), (99, [], 0), (-1, [1, 2, 3], 4)],
)
def test_a_plan_is_read_three_at_a_time(start: int, numbers: list[int], left: int) -> None:
    plan = coming_instalments([loan(*[on(n, 20) for n in range(4, 11)])])
    page = plan_page(plan, start)
    assert ([part.number for part in page.parts], page.left) == (numbers, left)


def test_the_plan_holds_what_is_unpaid_over_all_loans_by_due_date() -> None:
    plan = coming_instalments([LATE, RUNNING])
    assert [part.due_on for part in plan] == sorted(part.due_on for part in plan)
    assert len(plan) == 5


@pytest.mark.parametrize(
    ("settle_on", "principal", "interest", "fee", "total"),
    [
        # 2000 x 0.126 x 18 / 360 = 12.60 since 20 February; fee 2 % of 2000.
        (date(2030, 3, 10), "2000.00", "12.60", "40.00", "2052.60"),
        (date(2030, 3, 15), "2000.00", "16.10", "40.00", "2056.10"),
        # On the due date its instalment is part of the quote.
        (date(2030, 3, 20), "2000.00", "19.60", "40.00", "2059.60"),
        # The day after, the instalment of the 20th is taken to be paid: 1000 x 0.126 x 1 / 360.
        (date(2030, 3, 21), "1000.00", "0.35", "20.00", "1020.35"),
    ],
)
def test_a_quote_is_principal_interest_of_the_days_and_fee(
    settle_on: date, principal: str, interest: str, fee: str, total: str
) -> None:
    quote = settlement_quote([RUNNING], settle_on, TODAY)
    assert isinstance(quote, SettlementQuote)
    parts = (str(quote.principal), str(quote.interest), str(quote.fee), str(quote.total))
    assert parts == (principal, interest, fee, total)


def test_before_the_first_due_date_interest_runs_from_the_signing() -> None:
    quote = settlement_quote([loan(on(3, 20), on(4, 20))], TODAY, TODAY)
    assert isinstance(quote, SettlementQuote)
    assert quote.interest == Decimal("56.00"), "2000 x 0.126 x 80 / 360"


def test_who_has_paid_ahead_owes_no_interest_for_what_is_paid() -> None:
    quote = settlement_quote([loan(on(2, 20, paid=True), on(3, 20, paid=True), on(4, 20))], TODAY, TODAY)
    assert isinstance(quote, SettlementQuote)
    assert (str(quote.principal), str(quote.interest)) == ("1000.00", "0.00")


@pytest.mark.parametrize(
    ("loans", "settle_on", "why"),
    [
        ([], TODAY, NoQuote.NO_LOANS),
        ([loan(on(2, 20, paid=True))], TODAY, NoQuote.NO_LOANS),
        ([RUNNING], TODAY - timedelta(days=1), NoQuote.PAST),
        ([RUNNING], TODAY + timedelta(days=91), NoQuote.TOO_FAR),
        # The last instalment is due on 20 April.
        ([RUNNING], date(2030, 4, 21), NoQuote.TOO_FAR),
        ([LATE], TODAY, NoQuote.OVERDUE),
        ([RUNNING, LATE], TODAY, NoQuote.OVERDUE),
    ],
)
def test_a_quote_is_refused_with_its_reason(loans: list[Loan], settle_on: date, why: NoQuote) -> None:
    assert settlement_quote(loans, settle_on, TODAY) is why


def test_ninety_days_ahead_is_not_too_far() -> None:
    ahead = TODAY + timedelta(days=90)
    assert isinstance(settlement_quote([loan(on(7, 20))], ahead, TODAY), SettlementQuote)


@pytest.mark.parametrize(
    ("loans", "new_day", "why"),
    [
        ([RUNNING], 5, None),
        ([RUNNING], 28, None),
        ([RUNNING], 20, "same_day"),
        ([RUNNING], 0, "no_such_day"),
        ([RUNNING], 29, "no_such_day"),
        ([RUNNING], -1, "no_such_day"),
        ([LATE], 5, "overdue"),
        ([], 5, "no_loans"),
        ([loan(on(2, 20, paid=True))], 5, "no_loans"),
        # Due on the 31st: February and April cut it off.
        ([loan(on(4, 30), on(5, 31))], 28, None),
        ([RUNNING, loan(on(3, 15))], 20, None),
    ],
)
def test_another_due_day_can_be_asked_for_or_the_reason_is_told(
    loans: list[Loan], new_day: int, why: str | None
) -> None:
    assert due_day_refusal(loans, new_day, TODAY) == why


def payment(name: str, day: date, amount: str = "10.00", *, booked: bool = True) -> Payment:
    return Payment(name, Decimal(amount), day, booked)


@pytest.mark.parametrize(
    ("payments", "latest"),
    [
        ([], None),
        ([payment("old", date(2030, 2, 7))], None),
        ([payment("a", date(2030, 2, 8))], "a"),
        ([payment("a", date(2030, 3, 1)), payment("b", date(2030, 3, 9), booked=False)], "b"),
        ([payment("a", date(2030, 3, 9)), payment("b", date(2030, 3, 9), booked=False)], "b"),
        ([payment("a", date(2030, 3, 9)), payment("b", date(2030, 3, 1), booked=False)], "a"),
        ([payment("ahead", date(2030, 3, 11))], None),
    ],
)
def test_the_payment_asked_after_is_the_newest_of_the_last_30_days(
    payments: list[Payment], latest: str | None
) -> None:
    found = latest_payment(payments, TODAY)
    assert (found.payment_id if found else None) == latest


def test_a_book_without_payments_tells_of_the_instalments_that_are_paid() -> None:
    paid_on = date(2030, 2, 19)
    double = loan(on(1, 20), on(2, 20), on(3, 20))
    parts = tuple(replace(part, paid_on=paid_on) for part in double.instalments[:2])
    (found,) = payments_or_paid([], [replace(double, instalments=(*parts, double.instalments[2]))])
    assert (found.amount, found.received_on, found.booked) == (Decimal("2021.00"), paid_on, True)
    given = [payment("a", date(2030, 1, 1)), payment("b", date(2030, 2, 1))]
    assert [one.payment_id for one in payments_or_paid(given, [RUNNING])] == ["b", "a"]


@pytest.mark.parametrize(
    ("payments", "amounts"),
    [
        ([], set()),
        ([payment("a", date(2030, 1, 1), "1"), payment("b", date(2030, 2, 1), "2")], {"2"}),
        ([payment("a", date(2030, 2, 1), "1"), payment("b", date(2030, 2, 1), "2")], {"1", "2"}),
        (
            [payment("a", date(2030, 1, 1), "1"), payment("b", date(2030, 2, 1), "2", booked=False)],
            {"1", "2"},
        ),
        ([payment("a", date(2030, 1, 1), "1", booked=False), payment("b", date(2030, 2, 1), "2")], {"2"}),
    ],
)
def test_a_last_repayment_is_the_last_booked_one_or_one_on_its_way(
    payments: list[Payment], amounts: set[str]
) -> None:
    assert last_repayments(payments) == {Decimal(amount) for amount in amounts}
