"""`ivr demo`: a loan book to try the hotline with, and a town to be rung."""

import subprocess
from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ivr.adapters.store_sqlalchemy import Database, SqlLoanBook, upgrade
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.throwaway_hotline import HotlineNotStarted
from ivr.cli.database_option import DatabaseOption, database_address, run_on_store
from ivr.cli.demo_book import demo_customers
from ivr.cli.demo_campaign import TownNotReady, run_demo
from ivr.cli.demo_trials import TRIALS

app = typer.Typer(no_args_is_help=True, help="Invented customers, and an invented town to be rung.")

_BATCH = 100


@app.command()
def seed(
    customers: Annotated[int, typer.Option(min=2, help="How many customers.")] = 200,
    seed: Annotated[int, typer.Option(help="Another seed, other customers.")] = 1,
    database: DatabaseOption = None,
) -> None:
    """Write invented customers with loans into the loan book, dates counted from today.

    Doing it again changes nothing but the dates. Example: ivr demo seed --customers 1000
    """
    today = SystemClock().now().astimezone().date()
    run_on_store(_seed(database_address(database), customers, seed, today))
    typer.echo(f"{customers} customers in the loan book. To make trial calls as:")
    Console().print(_trial_table(min(customers, len(TRIALS)), seed, today))


@app.command()
def campaign(
    contacts: Annotated[int, typer.Option(min=1, max=2000, help="How many people.")] = 12,
    workers: Annotated[int, typer.Option(min=1, max=20, help="Each rings three of them at once.")] = 1,
) -> None:
    """Ring an invented town on this machine, and watch it live; then the results.

    Everything is thrown away afterwards. Example: ivr demo campaign --contacts 30
    """
    console = Console(stderr=True)
    try:
        run_demo(contacts, workers, console)
    except (HotlineNotStarted, TownNotReady, subprocess.CalledProcessError) as error:
        console.print(f"ivr demo campaign: {error}", style="red", markup=False, highlight=False)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        return


def _trial_table(count: int, seed: int, today: date) -> Table:
    """What each of them would say to prove who they are. They are invented, so it is no secret."""
    table = Table(box=None)
    for heading in ("phone", "locale", "ID tail", "born", "last repayment", "has"):
        table.add_column(heading, no_wrap=heading != "has")
    for file, trial in zip(demo_customers(count, seed, today), TRIALS, strict=False):
        paid = next((f"{payment.amount}" for payment in file.payments if payment.booked), "")
        born = f"{file.birth_date:%Y-%m-%d}"
        table.add_row(file.customer.phone, trial.locale, file.id_number[-4:], born, paid, trial.has)
    return table


async def _seed(url: str, count: int, seed: int, today: date) -> None:
    await upgrade(url)
    store = Database(url, retry_s=5.0)
    try:
        book = SqlLoanBook(store)
        files = list(demo_customers(count, seed, today))
        batches = [files[n : n + _BATCH] for n in range(0, count, _BATCH)]
        # On a terminal a moving bar; elsewhere nothing but the closing line.
        console = Console(stderr=True)
        for batch in track(
            batches, "Filling the loan book", console=console, disable=not console.is_terminal
        ):
            await book.save(batch)
    finally:
        await store.close()
