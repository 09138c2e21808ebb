"""CSV files as people export them: their encodings, their headers, their rows."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from ivr.adapters.loan_csv.columns import COLUMNS

ENCODINGS = ("utf-8-sig", "gb18030")
"""Tried in this order. GB 18030 is what Chinese spreadsheets write; it takes almost any bytes."""
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_EXPORT = "export it as CSV in UTF-8 with commas"

Cells = tuple[str, ...]
"""One row, stripped, in the order of `COLUMNS`; of a row with too many or too few see `read_rows`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written; the header is row 1."""

    file: str
    row: int

    def __str__(self) -> str:
        return f"{self.file} row {self.row}"


class LoanCsvFault(ValueError):
    """A file that cannot be read as a whole. `column` is empty where no single one is meant."""

    def __init__(self, place: Place, column: str, reason: str, mend: str) -> None:
        super().__init__(f"{place}: {column + ' ' if column else ''}{reason}. Mend: {mend}.")
        self.place, self.column, self.reason, self.mend = place, column, reason, mend


def csv_paths(path: Path) -> list[Path]:
    """The file itself, or every `*.csv` of the directory by name. Raises `LoanCsvFault`."""
    if not path.is_dir():
        return [path]
    found = sorted(entry for entry in path.iterdir() if entry.suffix.lower() == ".csv")
    if not found:
        raise LoanCsvFault(Place(str(path), 0), "", "has no *.csv", "name a file, or a directory with some")
    return found


def read_text(path: Path) -> str:
    """The whole file, in the first encoding that fits. Raises `LoanCsvFault`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise LoanCsvFault(Place(str(path), 0), "", reason, "name a readable file") from None
    if not raw.startswith(_UTF_16_MARKS):
        for encoding in ENCODINGS:
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise LoanCsvFault(Place(str(path), 1), "", "is neither UTF-8 nor GB 18030", _EXPORT)


def read_rows(path: Path, text: str) -> Iterator[tuple[Place, Cells]]:
    """Every row that is not empty, placed where it begins.

    A row with a wrong number of cells comes as its customer id alone where that is the first column, else
    as nothing: behind a stray comma no cell can be told from another. Raises `LoanCsvFault` for a header
    that lacks a column, and for quoting that swallows rows.
    """
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    order: list[int | None] | None = None
    width = ended = 0
    try:
        for cells in lines:
            place, ended = Place(path.name, ended + 1), lines.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if order is None:
                order, width = _order(place, [cell.strip() for cell in cells]), len(cells)
            elif len(cells) == width:
                yield place, tuple("" if n is None else cells[n].strip() for n in order)
            else:
                yield place, (cells[0].strip(),) if order[0] == 0 else ()
    except csv.Error as error:
        mend = "look for a quotation mark without its pair"
        raise LoanCsvFault(Place(path.name, ended + 1), "", f"is no CSV ({error})", mend) from None
    if order is None:
        raise LoanCsvFault(Place(path.name, 1), "", "is empty", "start from `ivr loans template`")


def _order(place: Place, header: Sequence[str]) -> list[int | None]:
    names = [column.name for column in COLUMNS]
    for name in header:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            mend = (
                f"did you mean `{near[0]}`?" if near else "take it out; `ivr loans template` has all columns"
            )
            # A name that is not ours is not repeated: a file without a header starts with a customer.
            raise LoanCsvFault(place, f"header {header.index(name) + 1}", "is not a column", mend)
        if header.count(name) > 1:
            raise LoanCsvFault(place, name, "is there twice", "take one out")
    for column in COLUMNS:
        name = column.name
        if name not in header and not column.optional:
            mend = f"add it, and {_EXPORT}; `ivr loans template` has all columns"
            raise LoanCsvFault(place, name, "is missing", mend)
    return [header.index(name) if name in header else None for name in names]
