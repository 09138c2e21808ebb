"""Every service of the hotline, event by event: what is asked, looked up, told, filed and settled."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.intent_files import read_intents
from ivr.adapters.script_files import load_script
from ivr.dialogue.advance import Advance, advance
from ivr.dialogue.ladder import LadderPolicy
from ivr.dialogue.state import (
    DialogueState,
    FileTicket,
    Hangup,
    Heard,
    LookedUp,
    LookUp,
    OpenTicket,
    Play,
    Settle,
    Started,
    Transfer,
    TransferFailed,
)
from ivr.dialogue.verification import Level, Proof
from ivr.grammar.result import Match, NoMatch

ROOT = Path(__file__).parents[2]
SCRIPT = load_script(ROOT / "ivr" / "scripts" / "hotline.yaml")
POLICY = LadderPolicy()
PROOFS = {
    "none": Proof(),
    "light": Proof(("id_tail",)),
    "strong": Proof(("id_tail", "birth_date")),
}
TICKET = {"ticket_number": "100016", "ticket_due_on": date(2026, 12, 1)}


class Call:
    """One conversation, with what it did last and all that it ever asked for."""

    def __init__(self, proof: str = "none", *, agent: bool = False) -> None:
        self.state = DialogueState(locale="zh-CN", agent_reachable=agent)
        self.tickets: list[FileTicket] = []
        self.settled: list[str] = []
        self.on(Started())
        self.state = replace(self.state, proof=PROOFS[proof])

    def on(self, event: Any) -> "Call":
        step: Advance = advance(SCRIPT, POLICY, self.state, event)
        self.state, self.actions = step.state, step.actions
        self.tickets += [action for action in self.actions if isinstance(action, FileTicket)]
        self.settled += [action.wish for action in self.actions if isinstance(action, Settle)]
        return self

    def says(self, confidence: float = 0.9, **meaning: str) -> "Call":
        return self.on(Heard(self.state.turn, "speech", Match(meaning, confidence, "…")))

    def presses(self, **meaning: str) -> "Call":
        return self.on(Heard(self.state.turn, "keys", Match(meaning, 1.0, "1")))

    def tells(self, words: str) -> "Call":
        return self.on(Heard(self.state.turn, "speech", NoMatch("out_of_grammar", words, 0.5)))

    def found(self, result: str, **slots: Any) -> "Call":
        assert self.lookup is not None
        return self.on(LookedUp(self.state.turn, result, slots))

    def filed(self) -> "Call":
        return self.on(LookedUp(self.state.turn, "filed", TICKET))

    @property
    def prompts(self) -> list[str]:
        return [say.prompt_id for action in self.actions if isinstance(action, Play) for say in action.says]

    @property
    def lookup(self) -> str | None:
        return next((action.service for action in self.actions if isinstance(action, LookUp)), None)

    @property
    def ticket(self) -> FileTicket:
        (filed,) = [action for action in self.actions if isinstance(action, FileTicket)]
        return filed

    @property
    def step(self) -> str:
        return self.state.step


def wants(intent: str, proof: str = "light", **said_along: str) -> Call:
    return Call(proof).says(intent=intent, **said_along)


@pytest.mark.parametrize("locale", SCRIPT.locales)
def test_every_intent_is_served(locale: str) -> None:
    served = {intent for service in SCRIPT.services for intent in service.intents}
    served |= {"greeting", "goodbye", *SCRIPT.command_steps}
    served |= {"agent", "repeat", "main_menu", "language"}
    assert set(read_intents(ROOT / "grammars", locale).intents) - served == {
        name for name in read_intents(ROOT / "grammars", locale).intents if name.startswith("faq_")
    }


GATES = {
    "light": (
        "balance", "next_due", "overdue", "repayment_plan", "payment_arrived", "early_settlement",
        "change_due_date", "application_status", "refund",
    ),
    "strong": ("change_phone",),
}  # fmt: skip


@pytest.mark.parametrize(
    ("level", "service"), [(level, service) for level, services in GATES.items() for service in services]
)
def test_a_third_party_learns_nothing_before_proof(level: str, service: str) -> None:
    call = wants(service, "none")
    assert (call.lookup, call.prompts, call.settled) == ("identify", [], [])
    call.found("known", customer_id="c1")
    assert call.prompts == ["id_tail_ask"]
    if level == "strong":
        assert call.says(id_tail="1234").found("right").prompts == ["birth_date_ask"]


@pytest.mark.parametrize("service", sorted(s.service_id for s in SCRIPT.services))
def test_no_service_looks_at_a_loan_for_somebody_who_proved_nothing(service: str) -> None:
    call = Call()
    start = call.says(intent=service) if SCRIPT.service_of(service) else call.says(command=service)
    assert start.lookup in {None, "identify", "agents_hours"}


# --- what is told at once -----------------------------------------------------------------------------

TOLD: list[tuple[str, str, Mapping[str, Any], list[str]]] = [
    ("balance", "owing", {}, ["balance_told", "next_due_told"]),
    ("balance", "all_overdue", {}, ["balance_told", "overdue_told"]),
    ("balance", "no_loans", {}, ["no_loans"]),
    ("next_due", "overdue", {}, ["overdue_told", "next_due_told"]),
    ("overdue", "none", {}, ["not_overdue"]),
    ("payment_arrived", "arrived", {}, ["payment_arrived_told"]),
    ("payment_arrived", "on_its_way", {}, ["payment_on_its_way"]),
    ("application_status", "none", {}, ["app_none"]),
    ("application_status", "reviewing", {}, ["app_reviewing"]),
    ("application_status", "approved", {}, ["app_approved"]),
    ("application_status", "refused", {}, ["app_refused"]),
    ("application_status", "paid_out", {}, ["app_paid_out"]),
    ("opening_hours", "open", {}, ["opening_hours_told", "agents_there"]),
    ("opening_hours", "closed", {}, ["opening_hours_told", "agents_gone"]),
    ("opening_hours", "down", {}, ["opening_hours_told"]),
]


@pytest.mark.parametrize(("service", "result", "slots", "told"), TOLD)
def test_the_news_is_told_and_settles_the_wish(
    service: str, result: str, slots: Mapping[str, Any], told: list[str]
) -> None:
    call = wants(service).found(result, **slots)
    assert call.prompts == [*told, "more_ask"]
    assert call.settled == [service]


@pytest.mark.parametrize("service", sorted({row[0] for row in TOLD} - {"opening_hours"}))
def test_what_is_down_gets_a_person_and_never_a_guess(service: str) -> None:
    call = wants(service).found("down")
    assert call.prompts[0] == "service_down"
    assert call.settled == []


# --- what can be had besides, by a ticket ---------------------------------------------------------------

OFFERS = [
    ("contract_copy", "contract_told", "light", "contract_copy"),
    ("settlement_certificate", "certificate_told", "light", "certificate"),
    ("invoice", "invoice_told", "light", "invoice"),
    ("credit_record", "credit_record_told", "light", "credit_objection"),
    ("close_account", "close_account_told", "light", "close_account"),
    ("login_problem", "login_told", "light", "login_problem"),
    ("auto_debit", "auto_debit_told", "light", "auto_debit"),
    ("repay_now", "repay_now_told", "light", "debit_request"),
    ("change_card", "change_card_told", "strong", "change_card"),
]


@pytest.mark.parametrize(("service", "told", "level", "kind"), OFFERS)
def test_an_offer_taken_leaves_a_ticket_with_its_number_and_day(
    service: str, told: str, level: str, kind: str
) -> None:
    call = wants(service, level)
    assert call.prompts[0] == told
    call.says(answer="yes")
    assert call.ticket.kind == kind
    filed = call.filed()
    assert filed.prompts[1:] == ["ticket_told", "more_ask"]
    assert filed.settled == [service]


@pytest.mark.parametrize(("service", "told", "level", "kind"), OFFERS)
def test_an_offer_taken_by_somebody_unproved_needs_proof_first(
    service: str, told: str, level: str, kind: str
) -> None:
    call = wants(service, "none").says(answer="yes")
    assert (call.lookup, call.tickets) == ("identify", [])
    call.found("known", customer_id="c1").says(id_tail="1234").found("right")
    if level == "strong":
        assert call.tickets == []
        call.says(birth_date="1985-03-12").found("right")
    assert call.ticket.kind == kind


@pytest.mark.parametrize(("service", "told", "level", "kind"), OFFERS)
def test_an_offer_declined_leaves_nothing_and_another_wish_may_be_named_instead(
    service: str, told: str, level: str, kind: str
) -> None:
    assert wants(service, level).says(answer="no").prompts == ["more_ask"]
    call = wants(service, level).says(intent="balance")
    assert (call.lookup, call.tickets) == ("loan_summary", [])


# --- several steps --------------------------------------------------------------------------------------


def test_whoever_is_late_hears_what_it_costs_and_is_helped_on() -> None:
    call = wants("overdue").found("overdue", overdue_days=3)
    assert call.prompts == ["overdue_cost_told", "late_cost_told", "overdue_help_ask"]
    assert call.settled == ["overdue"]
    assert wants("overdue").found("overdue").says(answer="yes").prompts[0] == "how_to_repay_told"
    assert wants("overdue").found("overdue").says(intent="hardship").prompts[0] == "hardship_heard"
    assert wants("overdue").found("overdue").presses(intent="hardship").prompts[0] == "hardship_heard"
    assert wants("overdue").found("overdue").says(answer="no").prompts == ["more_ask"]


def test_the_plan_is_read_three_at_a_time_until_it_is_enough() -> None:
    call = wants("repayment_plan").found("one", loan_id="a").found("plan", left=7)
    assert (call.prompts, call.lookup, call.settled) == (["plan_counted"], "plan_page", ["repayment_plan"])
    assert call.found("three", left=4).prompts == ["plan_three", "plan_more_ask"]
    assert call.says(answer="yes").lookup == "plan_page"
    assert call.found("three", left=1).prompts == ["plan_three", "plan_more_ask"]
    assert call.says(answer="yes").found("one", left=0).prompts == ["plan_one", "more_ask"]


def test_the_plan_stops_where_the_caller_has_heard_enough() -> None:
    call = wants("repayment_plan").found("one", loan_id="a").found("plan", left=5).found("three", left=2)
    assert call.says(answer="no").prompts == ["more_ask"]
    assert wants("repayment_plan").found("none").prompts == ["no_loans", "more_ask"]


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("bank_card", "repay_by_card"),
        ("app", "repay_by_app"),
        ("wechat", "repay_by_wechat"),
        ("counter", "repay_at_counter"),
    ],
)
def test_the_ways_to_repay_are_told_and_the_steps_sent(way: str, told: str) -> None:
    call = wants("how_to_repay", "none")
    assert call.prompts == ["how_to_repay_told", "pay_way_ask"]
    call.says(answer="yes")
    assert call.prompts == ["pay_way_which"]
    call.says(pay_way=way)
    assert call.prompts == [told]
    assert (call.ticket.kind, call.ticket.details) == ("repay_details", {"pay_way": way})
    assert call.filed().prompts == ["repay_details_filed", "ticket_told", "more_ask"]
    assert call.settled == ["how_to_repay"]


def test_a_payment_not_seen_is_traced_with_what_the_caller_said_of_it() -> None:
    call = wants("payment_arrived", wish_amount="2000").found("nothing")
    assert call.prompts == ["payment_not_seen", "trace_offer"]
    call.says(answer="yes")
    assert (call.ticket.kind, call.ticket.details) == ("payment_trace", {"wish_amount": "2000"})
    assert call.filed().prompts == ["trace_filed", "ticket_told", "more_ask"]


QUOTED = {"settle_on": date(2026, 12, 5), "settle_total": "9000.00"}


def at_quote(**said_along: str) -> Call:
    call = wants("early_settlement", **said_along).found("one", loan_id="a")
    return call if said_along else call.says(wish_date="2026-12-05")


def test_settling_early_from_the_day_to_the_ticket() -> None:
    call = wants("early_settlement").found("one", loan_id="a")
    assert call.prompts == ["settle_day_ask"]
    call.says(wish_date="2026-12-05")
    assert call.lookup == "settlement_quote"
    call.found("quoted", **QUOTED)
    assert call.prompts == ["settle_quote_told", "settle_parts_told", "settle_offer"]
    call.says(answer="yes")
    assert call.ticket.kind == "early_settlement"
    assert call.ticket.details == {"loan_id": "a", **QUOTED}
    assert call.filed().prompts == ["settle_filed", "ticket_told", "more_ask"]
    assert call.settled == ["early_settlement"]


def test_a_day_named_with_the_wish_is_not_asked_for_again() -> None:
    assert at_quote(wish_date="2026-12-05").lookup == "settlement_quote"


def test_the_day_of_a_former_wish_is_not_taken_for_this_one() -> None:
    call = wants("payment_arrived", wish_date="2026-11-01").found("arrived")
    call.says(intent="early_settlement").found("one", loan_id="a")
    assert call.prompts == ["settle_day_ask"]


def test_a_day_half_heard_is_confirmed_and_corrected() -> None:
    call = wants("early_settlement").found("one", loan_id="a").says(0.5, wish_date="2026-12-15")
    assert call.prompts == ["settle_day_confirm"]
    call.says(wish_date="2026-12-05")
    assert (call.lookup, call.state.slots["wish_date"]) == ("settlement_quote", "2026-12-05")


def test_another_day_gives_another_quote() -> None:
    call = at_quote().found("quoted", **QUOTED).says(wish_date="2026-12-10")
    assert (call.lookup, call.state.slots["wish_date"]) == ("settlement_quote", "2026-12-10")
    call = at_quote().found("quoted", **QUOTED).says(answer="other_day")
    assert call.prompts == ["other_day_ask"]
    assert call.says(wish_date="2026-12-10").lookup == "settlement_quote"


@pytest.mark.parametrize(("result", "told"), [("past", "settle_day_past"), ("too_far", "settle_day_too_far")])
def test_a_day_that_cannot_be_is_said_so_and_another_asked_for(result: str, told: str) -> None:
    assert at_quote(wish_date="2026-11-01").found(result).prompts == [told, "other_day_ask"]


def test_what_is_overdue_comes_before_settling_early() -> None:
    call = at_quote().found("overdue")
    assert (call.prompts, call.lookup) == (["settle_overdue_first"], "overdue_cost")


@pytest.mark.parametrize("service", ["early_settlement", "repayment_plan", "change_due_date"])
def test_of_several_loans_the_second_one_is_meant(service: str) -> None:
    call = wants(service).found("two", loans=2)
    assert call.prompts == ["which_of_two_ask"]
    assert call.says(which="2").lookup == "choose_loan"
    call.found("chosen", loan_id="b")
    assert call.state.slots["loan_id"] == "b"
    assert wants(service).found("several", loans=3).prompts == ["which_of_three_ask"]


def test_a_loan_that_is_not_there_is_asked_for_once_more_then_a_person_helps() -> None:
    call = wants("early_settlement").found("two", loans=2).says(which="3").found("no_such")
    assert (call.prompts, call.lookup) == (["no_such_loan"], "pick_loan")
    call.found("two", loans=2)
    call.says(which="3").found("no_such")
    assert call.state.human_reason == "loan_not_chosen"


def test_going_back_from_the_day_leads_to_the_loan() -> None:
    call = wants("early_settlement").found("two", loans=2).says(which="1").found("chosen", loan_id="a")
    assert call.prompts == ["settle_day_ask"]
    assert call.says(command="back").prompts == ["which_of_two_ask"]
    call.says(which="2").found("chosen", loan_id="b")
    assert (call.prompts, call.state.slots["loan_id"]) == (["settle_day_ask"], "b")


def test_another_due_day_is_asked_for_and_never_promised() -> None:
    call = wants("change_due_date").found("one", loan_id="a")
    assert call.prompts == ["new_day_ask"]
    call.says(wish_day="15").found("possible", new_day=15)
    assert call.prompts == ["new_day_told", "new_day_offer"]
    assert call.settled == []
    call.says(answer="yes")
    assert (call.ticket.kind, call.ticket.details["new_day"]) == ("due_date_change", 15)
    assert call.filed().prompts == ["new_day_filed", "ticket_told", "more_ask"]
    assert call.settled == ["change_due_date"]


def test_the_due_day_may_be_named_with_the_wish_and_changed_again() -> None:
    call = wants("change_due_date", wish_date="2026-12-15").found("one", loan_id="a")
    assert call.lookup == "due_day_change"
    call.found("possible", new_day=15).says(wish_day="20")
    assert (call.lookup, call.state.slots["wish_day"]) == ("due_day_change", "20")


@pytest.mark.parametrize(
    ("why", "prompts", "settled"),
    [
        ("no_such_day", ["new_day_unknown", "new_day_again"], []),
        ("same_day", ["new_day_same", "more_ask"], ["change_due_date"]),
        ("overdue", ["new_day_overdue_first"], []),
        ("no_loans", ["no_loans", "more_ask"], ["change_due_date"]),
    ],
)
def test_why_a_due_day_cannot_be_is_told(why: str, prompts: list[str], settled: list[str]) -> None:
    call = wants("change_due_date", wish_date="2026-12-31").found("one", loan_id="a")
    call.found("not_possible", why_not=why)
    assert (call.prompts, call.settled) == (prompts, settled)


def test_somebody_who_cannot_pay_is_heard_first_and_handed_to_the_care_team() -> None:
    call = wants("hardship", wish_amount="500")
    assert call.prompts == ["hardship_heard", "hardship_offer"]
    call.says(answer="yes").tells("我失业了，想晚一个月还")
    assert (call.ticket.kind, call.ticket.care) == ("hardship", True)
    assert call.ticket.details == {"hardship_words": "我失业了，想晚一个月还", "wish_amount": "500"}
    assert call.filed().prompts == ["hardship_filed", "ticket_told", "more_ask"]
    assert call.settled == ["hardship"]


def test_somebody_who_cannot_pay_may_have_a_person_instead() -> None:
    assert wants("hardship").says(answer="no").state.human_reason == "hardship"


@pytest.mark.parametrize(
    ("service", "kind", "care"),
    [("complaint", "complaint", True), ("dispute_charge", "dispute", False), ("refund", "refund", False)],
)
def test_own_words_go_into_a_ticket_with_its_number_and_day(service: str, kind: str, care: bool) -> None:
    call = wants(service).tells("你们扣了我两次钱")
    assert (call.ticket.kind, call.ticket.care) == (kind, care)
    assert "你们扣了我两次钱" in call.ticket.details.values()
    assert call.filed().prompts[1:] == ["ticket_told", "more_ask"]
    assert call.settled == [service]


def test_who_has_no_words_for_a_complaint_still_gets_the_ticket_by_a_key() -> None:
    call = wants("complaint").presses(answer="go_on")
    assert (call.ticket.kind, call.ticket.details) == ("complaint", {})


def test_what_sounds_like_a_wish_within_own_words_is_part_of_them() -> None:
    assert wants("complaint").says(command="stop_calling").ticket.details == {"complaint_words": "…"}
    assert wants("complaint").says(command="agent").state.human_reason == "asked_for_agent"


def test_complaints_and_disputes_are_open_to_people_who_are_no_customers() -> None:
    for service in ("complaint", "dispute_charge"):
        assert wants(service, "none").tells("我没借过钱").ticket


def test_a_new_phone_number_is_said_back_before_it_is_filed() -> None:
    call = wants("change_phone", "strong")
    assert call.prompts == ["new_phone_ask"]
    call.says(wish_phone="13900000001")
    assert call.prompts == ["new_phone_confirm"]
    assert call.says(answer="no").prompts == ["new_phone_again"]
    assert call.says(wish_phone="13900000002").prompts == ["new_phone_confirm"]
    # The right number may be said instead of "no".
    assert call.says(wish_phone="13900000003").prompts == ["new_phone_confirm"]
    call.says(answer="yes")
    assert (call.ticket.kind, call.ticket.details) == ("change_phone", {"wish_phone": "13900000003"})
    assert call.filed().prompts == ["change_phone_filed", "ticket_told", "more_ask"]


def test_a_new_number_named_with_the_wish_is_only_confirmed() -> None:
    assert wants("change_phone", "strong", wish_phone="13900000001").prompts == ["new_phone_confirm"]


@pytest.mark.parametrize(
    ("service", "kind"), [("fraud", "urgent_callback"), ("life_event", "care"), ("distress", "urgent_care")]
)
def test_what_needs_a_person_gets_one_at_once_and_help_where_nobody_is_there(service: str, kind: str) -> None:
    call = Call(agent=True).says(intent=service)
    assert call.prompts == [f"{service}_heard", "transferring"]
    assert [action.reason for action in call.actions if isinstance(action, Transfer)] == [service]
    closed = Call().says(intent=service)
    missed = call.on(TransferFailed(call.state.turn, 480))
    assert closed.prompts == [f"{service}_heard", f"{service}_closed"]
    assert missed.prompts == ["transfer_failed", f"{service}_closed"]
    for each in (closed, missed):
        # No "have a nice day" after that.
        assert "goodbye" not in each.prompts
        assert [a.ticket_kind for a in each.actions if isinstance(a, OpenTicket)] == [kind]
        assert any(isinstance(action, Hangup) for action in each.actions)


def test_commands_that_are_wishes_are_settled_without_a_person() -> None:
    assert Call().says(command="not_me").prompts == ["not_me_told", "more_ask"]
    assert Call().says(command="call_later").prompts == ["call_later_told", "more_ask"]
    call = Call().says(command="stop_calling")
    assert call.ticket.kind == "do_not_call"
    assert call.filed().prompts == ["stop_calling_noted", "ticket_told", "more_ask"]


def test_several_wishes_in_one_call_need_one_proof() -> None:
    call = Call().says(intent="balance").found("known", customer_id="c1").says(id_tail="1234").found("right")
    call.found("owing").says(intent="early_settlement", wish_date="2026-12-05").found("one", loan_id="a")
    call.found("quoted", **QUOTED).says(intent="contract_copy").says(answer="yes").filed()
    call.says(intent="complaint").tells("等太久了").filed()
    call.says(answer="no")
    assert call.prompts == ["goodbye"]
    assert call.settled == ["balance", "early_settlement", "contract_copy", "complaint"]
    assert [ticket.kind for ticket in call.tickets] == ["contract_copy", "complaint"]


def test_who_does_not_know_a_piece_is_asked_for_another_at_no_cost() -> None:
    call = wants("balance", "none").found("known", customer_id="c1").says(answer="dont_know")
    assert call.prompts == ["birth_date_ask"]
    call.says(answer="dont_know")
    assert call.prompts == ["last_repayment_ask"]
    call.says(last_repayment="850").found("right")
    assert (call.lookup, call.state.proof.wrong) == ("loan_summary", 0)
    assert Level(str(call.state.slots["proof_level"])) is Level.LIGHT
