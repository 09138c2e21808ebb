"""The do-not-call list in the database, with every change of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import campaign_reads as reads
from ivr.adapters.store_sqlalchemy.campaign_tables import contacts, do_not_call, do_not_call_changes
from ivr.adapters.store_sqlalchemy.database import Database
from ivr.adapters.store_sqlalchemy.loan_rows import KEYS_AT_ONCE, chunks
from ivr.campaign.decision import Rule
from ivr.campaign.people import ContactState, DoNotCallEntry


class SqlDoNotCallList:
    """The `DoNotCallList` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, entries: Sequence[DoNotCallEntry]) -> int:
        """See `DoNotCallList.add`."""

        async def work(connection: AsyncConnection) -> int:
            # In one order, so that two imports at once do not wait for each other.
            for entry in sorted(entries, key=lambda entry: entry.phone):
                await reads.lock_person(connection, entry.phone)
            return await add_entries(connection, entries)

        return await self._database.write(work)

    async def remove(self, phone: str, *, reason: str, now: datetime) -> bool:
        """See `DoNotCallList.remove`."""

        async def work(connection: AsyncConnection) -> bool:
            await reads.lock_person(connection, phone)
            gone = await connection.execute(delete(do_not_call).where(do_not_call.c.phone == phone))
            if gone.rowcount:
                change = {"phone": phone, "added": False, "reason": reason, "source": "people", "at": now}
                await connection.execute(insert(do_not_call_changes).values(change))
            return bool(gone.rowcount)

        return await self._database.write(work)

    async def listed(
        self, limit: int, *, until: datetime | None = None, skip: int = 0
    ) -> Sequence[DoNotCallEntry]:
        """See `DoNotCallList.listed`."""
        newest = select(do_not_call).order_by(do_not_call.c.added_at.desc(), do_not_call.c.phone)
        newest = newest.limit(limit).offset(skip)
        if until is not None:
            newest = newest.where(do_not_call.c.added_at <= until)

        async def work(connection: AsyncConnection) -> Sequence[DoNotCallEntry]:
            return [reads.entry_of(row) for row in await connection.execute(newest)]

        return await self._database.read(work)

    async def find(self, phone: str) -> DoNotCallEntry | None:
        """See `DoNotCallList.find`."""

        async def work(connection: AsyncConnection) -> DoNotCallEntry | None:
            return (await reads.entries(connection, [phone])).get(phone)

        return await self._database.read(work)


async def add_entries(connection: AsyncConnection, entries: Sequence[DoNotCallEntry]) -> int:
    """Put them on the list and be done with their waiting contacts; returns how many were not on it.

    Lock the people first.
    """
    first = {entry.phone: entry for entry in reversed(entries)}
    known: set[str] = set()
    for phones in chunks(list(first), KEYS_AT_ONCE):
        known.update(await reads.entries(connection, phones))
    new = [entry for entry in first.values() if entry.phone not in known]
    if new:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        await connection.execute(
            dialect.insert(do_not_call).on_conflict_do_nothing(), [_entry_row(entry) for entry in new]
        )
        await connection.execute(insert(do_not_call_changes), [_change_row(entry) for entry in new])
    for phones in chunks(list(first), KEYS_AT_ONCE):
        await connection.execute(
            update(contacts)
            .where(contacts.c.phone.in_(phones), contacts.c.state == ContactState.WAITING.value)
            .values(state=ContactState.DONE.value, why=Rule.DO_NOT_CALL.value, promised=False)
        )
    return len(new)


def _entry_row(entry: DoNotCallEntry) -> dict[str, Any]:
    return {
        "phone": entry.phone,
        "reason": entry.reason,
        "source": entry.source,
        "added_at": entry.added_at,
    }


def _change_row(entry: DoNotCallEntry) -> dict[str, Any]:
    return {
        "phone": entry.phone,
        "added": True,
        "reason": entry.reason,
        "source": entry.source,
        "at": entry.added_at,
    }
