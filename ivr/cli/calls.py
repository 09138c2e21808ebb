"""`ivr calls`: the record of calls, turn by turn. Shows what customers said, so mind who looks on."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from ivr.adapters.store_sqlalchemy import Database, SqlCallRecords
from ivr.calls.ids import CallId
from ivr.cli.call_timeline import calls_table, print_call
from ivr.cli.database_option import DatabaseOption, database_address, run_on_store

app = typer.Typer(no_args_is_help=True, help="The record of calls, turn by turn.")

T = TypeVar("T")

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_calls(
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    as_json: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """The newest calls first.

    Example: ivr calls list --limit 5
    """
    calls = _query(database, lambda records: records.latest(limit))
    if as_json:
        typer.echo(_json(calls))
    elif calls:
        Console().print(calls_table(calls))
    else:
        typer.echo("no calls yet")


@app.command()
def show(
    call_id: Annotated[str, typer.Argument(help="Which call; see `ivr calls list`.")],
    as_json: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """One call whole: legs, prompts, turns, rungs, tickets, recordings.

    Example: ivr calls show 0193f2c1a9b37f00c1d2e3f4a5
    """
    record = _query(database, lambda records: records.find(CallId(call_id)))
    if record is None:
        typer.echo(f"no call {call_id}: see `ivr calls list`", err=True)
        raise typer.Exit(1)
    if as_json:
        typer.echo(_json(asdict(record)))
    else:
        print_call(record, Console())


def _query(given: str | None, question: Callable[[SqlCallRecords], Awaitable[T]]) -> T:
    async def work() -> T:
        database = Database(database_address(given), retry_s=5.0)
        try:
            return await question(SqlCallRecords(database))
        finally:
            await database.close()

    return run_on_store(work())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")
