"""The loan book on the database: the `LoanBook` port, and saving customers into it."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.phone_numbers import to_e164
from ivr.adapters.store_sqlalchemy import tables
from ivr.adapters.store_sqlalchemy.database import Database, upsert
from ivr.calls.ids import CustomerId
from ivr.calls.loans import Customer, CustomerFile, Instalment, Loan, ends_with_tail


class SqlLoanBook:
    """The company's customers and loans, read for callers and filled by imports."""

    def __init__(self, database: Database, *, default_region: str = "CN") -> None:
        """`default_region` (ISO 3166) is where numbers without a country code belong."""
        self._database = database
        self._default_region = default_region

    async def find_customer(self, phone: str) -> Customer | None:
        """The customer with this number, in any common way of writing it."""
        number = to_e164(phone, self._default_region)
        if number is None:
            return None
        c = tables.customers.c
        statement = select(c.customer_id, c.name, c.phone, c.locale).where(c.phone == number)

        async def work(connection: AsyncConnection) -> Customer | None:
            row = (await connection.execute(statement)).first()
            return None if row is None else Customer(CustomerId(row.customer_id), *row[1:])

        return await self._database.read(work)

    async def verify_id_tail(self, customer_id: CustomerId, tail: str) -> bool:
        """Whether the customer's ID number ends in these characters; never for an empty tail."""
        c = tables.customers.c
        statement = select(c.id_number).where(c.customer_id == customer_id)

        async def work(connection: AsyncConnection) -> str | None:
            return (await connection.execute(statement)).scalar_one_or_none()

        id_number = await self._database.read(work)
        return id_number is not None and ends_with_tail(id_number, tail)

    async def loans(self, customer_id: CustomerId) -> tuple[Loan, ...]:
        """All loans of the customer, oldest first, the settled ones too."""
        loan, part = tables.loans, tables.instalments
        loans = (
            select(loan).where(loan.c.customer_id == customer_id).order_by(loan.c.signed_on, loan.c.loan_id)
        )
        parts = (
            select(part)
            .join(loan, loan.c.loan_id == part.c.loan_id)
            .where(loan.c.customer_id == customer_id)
            .order_by(part.c.due_on, part.c.number)
        )

        async def work(connection: AsyncConnection) -> tuple[Loan, ...]:
            plans: dict[str, list[Instalment]] = defaultdict(list)
            for row in await connection.execute(parts):
                plans[row.loan_id].append(
                    Instalment(row.number, row.due_on, row.amount, row.principal, row.paid_on)
                )
            return tuple(
                Loan(
                    row.loan_id,
                    row.product,
                    row.signed_on,
                    row.principal,
                    row.currency,
                    tuple(plans[row.loan_id]),
                )
                for row in await connection.execute(loans)
            )

        return await self._database.read(work)

    async def save(self, files: Sequence[CustomerFile]) -> None:
        """Write these customers with their loans in one transaction, in place of what was known of them."""

        async def work(connection: AsyncConnection) -> None:
            for file in files:
                await _save(connection, file)

        await self._database.write(work)


async def _save(connection: AsyncConnection, file: CustomerFile) -> None:
    person = {
        "customer_id": file.customer.customer_id,
        "name": file.customer.name,
        "phone": file.customer.phone,
        "locale": file.customer.locale,
        "id_number": file.id_number,
        "birth_date": file.birth_date,
    }
    await connection.execute(upsert(connection, tables.customers, person))
    await connection.execute(
        delete(tables.loans).where(tables.loans.c.customer_id == file.customer.customer_id)
    )
    for loan in file.loans:
        head = {"loan_id": loan.loan_id, "customer_id": file.customer.customer_id, "product": loan.product}
        terms = {"signed_on": loan.signed_on, "principal": loan.principal, "currency": loan.currency}
        await connection.execute(insert(tables.loans).values(head | terms))
        if loan.instalments:
            await connection.execute(
                insert(tables.instalments),
                [
                    {
                        "loan_id": loan.loan_id,
                        "number": part.number,
                        "due_on": part.due_on,
                        "amount": part.amount,
                        "principal": part.principal,
                        "paid_on": part.paid_on,
                    }
                    for part in loan.instalments
                ],
            )
