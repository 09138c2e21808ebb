"""`ivr campaign`: ring many people about one thing, within hours, caps and consent."""

from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.adapters.campaign_files import TEMPLATE, new_campaign, read_campaign
from ivr.adapters.store_sqlalchemy import SqlCampaignDesk
from ivr.adapters.system_clock import SystemClock
from ivr.calls.ids import CampaignId
from ivr.campaign.policy import Campaign, CampaignState
from ivr.campaign.shown import window_shown
from ivr.cli.campaign_desk import (
    CampaignArgument,
    JsonOption,
    as_json,
    ask,
    check_left_message,
    clock,
    company_zone,
    named,
    survey_named,
)
from ivr.cli.campaign_explain import explain
from ivr.cli.campaign_import import import_contacts
from ivr.cli.campaign_preview import preview
from ivr.cli.campaign_results import results
from ivr.cli.campaign_status import status
from ivr.cli.database_option import DatabaseOption
from ivr.runtime.campaigns import planning
from ivr.runtime.campaigns.told import campaign_told

HELP = """Ring many people about one thing, within hours, caps and consent.

\b
From a list to results:
  ivr campaign template > march.yaml        what a campaign may say
  ivr campaign create --file march.yaml
  ivr campaign import march contacts.xlsx   every bad row is named
  ivr campaign preview march                who would be rung now, and who not, and why
  ivr campaign start march                  workers with free lines begin at once
  ivr campaign status march --watch
  ivr campaign explain 13800000001          why somebody was rung or not
  ivr campaign results march --to march.xlsx
"""

app = typer.Typer(no_args_is_help=True, help=HELP, rich_markup_mode="rich")


@app.command()
def template() -> None:
    """Print a campaign file with every key.

    Example: ivr campaign template > march.yaml
    """
    typer.echo(TEMPLATE, nl=False)


@app.command()
def create(
    name: Annotated[str | None, typer.Argument(help="Its name; goes before the file's.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="A YAML or TOML file, see `ivr campaign template`.")
    ] = None,
    survey: Annotated[str | None, typer.Option(help="See `ivr survey list`; goes before the file's.")] = None,
    json_: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Make a draft: nobody is rung before it has contacts and is started.

    \b
    Examples:
      ivr campaign create --file march.yaml
      ivr campaign create trial --survey post_loan
    """
    over = {key: value for key, value in (("name", name), ("survey", survey)) if value is not None}

    async def work(desk: SqlCampaignDesk) -> Campaign:
        zone, now = company_zone(), SystemClock().now()
        campaign = read_campaign(file, zone, over) if file else new_campaign(over, zone, "--file")
        survey_named(campaign.script_id)
        check_left_message(campaign)
        return await planning.create(desk, campaign, now)

    made = ask(database, work)
    _tell(made, json_, f"campaign {made.name!r} is a draft: ivr campaign import {made.name!r} FILE")


@app.command("list")
def list_campaigns(json_: JsonOption = False, database: DatabaseOption = None) -> None:
    """All campaigns, the newest first.

    Example: ivr campaign list
    """

    async def work(desk: SqlCampaignDesk) -> list[tuple[Campaign, dict[str, int]]]:
        return [(each, dict((await desk.status(each.campaign_id)).contacts)) for each in await desk.listed()]

    found = ask(database, work)
    if json_:
        typer.echo(as_json([{**campaign_told(campaign), "contacts": counts} for campaign, counts in found]))
        return
    if not found:
        typer.echo("no campaigns yet: ivr campaign template > march.yaml")
        return
    table = Table("name", "state", "survey", "window", "waiting", "on the line", "done", "ends", box=None)
    for campaign, counts in found:
        table.add_row(
            escape(campaign.name),
            campaign.state,
            campaign.script_id,
            window_shown(campaign.window),
            *(str(counts.get(state, 0)) for state in ("waiting", "leased", "done")),
            clock(campaign.ends_at, company_zone()),
        )
    Console().print(table)


@app.command()
def start(campaign: CampaignArgument, json_: JsonOption = False, database: DatabaseOption = None) -> None:
    """Let workers with free lines ring its contacts, from now on or from its starts_at.

    Example: ivr campaign start march
    """
    _change(campaign, CampaignState.RUNNING, "runs", json_, database)


@app.command()
def pause(campaign: CampaignArgument, json_: JsonOption = False, database: DatabaseOption = None) -> None:
    """Ring nobody for now; calls in hand go on to their end. Callbacks that were promised wait, too.

    Example: ivr campaign pause march
    """
    _change(campaign, CampaignState.PAUSED, "pauses", json_, database)


@app.command()
def resume(campaign: CampaignArgument, json_: JsonOption = False, database: DatabaseOption = None) -> None:
    """Go on after a pause.

    Example: ivr campaign resume march
    """
    _change(campaign, CampaignState.RUNNING, "runs", json_, database)


@app.command()
def stop(
    campaign: CampaignArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json_: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """End it for good: whoever waits is done with. Calls in hand go on to their end.

    Example: ivr campaign stop march
    """
    if not yes:
        typer.confirm(f"Stop {campaign!r} for good? `pause` can be taken back, this cannot", abort=True)
    _change(campaign, CampaignState.STOPPED, "is stopped", json_, database)


@app.command()
def clone(
    campaign: CampaignArgument,
    name: Annotated[str, typer.Argument(help="Name of the new one.")],
    contacts: Annotated[
        bool, typer.Option("--contacts", help="With its contacts, as if none had been rung.")
    ] = False,
    json_: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Make a draft with the same rules. Caps and the do-not-call list count as before.

    Example: ivr campaign clone march april
    """

    async def work(desk: SqlCampaignDesk) -> Campaign:
        old, now = await named(desk, campaign), SystemClock().now()
        new_id = CampaignId(uuid4().hex)
        return await planning.clone(desk, old, new_id, name, contacts=contacts, now=now)

    made = ask(database, work)
    _tell(made, json_, f"campaign {made.name!r} is a draft, without a beginning and an end in time")


def _change(name: str, state: CampaignState, does: str, json_: bool, database: str | None) -> None:
    async def work(desk: SqlCampaignDesk) -> Campaign:
        return await desk.change_state((await named(desk, name)).campaign_id, state)

    changed = ask(database, work)
    _tell(changed, json_, f"campaign {changed.name!r} {does}")


def _tell(campaign: Campaign, json_: bool, words: str) -> None:
    typer.echo(as_json(campaign_told(campaign)) if json_ else words)


app.command("import")(import_contacts)
app.command()(preview)
app.command()(status)
app.command()(explain)
app.command()(results)
