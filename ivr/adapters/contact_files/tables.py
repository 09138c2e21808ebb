"""CSV and XLSX files as rows of cells, whatever they were exported from."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ivr.adapters.contact_files import workbook_program
from ivr.adapters.contact_files.workbook_program import NO_WORKBOOK
from ivr.adapters.loan_csv.files import LoanCsvFault, read_text

_PROGRAM = Path(workbook_program.__file__)

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
    try:
        path.open("rb").close()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ContactFileFault(path, 0, reason, "name a readable file") from None
    # -P: modules beside the program must not be taken for those of the standard library.
    command = [sys.executable, "-P", str(_PROGRAM), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as program:
        assert program.stdout is not None
        try:
            yield from enumerate(map(json.loads, program.stdout), 1)
        finally:
            # Where nobody wants the rest.
            program.stdout.close()
    if program.returncode == NO_WORKBOOK:
        mend = "save it as XLSX anew, without a password"
        raise ContactFileFault(path, 0, "is no XLSX workbook", mend)
    if program.returncode:
        mend = "take out what stands far from the list, or export it as CSV"
        raise ContactFileFault(path, 0, "is too large to be read", mend)
