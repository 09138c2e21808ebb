"""Customer files as rows of the loan book's tables, written in place of what was known."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Table, delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import tables
from ivr.calls.loans import CustomerFile, Loan

KEYS_AT_ONCE = 500
"""Well under the number of parameters that SQLite (32,766) and PostgreSQL (32,767) take in a statement."""
_ROWS_AT_ONCE = 1000

Row = dict[str, Any]


async def replace_customers(
    connection: AsyncConnection, files: Sequence[CustomerFile], wrote: Callable[[int], None]
) -> None:
    """Take out what was known of these customers, then write them. `wrote` is told the rows so far."""
    # First all go, so that two customers may swap their numbers; all that is theirs goes with them.
    for gone in chunks([file.customer.customer_id for file in files], KEYS_AT_ONCE):
        await connection.execute(delete(tables.customers).where(tables.customers.c.customer_id.in_(gone)))
    done = 0
    for table, values in file_rows(files):
        for some in chunks(values, _ROWS_AT_ONCE):
            await connection.execute(insert(table), some)
            done += len(some)
            wrote(done)


def file_rows(files: Sequence[CustomerFile]) -> list[tuple[Table, list[Row]]]:
    """The rows by table, in an order in which they can be written."""
    rows: dict[Table, list[Row]] = {
        table: []
        for table in (
            tables.customers,
            tables.loans,
            tables.instalments,
            tables.payments,
            tables.applications,
        )
    }
    for file in files:
        own = {"customer_id": file.customer.customer_id}
        rows[tables.customers].append(
            own
            | {
                "name": file.customer.name,
                "phone": file.customer.phone,
                "locale": file.customer.locale,
                "id_number": file.id_number,
                "birth_date": file.birth_date,
            }
        )
        for loan in file.loans:
            rows[tables.loans].append(own | _fields(loan, tables.loans))
            rows[tables.instalments] += [
                {"loan_id": loan.loan_id} | _fields(part, tables.instalments) for part in loan.instalments
            ]
        rows[tables.payments] += [own | _fields(payment, tables.payments) for payment in file.payments]
        rows[tables.applications] += [own | _fields(one, tables.applications) for one in file.applications]
    return list(rows.items())


def loan_of(row: Any, instalments: Sequence[Any]) -> Loan:
    """The other way round."""
    return Loan(
        row.loan_id,
        row.product,
        row.signed_on,
        row.principal,
        row.currency,
        tuple(instalments),
        row.annual_rate,
        row.late_daily_rate,
        row.early_fee_rate,
    )


def chunks(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The values, so many at a time."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _fields(thing: object, table: Table) -> Row:
    """What the table has a column for; columns are named as the fields."""
    return {
        column.name: getattr(thing, column.name) for column in table.columns if hasattr(thing, column.name)
    }
