"""What surveys need of the outside: the list of those who want no calls, and the answers given so far."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ivr.calls.answers import GivenAnswer
from ivr.calls.ids import CampaignId, ContactId


class DoNotCallList(Protocol):
    """Numbers that no campaign rings."""

    async def opt_out(self, phone: str, *, reason: str, source: str, now: datetime) -> None:
        """Put a number on the list, for every campaign at once. Raises what keeps it from being kept."""
        ...


class SurveyAnswers(Protocol):
    """The answers that customers gave, each from the moment when it was given."""

    async def of_contact(self, contact_id: ContactId, survey: str) -> Mapping[str, str]:
        """What a contact has answered so far, by item, the last answer of each: to go on from there."""
        ...

    async def counts(self, survey: str, campaign_id: CampaignId | None = None) -> Mapping[str, int]:
        """How many contacts have answered each item: for quotas."""
        ...

    async def of_survey(
        self, survey: str, campaign_id: CampaignId | None = None, since: datetime | None = None
    ) -> Sequence[GivenAnswer]:
        """Every contact's last answer to each item, the oldest first; marks and missing answers left out."""
        ...
