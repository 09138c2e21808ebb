"""`ivr campaign import`: contacts from a CSV or XLSX file."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ivr.adapters.contact_files import ContactsImported, read_contacts, write_contacts
from ivr.adapters.store_sqlalchemy import SqlCampaignDesk
from ivr.adapters.system_clock import SystemClock
from ivr.cli.campaign_desk import CampaignArgument, JsonOption, as_json, ask, named, survey_named
from ivr.cli.database_option import DatabaseOption
from ivr.cli.settings import settings_or_exit

_LISTED = 20


def import_contacts(
    campaign: CampaignArgument,
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file with a header.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Find every fault, write nothing.")] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave bad rows out, write the others.")
    ] = False,
    json_: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Add contacts, all or nothing.

    The column `phone` (or 手机号) is needed. `locale`, `customer_id`, `consent` (yes or no), `time_zone`,
    `ring_from` and `ring_to` (hours in which they want to be rung) are known; every other column is a fact
    that the survey may speak of, and those that it needs must be there (`ivr survey list`). Rows of one
    number are merged, and so are contacts that the campaign has already; one who was given up without
    having been rung waits again. Exit 1 on bad rows, unless --skip-bad is given.

    Example: ivr campaign import march contacts.xlsx --dry-run
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:

        async def work(desk: SqlCampaignDesk) -> ContactsImported:
            return await _import(desk, campaign, file, progress, dry_run=dry_run, skip_bad=skip_bad)

        result = ask(database, work)
    if json_:
        typer.echo(as_json(asdict(result)))
    else:
        _print(result, campaign, skip_bad)
    raise typer.Exit(int(bool(result.bad_rows) and not skip_bad))


async def _import(
    desk: SqlCampaignDesk, name: str, file: Path, progress: Progress, *, dry_run: bool, skip_bad: bool
) -> ContactsImported:
    campaign = await named(desk, name)
    survey = survey_named(campaign.script_id)
    reading = progress.add_task("Reading", total=None)
    found = read_contacts(
        file,
        campaign,
        SystemClock().now(),
        default_region=settings_or_exit().hotline.country,
        fact_faults=survey.fact_faults,
        read=lambda rows: progress.update(reading, completed=rows),
    )
    progress.update(reading, total=found.rows)
    writing = progress.add_task("Writing", total=len(found.contacts), visible=False)
    return await write_contacts(
        desk,
        campaign.campaign_id,
        found,
        dry_run=dry_run,
        skip_bad=skip_bad,
        wrote=lambda rows: progress.update(writing, completed=rows, visible=True),
    )


def _print(result: ContactsImported, campaign: str, skip_bad: bool) -> None:
    if result.bad_rows:
        table = Table("row", "column", "what is wrong", "mend", box=None)
        for bad in result.bad_rows[:_LISTED]:
            table.add_row(str(bad.row), bad.column, bad.reason, bad.mend)
        Console().print(table)
        if len(result.bad_rows) > _LISTED:
            typer.echo(f"and {len(result.bad_rows) - _LISTED} more bad rows: --json lists all")
    good = f"{result.contacts} contacts in {result.rows} rows"
    if result.merged_in_file:
        good += f", {result.merged_in_file} rows merged with others of the same number"
    if result.written:
        known = f", {result.merged_with_campaign} known before" if result.merged_with_campaign else ""
        left_out = f"; {len(result.bad_rows)} rows left out" if result.bad_rows else ""
        typer.echo(f"written: {good}; {result.added} new{known}{left_out}")
        typer.echo(f"next: ivr campaign preview {campaign!r}")
    elif result.bad_rows and not skip_bad:
        rest = f"; without fault: {good}; --skip-bad writes these" if result.contacts else ""
        typer.echo(f"nothing written, {len(result.bad_rows)} bad rows{rest}")
    else:
        typer.echo(f"nothing written; without fault: {good}")
