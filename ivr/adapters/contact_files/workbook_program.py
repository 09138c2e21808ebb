"""Run as a program: the first sheet of a workbook as lines of JSON, a list of cells each.

One stray cell in the last corner of a sheet makes the reader ask for half a terabyte, and whoever is refused
that by the system is aborted. So this is a process of its own, with bounds, and imports nothing of ours.
"""

import json
import resource
import sys
from datetime import date, datetime, time
from math import isfinite
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

MOST_MEMORY = 2 << 30
MOST_S = 120
"""Of processor time."""

NO_WORKBOOK = 3
"""The exit code for a file that is none. Any other but 0 tells that it was more than the bounds allow."""


def main(path: str) -> int:
    """Print the rows."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_S, MOST_S))
    try:
        with Path(path).open("rb") as file:
            sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
    except (CalamineError, ZipError, XmlError, PasswordError, WorksheetNotFound):
        return NO_WORKBOOK
    for cells in sheet.iter_rows():
        sys.stdout.write(json.dumps(_stripped([_cell(value) for value in cells])) + "\n")
    return 0


def _cell(value: Any) -> str | int | float:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and not isfinite(value):
        return str(value)
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


def _stripped(cells: list[str | int | float]) -> list[str | int | float]:
    """Without the empty cells behind the last full one: rows come as wide as the sheet."""
    last = max((place for place, cell in enumerate(cells) if cell != ""), default=-1)
    return cells[: last + 1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
