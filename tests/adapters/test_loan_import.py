"""CSV files into the loan book: whole or not at all, and every bad row told with its mend."""

import asyncio
import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ivr.adapters.loan_csv import COLUMNS, template
from ivr.adapters.store_sqlalchemy import Database, SqlLoanBook
from ivr.calls.ids import CustomerId
from ivr.calls.loans import Customer, Instalment, Loan
from ivr.cli.loans import app

NAMES = [column.name for column in COLUMNS]
LIN, LIN_ALSO, EMMA = list(csv.DictReader(io.StringIO(template())))

RATES = (Decimal("0.126"), Decimal("0.0005"), Decimal("0.02"))

Row = dict[str, str]


def as_csv(rows: list[Row], names: list[str] = NAMES) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@dataclass
class Imported:
    code: int
    told: dict[str, Any]

    @property
    def bad(self) -> list[tuple[int, str]]:
        return [(row["row"], row["column"]) for row in self.told["bad_rows"]]


Import = Callable[..., Imported]


@pytest.fixture
def bring_in(store_url: str, tmp_path: Path) -> Import:
    def _import(rows: list[Row] | str | bytes | Path, *options: str) -> Imported:
        path = tmp_path / "loans.csv"
        if isinstance(rows, Path):
            path = rows
        else:
            text = as_csv(rows) if isinstance(rows, list) else rows
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        done = CliRunner().invoke(app, ["import", str(path), "--json", "--database", store_url, *options])
        return Imported(done.exit_code, json.loads(done.stdout))

    return _import


def book(url: str, phone: str) -> tuple[Customer | None, tuple[Loan, ...]]:
    async def work() -> tuple[Customer | None, tuple[Loan, ...]]:
        database = Database(url)
        book = SqlLoanBook(database)
        customer = await book.find_customer(phone)
        loans = await book.loans(customer.customer_id if customer else CustomerId(""))
        await database.close()
        return customer, loans

    return asyncio.run(work())


def test_the_template_can_be_imported_as_it_is_and_again(bring_in: Import, store_url: str) -> None:
    for _ in range(2):
        done = bring_in(template())
        assert (done.code, done.told["customers"], done.told["instalments"]) == (0, 2, 2)
    customer, loans = book(store_url, "13800000001")
    assert customer == Customer(CustomerId("C000001"), "林晓雨", "+8613800000001", "zh-CN")
    plan = (
        Instalment(1, date(2030, 2, 20), Decimal("1010.50"), Decimal("1000.00"), date(2030, 2, 19)),
        Instalment(2, date(2030, 3, 20), Decimal("1010.50"), Decimal("1000.00")),
    )
    assert loans == (Loan("L000001-1", "安心贷", date(2029, 12, 1), Decimal("3000.00"), "CNY", plan, *RATES),)
    assert book(store_url, "13800000002")[1] == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_what_spreadsheets_write_is_read(sqlite_url: str, tmp_path: Path, encoding: str) -> None:
    columns = list(reversed(NAMES))
    slashed = LIN | {"due_on": "2030/2/20", "paid_on": " 2030/2/19 ", "phone": "138 0000 0001"}
    file = tmp_path / "loans.csv"
    file.write_bytes(as_csv([slashed], columns).encode(encoding))
    assert CliRunner().invoke(app, ["import", str(file), "--database", sqlite_url]).exit_code == 0
    customer, loans = book(sqlite_url, "13800000001")
    assert customer is not None
    assert (customer.name, loans[0].instalments[0].paid_on) == ("林晓雨", date(2030, 2, 19))


def test_a_file_without_rates_is_taken_and_leaves_them_unknown(sqlite_url: str, tmp_path: Path) -> None:
    names = [name for name in NAMES if not name.endswith("_rate")]
    rows = [{name: LIN[name] for name in names}]
    file = tmp_path / "loans.csv"
    file.write_text(as_csv(rows, names), "utf-8")
    assert CliRunner().invoke(app, ["import", str(file), "--database", sqlite_url]).exit_code == 0
    ((loan,),) = (book(sqlite_url, LIN["phone"])[1],)
    assert (loan.annual_rate, loan.late_daily_rate, loan.early_fee_rate) == (None, None, None)


