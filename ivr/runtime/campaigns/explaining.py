"""Why somebody is rung or not, rule by rule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.campaign.attempt import Attempt
from ivr.campaign.calendar import PublicHolidays
from ivr.campaign.decision import Decision, decide
from ivr.campaign.pacing import lines_free, starts_free
from ivr.campaign.people import LinesFree
from ivr.runtime.campaign_ports import CampaignDesk, Case


@dataclass(frozen=True, slots=True)
class Explained:
    """A contact of one campaign, what would be decided at this moment, and the attempts so far."""

    case: Case
    decision: Decision
    attempts: Sequence[Attempt]


async def explain(
    desk: CampaignDesk, names: Iterable[str], holidays: PublicHolidays, now: datetime
) -> list[Explained]:
    """For each campaign that has somebody of one of these names: ids of contacts, or numbers in E.164."""
    return [
        Explained(
            case,
            _decide(case, holidays, now),
            await desk.attempts(case.campaign.campaign_id, case.contact.contact_id),
        )
        for name in dict.fromkeys(names)
        for case in await desk.cases(name)
    ]


def _decide(case: Case, holidays: PublicHolidays, now: datetime) -> Decision:
    campaign = case.campaign
    free = LinesFree(
        lines_free(case.lines_in_use, campaign.max_lines),
        starts_free(case.started_at, campaign.calls_per_s, now),
    )
    return decide(
        case.contact,
        campaign,
        person=case.person,
        do_not_call=case.do_not_call,
        lines=free,
        holidays=holidays,
        now=now,
    )
