"""Contacts from files as people export them: every bad row told with its mend, one number one contact."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ivr.adapters.contact_files import ContactFile, ContactFileFault, read_contacts, write_table
from ivr.calls.ids import CampaignId
from ivr.campaign.people import Hours
from ivr.campaign.policy import Campaign

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
CAMPAIGN = Campaign(CampaignId("k"), "march", "post_loan", "zh-CN")


def read(path: Path, **options: Any) -> ContactFile:
    return read_contacts(path, CAMPAIGN, NOW, default_region="CN", **options)


def csv_file(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "contacts.csv"
    path.write_bytes(text.encode(encoding))
    return path


def xlsx_file(tmp_path: Path, rows: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    path = tmp_path / "contacts.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("comma", [",", ";", "\t"])
def test_csv_is_read_as_it_is_exported(tmp_path: Path, encoding: str, comma: str) -> None:
    text = "手机号,customer_id,customer_name,同意,ring_from,ring_to\n138 0000 0001,C1,林晓雨,是,9:30,11:00\n"
    found = read(csv_file(tmp_path, text.replace(",", comma), encoding))
    contact = found.contacts["+8613800000001"]
    assert found.bad_rows == []
    assert (contact.customer_id, contact.consent, contact.locale) == ("C1", True, "zh-CN")
    assert contact.wish == Hours(time(9, 30), time(11))
    assert contact.facts == {"customer_name": "林晓雨"}
    assert (contact.number.kind, contact.number.region, contact.number.zones) == (
        "mobile", "CN", ("Asia/Shanghai",),
    )  # fmt: skip


def test_xlsx_gives_numbers_and_days_as_people_see_them(tmp_path: Path) -> None:
    rows = [
        ("phone", "amount", "due_on", "rate", "note"),
        (13800000001, 3000.0, datetime(2026, 3, 20), 0.126, None),
        (13800000002.0, "3,000", date(2026, 3, 21), 1, " ok "),
        (None, None, None, None, None),
    ]
    found = read(xlsx_file(tmp_path, rows))
    assert found.bad_rows == []
    assert [dict(contact.facts) for contact in found.contacts.values()] == [
        {"amount": 3000, "due_on": "2026-03-20", "rate": 0.126},
        {"amount": "3,000", "due_on": "2026-03-21", "rate": 1, "note": "ok"},
    ]


BAD = [
    (",yes", "phone", "is empty"),
    ("12345", "phone", "is no telephone number"),
    ("1.38E+10", "phone", "is no telephone number"),
    ("林晓雨", "phone", "is no telephone number"),
    ("+85291234567", "phone", "is of region HK"),
    ("4008001234", "phone", "is a shared_cost number"),
    ("13800000001,maybe", "consent", "is neither yes nor no"),
    ("13800000001,,Mars/Olympus", "time_zone", "is no time zone"),
    ("13800000001,,,fr-FR", "locale", "is no locale that we speak"),
    ("13800000001,,,,noon", "ring_from", "is no time of the day"),
    ("13800000001,,,,23:00", "ring_to", "is not after ring_from"),
    ("13800000001,,,,7:00,8:00", "ring_from", "leaves no time to ring"),
    ("13800000001,,,,,,surplus", "", "has 7 cells under 6 columns"),
]


@pytest.mark.parametrize(("row", "column", "reason"), BAD)
def test_every_bad_row_is_told_with_number_reason_and_mend_but_not_its_words(
    tmp_path: Path, row: str, column: str, reason: str
) -> None:
    header = "phone,consent,time_zone,locale,ring_from,ring_to"
    found = read(csv_file(tmp_path, f"{header}\n13900000009\n\n{row}\n"))
    (bad,) = found.bad_rows
    assert (bad.row, bad.column, bad.reason) == (4, column, reason)
    assert bad.mend
    assert list(found.contacts) == ["+8613900000009"]


def test_facts_that_the_survey_needs_are_checked(tmp_path: Path) -> None:
    def faults(facts: Any) -> list[str]:
        return [] if str(facts.get("amount", "")).isdigit() else ["amount is no money; write it like 24000"]

    found = read(csv_file(tmp_path, "phone,amount\n13800000001,12\n13800000002,x\n"), fact_faults=faults)
    (bad,) = found.bad_rows
    assert (bad.row, bad.column, bad.reason, bad.mend) == (3, "amount", "is no money", "write it like 24000")


def test_rows_of_one_number_are_one_contact_and_a_refusal_stays(tmp_path: Path) -> None:
    text = "phone,customer_id,consent,name,note\n13800000001,C1,no,林,\n+8613800000001,,yes,,later\n"
    found = read(csv_file(tmp_path, text))
    (contact,) = found.contacts.values()
    assert (found.rows, found.merged, found.bad_rows) == (2, 1, [])
    assert (contact.customer_id, contact.consent) == ("C1", False)
    assert contact.facts == {"name": "林", "note": "later"}


def test_one_number_of_two_customers_is_a_fault(tmp_path: Path) -> None:
    found = read(csv_file(tmp_path, "phone,customer_id\n13800000001,C1\n13800000001,C2\n"))
    (bad,) = found.bad_rows
    assert (bad.row, bad.reason) == (3, "is another customer's in row 2")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"name,amount\n", "has no column phone"),
        ("a.csv", "phone,手机号\n".encode(), "has two columns phone"),
        ("a.csv", b'phone\n"138', "is no CSV"),
        ("a.csv", b"\xff\xfe\x00", "is neither UTF-8 nor GB 18030"),
        ("a.xlsx", b"no workbook", "is no XLSX workbook"),
        ("a.pdf", b"", "is neither CSV nor XLSX"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_the_mend(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ContactFileFault, match=reason) as fault:
        read(path)
    assert "Mend: " in str(fault.value)


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    for name in ("none.csv", "none.xlsx"):
        with pytest.raises(ContactFileFault, match="No such file"):
            read(tmp_path / name)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_what_people_said_is_never_run_by_a_spreadsheet(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    said = ["=1+1", "@SUM(A1)", "-x", "+8613800000001", "-5", "好"]
    write_table(path, ["words"], [{"words": words} for words in said])
    if suffix == ".csv":
        shown = path.read_text("utf-8-sig").split()[1:]
    else:
        shown = [row[0] for row in openpyxl.load_workbook(path).active.iter_rows(min_row=2, values_only=True)]
    assert shown == ["'=1+1", "'@SUM(A1)", "'-x", "+8613800000001", "-5", "好"]
