"""The demo loan book is the same for everybody, and always has something to tell."""

from datetime import date, timedelta

import pytest

from ivr.calls.early_settlement import SettlementQuote, settlement_quote
from ivr.calls.loans import ApplicationStatus, summarise
from ivr.calls.overdue import overdue_cost
from ivr.cli.demo_book import TRIAL_PHONE, demo_customers
from ivr.cli.demo_trials import TRIALS

DAYS = [date(2025, 1, 31), date(2024, 2, 29), date(2025, 12, 15), date(2026, 6, 14)]


@pytest.mark.parametrize("today", DAYS)
def test_the_trial_customers_are_always_there(today: date) -> None:
    first, second, third = demo_customers(3, 1, today)
    assert (first.customer.phone, first.customer.locale, first.id_number[-4:]) == (
        TRIAL_PHONE,
        "zh-CN",
        "1234",
    )
    assert (second.customer.phone, second.customer.locale) == ("+8613800000002", "en-US")
    assert second.id_number.endswith("1234")
    assert third.id_number.endswith("567X")
    summary = summarise(first.loans, today)
    assert summary.next_due_on is not None
    assert summary.next_due_on > today
    assert (summary.loans, summary.overdue_amount) == (1, 0)
    assert summary.balance > summary.next_due_amount > 0


@pytest.mark.parametrize("today", DAYS)
def test_running_loans_have_a_due_date_ahead_and_some_are_overdue(today: date) -> None:
    summaries = [summarise(file.loans, today) for file in demo_customers(200, 7, today)]
    running = [s for s in summaries if s.balance]
    assert all(s.next_due_on is not None and s.next_due_on > today for s in running)
    assert 0 < sum(1 for s in running if s.overdue_amount) < len(running) / 2
    assert any(not s.balance for s in summaries)


def test_customers_do_not_depend_on_how_many_there_are_and_only_dates_on_the_day() -> None:
    today = DAYS[0]
    assert list(demo_customers(20, 3, today)) == list(demo_customers(50, 3, today))[:20]
    tomorrow = list(demo_customers(20, 3, today + timedelta(days=1)))
    assert [file.customer for file in tomorrow] == [file.customer for file in demo_customers(20, 3, today)]
    assert [f.id_number for f in tomorrow] != [f.id_number for f in demo_customers(20, 4, today)]


def test_numbers_are_unique_and_no_real_persons() -> None:
    files = list(demo_customers(300, 1, DAYS[0]))
    assert len({file.customer.phone for file in files}) == len({file.id_number for file in files}) == 300
    weights = [pow(2, 17 - n, 11) for n in range(18)]
    for file in files:
        digits = [10 if c == "X" else int(c) for c in file.id_number]
        assert sum(d * w for d, w in zip(digits, weights, strict=True)) % 11 == 1
        assert file.id_number.startswith("990000")
        assert f"{file.birth_date:%Y%m%d}" == file.id_number[6:14]


@pytest.mark.parametrize("today", DAYS)
def test_every_service_has_a_trial_customer_in_mandarin(today: date) -> None:
    files = [f for f in demo_customers(len(TRIALS), 1, today) if f.customer.locale == "zh-CN"]
    assert any(overdue_cost(file.loans, today) for file in files)
    assert any(isinstance(settlement_quote(file.loans, today, today), SettlementQuote) for file in files)
    assert any(summarise(file.loans, today).loans == 3 for file in files)
    assert any(file.loans and summarise(file.loans, today).loans == 0 for file in files)
    assert any(file.payments and not file.payments[0].booked for file in files)
    assert any(not file.payments for file in files)
    statuses = {application.status for file in files for application in file.applications}
    assert statuses >= set(ApplicationStatus) - {ApplicationStatus.PAID_OUT}
    assert all(payment.received_on <= today for file in files for payment in file.payments)
