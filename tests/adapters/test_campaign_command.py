"""`ivr campaign` and `ivr do-not-call`, from a file of contacts to results."""

import asyncio
import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from ivr.adapters.store_sqlalchemy import Database, SqlCampaignStore
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.work_calendars import PublicHolidayBook
from ivr.calls.attempts import AttemptResult as R
from ivr.calls.ids import CallId, WorkerId
from ivr.cli.campaign import app
from ivr.cli.do_not_call import app as do_not_call

HEADER = "phone,customer_id,customer_name,product,amount,first_due,due_amount,time_zone"


def day_somewhere() -> str:
    """A zone where it is about noon now, so that the test may ring at any hour."""
    offset = 12 - SystemClock().now().hour
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"


def row(n: int, amount: str = "24000") -> str:
    return f"1380000000{n},C{n},林晓雨,安心贷,{amount},2026-12-05,1129.76,{day_somewhere()}"


@pytest.fixture
def ivr(sqlite_url: str) -> Any:
    def invoke(*arguments: str, code: int = 0, group: Any = app) -> Result:
        told = CliRunner().invoke(group, [*arguments, "--database", sqlite_url], env={"COLUMNS": "200"})
        assert told.exit_code == code, told.output
        return told

    return invoke


@pytest.fixture
def march(ivr: Any, tmp_path: Path) -> Path:
    """A draft, and a file with two contacts for it."""
    file = tmp_path / "march.yaml"
    file.write_text(ivr_template(), encoding="utf-8")
    ivr("create", "march", "--file", str(file))
    contacts = tmp_path / "contacts.csv"
    contacts.write_text("\n".join([HEADER, row(1), row(2)]), encoding="utf-8")
    return contacts


def ivr_template() -> str:
    return CliRunner().invoke(app, ["template"]).stdout


def ring(url: str, *results: R) -> None:
    """Let a worker ring one contact after the other."""

    async def work() -> None:
        database, now = Database(url), SystemClock().now()
        store = SqlCampaignStore(database, PublicHolidayBook())
        for n, result in enumerate(results):
            now += timedelta(seconds=2)
            (claimed,) = await store.claim(WorkerId("w"), limit=1, now=now, lease=timedelta(minutes=1))
            assert await store.dialling(claimed.attempt.attempt_id, now)
            await store.finish(
                claimed.attempt.attempt_id, result, sip_code=200, now=now, call_id=CallId(f"call-{n}")
            )
        await database.close()

    asyncio.run(work())


def test_the_template_is_a_campaign_and_says_what_holds_without_it(ivr: Any, march: Path) -> None:
    ivr("create", "plain", "--survey", "post_loan")
    plain, whole = json.loads(ivr("list", "--json").stdout)
    for own in ("campaign_id", "name", "version"):
        plain.pop(own), whole.pop(own)
    assert plain == whole


FAULTS = [
    ("survey: post_loan", "name: is missing"),
    ("name: x\nsurvey: nothing", "there is no survey nothing; known are"),
    ("name: x\nsurvey: post_loan\nmessage_on_machine: goodbye", "there is no message goodbye in zh-CN"),
    ("name: x\nsurvey: post_loan\nmessage_on_machine: Hello!", "message_on_machine: write off, or a prompt"),
    ("name: x\nsurvey: post_loan\nmessage_on_machine: on", "message_on_machine: write off, or a prompt"),
    ("name: x\nsurvey: post_loan\nwindow: {open: '09:00'}", "window.open: is no key of a campaign"),
    (
        "name: x\nsurvey: post_loan\nwindow: {opens: 7:30}",
        "must open before it closes and lie within 08:00-22:00",
    ),
    ("name: x\nsurvey: post_loan\nwindow: {weekdays: [Funday]}", "window.weekdays.0: write days as Mon, Tue"),
    ("name: x\nsurvey: post_loan\ncaps: {per_day: 4}", "per_day must be 1 to 3"),
    (
        "name: x\nsurvey: post_loan\ncaps: {least_gap: soon}",
        "caps.least_gap: write a length of time such as 30m",
    ),
    ("name: x\nsurvey: post_loan\nretry: {after: {refused: [1h]}}", "nobody is rung again after refused"),
    ("name: x\nsurvey: post_loan\nretry: {after: {busy: 3}}", "retry.after.busy: write a list"),
    ("name: x\nsurvey: post_loan\nends_at: 2020-01-01 09:00", "its ends_at is past"),
    ("name: [", "is no YAML"),
    ("- name", "must have keys"),
]


