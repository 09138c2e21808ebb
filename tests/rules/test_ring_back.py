"""Who rings back after a call that did not reach them: whether they are asked, and how the call goes then."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.script_files import load_script, survey_files
from ivr.calls.attempts import AttemptResult as R
from ivr.calls.ids import CampaignId, ContactId
from ivr.campaign.decision import Decision, Rule
from ivr.campaign.people import Contact, ContactState, DoNotCallEntry, NumberFacts
from ivr.campaign.policy import Campaign, CampaignState, RetryPolicy, RetryRule
from ivr.campaign.retrying import is_given_up, settled
from ivr.campaign.ring_back import NOTICED, decide_ring_back
from ivr.dialogue.advance import advance
from ivr.dialogue.attempt import ring_back_result
from ivr.dialogue.ladder import LadderPolicy
from ivr.dialogue.note import Note
from ivr.dialogue.state import (
    Amendment,
    DialogueState,
    Event,
    Heard,
    LookedUp,
    LookUp,
    NoInput,
    Play,
    Started,
    Waiting,
)
from ivr.dialogue.verification import Proof
from ivr.grammar.result import Match, NoMatch

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
WITHIN = timedelta(hours=48)
PERSON = Contact(
    ContactId("c"), CampaignId("k"), "+8613800000001",
    NumberFacts(True, "mobile", "CN", ("Asia/Shanghai",)), "zh-CN", NOW,
)  # fmt: skip
RUNNING = Campaign(CampaignId("k"), "k", "post_loan", "zh-CN", state=CampaignState.RUNNING)
LISTED = DoNotCallEntry("+8613800000001", "asked", "call", NOW)


def asked(
    final: R | None = R.NO_ANSWER, state: ContactState = ContactState.WAITING, **changes: Any
) -> Decision:
    contact = replace(PERSON, final=final, state=state, consent=changes.pop("consent", None))
    campaign = replace(RUNNING, **changes.pop("campaign", {}))
    facts = {"rung_at": NOW - timedelta(hours=1), "being_rung": False, "do_not_call": None, "within": WITHIN}
    return decide_ring_back(contact, campaign, now=NOW, **(facts | changes))


@pytest.mark.parametrize("result", list(R))
def test_who_noticed_our_call_is_asked_and_who_has_said_their_last_word_is_not(result: R) -> None:
    wanted = result not in {
        R.COMPLETED, R.REFUSED, R.DO_NOT_CALL, R.WRONG_PARTY, R.INVALID_NUMBER, R.OUT_OF_SERVICE, R.FAX,
        R.CONGESTION, R.FAILED,
    }  # fmt: skip
    assert asked(result).dial is wanted is (result in NOTICED)
    assert asked(result, ContactState.DONE).dial is wanted, "who was given up is asked as well"


@pytest.mark.parametrize(
    ("against", "changes"),
    [
        (None, {}),
        (Rule.RUNG_LATELY, {"rung_at": NOW - WITHIN - timedelta(seconds=1)}),
        (None, {"rung_at": NOW - WITHIN}),
        (Rule.RUNG_LATELY, {"rung_at": None}),
        (Rule.ONE_AT_A_TIME, {"being_rung": True}),
        (Rule.DO_NOT_CALL, {"do_not_call": LISTED}),
        (Rule.CONSENT, {"consent": False}),
        (Rule.CONSENT, {"campaign": {"needs_consent": True}}),
        (None, {"consent": True, "campaign": {"needs_consent": True}}),
        (Rule.CAMPAIGN, {"campaign": {"state": CampaignState.PAUSED}}),
        (Rule.CAMPAIGN, {"campaign": {"state": CampaignState.STOPPED}}),
        (Rule.CAMPAIGN, {"campaign": {"state": CampaignState.FINISHED}}),
        (Rule.CAMPAIGN, {"campaign": {"ends_at": NOW}}),
        (Rule.CONTACT, {"final": None}),
    ],
)
def test_every_rule_speaks_for_itself(against: Rule | None, changes: Mapping[str, Any]) -> None:
    decision = asked(**changes)
    assert [reason.rule for reason in decision.reasons if not reason.ok] == ([against] if against else [])
    assert decision.dial is (against is None)


def test_who_was_given_up_is_told_from_who_waits() -> None:
    policy = RetryPolicy({R.BUSY: RetryRule((timedelta(hours=1),)), R.NO_ANSWER: RetryRule()}, 3)
    contact = PERSON
    for result, given_up in ((R.BUSY, False), (R.BUSY, True)):
        contact = settled(contact, result, policy, NOW)
        assert (contact.state is ContactState.DONE) is given_up is is_given_up(contact, policy)
    assert not is_given_up(PERSON, policy)
    for result in (R.NO_ANSWER, R.COMPLETED, R.FAX):
        assert is_given_up(settled(PERSON, result, policy, NOW), policy)


# --- the call --------------------------------------------------------------------------------------------

SCRIPTS = Path("ivr/scripts")
SURVEYS = {path.stem: load_script(path) for path in survey_files(SCRIPTS)}
HOTLINE = replace(load_script(SCRIPTS / "hotline.yaml"), surveys=SURVEYS)
RUNG = {"rung_about": "一次服务回访", "rung_survey": "post_loan"}
WHOSE = {"contact_id": "c", "campaign_id": "k", "attempt_id": "a"}


class Call:
    """A call to the hotline, event by event, by somebody who has `proved` who they are."""

    def __init__(self, *, proved: bool = True, **slots: Any) -> None:
        proof = Proof(HOTLINE.verification.pieces[:1]) if proved else Proof()
        self.state = DialogueState("zh-CN", agent_reachable=True, slots=slots, proof=proof)
        self.prompts: list[str] = []
        self.notes: list[Note] = []
        self.asked_for: list[str] = []
        self.spoken: dict[str, set[str]] = {}
        self.happen(Started())

    def happen(self, event: Event) -> "Call":
        step = advance(HOTLINE, LadderPolicy(), self.state, event)
        self.state = step.state
        says = [say for act in step.actions if isinstance(act, Play) for say in act.says]
        self.prompts = [say.prompt_id for say in says]
        self.notes += [act for act in step.actions if isinstance(act, Note)]
        self.asked_for += [act.service for act in step.actions if isinstance(act, LookUp)]
        return self

    def say(self, confidence: float = 0.95, **meaning: str) -> "Call":
        return self.happen(
            Heard(self.state.turn, "speech", Match(meaning, confidence, "words"), speech_ms=900)
        )

    def found(self, result: str, **slots: Any) -> "Call":
        return self.happen(LookedUp(self.state.turn, result, slots))

    def in_survey(self, **before: str) -> "Call":
        survey = SURVEYS["post_loan"].survey
        assert survey is not None
        slots = survey.opening_slots(survey.samples, answers=before) | WHOSE
        return self.say(answer="yes").found("taken", **slots, rung_back="yes", rung_survey="post_loan")


GREETED = ["greeting", "greeting_language"]


def test_a_stranger_hears_what_they_always_heard() -> None:
    call = Call()
    assert call.prompts == [*GREETED, "wish_ask"]
    assert call.asked_for == []


def test_who_rings_back_proves_who_they_are_before_anything_is_taken_up() -> None:
    call = Call(proved=False, **RUNG).say(answer="yes")
    assert call.asked_for == ["identify"]
    assert call.found("known").prompts == ["id_tail_ask"]


def test_who_rings_back_is_greeted_and_asked_in_one_sentence() -> None:
    assert Call(**RUNG).prompts == [*GREETED, "ring_back_ask"]


@pytest.mark.parametrize(
    ("meaning", "prompts"),
    [
        ({"answer": "no"}, ["wish_ask"]),
        ({"intent": "refuse"}, ["wish_ask"]),
        ({"command": "main_menu"}, ["wish_ask"]),
        ({"intent": "greeting"}, ["ring_back_ask"]),
        ({"intent": "what_about"}, ["about_private", "ring_back_ask"]),
        ({"intent": "faq_hotline_number"}, ["faq_hotline_number", "more_ask"]),
        ({"intent": "who_are_you"}, ["who_we_are_told", "more_ask"]),
        ({"intent": "goodbye"}, ["goodbye"]),
    ],
)
def test_no_is_the_menu_at_once_and_a_wish_is_served(meaning: dict[str, str], prompts: list[str]) -> None:
    assert Call(**RUNG).say(**meaning).prompts == prompts


def test_a_wish_that_needs_proof_is_served_as_always() -> None:
    call = Call(proved=False, **RUNG).say(intent="balance")
    assert call.asked_for == ["identify"]


def test_yes_is_asked_for_by_name_and_then_the_survey_begins_without_asking_whether_it_is_convenient() -> (
    None
):
    call = Call(**RUNG).say(answer="yes")
    assert call.asked_for == ["take_up_survey"]
    call = Call(**RUNG).in_survey()
    assert call.prompts == ["party_ask"]
    call.say(answer="yes")
    assert call.prompts == ["post_loan_purpose", "post_loan_received_ask"]
    (mark,) = call.notes
    assert (mark.item, mark.survey, mark.version) == ("right_party", "post_loan", "1")


def test_it_goes_on_where_it_broke_off() -> None:
    call = Call(**RUNG).in_survey(received="yes").say(answer="yes")
    assert call.prompts == ["survey_going_on", "post_loan_clear_ask"]


@pytest.mark.parametrize("result", ["gone", "down"])
def test_what_cannot_be_taken_up_any_more_leads_to_the_menu(result: str) -> None:
    call = Call(**RUNG).say(answer="yes").found(result)
    assert call.prompts == ["ring_back_gone", "wish_ask"]
    assert call.state.survey == ""


def test_to_the_end_it_is_completed_with_the_answers_of_before() -> None:
    call = Call(**RUNG).in_survey(received="yes", clear="5", first_payment="yes", fees="no").say(answer="yes")
    call.say(rating="9")
    assert call.prompts == ["post_loan_thanks"]
    assert ring_back_result(call.state).result is R.COMPLETED


def test_what_was_said_to_the_hotline_is_no_answer_in_the_survey() -> None:
    call = Call(**RUNG, received="yes", rating="1")
    call.in_survey()
    assert "rating" not in call.state.slots
    call = Call(**RUNG, why="because").in_survey(clear="5")
    assert call.state.slots["clear"] == "5"


def test_another_wish_within_the_survey_is_served_by_the_hotline_and_the_survey_is_partial() -> None:
    call = Call(**RUNG).in_survey().say(answer="yes").say(answer="yes")
    assert call.prompts == ["post_loan_clear_ask"]
    call.say(intent="how_to_repay")
    assert call.state.survey == ""
    assert "amount" not in call.state.slots, "facts of the survey are for it alone"
    assert ring_back_result(call.state).result is R.PARTIAL


def test_what_the_hotline_settles_afterwards_is_no_part_of_the_survey() -> None:
    call = Call(**RUNG).in_survey().say(answer="yes")
    call.say(intent="interest_rate")
    assert call.state.survey == ""
    while call.state.waiting is Waiting.ANSWER and call.state.step != "done":
        call.say(answer="no")
    assert ring_back_result(call.state).result is R.ABANDONED


def test_a_wish_that_nobody_serves_leads_from_the_survey_to_the_menu() -> None:
    call = Call(**RUNG).in_survey().say(answer="yes").say(intent="unheard_of")
    assert (call.prompts, call.state.survey) == (["wish_ask"], "")


@pytest.mark.parametrize(
    ("meaning", "result"),
    [
        ({"command": "stop_calling"}, R.DO_NOT_CALL),
        ({"intent": "refuse"}, R.REFUSED),
        ({"command": "not_me"}, R.WRONG_PARTY),
    ],
)
def test_what_people_say_to_surveys_holds_for_those_who_rang(meaning: dict[str, str], result: R) -> None:
    call = Call(**RUNG).in_survey().say(**meaning)
    assert ring_back_result(call.state).result is result


def test_silence_asks_again_and_a_person_is_never_refused() -> None:
    call = Call(**RUNG)
    call.happen(NoInput(call.state.turn))
    assert call.prompts == ["ring_back_reprompt"]
    call.say(command="agent")
    assert call.state.waiting is Waiting.TRANSFER


@pytest.mark.parametrize("name", SURVEYS)
def test_what_is_said_of_a_shipped_survey_to_anybody_names_no_loan(name: str) -> None:
    survey = SURVEYS[name].survey
    assert survey is not None
    assert set(survey.ring_back) == {"zh-CN", "en-US"}
    told = " ".join(survey.ring_back.values())
    assert not any(word in told for word in ("贷", "款", "loan", "pay", "debt", "overdue", "逾期"))


def test_who_takes_their_yes_back_has_answered_nothing_whatever_the_hotline_settles_for_them() -> None:
    call = Call(**RUNG).say(answer="yes")
    assert call.state.former is not None
    call.found("taken", **WHOSE, customer_name="林晓雨", rung_back="yes")
    assert call.state.survey == "post_loan"
    taken_back = Heard(
        call.state.turn, "speech", NoMatch("out_of_grammar", "不对"), follows=True, speech_ms=400,
        amendment=Amendment(NoMatch("taken_back", "不对"), explicit=True),
    )  # fmt: skip
    call.happen(taken_back)
    assert (call.state.survey, call.prompts) == ("", ["ring_back_ask"])
    call.say(intent="faq_hotline_number")
    assert call.state.outcome == "settled"
    assert ring_back_result(call.state).result is R.ABANDONED
