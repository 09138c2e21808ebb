"""`ivr do-not-call`: people whom no campaign rings."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.adapters.contact_files import NumbersImported, read_numbers, write_numbers
from ivr.adapters.phone_numbers import to_e164
from ivr.adapters.store_sqlalchemy import Database, SqlDoNotCallList
from ivr.adapters.system_clock import SystemClock
from ivr.campaign.people import DoNotCallEntry
from ivr.cli.campaign_desk import JsonOption, as_json, clock, company_zone
from ivr.cli.database_option import DatabaseOption, database_address, run_on_store
from ivr.cli.settings import settings_or_exit

HELP = """People whom no campaign rings: add, remove, list, import.

Whoever asks for it on a call is on the list at once. It counts for every campaign, and so does every entry
made here, for calls that are not yet dialled as well.
"""

app = typer.Typer(no_args_is_help=True, help=HELP)

T = TypeVar("T")

PhoneArgument = Annotated[str, typer.Argument(metavar="PHONE", help="Such as 13800000001 or +8613800000001.")]
_LISTED = 20


@app.command()
def add(
    phone: PhoneArgument,
    reason: Annotated[str, typer.Option(help="Why, for those who ask later.")] = "asked",
    json_: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Put somebody on the list.

    Example: ivr do-not-call add 13800000001 --reason "complained by post"
    """
    entry = DoNotCallEntry(_number(phone), reason, "people", SystemClock().now())
    new = _ask(database, lambda people: people.add([entry])) == 1
    if json_:
        typer.echo(as_json({**asdict(entry), "new": new}))
    else:
        typer.echo(f"{entry.phone} is not rung any more" if new else f"{entry.phone} was on the list already")


@app.command()
def remove(
    phone: PhoneArgument,
    reason: Annotated[str, typer.Option(help="Why; the change is kept.")],
    json_: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Take somebody off the list, with a reason. Contacts that were given up for it stay so.

    Example: ivr do-not-call remove 13800000001 --reason "wrote that calls are welcome again"
    """
    number, now = _number(phone), SystemClock().now()
    gone = _ask(database, lambda people: people.remove(number, reason=reason, now=now))
    if json_:
        typer.echo(as_json({"phone": number, "removed": gone}))
    elif gone:
        typer.echo(f"{number} may be rung again")
    else:
        typer.echo(f"{number} is not on the list", err=True)
        raise typer.Exit(1)


@app.command("list")
def list_entries(
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 50,
    phone: Annotated[str | None, typer.Option(help="Only this number.")] = None,
    json_: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Who is on it, the newest first.

    Example: ivr do-not-call list --phone 13800000001
    """
    number = _number(phone) if phone is not None else None

    async def work(people: SqlDoNotCallList) -> list[DoNotCallEntry]:
        if number is None:
            return list(await people.listed(limit))
        entry = await people.find(number)
        return [entry] if entry is not None else []

    found = _ask(database, work)
    if json_:
        typer.echo(as_json([asdict(entry) for entry in found]))
    elif not found:
        typer.echo("nobody is on the list" if number is None else f"{number} is not on the list")
    else:
        table = Table("phone", "since", "source", "reason", box=None)
        for entry in found:
            since = clock(entry.added_at, company_zone())
            table.add_row(entry.phone, since, escape(entry.source), escape(entry.reason))
        Console().print(table)


@app.command("import")
def import_entries(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX; the column phone, or the first one.")],
    reason: Annotated[str, typer.Option(help="Why, for those who ask later.")] = "imported list",
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave bad rows out, write the others.")
    ] = False,
    json_: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Put all numbers of a file on the list, all or nothing. Exit 1 on bad rows, unless --skip-bad is given.

    Example: ivr do-not-call import register.csv --reason "national register"
    """
    now = SystemClock().now()

    async def work(people: SqlDoNotCallList) -> NumbersImported:
        found = read_numbers(file, settings_or_exit().hotline.country)
        return await write_numbers(people, found, reason=reason, source=file.name, now=now, skip_bad=skip_bad)

    done = _ask(database, work)
    if json_:
        typer.echo(as_json(asdict(done)))
    else:
        for row in done.bad_rows[:_LISTED]:
            typer.echo(f"row {row.row}: {row.column} {row.reason}. Mend: {row.mend}.", err=True)
        if len(done.bad_rows) > _LISTED:
            typer.echo(f"and {len(done.bad_rows) - _LISTED} more bad rows: --json lists all", err=True)
        typer.echo(f"{done.added} of {done.rows} rows added" if done.written else "nothing written")
    raise typer.Exit(int(not done.written or (bool(done.bad_rows) and not skip_bad)))


def _number(written: str) -> str:
    phone = to_e164(written, settings_or_exit().hotline.country)
    if phone is None:
        typer.echo("this is no telephone number: write 13800000001 or +8613800000001", err=True)
        raise typer.Exit(1)
    return phone


def _ask(given: str | None, question: Callable[[SqlDoNotCallList], Awaitable[T]]) -> T:
    async def work() -> T:
        database = Database(database_address(given), retry_s=5.0)
        try:
            return await question(SqlDoNotCallList(database))
        finally:
            await database.close()

    return run_on_store(work())
