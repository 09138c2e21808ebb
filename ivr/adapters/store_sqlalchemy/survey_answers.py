"""What surveys have been answered so far, read off the record of calls: the `SurveyAnswers` port."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy.database import Database
from ivr.adapters.store_sqlalchemy.tables import survey_answers, wishes_settled
from ivr.calls.answers import GivenAnswer, KeptAnswer, gathered
from ivr.calls.ids import CallId, CampaignId, ContactId


class SqlSurveyAnswers:
    """Queries the answers; they are written as the events of calls are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_contact(self, contact_id: ContactId, survey: str) -> Mapping[str, str]:
        """What a contact has answered so far, by item. Raises as `Database.read` does."""
        own = (survey_answers.c.survey == survey, survey_answers.c.contact_id == contact_id)
        return {answer.item: answer.value for answer in await self._gathered(survey, own)}

    async def counts(self, survey: str, campaign_id: CampaignId | None = None) -> Mapping[str, int]:
        """How many contacts have answered each item. Raises as `Database.read` does."""
        return Counter(answer.item for answer in await self.of_survey(survey, campaign_id))

    async def of_survey(
        self, survey: str, campaign_id: CampaignId | None = None, since: datetime | None = None
    ) -> Sequence[GivenAnswer]:
        """Every contact's last answer to each item, the oldest first. Raises as `Database.read` does."""
        c = survey_answers.c
        wanted = [c.survey == survey]
        wanted += [c.campaign_id == campaign_id] if campaign_id is not None else []
        wanted += [c.at >= since] if since is not None else []
        return await self._gathered(survey, wanted)

    async def _gathered(self, survey: str, wanted: Sequence[ColumnElement[bool]]) -> list[GivenAnswer]:
        rows = select(survey_answers).where(*wanted).order_by(survey_answers.c.id)
        # With a join of their own: the calls of a survey are too many to be named one by one.
        finished = (
            select(wishes_settled.c.call_id)
            .join(survey_answers, survey_answers.c.call_id == wishes_settled.c.call_id)
            .where(wishes_settled.c.wish == survey, *wanted)
        )

        async def work(connection: AsyncConnection) -> list[GivenAnswer]:
            kept = [_kept(row) for row in await connection.execute(rows)]
            done = frozenset(CallId(row.call_id) for row in await connection.execute(finished))
            return gathered(kept, done)

        return await self._database.read(work)


def _kept(row: Any) -> KeptAnswer:
    contact = ContactId(row.contact_id) if row.contact_id is not None else None
    return KeptAnswer(CallId(row.call_id), contact, row.item, row.item_kind, row.value, row.words, row.at)
