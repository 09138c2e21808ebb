"""The loan book on the database: the `LoanBook` port, and saving customers into it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.phone_numbers import to_e164
from ivr.adapters.store_sqlalchemy import tables
from ivr.adapters.store_sqlalchemy.database import Database
from ivr.adapters.store_sqlalchemy.loan_rows import loan_of, replace_customers
from ivr.adapters.system_clock import SystemClock
from ivr.calls.identity import WINDOW, Check, Piece, check_known, is_locked, known_pieces
from ivr.calls.ids import CustomerId
from ivr.calls.loans import Application, ApplicationStatus, Customer, CustomerFile, Instalment, Loan, Payment
from ivr.runtime.ports import Clock


class SqlLoanBook:
    """The company's customers and loans, read for callers and filled by imports."""

    def __init__(
        self, database: Database, *, default_region: str = "CN", clock: Clock = SystemClock()
    ) -> None:
        """`default_region` (ISO 3166) is where numbers without a country code belong."""
        self._database = database
        self._default_region = default_region
        self._clock = clock

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

    async def check_piece(self, customer_id: CustomerId, piece: Piece, value: str) -> Check:
        """Whether the customer knows this; wrong ones are counted, and lock the checks."""
        now, c = self._clock.now(), tables.customers.c
        # The row's lock makes checks of one customer wait for each other: none slips past the count.
        person = select(c.id_number, c.birth_date).where(c.customer_id == customer_id).with_for_update()

        async def work(connection: AsyncConnection) -> Check:
            known = (await connection.execute(person)).first()
            if known is None:
                return Check.WRONG
            wrong_at = await _wrong_checks(connection, customer_id, now)
            if is_locked(wrong_at, now):
                return Check.LOCKED
            loans, payments = await _loans(connection, customer_id), await _payments(connection, customer_id)
            result = check_known(
                known_pieces(known.id_number, known.birth_date, loans, payments), piece, value
            )
            if result is not Check.WRONG:
                return result
            await _count_wrong(connection, customer_id, piece, now)
            return Check.LOCKED if is_locked([*wrong_at, now], now) else Check.WRONG

        return await self._database.write(work)

    async def loans(self, customer_id: CustomerId) -> tuple[Loan, ...]:
        """All loans of the customer, oldest first, the settled ones too."""
        return await self._database.read(lambda connection: _loans(connection, customer_id))

    async def payments(self, customer_id: CustomerId) -> tuple[Payment, ...]:
        """What the customer has sent, newest first."""
        return await self._database.read(lambda connection: _payments(connection, customer_id))

    async def applications(self, customer_id: CustomerId) -> tuple[Application, ...]:
        """The customer's applications, newest first."""
        c = tables.applications.c
        statement = (
            select(c.application_id, c.product, c.amount, c.status, c.submitted_on)
            .where(c.customer_id == customer_id)
            .order_by(c.submitted_on.desc(), c.application_id)
        )

        async def work(connection: AsyncConnection) -> tuple[Application, ...]:
            return tuple(
                Application(key, product, amount, ApplicationStatus(status), day)
                for key, product, amount, status, day in await connection.execute(statement)
            )

        return await self._database.read(work)

    async def save(self, files: Sequence[CustomerFile]) -> None:
        """Write these customers with all that is theirs in one transaction, in place of what was known."""
        await self._database.write(
            lambda connection: replace_customers(connection, files, lambda _rows: None)
        )


async def _loans(connection: AsyncConnection, customer_id: CustomerId) -> tuple[Loan, ...]:
    loan, part = tables.loans, tables.instalments
    heads = select(loan).where(loan.c.customer_id == customer_id).order_by(loan.c.signed_on, loan.c.loan_id)
    parts: Select[Any] = (
        select(part)
        .join(loan, loan.c.loan_id == part.c.loan_id)
        .where(loan.c.customer_id == customer_id)
        .order_by(part.c.due_on, part.c.number)
    )
    plans: dict[str, list[Instalment]] = defaultdict(list)
    for row in await connection.execute(parts):
        plans[row.loan_id].append(Instalment(row.number, row.due_on, row.amount, row.principal, row.paid_on))
    return tuple(loan_of(row, plans[row.loan_id]) for row in await connection.execute(heads))


async def _payments(connection: AsyncConnection, customer_id: CustomerId) -> tuple[Payment, ...]:
    c = tables.payments.c
    statement = (
        select(c.payment_id, c.amount, c.received_on, c.booked)
        .where(c.customer_id == customer_id)
        .order_by(c.received_on.desc(), c.payment_id)
    )
    return tuple(Payment(*row) for row in await connection.execute(statement))


async def _wrong_checks(
    connection: AsyncConnection, customer_id: CustomerId, now: datetime
) -> Sequence[datetime]:
    c = tables.wrong_checks.c
    statement = select(c.at).where(c.customer_id == customer_id, c.at > now - 2 * WINDOW)
    return (await connection.execute(statement)).scalars().all()


async def _count_wrong(
    connection: AsyncConnection, customer_id: CustomerId, piece: Piece, now: datetime
) -> None:
    wrong = tables.wrong_checks
    await connection.execute(
        delete(wrong).where(wrong.c.customer_id == customer_id, wrong.c.at <= now - 2 * WINDOW)
    )
    await connection.execute(insert(wrong).values(customer_id=customer_id, piece=piece.value, at=now))
