"""Grammars and their examples from a folder: `<root>/<locale>/*.gram` and `<root>/<locale>/examples.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from ivr.grammar.errors import GrammarError

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


def read_grammar_texts(root: Path) -> dict[str, dict[str, str]]:
    """All grammar texts: locale, then file name such as `wish.gram`, then ABNF text.

    Raises `GrammarError` when there are none, or when a file is not UTF-8.
    """
    texts: dict[str, dict[str, str]] = {}
    for path in sorted(root.glob("*/*.gram")):
        try:
            texts.setdefault(path.parent.name, {})[path.name] = path.read_text("utf-8")
        except UnicodeDecodeError:
            raise GrammarError("the file is not UTF-8", "save it as UTF-8", file=str(path)) from None
    if not texts:
        raise GrammarError(
            "there are no grammars", "name a folder with files such as zh-CN/wish.gram", file=str(root)
        )
    return texts


def read_examples(root: Path, locale: str) -> dict[str, tuple[Example, ...]]:
    """The examples of each grammar, by its name without `.gram`; none where the locale has no such file.

    `now` beside the grammars, a time with its zone, is the time at which all of them are said.

    Raises `GrammarError` when the file is not as it should be.
    """
    path = root / locale / "examples.yaml"
    if not path.exists():
        return {}
    line = 1
    try:
        listed: Any = yaml.safe_load(path.read_text("utf-8"))
        now = listed.pop("now", EXAMPLES_NOW)
        if not isinstance(now, datetime) or now.tzinfo is None:
            raise TypeError
        return {name: tuple(_examples(entry, now)) for name, entry in listed.items()}
    except yaml.MarkedYAMLError as error:
        reason = f"the examples are not YAML: {error.problem}"
        line = error.problem_mark.line + 1 if error.problem_mark else 1
    except (AttributeError, KeyError, TypeError, ValueError):
        reason = "the examples are not of the expected shape"
    mend = "give each grammar `accept`, a list of [text, meaning], and `refuse`, texts; `now` needs a zone"
    raise GrammarError(reason, mend, file=str(path), line=line)


def _examples(entry: Mapping[str, Any], now: datetime) -> list[Example]:
    accepted = [
        Example(str(text), {str(slot): str(value) for slot, value in meaning.items()}, now)
        for text, meaning in entry["accept"]
    ]
    return accepted + [Example(str(text), None, now) for text in entry.get("refuse", ())]
