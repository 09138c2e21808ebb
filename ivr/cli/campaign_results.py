"""`ivr campaign results`: what came of every contact, with what was answered."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from ivr.adapters.contact_files import write_table
from ivr.adapters.contact_files.writing import WRITERS, write_csv
from ivr.adapters.store_sqlalchemy import SqlCampaignDesk
from ivr.campaign.attempt import Attempt
from ivr.campaign.people import Contact
from ivr.cli.campaign_desk import CampaignArgument, JsonOption, as_json, ask, company_zone, named
from ivr.cli.database_option import DatabaseOption

_COLUMNS = (
    "phone", "customer_id", "state", "result", "why", "attempts", "first_rung_at", "last_rung_at", "call_id",
    "next_at", "promised",
)  # fmt: skip


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

    async def work(desk: SqlCampaignDesk) -> list[dict[str, Any]]:
        campaign_id = (await named(desk, campaign)).campaign_id
        contacts = [contact async for contact in desk.contacts(campaign_id)]
        attempts = await desk.attempts(campaign_id)
        return _records(contacts, attempts, await desk.answers_of(campaign_id), facts)

    records = ask(database, work)
    columns = list(dict.fromkeys([*_COLUMNS, *(name for record in records for name in record)]))
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


def _records(
    contacts: Iterable[Contact],
    attempts: Sequence[Attempt],
    answers: Sequence[Mapping[str, Any]],
    with_facts: bool,
) -> list[dict[str, Any]]:
    made: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        if attempt.dialled_at is not None:
            made.setdefault(attempt.contact_id, []).append(attempt)
    said: dict[str, dict[str, Any]] = {}
    for answer in answers:
        said.setdefault(str(answer["contact_id"]), {})[f"answer {answer['item']}"] = answer["value"]
    zone = company_zone()
    return [
        {
            **_progress(contact, made.get(contact.contact_id, []), zone),
            **({f"fact {name}": value for name, value in contact.facts.items()} if with_facts else {}),
            **said.get(contact.contact_id, {}),
        }
        for contact in contacts
    ]


def _progress(contact: Contact, made: Sequence[Attempt], zone: ZoneInfo) -> dict[str, Any]:
    rung = [attempt.dialled_at.astimezone(zone) for attempt in made if attempt.dialled_at is not None]
    waits = contact.state != "done"
    return {
        "phone": contact.phone,
        "customer_id": contact.customer_id,
        "state": contact.state.value,
        "result": contact.final.value if contact.final is not None else None,
        "why": contact.why,
        "attempts": len(made),
        "first_rung_at": f"{rung[0]:%Y-%m-%d %H:%M:%S}" if rung else None,
        "last_rung_at": f"{rung[-1]:%Y-%m-%d %H:%M:%S}" if rung else None,
        "call_id": made[-1].call_id if made else None,
        "next_at": f"{contact.due_at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if waits else None,
        "promised": "yes" if waits and contact.promised else None,
    }
