"""Recordings with what is said in them: a folder with `manifest.csv`.

Columns, each also known by other names: `file` (`path`, `audio`), `transcript` (`text`, `sentence`),
`language` (`locale`, `lang`), `speaker` (`client_id`), `category`. Only `file` is a must; further columns
are ignored.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import soundfile

MANIFEST = "manifest.csv"

_OTHER_NAMES = {
    "file": ("path", "audio"),
    "transcript": ("text", "sentence"),
    "language": ("locale", "lang"),
    "speaker": ("client_id",),
    "category": (),
}


class CorpusError(Exception):
    """A folder is no corpus; the message says why and what would mend it."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One file. `name` is folder and file, the same on every machine."""

    path: Path
    name: str
    transcript: str = ""
    """Empty where nobody speaks, or nobody wrote it down."""
    language: str = ""
    """A BCP 47 tag; empty where it does not matter."""
    speaker: str = "unknown"
    category: str = "speech"

    def duration_s(self) -> float:
        """How long it lasts, by the file's header; 0 where that cannot be read."""
        try:
            return float(soundfile.info(self.path).duration)
        except (soundfile.LibsndfileError, TypeError):
            return 0.0


def read_corpus(directory: Path) -> tuple[list[Recording], list[str]]:
    """The recordings of a manifest whose files exist, and what is wrong with the other rows.

    Raises `CorpusError`.
    """
    manifest = directory / MANIFEST
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = _columns(reader.fieldnames or ())
            rows = [
                (reader.line_num, {key: (row[name] or "").strip() for key, name in columns.items()})
                for row in reader
            ]
    except OSError as error:
        raise CorpusError(
            f"{manifest} cannot be read ({error.strerror}); a corpus is a folder with {MANIFEST}, "
            f"whose columns are {', '.join(_OTHER_NAMES)}"
        ) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(f"{manifest} is not CSV in UTF-8: {error}") from None
    if "file" not in columns:
        raise CorpusError(f"{manifest} has no column `file`; its first line must name the columns")
    found: list[Recording] = []
    faults: list[str] = []
    for line, row in rows:
        path = directory / row["file"]
        if not row["file"] or not path.is_file():
            faults.append(f"{manifest}, line {line}: there is no file {row['file'] or '(empty)'}")
            continue
        given = {key: value for key, value in row.items() if key != "file" and value}
        found.append(Recording(path, f"{directory.resolve().name}/{row['file']}", **given))
    return found, faults


def _columns(header: Sequence[str]) -> dict[str, str]:
    """Which column of the file holds what."""
    known = {name.strip().lower(): name for name in header}
    columns: dict[str, str] = {}
    for key, others in _OTHER_NAMES.items():
        name = next((known[candidate] for candidate in (key, *others) if candidate in known), None)
        if name is not None:
            columns[key] = name
    return columns
