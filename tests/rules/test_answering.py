"""Questions that callers ask: answered at once, or, half understood, answered and asked about."""

from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.script_files import load_script
from ivr.calls.rung import Rung
from ivr.dialogue.advance import Advance, advance
from ivr.dialogue.ladder import LadderPolicy
from ivr.dialogue.script import Script
from ivr.dialogue.script_data import ScriptFault, parse_script
from ivr.dialogue.state import DialogueState, Heard, OpenTicket, Play, Settle, Waiting
from ivr.dialogue.steps import AskStep, branch
from ivr.grammar.result import Match

SCRIPT = load_script(Path("ivr/scripts/hotline.yaml"))
OPEN_ITEMS = [name for name, step in SCRIPT.steps.items() if isinstance(step, AskStep) and step.open]


def at(item: str) -> DialogueState:
    return DialogueState(locale="zh-CN", step=item, turn=7, waiting=Waiting.ANSWER)


def says(state: DialogueState, confidence: float = 0.9, script: Script = SCRIPT, **meaning: str) -> Advance:
    heard = Heard(state.turn, "speech", Match(meaning, confidence, "words"))
    return advance(script, LadderPolicy(), state, heard)


def prompts(step: Advance) -> list[str]:
    return [say.prompt_id for action in step.actions if isinstance(action, Play) for say in action.says]


def settled(step: Advance) -> list[Settle]:
    return [action for action in step.actions if isinstance(action, Settle)]


@pytest.mark.parametrize("item", OPEN_ITEMS)
def test_a_question_is_answered_at_every_open_item_and_counts_as_settled(item: str) -> None:
    step = says(at(item), intent="faq_collateral")
    assert prompts(step) == ["faq_collateral", "more_ask"]
    assert settled(step) == [Settle("faq", Rung.SELF_SERVICE)]
    assert step.state.outcome == "settled"


@pytest.mark.parametrize("item", OPEN_ITEMS)
def test_a_question_half_understood_is_answered_and_asked_about_before_it_counts(item: str) -> None:
    step = says(at(item), 0.5, intent="faq_collateral")
    assert prompts(step) == ["faq_collateral", "helped_ask"]
    assert (settled(step), step.state.rung, step.state.outcome) == ([], Rung.ROBOT, "none")


def tried() -> DialogueState:
    return says(at("wish"), 0.5, intent="faq_collateral").state


def test_yes_that_was_the_question_settles_it() -> None:
    step = says(tried(), answer="yes")
    assert (prompts(step), settled(step)) == (["more_ask"], [Settle("faq", Rung.ROBOT)])


def test_no_that_was_not_it_leads_back_to_the_wish_and_settles_nothing() -> None:
    step = says(tried(), answer="no")
    assert (prompts(step), settled(step)) == (["not_helped", "wish_ask"], [])
    assert step.state.outcome == "none"


def test_the_next_question_gets_its_own_answer() -> None:
    first = says(at("wish"), intent="faq_collateral")
    assert prompts(says(first.state, intent="faq_licence")) == ["faq_licence", "more_ask"]
    assert prompts(says(tried(), intent="faq_licence")) == ["faq_licence", "more_ask"]


def test_a_question_hardly_understood_is_not_answered() -> None:
    assert prompts(says(at("wish"), 0.3, intent="faq_collateral")) == ["wish_reprompt"]


@pytest.mark.parametrize(
    ("intent", "answer"),
    [
        ("apply_loan", "apply_loan_told"),
        ("credit_limit", "credit_limit_told"),
        ("interest_rate", "interest_rate_told"),
        ("who_are_you", "who_we_are_told"),
    ],
)
def test_what_anybody_may_know_needs_no_verification(intent: str, answer: str) -> None:
    step = says(at("wish"), intent=intent)
    assert (prompts(step), settled(step)) == ([answer, "more_ask"], [Settle(intent, Rung.SELF_SERVICE)])


BRANCHES = {"faq_rate": "rate", "faq_*": "faq", "faq_app_*": "app", "*": "rest"}


@pytest.mark.parametrize(
    ("value", "target"),
    [("faq_rate", "rate"), ("faq_rates", "faq"), ("faq_app_x", "app"), ("faq_", "faq"), ("fa", "rest")],
)
def test_the_most_particular_branch_is_taken(value: str, target: str) -> None:
    assert branch(BRANCHES, value) == target


def test_without_a_branch_for_any_value_some_lead_nowhere() -> None:
    assert branch({"faq_*": "faq", "balance": "balance"}, "agent") is None


def test_the_script_tells_which_answers_name_a_prompt() -> None:
    assert SCRIPT.answered(["balance", "faq_licence", "opening_hours"]) == {"faq_licence"}


def small_script(answer: dict[str, Any] | None = None) -> Script:
    ask = {
        "ask": "a", "reprompt": "b", "choice": "c", "grammars": ["wish"], "branch_on": "intent",
        "branches": {"*": "bye"}, "half_sure": {"faq_*": "answer"},
    }  # fmt: skip
    steps = {"ask": ask, "bye": {"end": "goodbye"}} | ({"answer": answer} if answer else {})
    data = {"script": "s", "version": "1", "start": "ask", "menu": "ask", "steps": steps}
    return parse_script(data, "s.yaml")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"answer": "intent", "next": "nowhere"}, "answer: leads to 'nowhere'"),
        ({"answer": "intent", "next": "answer"}, "answer: comes back to itself"),
        ({"answer": "intent"}, "incomplete.*next"),
        ({"answer": "intent", "next": "ask", "prompt": "x"}, "unknown key prompt; a `answer` step knows"),
    ],
)
def test_a_faulty_answer_step_is_refused(answer: dict[str, Any], fault: str) -> None:
    with pytest.raises(ScriptFault, match=fault):
        small_script(answer)


def test_a_half_sure_branch_must_lead_somewhere() -> None:
    with pytest.raises(ScriptFault, match="ask: leads to 'answer', which is no step"):
        small_script()


def test_an_answer_to_what_nobody_asked_gets_a_person() -> None:
    script = small_script({"answer": "question", "next": "ask"})
    step = says(at("ask"), 0.5, script, intent="faq_x")
    assert OpenTicket("callback", "no_question") in step.actions
