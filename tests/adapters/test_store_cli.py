"""The commands on the store: fill it, bring it up to date, read calls back."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from event_samples import AT, all_samples, answered, ended, started
from typer.testing import CliRunner

from ivr.adapters.store_sqlalchemy import Database, SqlLoanBook, SqlStore
from ivr.calls.events import CallEvent
from ivr.calls.ids import CustomerId, WorkerId
from ivr.calls.loans import Customer, Loan
from ivr.cli.calls import app as calls
from ivr.cli.db import app as db
from ivr.cli.demo import app as demo

run = CliRunner().invoke


def _append(url: str, events: list[CallEvent]) -> None:
    async def work() -> None:
        database = Database(url)
        await SqlStore(database, WorkerId("w-1")).append(events)
        await database.close()

    asyncio.run(work())


def _lookup(url: str, phone: str) -> tuple[Customer | None, tuple[Loan, ...]]:
    async def work() -> tuple[Customer | None, tuple[Loan, ...]]:
        database = Database(url)
        book = SqlLoanBook(database)
        customer = await book.find_customer(phone)
        loans = await book.loans(customer.customer_id if customer else CustomerId(""))
        await database.close()
        return customer, loans

    return asyncio.run(work())


def test_a_demo_book_is_made_from_nothing_and_made_again_the_same(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'demo.db'}"
    seen = []
    for _ in range(2):
        result = run(demo, ["seed", "--customers", "120", "--database", url])
        assert result.exit_code == 0
        assert "+8613800000001" in result.stdout
        seen.append((_lookup(url, "13800000001"), _lookup(url, "13800000120")))
    assert seen[0] == seen[1]
    (customer, loans), (last, _) = seen[0]
    assert customer is not None
    assert last is not None
    assert (customer.locale, len(loans)) == ("zh-CN", 1)
    assert _lookup(url, "13800000121") == (None, ())


def test_the_revision_is_told_and_brought_up_to_date(tmp_path: Path) -> None:
    address = ["--database", f"sqlite:///{tmp_path / 'ivr.db'}"]
    before = run(db, ["current", *address])
    assert (before.exit_code, "ivr db upgrade" in before.stdout) == (1, True)
    assert run(db, ["upgrade", *address]).exit_code == 0
    after = run(db, ["current", *address])
    assert (after.exit_code, "newest" in after.stdout) == (0, True)


def test_calls_are_listed_newest_first(sqlite_url: str) -> None:
    _append(sqlite_url, [started("call-1"), ended("call-1"), started("call-2", AT + timedelta(minutes=1))])
    listed = json.loads(run(calls, ["list", "--json", "--database", sqlite_url]).stdout)
    assert [(call["call_id"], call["cause"]) for call in listed] == [
        ("call-2", None),
        ("call-1", "caller_hung_up"),
    ]
    shown = run(calls, ["list", "--database", sqlite_url], env={"COLUMNS": "200"}).stdout
    assert shown.index("call-2") < shown.index("call-1")
    assert "still open" in shown


def test_one_call_is_shown_whole_in_both_forms(sqlite_url: str) -> None:
    _append(sqlite_url, all_samples("call-1"))
    whole = json.loads(run(calls, ["show", "call-1", "--json", "--database", sqlite_url]).stdout)
    assert {name: len(rows) for name, rows in whole.items() if name != "call"} == {
        "legs": 1,
        "turns": 2,
        "prompts_played": 2,
        "rung_steps": 2,
        "wishes_settled": 2,
        "survey_answers": 2,
        "transfers": 2,
        "tickets": 1,
        "recordings": 2,
    }
    shown = run(calls, ["show", "call-1", "--database", sqlite_url], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    for what in (
        "leg",
        "answered",
        "bot",
        "caller",
        "rung",
        "settled",
        "transfer",
        "ticket",
        "recording",
        "ended",
    ):
        assert what in shown.stdout


def test_a_call_under_way_is_shown_with_what_is_known(sqlite_url: str) -> None:
    odd = "[red]sip:1"
    _append(sqlite_url, [started("call-1"), answered("call-1", AT + timedelta(seconds=2))])
    _append(sqlite_url, [started(odd)])
    shown = run(calls, ["show", "call-1", "--database", sqlite_url])
    assert "answered" in shown.stdout
    assert "2.0" in shown.stdout
    assert odd in run(calls, ["show", odd, "--database", sqlite_url]).stdout


@pytest.mark.parametrize(
    ("arguments", "mend"),
    [
        (["show", "nothing", "--database", "{url}"], "ivr calls list"),
        (["list", "--database", "sqlite:///{empty}"], "ivr db upgrade"),
        (["list", "--database", "nonsense"], "sqlite:///FILE"),
    ],
)
def test_what_cannot_be_shown_ends_with_code_1_and_the_mend(
    sqlite_url: str, tmp_path: Path, arguments: list[str], mend: str
) -> None:
    filled = [a.format(url=sqlite_url, empty=tmp_path / "empty.db") for a in arguments]
    result = run(calls, filled)
    assert (result.exit_code, mend in result.stderr) == (1, True)
    assert "Traceback" not in result.output
