"""Many customers into the loan book at once: all of them, or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import tables
from ivr.adapters.store_sqlalchemy.database import Database
from ivr.adapters.store_sqlalchemy.loan_rows import KEYS_AT_ONCE, chunks, replace_customers
from ivr.calls.ids import CustomerId
from ivr.calls.loans import CustomerFile


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
                for keys in chunks(list(wanted), KEYS_AT_ONCE):
                    rows = await connection.execute(select(key, owner).where(key.in_(keys)))
                    found += [Conflict(wanted[row[0]], column) for row in rows if row[1] not in ours]
            return found

        return await self._database.read(work)

    async def write(self, files: Sequence[CustomerFile], wrote: Callable[[int], None]) -> None:
        """Write all in one transaction. `wrote` is told how many rows are in it so far.

        Raises `StoreError`, and then nothing was written.
        """

        async def work(connection: AsyncConnection) -> None:
            await replace_customers(connection, files, wrote)

        await self._database.write(work)
