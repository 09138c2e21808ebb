"""Grammars and their examples from a folder: `<root>/<locale>/*.gram` and `<root>/<locale>/examples.yaml`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ivr.grammar.compiled import CompiledGrammar, combine, compile_grammar
from ivr.grammar.errors import GrammarError
from ivr.grammar.listening import GrammarSet


@dataclass(frozen=True, slots=True)
class Example:
    """Something a caller may say, or the keys they may press, and what it must mean."""

    text: str
    meaning: Mapping[str, str] | None
    """None for a near miss, which the grammar must refuse."""


class GrammarFiles:
    """The grammars of all locales, each compiled once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._texts: dict[str, dict[str, str]] = {}
        self._compiled: dict[tuple[str, tuple[str, ...]], CompiledGrammar] = {}

    def locales(self) -> tuple[str, ...]:
        """The locales there are grammars for."""
        return tuple(sorted(folder.name for folder in self._root.iterdir() if any(folder.glob("*.gram"))))

    def names(self, locale: str) -> tuple[str, ...]:
        """The grammars of a locale, without the ending `.gram`."""
        return tuple(sorted(Path(file).stem for file in self._read(locale)))

    def compiled(self, locale: str, *names: str) -> CompiledGrammar:
        """The grammar of this name, or of several names joined into one that takes what any of them takes.

        Raises `GrammarError` with the place and the mend, also for a name that has no file.
        """
        key = (locale, names)
        if key not in self._compiled:
            texts = self._read(locale)
            grammars = [compile_grammar(texts, f"{name}.gram") for name in names]
            self._compiled[key] = combine(*grammars)
        return self._compiled[key]

    def listening(self, locale: str, *, voice: Sequence[str] = (), keys: Sequence[str] = ()) -> GrammarSet:
        """What may be said and what may be pressed, each joined from the grammars of the given names."""
        return GrammarSet(
            voice=self.compiled(locale, *voice) if voice else None,
            keys=self.compiled(locale, *keys) if keys else None,
        )

    def examples(self, locale: str) -> dict[str, tuple[Example, ...]]:
        """The examples by grammar name. Raises `GrammarError` when the file is not as it should be."""
        path = self._root / locale / "examples.yaml"
        listed: Any = yaml.safe_load(path.read_text("utf-8"))
        try:
            return {name: tuple(_examples(entry)) for name, entry in listed.items()}
        except (AttributeError, KeyError, TypeError, ValueError):
            raise GrammarError(
                "the examples are not as they should be",
                "write, for each grammar, `accept` with lists of [text, meaning] and `refuse` with a list of texts",
                file=str(path),
            ) from None

    def _read(self, locale: str) -> dict[str, str]:
        if locale not in self._texts:
            texts: dict[str, str] = {}
            for path in sorted((self._root / locale).glob("*.gram")):
                try:
                    texts[path.name] = path.read_text("utf-8")
                except UnicodeDecodeError:
                    raise GrammarError("the file is not UTF-8", "save it as UTF-8", file=str(path)) from None
            if not texts:
                raise GrammarError(
                    f"there are no grammars for {locale}",
                    "add files ending in .gram, or choose another locale",
                    file=str(self._root / locale),
                )
            self._texts[locale] = texts
        return self._texts[locale]


def _examples(entry: Mapping[str, Any]) -> list[Example]:
    accepted = [
        Example(str(text), {str(slot): str(value) for slot, value in meaning.items()})
        for text, meaning in entry["accept"]
    ]
    return accepted + [Example(str(text), None) for text in entry.get("refuse", ())]
