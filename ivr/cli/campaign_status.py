"""`ivr campaign status`: how far a campaign has come."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ivr.adapters.store_sqlalchemy import SqlCampaignDesk
from ivr.campaign.policy import Campaign, CampaignState
from ivr.cli.campaign_desk import (
    CampaignArgument,
    JsonOption,
    as_json,
    ask,
    clock,
    company_zone,
    named,
)
from ivr.cli.database_option import DatabaseOption
from ivr.runtime.campaign_ports import CampaignStatus
from ivr.runtime.campaigns.told import status_told

_EVERY_S = 1.0
_OVER = {CampaignState.STOPPED, CampaignState.FINISHED}


def status(
    campaign: CampaignArgument,
    watch: Annotated[bool, typer.Option("--watch", help="Go on showing it until it is over.")] = False,
    json_: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Who waits, who is on the line, who is done and how it ended.

    Example: ivr campaign status march --watch
    """

    async def work(desk: SqlCampaignDesk) -> tuple[Campaign, CampaignStatus]:
        found = await named(desk, campaign)
        return found, await desk.status(found.campaign_id)

    async def go_on(desk: SqlCampaignDesk) -> None:
        with Live(console=Console(), auto_refresh=False) as live:
            while True:
                found = await work(desk)
                live.update(_view(*found), refresh=True)
                if found[0].state in _OVER:
                    return
                await asyncio.sleep(_EVERY_S)

    if watch and not json_:
        try:
            ask(database, go_on)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        return
    found, figures = ask(database, work)
    if json_:
        typer.echo(as_json(status_told(found, figures)))
    else:
        Console().print(_view(found, figures))


def _view(campaign: Campaign, figures: CampaignStatus) -> Group:
    counts = figures.contacts
    total, done = sum(counts.values()), counts.get("done", 0)
    table = Table("contacts", "", "done as", "", "attempts", "", box=None)
    columns = [_rows({"waiting": 0, "leased": 0, "done": 0, **counts}), _rows(figures.done)]
    columns.append(_rows(figures.attempts))
    for place in range(max(map(len, columns))):
        cells = [column[place] if place < len(column) else ("", "") for column in columns]
        table.add_row(*(text for cell in cells for text in cell))
    due = f"; the next is due {clock(figures.next_due_at, company_zone())}" if figures.next_due_at else ""
    head = Text(f"{campaign.name}: {campaign.state}, {done} of {total} done{due}")
    return Group(head, ProgressBar(total=max(total, 1), completed=done, width=60), table)


def _rows(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    names = {"leased": "on the line"}
    in_order = sorted(counts.items(), key=lambda item: -item[1])
    return [(names.get(name, name.replace("_", " ")), str(count)) for name, count in in_order]
