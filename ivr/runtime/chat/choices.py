"""The keys of an item as choices: what a widget shows as buttons."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.dialogue.state import Listen
from ivr.grammar.result import Match
from ivr.runtime.grammar_book import CompiledGrammarBook

Labels = Mapping[str, Mapping[str, str]]
"""Locale, then what a key means (`balance`, `yes`), also in one grammar only (`keys_more_no`), then words."""

_MOST_KEYS = 12
"""A telephone has no more; a grammar of longer rows of keys, such as a number's, offers nothing to choose."""

_NOT_OFFERED = frozenset({"repeat", "slower"})
"""In writing, everything can be read again."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One key and what it stands for."""

    key: str
    label: str
    meaning: Mapping[str, str] = field(default_factory=dict)


class ChoiceBook:
    """Reads the choices off the key grammars."""

    def __init__(self, grammars: CompiledGrammarBook, labels: Labels) -> None:
        self._grammars = grammars
        self._labels = labels

    def offered(self, listen: Listen) -> tuple[Choice, ...]:
        """The keys that may be pressed now, each once, in the order in which the grammars are written."""
        found: dict[str, Choice] = {}
        for grammar_id in listen.keys.grammars:
            for key in self._single_keys(grammar_id, listen.locale):
                meant = self._grammars.interpret_keys(key, [grammar_id], locale=listen.locale)
                if key not in found and isinstance(meant, Match):
                    found[key] = Choice(
                        key, self._label(meant.meaning, grammar_id, listen.locale), dict(meant.meaning)
                    )
        return tuple(
            choice for choice in found.values() if not _NOT_OFFERED.intersection(choice.meaning.values())
        )

    def _single_keys(self, grammar_id: str, locale: str) -> tuple[str, ...]:
        grammar = self._grammars.prepare([grammar_id], locale=locale)
        count = grammar.count_phrases()
        return grammar.phrases(_MOST_KEYS) if count is not None and count <= _MOST_KEYS else ()

    def _label(self, meaning: Mapping[str, str], grammar_id: str, locale: str) -> str:
        labels = self._labels.get(locale, {})
        names = [name for value in meaning.values() for name in (f"{grammar_id}_{value}", value)]
        return next((labels[name] for name in names if name in labels), names[-1].replace("_", " "))
