"""Bring a database to the newest schema, from inside the program: no alembic.ini, no working directory."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy.database import Database

_UPGRADE_LOCK = 4_914_207
"""Any number that nothing else in the database uses for an advisory lock."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def head_revision() -> str:
    """The newest revision that this program knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("the package has lost its migrations: install it again")
    return head


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> str:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return _current(connection) or ""


async def current_revision(url: str, *, retry_s: float = 5.0) -> str | None:
    """The revision a database is at; None when it has no tables of ours.

    Raises `StoreUnavailable` when it does not answer, `ValueError` for a bad address.
    """
    database = Database(url, retry_s=retry_s)
    try:
        return await database.read(lambda connection: connection.run_sync(_current))
    finally:
        await database.close()


async def upgrade(url: str, *, retry_s: float = 30.0) -> str:
    """Create or update the tables; returns the revision reached. Any number of processes may call it at once.

    Raises `StoreUnavailable` when the database does not answer, `StoreError` when it refuses,
    `ValueError` for a bad address.
    """
    database = Database(url, retry_s=retry_s)

    async def work(connection: AsyncConnection) -> str:
        if not database.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        return await connection.run_sync(_upgrade)

    try:
        return await database.write(work)
    finally:
        await database.close()
