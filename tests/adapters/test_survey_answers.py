"""Answers to surveys are told alike by the store and in memory, from the moment when they were given."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest
from typer.testing import CliRunner

from ivr.adapters.store_sqlalchemy import Database, SqlStore, SqlSurveyAnswers
from ivr.adapters.survey_answers_memory import MemorySurveyAnswers
from ivr.calls.events import AnswerGiven, CallEvent, WishSettled
from ivr.calls.ids import AttemptId, CallId, CampaignId, ContactId, WorkerId
from ivr.calls.rung import Rung
from ivr.cli.main import app
from ivr.runtime.survey_ports import SurveyAnswers

AT = datetime(2030, 3, 10, 4, 0, tzinfo=UTC)
C1, C2 = ContactId("c1"), ContactId("c2")


class Book(SurveyAnswers, Protocol):
    async def append(self, events: Sequence[CallEvent]) -> None: ...


class SqlBook(SqlSurveyAnswers):
    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.append = SqlStore(database, WorkerId("w")).append


@pytest.fixture
async def book(place: str | None) -> AsyncIterator[Book]:
    if place is None:
        yield MemorySurveyAnswers()
        return
    database = Database(place)
    yield SqlBook(database)
    await database.close()


def answer(  # noqa: PLR0917
    call: str,
    contact: ContactId | None,
    item: str,
    value: str,
    kind: str = "csat",
    hours: float = 0,
    campaign: str = "m1",
) -> AnswerGiven:
    return AnswerGiven(
        call_id=CallId(call),
        at=AT + timedelta(hours=hours),
        survey="agent_satisfaction",
        version="1",
        item=item,
        item_kind=kind,
        value=value,
        words="五分" if value == "5" else "",
        confidence=0.9,
        contact_id=contact,
        campaign_id=CampaignId(campaign),
        attempt_id=AttemptId(f"{call}-attempt"),
    )


def finished(call: str, survey: str = "agent_satisfaction") -> WishSettled:
    return WishSettled(call_id=CallId(call), at=AT, turn=9, wish=survey, rung=Rung.SELF_SERVICE)


async def _keep(url: str, events: Sequence[CallEvent]) -> None:
    database = Database(url)
    await SqlStore(database, WorkerId("w")).append(events)
    await database.close()


async def test_what_a_contact_has_answered_is_there_to_go_on_from(book: Book) -> None:
    await book.append(
        [answer("a", C1, "right_party", "yes", "mark"), answer("a", C1, "settled", "yes", "yes_no")]
    )
    await book.append([answer("a", C1, "satisfied", "2"), answer("a", C1, "satisfied", "5")])
    await book.append([answer("a", C1, "easy", "unanswered", "ces"), answer("b", C2, "satisfied", "1")])
    assert await book.of_contact(C1, "agent_satisfaction") == {"settled": "yes", "satisfied": "5"}
    assert await book.of_contact(C1, "post_loan") == {}


async def test_answers_of_calls_that_broke_off_are_kept_and_marked(book: Book) -> None:
    await book.append([answer("a", C1, "satisfied", "5"), answer("b", C2, "satisfied", "1")])
    await book.append(
        [answer("c", C1, "recommend", "9", "nps", hours=5), finished("c"), finished("b", "other")]
    )
    found = await book.of_survey("agent_satisfaction")
    assert [(a.respondent, a.item, a.value, a.words, a.partial) for a in found] == [
        ("c1", "satisfied", "5", "五分", False),
        ("c2", "satisfied", "1", "", True),
        ("c1", "recommend", "9", "", False),
    ]  # fmt: skip
    assert found[0].at == AT


async def test_answers_are_told_by_campaign_and_by_day(book: Book) -> None:
    await book.append(
        [answer("a", C1, "satisfied", "5"), answer("b", C2, "satisfied", "1", hours=30, campaign="m2")]
    )
    assert [a.respondent for a in await book.of_survey("agent_satisfaction", CampaignId("m2"))] == ["c2"]
    since = AT + timedelta(days=1)
    assert [a.respondent for a in await book.of_survey("agent_satisfaction", since=since)] == ["c2"]


async def test_each_contact_counts_once_towards_a_quota(book: Book) -> None:
    await book.append(
        [
            answer("a", C1, "satisfied", "2"),
            answer("a", C1, "satisfied", "5"),
            answer("b", C2, "satisfied", "1"),
        ]
    )
    await book.append([answer("b", C2, "easy", "declined", "ces")])
    assert await book.counts("agent_satisfaction") == {"satisfied": 2}
    assert await book.counts("agent_satisfaction", CampaignId("m9")) == {}


def test_the_command_tells_the_scores_of_what_is_in_the_store(sqlite_url: str) -> None:
    ratings = {"5": 25, "4": 15, "3": 6, "2": 3, "1": 1}
    each = [value for value, times in ratings.items() for _ in range(times)]
    events: list[CallEvent] = [
        answer(f"call-{n}", ContactId(f"c{n}"), "satisfied", value) for n, value in enumerate(each)
    ]
    asyncio.run(_keep(sqlite_url, [*events, *(finished(f"call-{n}") for n in range(45))]))
    told = CliRunner().invoke(
        app,
        ["survey", "scores", "--survey", "agent_satisfaction", "--database", sqlite_url],
        env={"COLUMNS": "160"},
    )
    assert told.exit_code == 0, told.output
    assert "CSAT 80.0 %" in told.output
    assert "67.0 to 88.8" in told.output
    assert "50 respondents, 5 of them never came to the end" in told.output


def test_a_survey_that_there_is_not_is_told_with_those_that_there_are() -> None:
    told = CliRunner().invoke(app, ["survey", "scores", "--survey", "nothing"])
    assert told.exit_code == 1
    assert "known are agent_satisfaction" in told.output
