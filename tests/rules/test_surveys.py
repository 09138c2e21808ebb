"""Surveys as rules: items become steps, answers are noted, and a call comes to one result."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from script_explorer import Caller, agent_wish, explore

from ivr.adapters.script_files import load_script
from ivr.adapters.voice.prompt_files import load_prompt_texts
from ivr.calls.attempts import AttemptResult
from ivr.dialogue.advance import advance
from ivr.dialogue.attempt import Came, attempt_result
from ivr.dialogue.ladder import LadderPolicy
from ivr.dialogue.note import Note
from ivr.dialogue.script import Script
from ivr.dialogue.script_check import spoken
from ivr.dialogue.script_data import ScriptFault
from ivr.dialogue.script_edges import edges, roots, ways
from ivr.dialogue.state import DialogueState, Event, Heard, NoInput, Play, Started, Waiting
from ivr.dialogue.steps import RouteStep
from ivr.dialogue.survey import Fact, FactKind, ItemKind, Survey, SurveyItem
from ivr.dialogue.survey_data import parse_survey
from ivr.grammar.result import Match, NoMatch
from ivr.runtime.services.catalogue import CATALOGUE

FOLDER = Path("ivr/scripts")
SHIPPED = {path.stem: load_script(path) for path in sorted((FOLDER / "surveys").glob("*.yaml"))}
FRAME = yaml.safe_load((FOLDER / "dialled.yaml").read_text("utf-8"))
POLICY = LadderPolicy()


def survey(**items: Mapping[str, Any]) -> Script:
    data = {
        "survey": "trial",
        "version": "1",
        "facts": {"customer_name": {"text": "林晓雨"}, "product": {"text": "安心贷"}},
        "purpose": "purpose",
        "thanks": "thanks",
        "items": items,
    }
    return parse_survey(data, "surveys/trial.yaml", FRAME, "dialled.yaml")


class Talk:
    """A call with the customer at the first item, and what was noted of it."""

    def __init__(self, script: Script, **slots: Any) -> None:
        self.script = script
        self.state = DialogueState("zh-CN", agent_reachable=True, slots=slots)
        self.notes: list[Note] = []
        self.prompts: list[str] = []
        self.happen(Started())
        self.say(answer="yes")
        self.say(answer="yes")

    def happen(self, event: Event) -> None:
        step = advance(self.script, POLICY, self.state, event)
        self.state = step.state
        self.notes += [action for action in step.actions if isinstance(action, Note)]
        self.prompts = [say.prompt_id for act in step.actions if isinstance(act, Play) for say in act.says]

    def say(self, confidence: float = 0.95, text: str = "words", **meaning: str) -> None:
        self.happen(Heard(self.state.turn, "speech", Match(meaning, confidence, text), speech_ms=900))

    def mumble(self, text: str = "murmur") -> None:
        self.happen(Heard(self.state.turn, "speech", NoMatch("out_of_grammar", text), speech_ms=900))

    @property
    def answers(self) -> Mapping[str, str]:
        return self.state.answers

    @property
    def at(self) -> str:
        return self.state.step.removeprefix("trial.")


TWO = {"one": {"csat": "one_ask", "branches": {"low": "why"}, "next": "finished"}, "why": {"open": "why_ask"}}


def test_an_answer_is_noted_with_the_words_and_the_confidence_of_whoever_gave_it() -> None:
    talk = Talk(survey(**TWO))
    talk.say(0.8, "打四分", rating="4")
    assert talk.notes[-1] == Note("one", "csat", "4", "打四分", 0.8, survey="trial", version="1")
    assert (talk.prompts, attempt_result(talk.state).result) == (["thanks"], AttemptResult.COMPLETED)


@pytest.mark.parametrize("rating", ["1", "2"])
def test_a_low_score_is_followed_up_in_the_customers_own_words(rating: str) -> None:
    talk = Talk(survey(**TWO))
    talk.say(rating=rating)
    assert (talk.at, talk.prompts) == ("why", ["why_ask"])
    talk.mumble("等了太久")
    assert talk.answers == {"one": rating, "why": "等了太久"}


def test_an_answer_that_was_half_heard_is_read_back_before_it_is_noted() -> None:
    talk = Talk(survey(**TWO))
    talk.say(0.5, rating="3")
    assert talk.prompts == ["survey_csat_confirm"]
    assert talk.answers == {}
    talk.say(answer="yes")
    assert talk.answers == {"one": "3"}


def test_whoever_goes_back_answers_anew_and_the_later_answer_counts() -> None:
    talk = Talk(survey(one={"csat": "one_ask"}, two={"nps": "two_ask"}))
    talk.say(rating="5")
    talk.say(command="back")
    assert talk.prompts[-1] == "one_ask"
    talk.say(rating="1")
    assert [(note.item, note.value) for note in talk.notes[1:]] == [("one", "5"), ("one", "1")]
    assert talk.answers == {"one": "1"}


def test_what_cannot_be_understood_is_noted_as_such_and_left_for_the_next_item() -> None:
    talk = Talk(survey(one={"csat": "one_ask"}, two={"nps": "two_ask"}))
    for _ in range(3):
        talk.mumble()
    assert (talk.answers, talk.at) == ({"one": "unanswered"}, "two")
    assert attempt_result(talk.state).result is AttemptResult.ABANDONED


def test_silence_at_an_open_question_is_an_answer_and_at_another_the_end() -> None:
    talk = Talk(survey(one={"open": "one_ask"}, two={"nps": "two_ask"}))
    for _ in range(3):
        talk.happen(NoInput(talk.state.turn))
    assert talk.at == "two"
    for _ in range(3):
        talk.happen(NoInput(talk.state.turn))
    assert (talk.state.waiting, talk.prompts) == (Waiting.OVER, ["dialled_goodbye"])


def test_an_item_that_does_not_apply_is_left_out() -> None:
    script = survey(
        one={"yes_no": "one_ask"},
        two={"nps": "two_ask", "skip_if": {"one": "no", "product": ["车易贷"]}},
        three={"csat": "three_ask"},
    )
    for product, answer, then in (
        ("安心贷", "yes", "two.ask"),
        ("安心贷", "no", "three"),
        ("车易贷", "yes", "three"),
    ):
        talk = Talk(script, product=product)
        talk.say(answer=answer)
        assert talk.at == then


def test_an_item_of_which_enough_answers_are_there_is_left_out() -> None:
    script = survey(one={"csat": "one_ask", "quota": 200}, two={"nps": "two_ask"})
    assert script.survey is not None
    facts = script.survey.samples
    assert script.survey.full({"one": 199, "two": 9999}) == frozenset()
    full = script.survey.full({"one": 200})
    assert full == {"one"}
    assert Talk(script, **script.survey.opening_slots(facts, full=full)).at == "two"
    assert Talk(script, **script.survey.opening_slots(facts)).at == "one.ask"


def test_a_call_goes_on_with_the_first_item_that_has_no_answer() -> None:
    script = survey(one={"csat": "one_ask"}, told={"statement": "told"}, three={"nps": "three_ask"})
    assert script.survey is not None
    before = {"one": "4", "told": "yes", "gone": "1"}
    talk = Talk(script, **script.survey.opening_slots(script.survey.samples, answers=before))
    assert (talk.at, talk.answers) == ("three", {})


def test_what_was_not_answered_is_asked_again_on_the_next_call() -> None:
    script = survey(one={"csat": "one_ask"}, two={"nps": "two_ask"})
    assert script.survey is not None
    before = {"one": "unanswered", "two": "declined"}
    assert Talk(script, **script.survey.opening_slots(script.survey.samples, answers=before)).at == "one"


def test_the_place_of_an_option_is_noted_as_the_option() -> None:
    options = {"options": ["app", "branch", "friend"], "reprompt": "again", "by_key": "keys"}
    for said, noted in (("2", "branch"), ("-1", "friend"), ("app", "app")):
        talk = Talk(survey(one={"choice": "one_ask"} | options))
        talk.say(choice=said)
        assert talk.answers == {"one": noted}


def test_a_question_is_answered_and_the_item_put_again() -> None:
    talk = Talk(survey(one={"csat": "one_ask"}))
    talk.say(intent="faq_prepay_fee")
    assert talk.prompts == ["faq_prepay_fee", "one_ask"]


@pytest.mark.parametrize("aside", ["wait", "complaint"])
def test_what_lies_aside_leads_back_to_the_item(aside: str) -> None:
    talk = Talk(survey(one={"csat": "one_ask"}, two={"csat": "two_ask"}))
    talk.say(rating="5")
    talk.say(intent=aside)
    talk.say(command="back")
    assert talk.prompts[-1] == "two_ask"


def test_the_wish_for_no_more_calls_within_an_answer_is_asked_back_and_else_part_of_it() -> None:
    script = survey(one={"open": "one_ask"}, two={"csat": "two_ask"})
    talk = Talk(script)
    talk.say(0.95, "别再打了", command="stop_calling")
    assert (talk.prompts, talk.answers) == (["confirm_stop_calling"], {})
    talk.say(answer="no")
    assert talk.answers == {"one": "别再打了"}
    talk = Talk(script)
    talk.say(0.95, "别再打了", command="stop_calling")
    talk.say(answer="yes")
    assert attempt_result(talk.state).result is AttemptResult.DO_NOT_CALL


def test_a_command_is_obeyed_only_if_it_is_clear_or_confirmed() -> None:
    talk = Talk(survey(one={"csat": "one_ask"}))
    talk.say(0.5, command="not_me")
    assert talk.prompts == ["confirm_not_me"]
    talk.say(answer="yes")
    assert (talk.prompts, attempt_result(talk.state).result) == (
        ["wrong_party_told"],
        AttemptResult.WRONG_PARTY,
    )


def test_a_tale_is_no_command_but_a_person_is_never_refused() -> None:
    talk = Talk(survey(one={"open": "one_ask"}, two={"csat": "two_ask"}))
    again = Match({"command": "repeat"}, 0.9, "每次都要从头再说一遍", listed=False)
    talk.happen(Heard(talk.state.turn, "speech", again, speech_ms=2000))
    assert talk.answers == {"one": "每次都要从头再说一遍"}
    talk.say(command="agent")
    assert talk.state.waiting is Waiting.TRANSFER


# --- what it came to -----------------------------------------------------------------------------------

AT_THREE = "2026-11-23T15:00+08:00"


@pytest.mark.parametrize(
    ("changes", "came"),
    [
        ({}, Came(AttemptResult.ABANDONED)),
        ({"answers": {"one": "5"}}, Came(AttemptResult.PARTIAL)),
        ({"answers": {"one": "declined"}}, Came(AttemptResult.ABANDONED)),
        ({"outcome": "transferred"}, Came(AttemptResult.PARTIAL)),
        ({"outcome": "settled", "answers": {"one": "5"}}, Came(AttemptResult.COMPLETED)),
        ({"slots": {"refused": "yes"}, "answers": {"one": "5"}}, Came(AttemptResult.REFUSED)),
        ({"slots": {"callback": "sometime"}}, Came(AttemptResult.CALLBACK_PROMISED)),
        (
            {"slots": {"callback_at": AT_THREE}, "answers": {"one": "5"}},
            Came(
                AttemptResult.CALLBACK_PROMISED,
                datetime(2026, 11, 23, 15, tzinfo=timezone(timedelta(hours=8))),
            ),
        ),
        ({"slots": {"wrong_party": "yes", "callback_at": AT_THREE}}, Came(AttemptResult.WRONG_PARTY)),
        ({"slots": {"opted_out": "yes", "callback_at": AT_THREE}}, Came(AttemptResult.DO_NOT_CALL)),
        ({"slots": {"opted_out": "yes"}, "outcome": "settled"}, Came(AttemptResult.DO_NOT_CALL)),
    ],
)
def test_an_attempt_comes_to_one_result_the_gravest_first(changes: dict[str, Any], came: Came) -> None:
    assert attempt_result(replace(DialogueState("zh-CN"), **changes)) == came


# --- facts ---------------------------------------------------------------------------------------------

ASKED = Survey(
    "trial",
    (SurveyItem("one", ItemKind.CSAT),),
    {
        "customer_name": Fact(FactKind.TEXT, "林晓雨"),
        "amount": Fact(FactKind.MONEY, Decimal(24000)),
        "months": Fact(FactKind.NUMBER, 12),
        "due_on": Fact(FactKind.DATE, date(2026, 12, 5)),
    },
)
FACTS = {"customer_name": "王建国", "amount": "12,000.50", "months": 6, "due_on": "2026-12-20"}


def test_facts_from_a_file_become_what_prompts_can_speak() -> None:
    assert ASKED.opening_slots(FACTS | {"branch": "unused"}) == {
        "customer_name": "王建国",
        "amount": Decimal("12000.50"),
        "months": 6,
        "due_on": date(2026, 12, 20),
    }


@pytest.mark.parametrize(
    ("name", "given", "fault"),
    [
        ("customer_name", " ", "customer_name is empty"),
        ("amount", "lots", "amount is no money; write it like 24000"),
        ("months", "1.5", "months is no number; write it like 12"),
        ("due_on", "5 December", "due_on is no date; write it like 2026-12-05"),
    ],
)
def test_a_fact_that_cannot_be_is_refused_without_being_quoted(name: str, given: str, fault: str) -> None:
    (told,) = ASKED.fact_faults(FACTS | {name: given})
    assert fault in told
    with pytest.raises(ValueError, match=name):
        ASKED.opening_slots(FACTS | {name: given})


def test_every_missing_fact_is_told_at_once() -> None:
    assert len(ASKED.fact_faults({})) == 4


# --- files ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ({"csat": "a", "nps": "b"}, "must have exactly one of csat"),
        ({"csat": "a", "colour": "b"}, "unknown key colour"),
        ({"csat": "a", "branches": {"9": "one"}}, "no answer is 9; its answers are low, middle, high"),
        ({"yes_no": "a", "tickets": {"maybe": "x"}}, "no answer is maybe"),
        ({"choice": "a"}, "a choice needs its options"),
        ({"csat": "a", "coming": True}, "coming belongs to a date"),
        ({"csat": "a", "told": "b"}, "name it under `tickets`"),
        ({"csat": "a", "quota": 0}, "a whole number from 1 on"),
        ({"csat": "a", "next": "nowhere"}, "leads to 'nowhere', which is no step"),
    ],
)
def test_a_slip_in_an_item_is_refused_with_its_mend(item: dict[str, Any], fault: str) -> None:
    with pytest.raises(ScriptFault) as caught:
        survey(one=item)
    assert any(fault in told for told in caught.value.faults), caught.value.faults


@pytest.mark.parametrize("name", ["rating", "product", "One", "right_party"])
def test_a_name_that_is_taken_or_no_name_is_refused(name: str) -> None:
    with pytest.raises(ScriptFault):
        survey(**{name: {"csat": "one_ask"}})


# --- what is shipped -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_private_is_said_before_it_is_the_customer(name: str) -> None:
    script = SHIPPED[name]
    assert script.survey is not None
    texts = load_prompt_texts(Path("prompts")).by_locale
    private = set(script.survey.facts) - {"customer_name"}
    at_party = [
        edge
        for edge in edges(script, CATALOGUE, {})
        if edge.source != "right"
        and not (
            isinstance(script.steps[edge.source], RouteStep)
            and script.steps[edge.source].slot == "right_party"  # type: ignore[union-attr]  # told by the line above
            and edge.label == "yes"
        )
    ]
    heard = {prompt for step in ways(roots(script), at_party) for _, prompt in spoken(script.steps[step])}
    assert "party_ask" in heard
    told = {
        (prompt, slot.name)
        for prompt in heard
        for locale in texts.values()
        for slot in locale[prompt].slots
        if slot.name in private
    }
    assert told == set()
    own = {
        prompt
        for prompt in heard
        if prompt.startswith(("post_loan", "application_", "reminder_", "agent_survey"))
    }
    assert own == set(), "what a survey is about is private, too"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_item_of_a_survey_can_be_reached_and_every_way_ends(name: str) -> None:
    script = SHIPPED[name]
    assert script.survey is not None
    reached = ways([script.start], edges(script, CATALOGUE, {}))
    for item in script.survey.items:
        assert f"{name}.{item.item_id}" in reached
    assert "thanks" in reached


# --- every state that a survey can be in -------------------------------------------------------------------


@pytest.fixture(scope="module", params=["post_loan", "repayment_reminder"])
def explored(request: pytest.FixtureRequest) -> tuple[Script, list[Caller]]:
    script = SHIPPED[request.param]
    assert script.survey is not None
    return script, explore(script, script.survey.samples)


def test_a_survey_always_waits_for_something_or_has_ended(explored: tuple[Script, list[Caller]]) -> None:
    script, callers = explored
    assert len(callers) > len(script.survey.items)  # type: ignore[union-attr]  # told by the fixture
    for caller in callers[1:]:
        assert caller.waits, (caller.state.step, caller.state.waiting)


def test_a_person_is_reached_and_calls_are_stopped_from_everywhere(
    explored: tuple[Script, list[Caller]],
) -> None:
    script, callers = explored
    asked = [caller for caller in callers if caller.state.waiting is Waiting.ANSWER]
    for caller in asked:
        after = caller.meet(agent_wish(caller, 0.95, "speech"), script)
        assert after.state.waiting is Waiting.TRANSFER, caller.state.step
        stop = Match({"command": "stop_calling"}, 0.95, "别再打了")
        after = caller.meet(Heard(caller.state.turn, "speech", stop, speech_ms=700), script)
        if after.state.pending is not None:  # within a tale it is asked back
            after = after.meet(
                Heard(after.state.turn, "speech", Match({"answer": "yes"}, 0.95, "对"), speech_ms=400), script
            )
        assert attempt_result(after.state).result is AttemptResult.DO_NOT_CALL, caller.state.step
