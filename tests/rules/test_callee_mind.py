"""What somebody who is rung answers: a truth of their own, by role, in the words of their language."""

from datetime import date
from pathlib import Path

import pytest

from ivr.adapters.script_files import load_script, survey_file
from ivr.runtime.callee.mind import Mind, Questions, all_words, questions
from ivr.runtime.callee.population import Role

TODAY = date(2026, 11, 28)


@pytest.fixture(scope="module")
def post_loan() -> Questions:
    return questions(load_script(survey_file(Path("ivr/scripts"), "post_loan")))


def somebody(asked: Questions, role: Role = Role.COOPERATES, locale: str = "zh-CN") -> Mind:
    return Mind(role, "+8613800130001", locale, TODAY, asked)


def test_who_cooperates_is_themselves_has_time_and_remembers_what_they_meant(post_loan: Questions) -> None:
    mind, said = somebody(post_loan), []
    for heard in (
        ["dialled_hello", "party_ask"], ["post_loan_purpose", "convenient_ask"], ["post_loan_received_ask"],
        ["post_loan_clear_ask"],
    ):  # fmt: skip
        mind, words = mind.answer(heard)
        said.append(words)
    assert said[:2] == ["对，我是", "可以，你说吧"]
    assert mind.meant == {"received": mind.to("received").value, "clear": mind.to("clear").value}
    assert said[2] in mind.to("received").said
    assert said[3] in mind.to("clear").said


def test_asked_again_they_say_it_in_other_words_and_mean_the_same(post_loan: Questions) -> None:
    mind, first = somebody(post_loan).answer(["post_loan_received_ask"])
    again, second = mind.answer(["survey_yes_no_reprompt"])
    assert first != second
    assert again.meant == mind.meant


def test_what_was_understood_is_confirmed(post_loan: Questions) -> None:
    mind, _ = somebody(post_loan).answer(["post_loan_recommend_ask"])
    assert mind.answer(["survey_nps_confirm"])[1] == "是的"


@pytest.mark.parametrize(
    ("role", "heard", "words"),
    [
        (Role.STOP_CALLING, ["party_ask"], "别再给我打电话了"),
        (Role.WRONG_PARTY, ["party_ask"], "你打错了"),
        (Role.REFUSES, ["convenient_ask"], "我不想参加"),
        (Role.BUSY_NOW, ["convenient_ask"], "我现在没空，明天下午三点再打吧"),
        (Role.HESITATES, ["party_ask"], "嗯，对，我是"),
    ],
)
def test_each_role_has_its_own_answer(post_loan: Questions, role: Role, heard: list[str], words: str) -> None:
    assert somebody(post_loan, role).answer(heard)[1] == words


def test_at_the_end_nothing_more_is_said(post_loan: Questions) -> None:
    assert somebody(post_loan).answer(["post_loan_thanks"])[1] is None


def test_a_prompt_that_nobody_knows_is_met_with_hello(post_loan: Questions) -> None:
    assert somebody(post_loan).answer([])[1] == "喂？哪位？"


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_whatever_they_say_was_spoken_before_the_first_call(post_loan: Questions, locale: str) -> None:
    ready = set(all_words(locale, post_loan.survey, list(Role)))
    for role in Role:
        mind = somebody(post_loan, role, locale)
        for prompt in sorted(post_loan.asks | post_loan.confirms | {""}):
            mind, words = mind.answer([prompt])
            assert words is None or words in ready, (role, prompt)


def test_who_is_not_understood_puts_a_figure_otherwise_and_then_presses_it(post_loan: Questions) -> None:
    mind, words = somebody(post_loan), []
    for heard in ("post_loan_recommend_ask", "survey_nps_reprompt", "survey_nps_choice"):
        mind, said = mind.answer([heard])
        words.append(said or "")
    figure = int(mind.meant["recommend"])
    assert words[1] == f"我打{words[0]}"
    assert words[2] == f"{figure:02}"
