"""Many customers into the loan book at once: all of them, or none."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import tables
from ivr.adapters.store_sqlalchemy.database import Database
from ivr.calls.ids import CustomerId
from ivr.calls.loans import CustomerFile

_ROWS_AT_ONCE = 1000
_KEYS_AT_ONCE = 500
"""Well under the number of parameters that SQLite (32,766) and PostgreSQL (32,767) take in a statement."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A customer who cannot be written: `column` (`phone` or `loan_id`) is another customer's already."""

    customer_id: CustomerId
    column: str


class SqlLoanImport:
    """Writes customer files in bulk, each in place of what was known of its customer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def conflicts(self, files: Sequence[CustomerFile]) -> list[Conflict]:
        """Where the book has a number or a loan under a customer who is not among these."""
        phones = {file.customer.phone: file.customer.customer_id for file in files}
        loans = {loan.loan_id: file.customer.customer_id for file in files for loan in file.loans}
        ours = set(phones.values())
        kept = tables.customers.c
        lent = tables.loans.c

        async def work(connection: AsyncConnection) -> list[Conflict]:
            found = []
            for column, key, owner, wanted in (
                ("phone", kept.phone, kept.customer_id, phones),
                ("loan_id", lent.loan_id, lent.customer_id, loans),
            ):
                for keys in _chunks(list(wanted), _KEYS_AT_ONCE):
                    rows = await connection.execute(select(key, owner).where(key.in_(keys)))
                    found += [Conflict(wanted[row[0]], column) for row in rows if row[1] not in ours]
            return found

        return await self._database.read(work)

    async def write(self, files: Sequence[CustomerFile], wrote: Callable[[int], None]) -> None:
        """Write all in one transaction. `wrote` is told how many rows are in it so far.

        Raises `StoreError`, and then nothing was written.
        """
        rows = _rows(files)

        async def work(connection: AsyncConnection) -> None:
            # First all go, so that two customers may swap their numbers; loans and plans go with them.
            for gone in _chunks([file.customer.customer_id for file in files], _KEYS_AT_ONCE):
                await connection.execute(
                    delete(tables.customers).where(tables.customers.c.customer_id.in_(gone))
                )
            done = 0
            for table, values in rows:
                for some in _chunks(values, _ROWS_AT_ONCE):
                    await connection.execute(insert(table), some)
                    done += len(some)
                    wrote(done)

        await self._database.write(work)


def _rows(files: Sequence[CustomerFile]) -> list[tuple[Table, list[dict[str, Any]]]]:
    customers, loans, instalments = [], [], []
    for file in files:
        who = file.customer
        customers.append(
            {
                "customer_id": who.customer_id,
                "name": who.name,
                "phone": who.phone,
                "locale": who.locale,
                "id_number": file.id_number,
                "birth_date": file.birth_date,
            }
        )
        for loan in file.loans:
            loans.append(
                {
                    "loan_id": loan.loan_id,
                    "customer_id": who.customer_id,
                    "product": loan.product,
                    "signed_on": loan.signed_on,
                    "principal": loan.principal,
                    "currency": loan.currency,
                }
            )
            instalments += [
                {
                    "loan_id": loan.loan_id,
                    "number": part.number,
                    "due_on": part.due_on,
                    "amount": part.amount,
                    "principal": part.principal,
                    "paid_on": part.paid_on,
                }
                for part in loan.instalments
            ]
    return [(tables.customers, customers), (tables.loans, loans), (tables.instalments, instalments)]


def _chunks(values: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
