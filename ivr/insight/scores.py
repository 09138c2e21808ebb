"""What a survey has found: CSAT, NPS and CES with their intervals, and what else was answered."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ivr.calls.answers import GivenAnswer
from ivr.dialogue.survey import ItemKind, Survey, SurveyItem
from ivr.dialogue.survey_items import BANDS
from ivr.insight.intervals import Estimate, average, difference, share

PERCENT = 100


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One item: how many answered it, how many of these never finished, and what came of it."""

    item_id: str
    kind: ItemKind
    answers: int
    partial: int
    counts: Mapping[str, int] = field(default_factory=dict)
    """Answers by value; empty where they are the customers' own words."""
    figure: str = ""
    """What the estimate is of: `csat` and `yes` in percent, `nps` from -100 to 100, `mean`; else empty."""
    estimate: Estimate | None = None


@dataclass(frozen=True, slots=True)
class SurveyScores:
    """A whole survey. Partial respondents are counted in the items that they answered."""

    survey_id: str
    respondents: int
    partial: int
    """Respondents who never came to the end."""
    items: tuple[ItemScore, ...]


def scores(survey: Survey, answers: Sequence[GivenAnswer]) -> SurveyScores:
    """The figures of a survey. Answers to items that it has no more, or of another kind, are left out."""
    whole = {answer.respondent: answer.partial for answer in answers}
    return SurveyScores(
        survey.survey_id,
        respondents=len(whole),
        partial=sum(whole.values()),
        items=tuple(
            _of_item(item, [a for a in answers if (a.item, a.kind) == (item.item_id, item.kind)])
            for item in survey.items
        ),
    )


def _of_item(item: SurveyItem, answers: Sequence[GivenAnswer]) -> ItemScore:
    values = [answer.value for answer in answers]
    figure, estimate = _figure(item.kind, values) if values else ("", None)
    return ItemScore(
        item.item_id,
        item.kind,
        answers=len(values),
        partial=sum(answer.partial for answer in answers),
        counts={} if item.kind is ItemKind.OPEN else dict(sorted(Counter(values).items(), key=_by_value)),
        figure=figure,
        estimate=estimate,
    )


def _figure(kind: ItemKind, values: Sequence[str]) -> tuple[str, Estimate | None]:
    match kind:
        case ItemKind.CSAT:
            satisfied = _in_band(kind, "high", values)
            return "csat", _percent(share(satisfied, len(values)))
        case ItemKind.NPS:
            promoters, detractors = _in_band(kind, "high", values), _in_band(kind, "low", values)
            return "nps", _percent(difference(promoters, detractors, len(values)))
        case ItemKind.CES | ItemKind.NUMBER:
            return "mean", average([int(value) for value in values])
        case ItemKind.YES_NO | ItemKind.STATEMENT:
            return "yes", _percent(share(sum(value == "yes" for value in values), len(values)))
        case _:
            return "", None


def _in_band(kind: ItemKind, band: str, values: Sequence[str]) -> int:
    return sum(int(value) in BANDS[kind][band] for value in values)


def _percent(estimate: Estimate) -> Estimate:
    low, high = estimate.low, estimate.high
    return Estimate(
        PERCENT * estimate.value,
        None if low is None else PERCENT * low,
        None if high is None else PERCENT * high,
    )


def _by_value(counted: tuple[str, int]) -> tuple[int, int | str]:
    value = counted[0]
    return (0, int(value)) if value.isdecimal() else (1, value)