BAD_CELLS = [
    ("customer_id", "C 1"), ("name", ""), ("name", "林\x00"), ("phone", "1.38E+10"), ("phone", "12"),
    ("locale", "chinese"), ("id_number", "990000199102031230"), ("id_number", "9.90000199102031E+17"),
    ("birth_date", "1991-02-30"), ("loan_id", "L/1"), ("product", ""), ("signed_on", "1.12.2029"),
    ("annual_rate", "15.6%"), ("late_daily_rate", "5"), ("early_fee_rate", "-0.02"),
    ("loan_principal", "3,000.00"), ("currency", "元"), ("number", "0"), ("number", "1.0"), ("due_on", ""),
    ("amount", "1010.505"), ("amount", "-5"), ("amount", "1e3"), ("principal", "一千"), ("paid_on", "yes"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "cell"), BAD_CELLS)
def test_a_bad_cell_is_told_by_row_and_column_with_its_mend_and_never_quoted(
    sqlite_url: str, tmp_path: Path, column: str, cell: str
) -> None:
    file = tmp_path / "loans.csv"
    file.write_text(as_csv([EMMA, LIN | {column: cell}]), "utf-8")
    done = CliRunner().invoke(app, ["import", str(file), "--json", "--database", sqlite_url])
    (bad,) = json.loads(done.stdout)["bad_rows"]
    assert (done.exit_code, bad["row"], bad["column"]) == (1, 3, column)
    assert bad["reason"]
    assert bad["mend"]
    assert LIN["name"] not in done.stdout
    assert book(sqlite_url, EMMA["phone"])[0] is None, "all or nothing"


def test_a_bad_row_costs_its_whole_customer_and_no_other(bring_in: Import, store_url: str) -> None:
    rows = [LIN, LIN_ALSO | {"amount": "x"}, EMMA]
    assert bring_in(rows, "--dry-run", "--skip-bad").told["written"] is False
    assert book(store_url, EMMA["phone"])[0] is None
    done = bring_in(rows, "--skip-bad")
    assert (done.code, done.bad, done.told["skipped_customers"]) == (0, [(3, "amount")], 1)
    assert book(store_url, LIN["phone"])[0] is None, "half a plan would be a wrong balance"
    assert book(store_url, EMMA["phone"])[0] is not None


OTHER = LIN | {"customer_id": "C9", "phone": "13800000009"}


@pytest.mark.parametrize(
    ("rows", "bad", "left"),
    [
        ([LIN, LIN], [(3, "number")], 0),
        ([LIN, LIN | {"number": "01"}], [(3, "number")], 0),
        ([EMMA, EMMA], [(3, "")], 0),
        ([LIN, LIN_ALSO | {"name": "林"}, EMMA], [(3, "name")], 1),
        ([LIN, LIN_ALSO | {"currency": "USD"}], [(3, "currency")], 0),
        ([LIN, EMMA | {"phone": "+86 138 0000 0001"}], [(3, "phone")], 0),
        ([LIN, OTHER | {"number": "2"}, EMMA], [(3, "loan_id")], 1),
        ([LIN, LIN_ALSO | {"customer_id": "?"}, EMMA], [(3, "customer_id"), (3, "loan_id")], 1),
        ([LIN | {"loan_id": "", "product": ""}], [(2, "loan_id"), (2, "product")], 0),
    ],
)
def test_rows_that_contradict_each_other_are_found(
    sqlite_url: str, tmp_path: Path, rows: list[Row], bad: list[tuple[int, str]], left: int
) -> None:
    file = tmp_path / "loans.csv"
    file.write_text(as_csv(rows), "utf-8")
    arguments = ["import", str(file), "--json", "--dry-run", "--database", sqlite_url]
    told = json.loads(CliRunner().invoke(app, arguments).stdout)
    assert [(row["row"], row["column"]) for row in told["bad_rows"]] == bad
    assert told["customers"] == left


