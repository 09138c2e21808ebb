"""`ivr tickets`: what callers asked of people. Shows what customers said, so mind who looks on."""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.adapters.store_sqlalchemy import Database, SqlTickets
from ivr.adapters.system_clock import SystemClock
from ivr.calls.tickets import is_ticket_number
from ivr.cli.database_option import DatabaseOption, database_address, run_on_store

app = typer.Typer(no_args_is_help=True, help="What callers asked of people: list, show, close.")

T = TypeVar("T")
Record = dict[str, Any]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
NumberArgument = Annotated[str, typer.Argument(help="The ticket's number, as the caller was told.")]


@app.command("list")
def list_tickets(
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 50,
    kind: Annotated[str | None, typer.Option(help="Only these, such as complaint.")] = None,
    closed: Annotated[bool, typer.Option("--closed", help="The closed ones, the last first.")] = False,
    as_json: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Open tickets: the care team's first, then by the day they are promised for.

    Example: ivr tickets list --kind complaint
    """
    found = _ask(database, lambda tickets: tickets.listed(limit, closed=closed, kind=kind))
    if as_json:
        typer.echo(_json(found))
    elif found:
        Console().print(_table(found))
    else:
        typer.echo("no such tickets" if closed or kind else "no open tickets")


@app.command()
def show(number: NumberArgument, as_json: JsonOption = False, database: DatabaseOption = None) -> None:
    """One ticket whole, with what was learned in the dialogue.

    Example: ivr tickets show 100010
    """
    ticket = _ask(database, lambda tickets: tickets.find(number))
    if ticket is None:
        _unknown(number)
    elif as_json:
        typer.echo(_json(ticket))
    else:
        table = Table(box=None, show_header=False)
        for name, value in _lines(ticket):
            table.add_row(name, escape(value))
        Console().print(table)


@app.command()
def close(
    number: NumberArgument,
    note: Annotated[str, typer.Option(help="How it ended, for those who ask later.")] = "",
    as_json: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Close a ticket that is done.

    Example: ivr tickets close 100010 --note "called back, settled"
    """

    async def work(tickets: SqlTickets) -> tuple[bool, Record | None]:
        done = await tickets.close(number, SystemClock().now(), note)
        return done, await tickets.find(number)

    done, ticket = _ask(database, work)
    if ticket is None:
        _unknown(number)
    if as_json:
        typer.echo(_json(ticket))
    else:
        typer.echo(f"ticket {number} is closed" if done else f"ticket {number} was closed already")


def _unknown(number: str) -> NoReturn:
    mend = "see `ivr tickets list`" if is_ticket_number(number) else "its check digit is wrong: ask again"
    typer.echo(f"no ticket {number}: {mend}", err=True)
    raise typer.Exit(1)


def _table(found: Sequence[Record]) -> Table:
    table = Table("number", "kind", "due", "opened", "care", "customer", "phone", "core system", box=None)
    for ticket in found:
        table.add_row(
            ticket["number"],
            escape(ticket["ticket_kind"]),
            _plain(ticket["due_on"]) if ticket["due_on"] else "",
            f"{ticket['at'].astimezone():%Y-%m-%d %H:%M}",
            "care" if ticket["care"] else "",
            escape(ticket["customer_id"] or ""),
            escape(ticket["phone"] or ""),
            _forwarding(ticket),
        )
    return table


def _forwarding(ticket: Record) -> str:
    if ticket["forwarded_at"] is not None:
        return f"has it as {escape(ticket['forward_reference'])}"
    if ticket["forward_fault"]:
        return f"not yet after {ticket['forward_tries']} tries: {escape(ticket['forward_fault'])}"
    return ""


def _lines(ticket: Record) -> list[tuple[str, str]]:
    lines = [
        (name, _plain(value))
        for name, value in ticket.items()
        if value not in (None, "", 0, False) and name != "details"
    ]
    return lines + [(f"  {name}", str(value)) for name, value in (ticket["details"] or {}).items()]


def _ask(given: str | None, question: Callable[[SqlTickets], Awaitable[T]]) -> T:
    async def work() -> T:
        database = Database(database_address(given), retry_s=5.0)
        try:
            return await question(SqlTickets(database))
        finally:
            await database.close()

    return run_on_store(work())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
