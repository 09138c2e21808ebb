"""The `--database` option, and how commands speak of a database that does not work."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import typer

from ivr.adapters.store_sqlalchemy import StoreError
from ivr.cli.settings import settings_or_exit

T = TypeVar("T")

DatabaseOption = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="Database address. Default: the one in the settings."),
]


def database_address(given: str | None) -> str:
    """The address given, else that of the settings."""
    return given if given is not None else settings_or_exit().database_url


def run_on_store(work: Coroutine[Any, Any, T]) -> T:
    """Run `work`; a database that is wrong, away or refuses ends the command with code 1 and the mend."""
    try:
        return asyncio.run(work)
    except (StoreError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
