"""`ivr db`: create and upgrade the database."""

import typer

from ivr.adapters.store_sqlalchemy import current_revision, head_revision
from ivr.adapters.store_sqlalchemy import upgrade as upgrade_store
from ivr.cli.database_option import DatabaseOption, database_address, run_on_store

app = typer.Typer(no_args_is_help=True, help="Create and upgrade the database.")


@app.command()
def upgrade(database: DatabaseOption = None) -> None:
    """Create the tables, or bring them up to date. Safe to repeat, and while workers run.

    Example: ivr db upgrade --database postgresql://ivr@db.example/ivr
    """
    typer.echo(f"the database is at revision {run_on_store(upgrade_store(database_address(database)))}")


@app.command()
def current(database: DatabaseOption = None) -> None:
    """Say which revision the database is at. Exit code 1 when it is not the newest."""
    revision = run_on_store(current_revision(database_address(database)))
    newest = head_revision()
    if revision == newest:
        typer.echo(f"{revision}, the newest")
        return
    typer.echo(f"{revision or 'no tables yet'}; the newest is {newest}: run `ivr db upgrade`")
    raise typer.Exit(1)
