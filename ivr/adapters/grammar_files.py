"""Grammars and their examples: `<root>/<locale>/*.gram`, `*.grxml` and `<root>/<locale>/examples.yaml`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from ivr.grammar.errors import GrammarError
from ivr.grammar.srgs import SUFFIXES, decode_grammar

EXAMPLES_NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
"""The time at which examples are read whose file does not say `now`."""


@dataclass(frozen=True, slots=True)
class Example:
    """Something a caller may say, or the keys they may press, and what it must mean."""

    text: str
    meaning: Mapping[str, str] | None
    """None for a near miss, which the grammar must refuse."""
    now: datetime = EXAMPLES_NOW
    """When it is said: what "tomorrow" is counted from."""
    line: int = 1
    """Where in the file of examples it stands."""


def read_grammar_texts(root: Path) -> dict[str, dict[str, str]]:
    """All grammar texts: locale, then file name such as `wish.gram`, then SRGS text in either form.

    Raises `GrammarError` when there are none, or when a file cannot be read or decoded.
    """
    folders = sorted({path.parent for suffix in SUFFIXES for path in root.glob(f"*/*{suffix}")})
    if not folders:
        raise GrammarError(
            "there are no grammars", "name a folder with files such as zh-CN/wish.gram", file=str(root)
        )
    return {folder.name: read_folder(folder) for folder in folders}


def read_folder(folder: Path) -> dict[str, str]:
    """The texts of the grammars in one folder by file name. Raises `GrammarError` like `read_grammar`."""
    return {path.name: read_grammar(path) for path in grammar_paths(folder)}


def grammar_paths(folder: Path) -> list[Path]:
    """The grammars in one folder, in both forms, by name."""
    return sorted(path for path in folder.glob("*") if path.suffix in SUFFIXES and path.is_file())


def read_grammar(path: Path) -> str:
    """The text of one file. Raises `GrammarError` when it cannot be read or decoded."""
    try:
        return decode_grammar(path.read_bytes(), str(path))
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror}"
        raise GrammarError(reason, "name a .gram or .grxml file", file=str(path)) from None


def read_examples(root: Path, locale: str) -> dict[str, tuple[Example, ...]]:
    """The examples of each grammar, by its name without suffix; none where the locale has no such file.

    `now` beside the grammars, a time with its zone, is the time at which all of them are said.

    Raises `GrammarError` when the file is not as it should be.
    """
    path = root / locale / "examples.yaml"
    if not path.exists():
        return {}
    line = 1
    try:
        loader = yaml.SafeLoader(path.read_text("utf-8"))
        document = loader.get_single_node()
        if document is None:
            return {}
        listed: Any = loader.construct_document(document)
        now = listed.pop("now", EXAMPLES_NOW)
        if not isinstance(now, datetime) or now.tzinfo is None:
            raise TypeError
        lines = _lines(document)
        return {name: tuple(_examples(entry, now, lines[name])) for name, entry in listed.items()}
    except yaml.MarkedYAMLError as error:
        reason = f"the examples are not YAML: {error.problem}"
        line = error.problem_mark.line + 1 if error.problem_mark else 1
    except (AttributeError, KeyError, TypeError, ValueError):
        reason = "the examples are not of the expected shape"
    mend = "give each grammar `accept`, a list of [text, meaning], and `refuse`, texts; `now` needs a zone"
    raise GrammarError(reason, mend, file=str(path), line=line)


def _examples(entry: Mapping[str, Any], now: datetime, lines: Mapping[str, Sequence[int]]) -> list[Example]:
    accepted = [
        Example(str(text), {str(slot): str(value) for slot, value in meaning.items()}, now, line)
        for (text, meaning), line in zip(entry["accept"], lines["accept"], strict=True)
    ]
    refused = zip(entry.get("refuse", ()), lines.get("refuse", ()), strict=True)
    return accepted + [Example(str(text), None, now, line) for text, line in refused]


def _lines(document: yaml.Node) -> dict[str, dict[str, list[int]]]:
    """Grammar, then `accept` or `refuse`: the line of each example."""
    return {
        name.value: {
            key.value: [item.start_mark.line + 1 for item in items.value] for key, items in entry.value
        }
        for name, entry in document.value
        if isinstance(entry, yaml.MappingNode)
    }
