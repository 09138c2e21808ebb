"""Every lookup of the hotline: its results, its slots, and its silence towards whoever has proved nothing."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.store_memory import MemoryLoanBook, MemoryTicketDesk
from ivr.bootstrap.sessions import open_services
from ivr.calls.ids import CallId
from ivr.calls.loans import CustomerFile, TermsUnknown
from ivr.calls.tickets import STRONG_KINDS, ProofMissing, TicketRequest
from ivr.cli.demo_book import demo_customers
from ivr.cli.demo_trials import TRIALS
from ivr.config import Settings
from ivr.runtime.services import Found, HotlineServices

NOW = datetime(2030, 3, 10, 4, 0, tzinfo=UTC)
"""A Sunday; noon in Shanghai."""
TODAY = date(2030, 3, 10)
FILES = list(demo_customers(len(TRIALS), 1, TODAY))


class SetClock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


def customer(has: str) -> CustomerFile:
    return next(file for file, trial in zip(FILES, TRIALS, strict=True) if has in trial.has)


class Hotline:
    def __init__(self, files: list[CustomerFile] = FILES) -> None:
        self.clock = SetClock()
        self.desk = MemoryTicketDesk()
        book = MemoryLoanBook(files, clock=self.clock)
        self.services: HotlineServices = open_services(Settings(), book, self.clock, self.desk)

    async def ask(self, service: str, who: CustomerFile, level: str = "light", **slots: Any) -> Found:
        known = {"customer_id": who.customer.customer_id, "proof_level": level}
        return await self.services.look_up(service, "", known | slots, {})


ONE, LATE, SEVERAL = customer("one loan"), customer("two instalments"), customer("three loans")
NO_LOAN = customer("application refused")
FIRST_DUE = ONE.loans[0].unpaid[0]


@pytest.fixture
def hotline() -> Hotline:
    return Hotline()


async def test_caller_id_proposes_and_proves_nothing(hotline: Hotline) -> None:
    found = await hotline.services.look_up("identify", ONE.customer.phone, {}, {})
    assert (found.result, found.slots, found.verified) == ("known", {"customer_id": "C000001"}, False)
    for caller in ("anonymous", "", "+8613999999999"):
        assert (await hotline.services.look_up("identify", caller, {}, {})).result == "unknown"
    named = await hotline.services.look_up("find_by_phone", "", {"phone": "138 0000 0001"}, {})
    assert named.customer_id == "C000001"


async def test_a_right_piece_proves_and_others_do_not(hotline: Hotline) -> None:
    known = {"customer_id": ONE.customer.customer_id}

    async def check(**secrets: str) -> Found:
        return await hotline.services.look_up("check_piece", "", known, secrets)

    right = await check(id_tail="1234")
    assert (right.result, right.customer_id, right.verified) == ("right", "C000001", True)
    assert (await check(birth_date=ONE.birth_date.isoformat())).verified
    wrong = await check(id_tail="9999")
    assert (wrong.result, wrong.customer_id, wrong.verified) == ("wrong", None, False)
    none = {"customer_id": NO_LOAN.customer.customer_id}
    found = await hotline.services.look_up("check_piece", "", none, {"last_repayment": "10"})
    assert found.result == "unavailable"
    with pytest.raises(ValueError, match="password"):
        await check(password="1234")


TOLD = [
    (ONE, "loan_summary", {}, "owing", {"balance", "due_on", "due_amount", "overdue", "loans"}),
    (LATE, "loan_summary", {}, "overdue", {"balance", "due_on", "due_amount", "overdue", "loans"}),
    (customer("settled"), "loan_summary", {}, "no_loans", set()),
    (ONE, "overdue_cost", {}, "none", set()),
    (LATE, "overdue_cost", {}, "overdue", {"overdue", "overdue_days", "late_daily", "late_accrued"}),
    (ONE, "plan_start", {}, "plan", {"plan_at", "left"}),
    (NO_LOAN, "plan_start", {}, "no_loans", set()),
    (ONE, "plan_page", {"plan_at": 15}, "one", {"plan_at", "left", "p1_number", "p1_on", "p1_amount"}),
    (ONE, "pick_loan", {}, "one", {"loan_id", "loan_product"}),
    (NO_LOAN, "pick_loan", {}, "none", set()),
    (
        SEVERAL,
        "pick_loan",
        {},
        "several",
        {"loans", "l1_product", "l1_amount", "l2_product", "l2_amount", "l3_product", "l3_amount"},
    ),
    (
        customer("two loans"),
        "pick_loan",
        {},
        "two",
        {"loans", "l1_product", "l1_amount", "l2_product", "l2_amount"},
    ),
    (SEVERAL, "choose_loan", {"which": "-1"}, "chosen", {"loan_id", "loan_product"}),
    (NO_LOAN, "choose_loan", {"which": "-1"}, "no_such", set()),
    (SEVERAL, "choose_loan", {"which": 2}, "chosen", {"loan_id", "loan_product"}),
    (SEVERAL, "choose_loan", {"which": "3"}, "chosen", {"loan_id", "loan_product"}),
    (SEVERAL, "choose_loan", {"which": 4}, "no_such", set()),
    (SEVERAL, "choose_loan", {}, "no_such", set()),
    (ONE, "payment_arrived", {}, "arrived", {"paid_amount", "paid_on"}),
    (customer("on its way"), "payment_arrived", {}, "on_its_way", {"paid_amount", "paid_on"}),
    (NO_LOAN, "payment_arrived", {}, "nothing", set()),
    (NO_LOAN, "application_status", {}, "refused", {"app_product", "app_amount", "app_on"}),
    (customer("review"), "application_status", {}, "reviewing", {"app_product", "app_amount", "app_on"}),
    (customer("approved"), "application_status", {}, "approved", {"app_product", "app_amount", "app_on"}),
    (
        customer("application paid out"),
        "application_status",
        {},
        "paid_out",
        {"app_product", "app_amount", "app_on"},
    ),
    (ONE, "application_status", {}, "none", set()),
    (LATE, "settlement_quote", {}, "overdue", set()),
    (NO_LOAN, "settlement_quote", {}, "no_loans", set()),
    (ONE, "settlement_quote", {"wish_date": "2030-03-09"}, "past", set()),
    (ONE, "settlement_quote", {"wish_date": "2030-12-31"}, "too_far", set()),
    (
        ONE,
        "settlement_quote",
        {"wish_date": "2030-03-14"},
        "quoted",
        {"settle_on", "settle_total", "settle_principal", "settle_interest", "settle_fee"},
    ),
    (ONE, "due_day_change", {"new_day": 5}, "possible", {"new_day"}),
    (ONE, "due_day_change", {"new_day": "2030-04-05"}, "possible", {"new_day"}),
    (ONE, "due_day_change", {"new_day": "15"}, "not_possible", {"why_not"}),
    (LATE, "due_day_change", {"new_day": 5}, "not_possible", {"why_not"}),
]


@pytest.mark.parametrize("case", TOLD, ids=lambda case: f"{case[1]}-{case[3]}")
async def test_each_lookup_gives_its_results_with_their_slots(
    hotline: Hotline, case: tuple[CustomerFile, str, dict[str, Any], str, set[str]]
) -> None:
    who, service, slots, result, told = case
    found = await hotline.ask(service, who, **slots)
    assert (found.result, set(found.slots)) == (result, told)


async def test_who_has_proved_nothing_learns_nothing_not_even_that_there_is_a_loan(hotline: Hotline) -> None:
    open_to_all = {"identify", "find_by_phone", "check_piece", "agents_hours"}
    open_to_all |= {"callback_moment", "coming_day", "do_not_call", "take_up_survey"}
    guarded = hotline.services.names - open_to_all
    assert {service for _, service, *_ in TOLD} == guarded
    for service in guarded:
        for level in ("none", "", "half"):
            assert await hotline.ask(service, ONE, level, plan_at=0) == Found("not_verified")
        nobody = await hotline.services.look_up(service, ONE.customer.phone, {"proof_level": "light"}, {})
        assert nobody == Found("not_verified")


async def test_the_plan_goes_on_where_it_stopped(hotline: Hotline) -> None:
    slots: dict[str, Any] = dict((await hotline.ask("plan_start", ONE)).slots)
    results, numbers = [], []
    for _ in range(7):
        found = await hotline.ask("plan_page", ONE, **slots)
        slots |= found.slots
        results.append(found.result)
        numbers += [slots[f"p{n}_number"] for n in (1, 2, 3) if f"p{n}_number" in found.slots]
    assert results == ["three"] * 5 + ["one", "end"]
    assert numbers == list(range(9, 25))
    assert slots["left"] == 0
    start = await hotline.ask("plan_page", ONE)
    assert (start.slots["p1_on"], start.slots["p1_amount"]) == (FIRST_DUE.due_on, FIRST_DUE.amount)


async def test_a_chosen_loan_is_the_one_that_plan_and_quote_are_about(hotline: Hotline) -> None:
    chosen = (await hotline.ask("choose_loan", SEVERAL, which=1)).slots
    one = await hotline.ask("settlement_quote", SEVERAL, **chosen)
    all_of_them = await hotline.ask("settlement_quote", SEVERAL)
    loan = next(loan for loan in SEVERAL.loans if loan.loan_id == chosen["loan_id"])
    assert one.slots["settle_principal"] == sum(part.principal for part in loan.unpaid)
    principals = [part.principal for loan in SEVERAL.loans for part in loan.unpaid]
    assert all_of_them.slots["settle_principal"] == sum(principals)
    assert (await hotline.ask("plan_start", SEVERAL, **chosen)).slots["left"] == len(loan.unpaid)


async def test_a_new_wish_for_a_day_goes_before_the_day_of_the_last_quote(hotline: Hotline) -> None:
    first = await hotline.ask("settlement_quote", ONE, wish_date="2030-03-12")
    again = await hotline.ask("settlement_quote", ONE, **(dict(first.slots) | {"wish_date": "2030-03-13"}))
    assert (first.slots["settle_on"], again.slots["settle_on"]) == (date(2030, 3, 12), date(2030, 3, 13))
    assert (await hotline.ask("settlement_quote", ONE)).slots["settle_on"] == TODAY


async def test_terms_that_the_book_does_not_tell_are_a_fault_and_not_a_guess() -> None:
    bare = replace(LATE, loans=tuple(replace(loan, late_daily_rate=None) for loan in LATE.loans))
    with pytest.raises(TermsUnknown):
        await Hotline([bare]).ask("overdue_cost", bare)


@pytest.mark.parametrize(
    ("at", "result", "slots"),
    [
        (NOW, "open", {"closes_at": "21:00", "closes_hour": 21}),
        (
            NOW + timedelta(hours=10),
            "closed",
            {"opens_on": date(2030, 3, 11), "opens_at": "09:00", "opens_hour": 9},
        ),
    ],
)
async def test_anybody_may_ask_whether_people_are_there(
    hotline: Hotline, at: datetime, result: str, slots: dict[str, Any]
) -> None:
    hotline.clock.at = at
    found = await hotline.services.look_up("agents_hours", "", {}, {})
    assert (found.result, found.slots) == (result, slots)


def request(kind: str = "complaint", **changes: Any) -> TicketRequest:
    return TicketRequest(
        ticket_id="call-1-1", call_id=CallId("call-1"), kind=kind, reason="asked", working_days=3, **changes
    )


async def test_a_ticket_gets_a_number_and_a_day_to_tell(hotline: Hotline) -> None:
    ticket = await hotline.services.open_ticket(
        request(care=True, details={"settle_total": Decimal("10.00"), "settle_on": TODAY})
    )
    assert ticket.slots == {"ticket_number": "100010", "ticket_due_on": date(2030, 3, 13)}
    opened = ticket.opened()
    assert (opened.ticket_kind, opened.care, opened.at) == ("complaint", True, NOW)
    assert opened.details == {"settle_total": "10.00", "settle_on": "2030-03-10"}
    assert (await hotline.services.open_ticket(request())).number == "100010"
    assert list(hotline.desk.tickets) == ["call-1-1"]


@pytest.mark.parametrize("kind", sorted(STRONG_KINDS))
async def test_what_gives_an_account_away_needs_strong_proof(hotline: Hotline, kind: str) -> None:
    for level in ("none", "light"):
        with pytest.raises(ProofMissing):
            await hotline.services.open_ticket(request(kind, proof_level=level))
    assert hotline.desk.tickets == {}
    assert (await hotline.services.open_ticket(request(kind, proof_level="strong"))).number


async def test_a_desk_that_does_not_answer_keeps_nobody_waiting(hotline: Hotline) -> None:
    class StuckDesk(MemoryTicketDesk):
        async def open(self, *_: Any) -> str:
            await asyncio.sleep(3600)
            return ""

    stuck = open_services(Settings(), MemoryLoanBook(), hotline.clock, StuckDesk())
    with pytest.raises(TimeoutError):
        await stuck.open_ticket(request())


def test_the_page_for_script_authors_tells_every_lookup_with_its_results_and_slots(hotline: Hotline) -> None:
    page = (Path(__file__).parents[2] / "docs" / "scripts-lookups.md").read_text("utf-8")
    rows = {row.split("`")[1]: row for row in page.splitlines() if row.startswith("| `")}
    assert rows.keys() == hotline.services.names
    for _, service, _, result, told in TOLD:
        for word in (result, *told):
            # What is there three times over is told once.
            shown = re.sub(r"^([lp])[123]_", r"\g<1>1_", word)
            assert f"`{shown}`" in rows[service], (service, word)
