"""The migrations lead to the tables that the program works with, on both databases."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Connection

from ivr.adapters import store_sqlalchemy
from ivr.adapters.store_sqlalchemy import (
    Database,
    SqlTickets,
    StoreError,
    StoreUnavailable,
    current_revision,
    database_url,
    head_revision,
    upgrade,
)
from ivr.adapters.store_sqlalchemy.tables import metadata

MIGRATIONS = Path(store_sqlalchemy.__file__).parent / "migrations"


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'empty.db'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return list(compare_metadata(context, metadata))


async def test_an_upgraded_database_has_exactly_the_tables_of_the_program(store_url: str) -> None:
    database = Database(store_url)
    assert await database.read(lambda connection: connection.run_sync(_differences)) == []
    await database.close()


@pytest.mark.slow
async def test_processes_that_upgrade_at_once_all_reach_the_newest_revision(empty_url: str) -> None:
    assert await current_revision(empty_url) is None
    code = "import asyncio, sys; from ivr.adapters.store_sqlalchemy import upgrade; "
    code += "print(asyncio.run(upgrade(sys.argv[1])))"
    rivals = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "-c", code, empty_url, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    answers = [(await rival.communicate())[0].decode().strip() for rival in rivals]
    assert answers == [head_revision()] * 2
    assert await current_revision(empty_url) == head_revision()
    assert await upgrade(empty_url) == head_revision()


@pytest.mark.parametrize("text", ["", "ivr.db", "mysql://host/db", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_cannot_hold_a_store_is_refused_with_the_mend(text: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///FILE"):
        database_url(text)


async def test_a_database_that_is_away_is_told_apart_from_one_that_refuses(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        await upgrade("postgresql://ivr@127.0.0.1:1/ivr", retry_s=0.2)
    old = Database(f"sqlite:///{tmp_path / 'old.db'}")
    with pytest.raises(StoreError, match="ivr db upgrade"):
        await old.read(lambda connection: connection.exec_driver_sql("SELECT * FROM calls"))
    await old.close()


async def test_tickets_from_before_they_had_numbers_get_theirs_in_the_order_they_came(empty_url: str) -> None:
    old = Database(empty_url)

    def to_first_revision(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO calls (call_id, worker_id, started_at, last_event_at)"
            " VALUES ('c', 'w', '2030-01-01 00:00:00.000000', '2030-01-01 00:00:00.000000')"
        )
        for ticket_id, day in (("b", 1), ("a", 2)):
            connection.exec_driver_sql(
                "INSERT INTO tickets (ticket_id, call_id, at, ticket_kind, reason)"
                f" VALUES ('{ticket_id}', 'c', '2030-01-0{day} 00:00:00.000000', 'callback', 'asked')"
            )

    await old.write(lambda connection: connection.run_sync(to_first_revision))
    await old.close()
    assert await upgrade(empty_url) == head_revision()
    database = Database(empty_url)
    listed = await SqlTickets(database).listed(10)
    assert [(row["ticket_id"], row["number"]) for row in listed] == [("b", "100010"), ("a", "100028")]
    await database.close()
