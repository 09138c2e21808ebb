"""Tables into CSV, XLSX or JSON files, whole or not at all."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import openpyxl

Record = Mapping[str, Any]
WRITERS = (".csv", ".xlsx", ".json")


def write_table(path: Path, columns: Sequence[str], records: Sequence[Record]) -> None:
    """Write `records` in the format that the name of the file tells. Raises `ValueError` for another one.

    What people said is theirs to choose: a text that a spreadsheet would take for a formula gets an
    apostrophe in front of it, in CSV and XLSX.
    """
    writers: dict[str, Callable[[Path], None]] = {
        ".csv": lambda part: _write_csv_file(part, columns, records),
        ".xlsx": lambda part: _write_xlsx(part, columns, records),
        ".json": lambda part: _write_json(part, records),
    }
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise ValueError(f"{path.name}: name it .csv, .xlsx or .json")
    part = path.with_name(f"{path.name}.part")
    writer(part)
    part.replace(path)


def write_csv(stream: IO[str], columns: Sequence[str], records: Sequence[Record]) -> None:
    """The records as CSV with a header."""
    writer = csv.writer(stream)
    writer.writerow([_harmless(column) for column in columns])
    for record in records:
        writer.writerow([_harmless(record.get(column)) for column in columns])


def _write_csv_file(path: Path, columns: Sequence[str], records: Sequence[Record]) -> None:
    # The mark at the beginning is how spreadsheets know UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        write_csv(file, columns, records)


def _write_xlsx(path: Path, columns: Sequence[str], records: Sequence[Record]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("results")
    sheet.append([_harmless(column) for column in columns])
    for record in records:
        sheet.append([_harmless(record.get(column)) for column in columns])
    book.save(path)


def _write_json(path: Path, records: Sequence[Record]) -> None:
    path.write_text(json.dumps(records, ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8")


def _harmless(value: Any) -> Any:
    """The cell, such that no spreadsheet runs it. Telephone numbers and negative numbers stay as they are."""
    if not isinstance(value, str) or not value:
        return value
    signed = value[0] in "+-" and not value[1:2].isdigit()
    return f"'{value}" if signed or value[0] in "=@\t\r" else value