@pytest.mark.parametrize(("text", "told"), FAULTS)
def test_faults_of_a_campaign_file_are_told_by_key(ivr: Any, tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    assert told in ivr("create", "--file", str(file), code=1).output


def test_toml_says_the_same(ivr: Any, tmp_path: Path) -> None:
    file = tmp_path / "april.toml"
    file.write_text(
        'name = "april"\nsurvey = "post_loan"\nends_at = 2099-04-30T20:00:00\n'
        '[window]\nopens = 10:30:00\nweekdays = ["Mon"]\n[retry.after]\nbusy = ["5m"]\nno_answer = []\n'
    )
    made = json.loads(ivr("create", "--file", str(file), "--json").stdout)
    assert (made["window"]["opens"], made["window"]["weekdays"]) == ("10:30:00", [0])
    assert made["retry"]["after"]["busy"] == [300.0]
    assert made["ends_at"] == "2099-04-30T20:00:00+08:00"


def test_an_import_is_all_or_nothing_unless_bad_rows_are_skipped(ivr: Any, march: Path) -> None:
    march.write_text("\n".join([HEADER, row(1), row(2, amount="much"), row(1)]), encoding="utf-8")
    told = ivr("import", "march", str(march), code=1).output
    assert "is no money" in told
    assert "nothing written, 1 bad rows; without fault: 1 contacts in 3 rows" in told
    done = json.loads(ivr("import", "march", str(march), "--skip-bad", "--json").stdout)
    assert (done["added"], done["merged_in_file"], done["written"]) == (1, 1, True)
    assert [(bad["row"], bad["column"]) for bad in done["bad_rows"]] == [(3, "amount")]
    again = json.loads(ivr("import", "march", str(march), "--skip-bad", "--json").stdout)
    assert (again["added"], again["merged_with_campaign"]) == (0, 1)


def test_from_contacts_to_results(ivr: Any, march: Path, sqlite_url: str, tmp_path: Path) -> None:
    assert "import contacts first" in ivr("start", "march", code=1).output
    ivr("import", "march", str(march))
    seen = json.loads(ivr("preview", "march", "--json").stdout)
    assert (seen["waiting"], seen["now"], seen["never"], seen["held_by"]) == (2, 2, 0, {})
    ivr("start", "march")
    ring(sqlite_url, R.COMPLETED, R.BUSY)
    figures = json.loads(ivr("status", "march", "--json").stdout)
    assert figures["contacts"] == {"done": 1, "waiting": 1}
    assert "1 of 2 done" in ivr("status", "march").stdout
    for suffix in ("csv", "xlsx", "json"):
        to = tmp_path / f"results.{suffix}"
        ivr("results", "march", "--to", str(to), "--facts")
        assert [(r["phone"], r["result"], str(r["attempts"])) for r in read_back(to)] == [
            ("+8613800000001", "completed", "1"),
            ("+8613800000002", "busy", "1"),
        ]
    assert "name it .csv" in ivr("results", "march", "--to", "results.pdf", code=2).output
    assert ivr("results", "march").stdout.splitlines()[0].startswith("phone,customer_id,state,result")


def read_back(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".json":
        return list(json.loads(path.read_text("utf-8")))
    if path.suffix == ".csv":
        return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    header, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    return [dict(zip(header, cells, strict=True)) for cells in rows]


def test_explain_shows_every_rule_and_the_decision_that_led_to_each_attempt(
    ivr: Any, march: Path, sqlite_url: str
) -> None:
    ivr("import", "march", str(march))
    ivr("start", "march")
    ring(sqlite_url, R.BUSY)
    (told,) = json.loads(ivr("explain", "138 0000 0001", "--json").stdout)
    rules = {rule["rule"]: rule for rule in told["rules"]}
    assert (told["may_be_rung"], told["never"], told["why"]) == (False, None, "busy: try 1 of 4")
    assert (rules["day_cap"]["value"], rules["day_cap"]["limit"], rules["gap"]["ok"]) == (1, 2, False)
    assert all(rule["ok"] for rule in told["attempts"][0]["rules"])
    shown = ivr("explain", told["contact_id"], "--decisions").stdout
    assert "is not rung now, not before" in shown
    assert "60 min since the last" in shown
    assert "do-not-call list version 0" in shown
    assert "no campaign has this contact" in ivr("explain", "13900000000", code=1).output


def test_whoever_is_put_on_the_list_is_done_with_and_may_come_back(
    ivr: Any, march: Path, tmp_path: Path
) -> None:
    ivr("import", "march", str(march))
    assert "is not rung any more" in ivr("add", "13800000001", group=do_not_call).stdout
    assert "on the list already" in ivr("add", "13800000001", group=do_not_call).stdout
    (told,) = json.loads(ivr("explain", "13800000001", "--json").stdout)
    assert (told["state"], told["why"], told["never"]) == ("done", "do_not_call", "do_not_call")
    ivr("remove", "13800000001", "--reason", "asked back", group=do_not_call)
    ivr("remove", "13800000001", "--reason", "asked back", group=do_not_call, code=1)
    register = tmp_path / "register.csv"
    register.write_text("name,phone\nx,13800000002\ny,12\n", encoding="utf-8")
    assert "nothing written" in ivr("import", str(register), group=do_not_call, code=1).output
    ivr("import", str(register), "--skip-bad", group=do_not_call)
    (entry,) = json.loads(ivr("list", "--json", group=do_not_call).stdout)
    assert (entry["phone"], entry["source"]) == ("+8613800000002", "register.csv")
    assert "is not on the list" in ivr("list", "--phone", "13800000001", group=do_not_call).stdout
    assert "no telephone number" in ivr("add", "nobody", group=do_not_call, code=1).output


def test_a_campaign_is_paused_resumed_cloned_and_stopped(ivr: Any, march: Path) -> None:
    ivr("import", "march", str(march))
    ivr("start", "march")
    ivr("pause", "march")
    ivr("resume", "march")
    assert "cannot be taken back" not in ivr("stop", "march", "--yes").stdout
    assert "clone it to ring again" in ivr("start", "march", code=1).output
    clone = json.loads(ivr("clone", "march", "april", "--contacts", "--json").stdout)
    assert (clone["name"], clone["state"], clone["version"]) == ("april", "draft", 1)
    assert json.loads(ivr("preview", "april", "--json").stdout)["now"] == 2
    assert "did you mean 'april'" in ivr("start", "aprl", code=1).output
