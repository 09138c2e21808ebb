"""Scores of surveys, equal to what is worked out by hand or stands in the tables."""

from datetime import UTC, datetime

import pytest

from ivr.calls.answers import GivenAnswer, KeptAnswer, gathered
from ivr.calls.ids import CallId, ContactId
from ivr.dialogue.survey import ItemKind, Survey, SurveyItem
from ivr.insight.intervals import Estimate, average, difference, share, t_quantile
from ivr.insight.scores import ItemScore, scores

AT = datetime(2030, 3, 10, 4, 0, tzinfo=UTC)


def given(item: str, kind: str, values: dict[str, int], partial: int = 0) -> list[GivenAnswer]:
    """So many answers of each value by as many respondents, the first `partial` of whom broke off."""
    each = [value for value, times in values.items() for _ in range(times)]
    return [
        GivenAnswer(f"contact-{n}", item, kind, value, "", AT, partial=n < partial)
        for n, value in enumerate(each)
    ]


def score(kind: ItemKind, values: dict[str, int], partial: int = 0) -> ItemScore:
    (found,) = scores(Survey("trial", (SurveyItem("one", kind),)), given("one", kind, values, partial)).items
    return found


def rounded(estimate: Estimate | None, digits: int) -> tuple[float | None, ...]:
    assert estimate is not None
    figures = (estimate.value, estimate.low, estimate.high)
    return tuple(None if each is None else round(each, digits) for each in figures)


# 40 of 50 are satisfied. By hand, z = 1.959964, z^2 = 3.841459:
# middle = (0.8 + 3.841459 / 100) / (1 + 3.841459 / 50) = 0.838415 / 1.076829 = 0.778596
# half = 1.959964 / 1.076829 * sqrt(0.16 / 50 + 3.841459 / 10000) = 1.820126 * 0.059867 = 0.108965
def test_csat_is_the_share_of_the_satisfied_with_wilsons_interval() -> None:
    found = score(ItemKind.CSAT, {"5": 25, "4": 15, "3": 6, "2": 3, "1": 1})
    assert (found.figure, found.answers) == ("csat", 50)
    assert rounded(found.estimate, 1) == (80.0, 67.0, 88.8)
    assert found.counts == {"1": 1, "2": 3, "3": 6, "4": 15, "5": 25}


# 50 promoters, 20 detractors of 100. By hand: up = 51/102 = 0.5, down = 21/102 = 0.205882, middle 0.294118;
# half = 1.959964 * sqrt((0.705882 - 0.086505) / 102) = 1.959964 * 0.077925 = 0.152730
def test_nps_is_promoters_less_detractors_with_the_interval_of_bonett_and_price() -> None:
    found = score(ItemKind.NPS, {"10": 30, "9": 20, "8": 20, "7": 10, "6": 10, "0": 10})
    assert found.figure == "nps"
    assert rounded(found.estimate, 1) == (30.0, 14.1, 44.7)


# 7, 6, 5, 7, 3: mean 5.6, s = sqrt(11.2 / 4) = 1.673320, t(0.975, 4) = 2.776445;
# half = 2.776445 * 1.673320 / sqrt(5) = 2.077701
def test_ces_is_the_mean_with_students_interval() -> None:
    found = score(ItemKind.CES, {"7": 2, "6": 1, "5": 1, "3": 1})
    assert found.figure == "mean"
    assert rounded(found.estimate, 3) == (5.6, 3.522, 7.678)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 1, 0.2065, 1.0)],
)
def test_a_share_of_few_answers_has_an_interval_within_its_bounds(
    hits: int, of: int, low: float, high: float
) -> None:
    assert rounded(share(hits, of), 4) == (hits / of, low, high)


def test_a_score_on_which_all_agree_is_not_certain() -> None:
    estimate = difference(5, 0, 5)
    assert estimate.value == 1.0
    assert estimate.low is not None
    assert estimate.low < 1.0


