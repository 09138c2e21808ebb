"""CSV and XLSX files as rows of cells, whatever they were exported from."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    WorksheetNotFound,
    XmlError,
    ZipError,
)

from ivr.adapters.loan_csv.files import LoanCsvFault, read_text

Cell = str | int | float
Row = tuple[int, list[Cell]]
"""Number in the file, the header being 1, and its cells, stripped."""


class ContactFileFault(ValueError):
    """A file that cannot be read as a whole; the message has the mend in it."""

    def __init__(self, path: Path, row: int, reason: str, mend: str) -> None:
        place = f"{path.name} row {row}" if row else path.name
        super().__init__(f"{place}: {reason}. Mend: {mend}.")
        self.row, self.reason, self.mend = row, reason, mend


def read_table(path: Path) -> Iterator[Row]:
    """Every row that is not empty, the header first. Raises `ContactFileFault`.

    CSV with commas, semicolons or tabs in UTF-8 or GB 18030; of an XLSX workbook the first sheet.
    """
    match path.suffix.lower():
        case ".csv" | ".tsv" | ".txt":
            rows: Iterator[Row] = _csv(path)
        case ".xlsx" | ".xlsm":
            rows = _xlsx(path)
        case _:
            raise ContactFileFault(path, 0, "is neither CSV nor XLSX", "export it as one of them")
    for number, cells in rows:
        if any(cell != "" for cell in cells):
            yield number, cells


def _csv(path: Path) -> Iterator[Row]:
    try:
        text = read_text(path)
    except LoanCsvFault as fault:
        raise ContactFileFault(path, fault.place.row, fault.reason, fault.mend) from None
    if "\0" in text:
        raise ContactFileFault(path, 0, "is no text file", "export it as CSV in UTF-8")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    ended = 0
    try:
        for cells in lines:
            number, ended = ended + 1, lines.line_num
            yield number, [cell.strip() for cell in cells]
    except csv.Error as error:
        mend = "look for a quotation mark without its pair"
        raise ContactFileFault(path, ended + 1, f"is no CSV ({error})", mend) from None


def _xlsx(path: Path) -> Iterator[Row]:
    mend = "save it as XLSX anew, without a password"
    try:
        with path.open("rb") as file:
            sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ContactFileFault(path, 0, reason, "name a readable file") from None
    except (CalamineError, ZipError, XmlError, PasswordError, WorksheetNotFound):
        raise ContactFileFault(path, 0, "is no XLSX workbook", mend) from None
    for number, cells in enumerate(sheet.iter_rows(), 1):
        yield number, _stripped([_cell(value) for value in cells])


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        # Spreadsheets keep every number as a fraction, telephone numbers too.
        return int(value)
    if isinstance(value, int | float):
        return value
    return _moment(value) if isinstance(value, date | time) else str("" if value is None else value).strip()


def _moment(value: date | time) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "minutes")
    return f"{value:%H:%M}" if isinstance(value, time) else value.isoformat()


def _stripped(cells: Sequence[Cell]) -> list[Cell]:
    """Without the empty cells behind the last full one: rows come as wide as the sheet."""
    last = max((place for place, cell in enumerate(cells) if cell != ""), default=-1)
    return list(cells[: last + 1])
