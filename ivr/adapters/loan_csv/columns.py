"""The columns of an import: what each cell must be, and the mend where it is not."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from ivr.adapters.phone_numbers import to_e164

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_PHONE = re.compile(r"[+0-9 ()-]{5,24}")
_LOCALE = re.compile(r"[a-z]{2}-[A-Z]{2}")
_RESIDENT_ID = re.compile(r"\d{17}[\dX]")
_OTHER_ID = re.compile(r"[0-9A-Z]{5,20}")
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_MONEY = re.compile(r"\d{1,12}(\.\d{1,2})?")
_RATE = re.compile(r"\d{1,2}(\.\d{1,8})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_NUMBER = re.compile(r"\d{1,4}")
_CENT = Decimal("0.01")
_LONGEST_TEXT = 100

AS_TEXT = "set the column to text in the spreadsheet before exporting, so that no digit is rounded away"


def _key(cell: str) -> str:
    if _KEY.fullmatch(cell) is None:
        raise ValueError("is no id")
    return cell


def _text(cell: str) -> str:
    if not cell or len(cell) > _LONGEST_TEXT or not cell.isprintable():
        raise ValueError("is empty, too long or not printable")
    return cell


def _phone(cell: str) -> str:
    number = to_e164(cell, "CN") if _PHONE.fullmatch(cell) else None
    if number is None:
        raise ValueError("is no telephone number")
    return number


def _locale(cell: str) -> str:
    if _LOCALE.fullmatch(cell) is None:
        raise ValueError("is no locale")
    return cell


def _id_number(cell: str) -> str:
    number = cell.upper()
    if _RESIDENT_ID.fullmatch(number):
        # ISO 7064 MOD 11-2, as in GB 11643: what a spreadsheet has rounded does not pass.
        digits = [10 if character == "X" else int(character) for character in number]
        if sum(digit * pow(2, 17 - place, 11) for place, digit in enumerate(digits)) % 11 != 1:
            raise ValueError("has a wrong check character")
    elif _OTHER_ID.fullmatch(number) is None:
        raise ValueError("is no ID number")
    return number


@lru_cache(4096)
def _day(cell: str) -> date:
    found = _DAY.fullmatch(cell)
    try:
        if found is not None:
            return date(*map(int, found.groups()))
    except ValueError:
        pass
    raise ValueError("is no date")


def _maybe_day(cell: str) -> date | None:
    return _day(cell) if cell else None


@lru_cache(4096)
def _money(cell: str) -> Decimal:
    if _MONEY.fullmatch(cell) is None:
        raise ValueError("is no amount")
    return Decimal(cell).quantize(_CENT)


def _maybe_rate(cell: str) -> Decimal | None:
    if not cell:
        return None
    if _RATE.fullmatch(cell) is None:
        raise ValueError("is no rate")
    rate = Decimal(cell)
    if rate > 1:
        raise ValueError("is above 1, which is 100 %")
    return rate


def _currency(cell: str) -> str:
    if _CURRENCY.fullmatch(cell) is None:
        raise ValueError("is no currency")
    return cell


def _number(cell: str) -> int:
    if _NUMBER.fullmatch(cell) is None or int(cell) == 0:
        raise ValueError("is no whole number from 1 on")
    return int(cell)


@dataclass(frozen=True, slots=True)
class Column:
    """`read` gives a stripped cell its value or raises `ValueError` with the reason, without quoting it."""

    name: str
    read: Callable[[str], object]
    mend: str
    optional: bool = False
    """Whether a file may do without it: all its cells are then empty."""


_ID_MEND = "write letters, digits, dots, colons, hyphens and underscores, 64 at most"
_DAY_MEND = "write 2030-01-31 or 2030/1/31"
_MONEY_MEND = "write 1234.56: no separators, no currency, two decimals at most"
_RATE_MEND = "write a fraction: 0.156 for 15.6 %; leave it empty where people are to answer instead"
_TEXT_MEND = f"write up to {_LONGEST_TEXT} characters"

CUSTOMER = (
    Column("customer_id", _key, _ID_MEND),
    Column("name", _text, _TEXT_MEND),
    Column("phone", _phone, f"write 13800000001 or +8613800000001; {AS_TEXT}"),
    Column("locale", _locale, "write zh-CN or en-US"),
    Column("id_number", _id_number, f"compare it with the document; {AS_TEXT}"),
    Column("birth_date", _day, _DAY_MEND),
)
LOAN = (
    Column("loan_id", _key, _ID_MEND),
    Column("product", _text, _TEXT_MEND),
    Column("signed_on", _day, _DAY_MEND),
    Column("loan_principal", _money, _MONEY_MEND),
    Column("currency", _currency, "write CNY"),
    Column("annual_rate", _maybe_rate, _RATE_MEND, optional=True),
    Column("late_daily_rate", _maybe_rate, _RATE_MEND, optional=True),
    Column("early_fee_rate", _maybe_rate, _RATE_MEND, optional=True),
)
INSTALMENT = (
    Column("number", _number, "count the instalments of a loan 1, 2, 3"),
    Column("due_on", _day, _DAY_MEND),
    Column("amount", _money, _MONEY_MEND),
    Column("principal", _money, _MONEY_MEND),
    Column("paid_on", _maybe_day, f"{_DAY_MEND}; leave it empty while the instalment is unpaid"),
)
COLUMNS = (*CUSTOMER, *LOAN, *INSTALMENT)

_LIN = ("C000001", "林晓雨", "13800000001", "zh-CN", "990000199102031239", "1991-02-03")
_LOAN = ("L000001-1", "安心贷", "2029-12-01", "3000.00", "CNY", "0.126", "0.0005", "0.02")
_EMMA = ("C000002", "Emma Carter", "+8613800000002", "en-US", "990000197905081230", "1979-05-08")
_SAMPLES = (
    (*_LIN, *_LOAN, "1", "2030-02-20", "1010.50", "1000.00", "2030-02-19"),
    (*_LIN, *_LOAN, "2", "2030-03-20", "1010.50", "1000.00", ""),
    (*_EMMA, *[""] * (len(LOAN) + len(INSTALMENT))),
)


def template() -> str:
    """The columns with invented samples: a loan with two instalments, and a customer without a loan."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in COLUMNS])
    writer.writerows(_SAMPLES)
    return text.getvalue()
