"""Chats on the database: the `ChatStore` port. What happened in them is in the tables of calls."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy.database import Database
from ivr.adapters.store_sqlalchemy.projections import storable
from ivr.adapters.store_sqlalchemy.tables import chats
from ivr.calls.ids import CallId
from ivr.runtime.chat.record import ChatRecord, StaleChat

_COLUMNS = ("chat_id", "call_id", "request_id", "opened_at", "last_at", "ended", "version")
_BODY = tuple(spec.name for spec in fields(ChatRecord) if spec.name not in _COLUMNS)


class SqlChatStore:
    """Keeps chats in one table; all processes of the installation share them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, record: ChatRecord) -> ChatRecord:
        """Keep a new chat, or return the one of the same request. Raises as `Database.write` does."""
        same_request = select(chats).where(chats.c.request_id == record.request_id)
        same_chat = select(chats).where(chats.c.chat_id == record.chat_id)

        async def work(connection: AsyncConnection) -> ChatRecord:
            if record.request_id is not None:
                # Of two openings at once the second waits for the first, and finds its row.
                await _lock(connection, record.request_id)
            known = same_request if record.request_id is not None else same_chat
            row = (await connection.execute(known)).mappings().first()
            if row is not None:
                return _record(dict(row))
            await connection.execute(insert(chats).values(_row(record)))
            return record

        return await self._database.write(work)

    async def find(self, chat_id: str) -> ChatRecord | None:
        """The chat, or None. Raises as `Database.read` does."""

        async def work(connection: AsyncConnection) -> ChatRecord | None:
            rows = await connection.execute(select(chats).where(chats.c.chat_id == chat_id))
            found = rows.mappings().first()
            return None if found is None else _record(dict(found))

        return await self._database.read(work)

    async def save(self, record: ChatRecord) -> None:
        """Put it in place of the version before. Raises `StaleChat`, and as `Database.write` does."""
        statement = (
            update(chats)
            .where(chats.c.chat_id == record.chat_id, chats.c.version == record.version - 1)
            .values(_row(record))
        )

        async def work(connection: AsyncConnection) -> int:
            return int((await connection.execute(statement)).rowcount)

        if not await self._database.write(work):
            raise StaleChat

    async def idle(self, before: datetime, limit: int) -> Sequence[str]:
        """Open chats in which nothing happened since, longest idle first. Raises as `Database.read` does."""
        statement = (
            select(chats.c.chat_id)
            .where(chats.c.ended.is_(False), chats.c.last_at < before)
            .order_by(chats.c.last_at)
            .limit(limit)
        )

        async def work(connection: AsyncConnection) -> Sequence[str]:
            return [row.chat_id for row in await connection.execute(statement)]

        return await self._database.read(work)

    async def forget(self, before: datetime) -> int:
        """Drop the chats that ended earlier. Raises as `Database.write` does."""
        statement = delete(chats).where(chats.c.ended.is_(True), chats.c.last_at < before)

        async def work(connection: AsyncConnection) -> int:
            return int((await connection.execute(statement)).rowcount)

        return await self._database.write(work)


async def _lock(connection: AsyncConnection, request_id: str) -> None:
    if connection.dialect.name == "postgresql":
        statement = text("SELECT pg_advisory_xact_lock(hashtextextended(:request_id, 0))")
        await connection.execute(statement, {"request_id": request_id})


def _row(record: ChatRecord) -> dict[str, Any]:
    columns = {name: getattr(record, name) for name in _COLUMNS}
    return columns | {"body": storable({name: getattr(record, name) for name in _BODY})}


def _record(row: dict[str, Any]) -> ChatRecord:
    body = row.pop("body")
    row["call_id"] = CallId(row["call_id"])
    return ChatRecord(**row, **{name: body[name] for name in _BODY if name in body})
