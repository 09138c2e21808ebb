"""What surveys have been answered so far, in memory: for trials and tests."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from ivr.calls.answers import GivenAnswer, KeptAnswer, gathered
from ivr.calls.events import AnswerGiven, CallEvent, WishSettled
from ivr.calls.ids import CampaignId, ContactId


class MemorySurveyAnswers:
    """`SurveyAnswers` over the events that it is given."""

    def __init__(self) -> None:
        self._events: list[CallEvent] = []

    async def append(self, events: Sequence[CallEvent]) -> None:
        """Take note of what happened."""
        self._events += events

    async def of_contact(self, contact_id: ContactId, survey: str) -> Mapping[str, str]:
        """What a contact has answered so far, by item."""
        own = [event for event in self._answers(survey) if event.contact_id == contact_id]
        return {answer.item: answer.value for answer in self._gathered(survey, own)}

    async def counts(self, survey: str, campaign_id: CampaignId | None = None) -> Mapping[str, int]:
        """How many contacts have answered each item."""
        return Counter(answer.item for answer in await self.of_survey(survey, campaign_id))

    async def of_survey(
        self, survey: str, campaign_id: CampaignId | None = None, since: datetime | None = None
    ) -> Sequence[GivenAnswer]:
        """Every contact's last answer to each item, the oldest first."""
        wanted = [
            event
            for event in self._answers(survey)
            if (campaign_id is None or event.campaign_id == campaign_id)
            and (since is None or event.at >= since)
        ]
        return self._gathered(survey, wanted)

    def _answers(self, survey: str) -> list[AnswerGiven]:
        return [event for event in self._events if isinstance(event, AnswerGiven) and event.survey == survey]

    def _gathered(self, survey: str, wanted: Sequence[AnswerGiven]) -> list[GivenAnswer]:
        finished = frozenset(
            event.call_id for event in self._events if isinstance(event, WishSettled) and event.wish == survey
        )
        kept = [
            KeptAnswer(e.call_id, e.contact_id, e.item, e.item_kind, e.value, e.words, e.at) for e in wanted
        ]
        return gathered(kept, finished)
