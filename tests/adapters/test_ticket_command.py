"""`ivr tickets`: what is open, one of them whole, and closing it."""

import asyncio
import json

import pytest
from test_ticket_desk import AT, DUE, W1, request
from typer.testing import CliRunner

from ivr.adapters.store_sqlalchemy import Database, SqlForwardingQueue, SqlTicketDesk
from ivr.cli.tickets import app

run = CliRunner().invoke
WIDE = {"COLUMNS": "200"}


@pytest.fixture
def numbers(sqlite_url: str) -> list[str]:
    async def work() -> list[str]:
        database = Database(sqlite_url)
        desk = SqlTicketDesk(database, W1)
        numbers = [await desk.open(request(n, care=n == 2), AT, DUE) for n in (1, 2)]
        await database.close()
        return numbers

    return asyncio.run(work())


def test_open_tickets_are_listed_in_both_forms(sqlite_url: str, numbers: list[str]) -> None:
    listed = json.loads(run(app, ["list", "--json", "--database", sqlite_url]).stdout)
    assert [(row["number"], row["due_on"]) for row in listed] == [
        (numbers[1], "2030-03-13"),
        (numbers[0], "2030-03-13"),
    ]
    shown = run(app, ["list", "--database", sqlite_url], env=WIDE).stdout
    assert all(word in shown for word in (*numbers, "complaint", "2030-03-13", "care"))
    assert "no such tickets" in run(app, ["list", "--kind", "dispute", "--database", sqlite_url]).stdout


def test_what_the_core_system_has_and_has_not_got_is_told(sqlite_url: str, numbers: list[str]) -> None:
    async def work() -> None:
        database = Database(sqlite_url)
        queue = SqlForwardingQueue(database)
        await queue.forwarded("call-1-1", "RQ-17", AT)
        await queue.postpone("call-1-2", "fileRequest: busy", AT)
        await database.close()

    asyncio.run(work())
    shown = run(app, ["list", "--database", sqlite_url], env=WIDE).stdout
    assert "has it as RQ-17" in shown
    assert "not yet after 1 tries: fileRequest: busy" in shown


def test_one_ticket_is_shown_whole_in_both_forms(sqlite_url: str, numbers: list[str]) -> None:
    whole = json.loads(run(app, ["show", numbers[0], "--json", "--database", sqlite_url]).stdout)
    assert whole["details"] == {"words": "多扣了一次款", "amount": "10.00"}
    shown = run(app, ["show", numbers[0], "--database", sqlite_url], env=WIDE).stdout
    assert all(word in shown for word in (numbers[0], "多扣了一次款", "+8613800000001", "call-1"))


def test_a_closed_ticket_leaves_the_list_with_its_note(sqlite_url: str, numbers: list[str]) -> None:
    address = ["--database", sqlite_url]
    assert "is closed" in run(app, ["close", numbers[0], "--note", "rung back", *address]).stdout
    assert "already" in run(app, ["close", numbers[0], *address]).stdout
    closed = json.loads(run(app, ["list", "--closed", "--json", *address]).stdout)
    assert [(row["number"], row["closing_note"]) for row in closed] == [(numbers[0], "rung back")]
    again = json.loads(run(app, ["close", numbers[1], "--json", *address]).stdout)
    assert again["closed_at"]
    assert "no open tickets" in run(app, ["list", *address]).stdout


@pytest.mark.parametrize("command", ["show", "close"])
def test_a_misheard_number_is_told_apart_from_one_that_is_not_there(
    sqlite_url: str, numbers: list[str], command: str
) -> None:
    misheard = run(app, [command, "100011", "--database", sqlite_url])
    assert (misheard.exit_code, "check digit" in misheard.stderr) == (1, True)
    unknown = run(app, [command, "100036", "--database", sqlite_url])
    assert (unknown.exit_code, "ivr tickets list" in unknown.stderr) == (1, True)
