"""The connection to SQLite or PostgreSQL: address, settings, transactions, and retries."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import Insert, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)

from ivr.adapters.store_sqlalchemy.types import UnstorableValue

log = structlog.get_logger(__name__)

T = TypeVar("T")

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
_BUSY_TIMEOUT_MS = 10_000
_CACHE_KIB = 256
"""Of pages, for each connection. SQLite's own default of 2,000 fills slowly, which looks like a leak, and the
system's file cache holds the same pages."""

_SQLITE_BUSY, _SQLITE_LOCKED = 5, 6

_TRANSIENT_SQLSTATES = ("08", "40", "53", "57P")
"""PostgreSQL appendix A: lost connection, rolled back by a rival, out of resources, being shut down."""

_MENDS = {
    "28000": "check the user of the database address, and what the server lets in (pg_hba.conf)",
    "28P01": "check the password of the database address",
    "3D000": "create the database first, with `createdb`",
    "42P01": "bring it up to date with `ivr db upgrade`",
}

_TELLS_NO_DATA = ("OperationalError", "ProgrammingError", "InternalError")


class StoreError(Exception):
    """The database refused. The message holds no parameter, since those are what customers said and are."""


class StoreUnavailable(StoreError, ConnectionError):
    """The database did not answer, or stayed locked, for as long as it was retried."""


def database_url(text: str) -> URL:
    """Read a database address and choose the async driver for it.

    `sqlite:///var/ivr.db`, `sqlite:////absolute/file.db` or `postgresql://user:password@host/name`.
    Raises `ValueError` with the mend in it; the text itself, which may hold a password, is not repeated.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        url = None
    driver = _DRIVERS.get(url.get_backend_name()) if url is not None else None
    if url is None or driver is None:
        raise ValueError("not a database address: use sqlite:///FILE or postgresql://USER@HOST/NAME")
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise ValueError("an SQLite store needs a file: several processes share it. Use sqlite:///FILE")
    return url.set(drivername=driver)


class Database:
    """One pool of connections. SQLite writers take the write lock at BEGIN, so none is refused half way."""

    def __init__(self, url: str, *, retry_s: float = 30.0) -> None:
        """Connect lazily to `url` (see `database_url`); transient errors are retried for `retry_s`."""
        self._url = database_url(url)
        self._retry_s = retry_s
        self._engine = create_async_engine(self._url, hide_parameters=True, pool_pre_ping=not self.is_sqlite)
        # Writers of one process queue here, in order, instead of polling SQLite's lock against each other.
        self._turnstile = asyncio.Lock() if self.is_sqlite else None
        if self.is_sqlite:
            if self._url.database is not None:
                Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)
            _prepare_sqlite(self._engine)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite rather than PostgreSQL."""
        return self._url.get_backend_name() == "sqlite"

    async def close(self) -> None:
        """Close all connections. The object must not be used afterwards."""
        await self._engine.dispose()

    async def read(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run `work` in a read transaction, again from the start after a transient error.

        Raises `StoreUnavailable` when it stays transient, `StoreError` for anything else the database says.
        """
        return await self._retried(work, writing=False)

    async def write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run `work` in one transaction that is durable on return; retries and raises as `read` does."""
        async with self._turnstile or nullcontext():
            return await self._retried(work, writing=True)

    async def _retried(self, work: Callable[[AsyncConnection], Awaitable[T]], *, writing: bool) -> T:
        retrying = AsyncRetrying(
            retry=retry_if_exception(_is_transient),
            stop=stop_after_delay(self._retry_s),
            wait=wait_random_exponential(multiplier=0.05, max=2.0),
            before_sleep=_tell_retry,
            reraise=True,
        )
        try:
            async for attempt in retrying:
                with attempt:
                    async with self._transaction(writing=writing) as connection:
                        result = await work(connection)
            return result
        except (StatementError, OSError, PoolTimeout) as error:
            # `from None`: the driver's own error may quote the row it refused.
            if _is_transient(error):
                raise StoreUnavailable(f"the database did not answer for {self._retry_s:g} s") from None
            raise StoreError(_describe(error)) from None

    @asynccontextmanager
    async def _transaction(self, *, writing: bool) -> AsyncIterator[AsyncConnection]:
        async with self._engine.connect() as connection:
            await connection.execution_options(ivr_writing=writing)
            async with connection.begin():
                yield connection


def upsert(
    connection: AsyncConnection,
    table: Table,
    values: Mapping[str, Any],
    *,
    first_only: Mapping[str, Any] | None = None,
) -> Insert:
    """Insert a row, or set `values` on the one with the same primary key.

    `first_only` fills a new row and leaves one that exists as it is.
    """
    key = [column.name for column in table.primary_key]
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values({**(first_only or {}), **values})
    changes = {name: statement.excluded[name] for name in values if name not in key}
    settled: Insert = (
        statement.on_conflict_do_update(index_elements=key, set_=changes)
        if changes
        else statement.on_conflict_do_nothing(index_elements=key)
    )
    return settled


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        # The driver's own BEGIN comes late and is deferred; ours is sent by `_begin`.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that turns from reading to writing fails at once if another wrote meanwhile.
        writing = connection.get_execution_options().get("ivr_writing", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, (OSError, PoolTimeout)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return int(sqlite_code) & 0xFF in (_SQLITE_BUSY, _SQLITE_LOCKED)
    return str(getattr(error.orig, "sqlstate", None) or "").startswith(_TRANSIENT_SQLSTATES)


def _describe(error: BaseException) -> str:
    """What went wrong without the data it went wrong with: only some kinds of error never quote a row."""
    kind = type(error).__name__
    cause = getattr(error, "orig", None)
    sqlstate = getattr(cause, "sqlstate", None)
    text = f"the database refused: {kind}" + (f" (SQLSTATE {sqlstate})" if sqlstate else "")
    if kind in _TELLS_NO_DATA or isinstance(cause, UnstorableValue):
        text += f": {str(cause).splitlines()[0]}"
    mend = _MENDS.get("42P01" if "no such table" in text else str(sqlstate))
    return f"{text}; {mend}" if mend else text


def _tell_retry(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.info("store_retry", attempt=state.attempt_number, error=type(error).__name__)