def test_a_number_or_loan_of_somebody_else_in_the_book_is_told_and_nobody_is_robbed(
    bring_in: Import, store_url: str
) -> None:
    assert bring_in([LIN, LIN_ALSO]).code == 0
    same_phone = EMMA | {"phone": LIN["phone"]}
    same_loan = OTHER | {"number": "1"}
    done = bring_in([same_phone, same_loan])
    assert (done.code, sorted(done.bad)) == (1, [(2, "phone"), (3, "loan_id")])
    customer, loans = book(store_url, LIN["phone"])
    assert customer is not None
    assert (customer.customer_id, len(loans[0].instalments)) == ("C000001", 2)


def test_two_customers_may_swap_their_numbers_in_one_import(bring_in: Import, store_url: str) -> None:
    bring_in([LIN, EMMA])
    assert bring_in([LIN | {"phone": EMMA["phone"]}, EMMA | {"phone": LIN["phone"]}]).code == 0
    customer, _ = book(store_url, LIN["phone"])
    assert customer is not None
    assert customer.customer_id == EMMA["customer_id"]


def test_a_row_shifted_by_a_stray_comma_costs_its_customer_or_where_that_is_unsure_everybody(
    bring_in: Import,
) -> None:
    stray = as_csv([LIN, EMMA]).replace("Emma Carter", "Carter, Emma")
    done = bring_in(stray, "--dry-run")
    assert (done.bad, done.told["customers"]) == ([(3, "")], 1)
    unsure = as_csv([LIN, EMMA], list(reversed(NAMES))).replace("Emma Carter", "Carter, Emma")
    assert bring_in(unsure, "--dry-run", "--skip-bad").told["customers"] == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (template().encode("utf-16"), "UTF-8"),
        (template().replace("paid_on", "payd_on").encode(), "paid_on"),
        (template().replace(",", ";").encode(), "column"),
        (template().replace("birth_date,", "").encode(), "missing"),
        (template().replace("林晓雨", '"林晓雨', 1).encode(), "quotation mark"),
    ],
)
def test_a_file_that_is_not_one_of_ours_is_told_and_never_half_read(
    bring_in: Import, content: bytes, says: str
) -> None:
    done = bring_in(content, "--skip-bad")
    (fault,) = done.told["bad_rows"]
    assert done.code == 1
    assert says in fault["reason"] + fault["mend"]
    assert "林晓雨" not in str(fault)


def test_a_directory_is_one_import_and_an_empty_one_a_fault(
    bring_in: Import, store_url: str, tmp_path: Path
) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    assert bring_in(exports).code == 1
    (exports / "b.CSV").write_text(as_csv([LIN_ALSO]), "utf-8")
    (exports / "a.csv").write_text(as_csv([LIN]), "utf-8")
    (exports / "notes.txt").write_text("not for us")
    assert bring_in(exports).told["instalments"] == 2
    assert len(book(store_url, LIN["phone"])[1][0].instalments) == 2


def test_who_imports_beside_a_core_system_is_told_that_calls_ask_that_one(
    sqlite_url: str, tmp_path: Path
) -> None:
    file, settings = tmp_path / "loans.csv", tmp_path / "ivr.toml"
    file.write_text(template(), "utf-8")
    settings.write_text('[loan_book]\nurl = "https://core.example"\n', "utf-8")
    environ = {"IVR_CONFIG": str(settings), "IVR_LOAN_BOOK_TOKEN": "x", "IVR_DATABASE_URL": sqlite_url}
    done = CliRunner().invoke(app, ["import", str(file)], env=environ)
    assert (done.exit_code, "loan_book.url" in done.stderr) == (0, True)


def test_people_get_a_table_of_the_first_faults_and_how_many_more_there_are(
    sqlite_url: str, tmp_path: Path
) -> None:
    rows = [LIN | {"customer_id": f"C{n}", "phone": f"1380000{n:04}", "loan_id": "?"} for n in range(25)]
    file = tmp_path / "loans.csv"
    file.write_text(as_csv(rows), "utf-8")
    told = CliRunner().invoke(app, ["import", str(file), "--database", sqlite_url], env={"COLUMNS": "160"})
    assert told.exit_code == 1
    assert "and 5 more" in told.stdout
    assert "nothing written" in told.stdout
    assert "loan_id" in told.stdout
