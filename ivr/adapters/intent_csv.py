"""Labelled texts from any CSV file."""

import csv
from pathlib import Path

from ivr.grammar.intents.example import IntentExample

OUT_OF_SCOPE = "oos"
"""The label of texts that are none of the classifier's business, as in CLINC150."""
TEXT_COLUMNS = ("text", "utterance", "sentence", "query", "question")
LABEL_COLUMNS = ("label", "intent", "category", "class")


class CsvFault(ValueError):
    """The file cannot be used; the message names the mend."""


def read_labelled_texts(
    path: Path, *, text_column: str = "", label_column: str = ""
) -> tuple[tuple[IntentExample, ...], int]:
    """The texts with their labels, and how many rows were passed over for want of a text or a label.

    Columns are known by name, or by the usual names where none is given. Raises `CsvFault`.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, restval="")
            header = list(rows.fieldnames or ())
            text = _column(path, header, text_column, TEXT_COLUMNS, "--text-column")
            label = _column(path, header, label_column, LABEL_COLUMNS, "--label-column")
            pairs = [(row[text].strip(), row[label].strip()) for row in rows]
    except UnicodeDecodeError:
        raise CsvFault(f"{path}: the file is not UTF-8. Mend: save it as UTF-8.") from None
    except (OSError, csv.Error) as error:
        raise CsvFault(f"{path}: the file cannot be read: {error}. Mend: name a CSV file.") from None
    whole = [(said, name) for said, name in pairs if said and name]
    if not whole:
        raise CsvFault(f"{path}: there are no labelled texts. Mend: give one text and label in each row.")
    examples = tuple(IntentExample(said, None if name == OUT_OF_SCOPE else name) for said, name in whole)
    return examples, len(pairs) - len(whole)


def _column(path: Path, header: list[str], wanted: str, usual: tuple[str, ...], option: str) -> str:
    for name in (wanted,) if wanted else usual:
        if name in header:
            return name
    known = ", ".join(header) or "none"
    raise CsvFault(
        f"{path}: no column {wanted or ' or '.join(usual)}. Mend: choose one of {known} by {option}."
    )
