"""`ivr loans`: fill the loan book in the store from CSV files."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ivr.adapters.loan_csv import BadRow, LoanCsv, LoanCsvFault, csv_paths, read_loan_csv, template
from ivr.adapters.store_sqlalchemy import Database, SqlLoanImport
from ivr.calls.loans import CustomerFile
from ivr.cli.database_option import DatabaseOption, database_address, run_on_store
from ivr.cli.settings import settings_or_exit

app = typer.Typer(no_args_is_help=True, help="Fill the loan book from CSV files.")

_LISTED = 20
_MENDS = {
    "phone": "find out whose number it is, and import both customers together",
    "loan_id": "find out whose loan it is, and import both customers together",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What an import did, or would do."""

    customers: int
    loans: int
    instalments: int
    skipped_customers: int
    written: bool
    bad_rows: tuple[BadRow, ...]


@app.command("template")
def write_template() -> None:
    """Print a CSV file with every column and two invented customers.

    Example: ivr loans template > loans.csv
    """
    typer.echo(template(), nl=False)


@app.command("import")
def import_loans(
    path: Annotated[Path, typer.Argument(help="A CSV file, or a directory whose *.csv are one import.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Find every fault, write nothing.")] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out customers with a bad row, write the others.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every bad row.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Write customers with their loans and instalment plans into the store's tables, all or nothing.

    One row is one instalment and repeats its customer and loan (see `ivr loans template`). A customer in the
    import replaces what was known of them, all their loans together; other customers stay as they are.
    UTF-8, with or without a mark, and GB 18030 are read. Exit 1 on bad rows, unless --skip-bad is given.

    Example: ivr loans import exports/ --dry-run
    """
    address = database_address(database)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            reading = progress.add_task("Reading", total=None)
            found = read_loan_csv(
                csv_paths(path), lambda done, total: progress.update(reading, completed=done, total=total)
            )
            result = run_on_store(_import(address, found, dry_run, skip_bad, progress))
    except LoanCsvFault as fault:
        bad = BadRow(fault.place.file, fault.place.row, fault.column, fault.reason, fault.mend)
        result = Result(0, 0, 0, 0, written=False, bad_rows=(bad,))
        skip_bad = False
    if as_json:
        typer.echo(json.dumps(asdict(result), ensure_ascii=False, indent=2))
    else:
        _print(result, skip_bad)
    if result.written and database is None and settings_or_exit().loan_book.url:
        typer.echo("note: calls ask the core system at loan_book.url, not these tables", err=True)
    raise typer.Exit(int(bool(result.bad_rows) and not skip_bad))


async def _import(address: str, found: LoanCsv, dry_run: bool, skip_bad: bool, progress: Progress) -> Result:
    database = Database(address, retry_s=5.0)
    try:
        loan_import = SqlLoanImport(database)
        files = found.good()
        # Whoever is left out may keep a number that another was to take over, so it is looked at again.
        while conflicts := await loan_import.conflicts(files):
            for conflict in conflicts:
                reason = "is another customer's in the book"
                found.reject(conflict.customer_id, conflict.column, reason, _MENDS[conflict.column])
            files = found.good()
        writes = bool(files) and not dry_run and (skip_bad or not found.bad_rows)
        if writes:
            rows = sum(1 + sum(1 + len(loan.instalments) for loan in file.loans) for file in files)
            writing = progress.add_task("Writing", total=rows)
            await loan_import.write(files, lambda done: progress.update(writing, completed=done))
    finally:
        await database.close()
    return _result(found, files, written=writes)


def _result(found: LoanCsv, files: Sequence[CustomerFile], *, written: bool) -> Result:
    loans = [loan for file in files for loan in file.loans]
    return Result(
        customers=len(files),
        loans=len(loans),
        instalments=sum(len(loan.instalments) for loan in loans),
        skipped_customers=found.customers - len(files),
        written=written,
        bad_rows=tuple(found.bad_rows),
    )


def _print(result: Result, skip_bad: bool) -> None:
    if result.bad_rows:
        table = Table("file", "row", "column", "what is wrong", "mend", box=None)
        for bad in result.bad_rows[:_LISTED]:
            table.add_row(bad.file, str(bad.row), bad.column, bad.reason, bad.mend)
        Console().print(table)
        if len(result.bad_rows) > _LISTED:
            typer.echo(f"and {len(result.bad_rows) - _LISTED} more faults: --json lists all")
    good = f"{result.customers} customers, {result.loans} loans, {result.instalments} instalments"
    if result.written:
        skipped = f"; {result.skipped_customers} customers left out" if result.skipped_customers else ""
        typer.echo(f"written: {good}{skipped}")
    elif result.bad_rows and not skip_bad:
        rest = f"; without fault: {good}; --skip-bad writes these" if result.customers else ""
        typer.echo(f"nothing written{rest}")
    else:
        typer.echo(f"nothing written; without fault: {good}")
