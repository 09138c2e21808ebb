"""`ivr campaign results`: what came of every contact, with what was answered."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.contact_files import write_table
from ivr.adapters.contact_files.writing import WRITERS, write_csv
from ivr.adapters.store_sqlalchemy import SqlCampaignDesk
from ivr.cli.campaign_desk import CampaignArgument, JsonOption, as_json, ask, company_zone, named
from ivr.cli.database_option import DatabaseOption
from ivr.runtime.campaigns.results import Harvest, harvest, tabulate


def results(
    campaign: CampaignArgument,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="A .csv, .xlsx or .json file; else CSV here.")
    ] = None,
    facts: Annotated[bool, typer.Option("--facts", help="With the facts of each contact, too.")] = False,
    json_: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """A row for each contact: state, result and why, attempts, and a column for each item of the survey.

    Answers of a call that broke off are there as well; the result then is `partial`. Moments are in the
    company's time zone. The file holds what customers said: mind who gets it.

    Example: ivr campaign results march --to march.xlsx
    """
    if to is not None and to.suffix.lower() not in WRITERS:
        raise typer.BadParameter(f"{to.name}: name it .csv, .xlsx or .json", param_hint="--to")

    async def work(desk: SqlCampaignDesk) -> Harvest:
        return await harvest(desk, (await named(desk, campaign)).campaign_id)

    columns, records = tabulate(ask(database, work), company_zone(), facts=facts)
    if json_:
        typer.echo(as_json(records))
    elif to is None:
        write_csv(sys.stdout, columns, records)
    else:
        try:
            write_table(to, columns, records)
        except OSError as error:
            typer.echo(f"{to} cannot be written: {error.strerror}", err=True)
            raise typer.Exit(1) from None
        typer.echo(f"{len(records)} contacts in {to}")
