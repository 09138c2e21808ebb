"""`ivr campaign preview`: what would happen if the campaign ran now."""

from datetime import timedelta

import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.store_sqlalchemy import SqlCampaignDesk
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.work_calendars import PublicHolidayBook
from ivr.cli.campaign_desk import CampaignArgument, JsonOption, as_json, ask, clock, company_zone, named
from ivr.cli.database_option import DatabaseOption
from ivr.runtime.campaigns.preview import MEAN_CALL_S, Preview
from ivr.runtime.campaigns.preview import preview as look_ahead
from ivr.runtime.campaigns.told import preview_told


def preview(campaign: CampaignArgument, json_: JsonOption = False, database: DatabaseOption = None) -> None:
    """Whom it would ring at this moment, whom later and whom never, and which rules speak against it.

    A campaign that is a draft or pauses is looked at as if it ran. Rings nobody and changes nothing.

    Example: ivr campaign preview march
    """

    async def work(desk: SqlCampaignDesk) -> Preview:
        return await look_ahead(desk, await named(desk, campaign), PublicHolidayBook(), SystemClock().now())

    found = ask(database, work)
    if json_:
        typer.echo(as_json(preview_told(found)))
    else:
        _print(found)


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
        typer.echo(f"at {MEAN_CALL_S} s a call, ringing them once takes {length} at best")
