"""What would happen if a campaign ran now."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ivr.campaign.calendar import PublicHolidays
from ivr.campaign.decision import DialRules
from ivr.campaign.people import Contact, ContactState, LinesFree
from ivr.campaign.policy import Campaign, CampaignState
from ivr.runtime.campaign_ports import CampaignDesk

MEAN_CALL_S = 60
"""A guess at how long a line is taken for one attempt, ringing included."""

_BATCH = 2_000
_FREE = LinesFree(1, 1)


@dataclass(slots=True)
class Preview:
    """The decisions on all contacts that wait, as if the campaign ran."""

    campaign: str
    state: str
    waiting: int = 0
    now: int = 0
    later: int = 0
    never: int = 0
    held_by: Counter[str] = field(default_factory=Counter)
    """Contacts that each rule speaks against."""
    regions: Counter[str] = field(default_factory=Counter)
    zones: Counter[str] = field(default_factory=Counter)
    first_later_at: datetime | None = None
    least_s: float = 0
    """How long it takes at best to ring once all those who may be rung now."""


async def preview(desk: CampaignDesk, campaign: Campaign, holidays: PublicHolidays, now: datetime) -> Preview:
    """Decide on every contact that waits. Rings nobody and changes nothing."""
    running = replace(campaign, state=CampaignState.RUNNING)
    rules = DialRules(running, holidays, now)
    found = Preview(campaign.name, campaign.state.value)
    batch: list[Contact] = []
    async for contact in desk.contacts(campaign.campaign_id):
        if contact.state is ContactState.WAITING:
            batch.append(contact)
        if len(batch) == _BATCH:
            await _count(desk, running, rules, batch, found)
            batch = []
    await _count(desk, running, rules, batch, found)
    found.least_s = max(found.now / campaign.calls_per_s, found.now * MEAN_CALL_S / campaign.max_lines)
    return found


async def _count(
    desk: CampaignDesk, campaign: Campaign, rules: DialRules, batch: Sequence[Contact], found: Preview
) -> None:
    for case in await desk.cases_of(batch, campaign):
        decision = rules.decide(case.contact, case.person, case.do_not_call, _FREE)
        found.waiting += 1
        found.regions[case.contact.number.region] += 1
        found.zones[" ".join(case.contact.number.zones)] += 1
        found.held_by.update(reason.rule.value for reason in decision.reasons if not reason.ok)
        if decision.dial:
            found.now += 1
        elif decision.for_good is not None:
            found.never += 1
        else:
            found.later += 1
            if decision.not_before is not None:
                found.first_later_at = min(found.first_later_at or decision.not_before, decision.not_before)