@pytest.mark.parametrize(
    ("probability", "freedom", "quantile"),
    [(0.975, 1, 12.706), (0.975, 2, 4.303), (0.975, 9, 2.262), (0.975, 29, 2.045), (0.95, 3, 2.353),
     (0.995, 10, 3.169), (0.975, 120, 1.980), (0.975, 100_000, 1.960)],
)  # fmt: skip
def test_quantiles_are_those_of_the_tables(probability: float, freedom: int, quantile: float) -> None:
    assert t_quantile(probability, freedom) == pytest.approx(quantile, abs=0.0006)


def test_a_single_value_has_a_mean_and_no_interval() -> None:
    assert average([6]) == Estimate(6.0, None, None)


@pytest.mark.parametrize(
    "work", [lambda: share(0, 0), lambda: share(3, 2), lambda: difference(2, 2, 3), lambda: average([])]
)
def test_figures_of_nothing_are_refused(work) -> None:
    with pytest.raises(ValueError):
        work()


def test_yes_or_no_is_a_share_and_other_answers_are_counted() -> None:
    assert rounded(score(ItemKind.YES_NO, {"yes": 3, "no": 1}).estimate, 0) == (75.0, 30.0, 95.0)
    assert score(ItemKind.CHOICE, {"app": 2, "branch": 3}).counts == {"app": 2, "branch": 3}
    assert score(ItemKind.NUMBER, {"10": 1, "2": 3}).counts == {"2": 3, "10": 1}
    own_words = score(ItemKind.OPEN, {"等了太久": 2})
    assert (own_words.answers, own_words.counts, own_words.estimate) == (2, {}, None)


def test_an_item_without_answers_has_no_figure() -> None:
    found = score(ItemKind.CSAT, {})
    assert (found.answers, found.estimate, found.figure) == (0, None, "")


def test_partial_answers_count_and_are_marked() -> None:
    survey = Survey("trial", (SurveyItem("one", ItemKind.CSAT), SurveyItem("two", ItemKind.NPS)))
    answers = given("one", "csat", {"5": 3, "1": 1}, partial=2) + given("two", "nps", {"9": 1}, partial=1)
    found = scores(survey, answers)
    assert (found.respondents, found.partial) == (4, 2)
    assert [(item.answers, item.partial) for item in found.items] == [(4, 2), (1, 1)]
    assert rounded(found.items[0].estimate, 0)[0] == 75.0


def test_answers_of_another_kind_than_the_item_has_now_are_left_out() -> None:
    survey = Survey("trial", (SurveyItem("one", ItemKind.CSAT),))
    (found,) = scores(survey, given("one", "nps", {"10": 5}) + given("gone", "csat", {"5": 5})).items
    assert found.answers == 0


# --- what is kept, and what counts ------------------------------------------------------------------------


def kept(call: str, item: str, value: str, contact: str | None = "c1", kind: str = "csat") -> KeptAnswer:
    whose = ContactId(contact) if contact else None
    return KeptAnswer(CallId(call), whose, item, kind, value, "", AT)


def test_the_last_answer_counts_and_a_finished_survey_makes_those_before_it_whole() -> None:
    rows = [
        kept("a", "one", "2"),
        kept("a", "one", "5"),
        kept("b", "two", "9", kind="nps"),
        kept("c", "one", "1", contact="c2"),
    ]
    found = gathered(rows, frozenset({CallId("b")}))
    assert [(a.respondent, a.item, a.value, a.partial) for a in found] == [
        ("c1", "one", "5", False), ("c1", "two", "9", False), ("c2", "one", "1", True),
    ]  # fmt: skip


def test_marks_and_missing_answers_are_none() -> None:
    rows = [
        kept("a", "right_party", "yes", kind="mark"),
        kept("a", "one", "unanswered"),
        kept("a", "two", "declined"),
    ]
    assert gathered(rows, frozenset()) == []


def test_a_call_for_no_contact_is_a_respondent_of_its_own() -> None:
    rows = [kept("a", "one", "5", contact=None), kept("b", "one", "4", contact=None)]
    assert [answer.respondent for answer in gathered(rows, frozenset())] == ["a", "b"]
