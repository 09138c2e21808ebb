"""`ivr campaign preview`: what would happen if the campaign ran now."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.store_sqlalchemy import SqlCampaignDesk
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.work_calendars import PublicHolidayBook
from ivr.campaign.decision import DialRules
from ivr.campaign.people import Contact, ContactState, LinesFree
from ivr.campaign.policy import Campaign, CampaignState
from ivr.cli.campaign_desk import CampaignArgument, JsonOption, as_json, ask, clock, company_zone, named
from ivr.cli.database_option import DatabaseOption

_BATCH = 2_000
_MEAN_CALL_S = 60
"""A guess at how long a line is taken for one attempt, ringing included."""

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


def preview(campaign: CampaignArgument, json_: JsonOption = False, database: DatabaseOption = None) -> None:
    """Whom it would ring at this moment, whom later and whom never, and which rules speak against it.

    A campaign that is a draft or pauses is looked at as if it ran. Rings nobody and changes nothing.

    Example: ivr campaign preview march
    """

    async def work(desk: SqlCampaignDesk) -> Preview:
        return await _preview(desk, await named(desk, campaign), SystemClock().now())

    found = ask(database, work)
    if json_:
        typer.echo(as_json(_told(found)))
    else:
        _print(found)


async def _preview(desk: SqlCampaignDesk, campaign: Campaign, now: datetime) -> Preview:
    running = replace(campaign, state=CampaignState.RUNNING)
    rules = DialRules(running, PublicHolidayBook(), now)
    found = Preview(campaign.name, campaign.state.value)
    batch: list[Contact] = []
    async for contact in desk.contacts(campaign.campaign_id):
        if contact.state is ContactState.WAITING:
            batch.append(contact)
        if len(batch) == _BATCH:
            await _count(desk, running, rules, batch, found)
            batch = []
    await _count(desk, running, rules, batch, found)
    found.least_s = max(found.now / campaign.calls_per_s, found.now * _MEAN_CALL_S / campaign.max_lines)
    return found


async def _count(
    desk: SqlCampaignDesk, campaign: Campaign, rules: DialRules, batch: list[Contact], found: Preview
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


def _told(found: Preview) -> dict[str, Any]:
    return {name: getattr(found, name) for name in Preview.__slots__}


def _print(found: Preview) -> None:
    console = Console()
    console.print(f"{found.waiting} contacts wait; the campaign is {found.state}", highlight=False)
    table = Table(box=None, show_header=False)
    table.add_row("may be rung now", str(found.now))
    later = f"from {clock(found.first_later_at, company_zone())} on" if found.first_later_at else ""
    table.add_row("later", str(found.later), later)
    table.add_row("never", str(found.never), "done with as soon as the campaign runs" if found.never else "")
    for rule, count in found.held_by.most_common():
        table.add_row(f"  against: {rule}", str(count))
    for name, counts in (("region", found.regions), ("zone", found.zones)):
        for value, count in counts.most_common(5):
            table.add_row(f"{name} {value or 'unknown'}", str(count))
    console.print(table)
    if found.now:
        length = timedelta(seconds=round(found.least_s))
        typer.echo(f"at {_MEAN_CALL_S} s a call, ringing them once takes {length} at best")
