"""All grammars of all locales, compiled once and combined as the dialogue needs them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from ivr.grammar.compiled import CompiledGrammar, combine, compile_grammar
from ivr.grammar.interpret import check_readers, interpret, interpret_keys
from ivr.grammar.open_item import OpenSpeech, interpret_item
from ivr.grammar.outlook import Outlook, outlook
from ivr.grammar.result import Hypothesis, Interpretation, Match
from ivr.grammar.spotting import PhraseSpotter
from ivr.grammar.srgs import grammar_file
from ivr.runtime.ports import Clock


class CompiledGrammarBook:
    """`GrammarBook` over grammar texts, locale to file name to ABNF text, and what locales know of intents.

    Compiling happens on first use and is kept; `prepare` does it ahead, so that no caller waits for it.
    `compiled` is what another book has compiled of the same texts, by locale and grammar ids.
    What callers say of days and times is read by the clock in `home`, the time zone that they live in.
    """

    def __init__(
        self,
        texts: Mapping[str, Mapping[str, str]],
        clock: Clock,
        home: tzinfo,
        speech: Mapping[str, OpenSpeech] | None = None,
        compiled: Mapping[tuple[str, tuple[str, ...]], CompiledGrammar] | None = None,
    ) -> None:
        self._texts = texts
        self._speech = speech or {}
        self._clock = clock
        self._home = home
        self._single: dict[tuple[str, str], CompiledGrammar] = {}
        self._spotters: dict[tuple[str, str], PhraseSpotter] = {}
        self._combined: dict[tuple[str, tuple[str, ...]], CompiledGrammar] = dict(compiled or {})

    def prepare(self, grammar_ids: Sequence[str], *, locale: str) -> CompiledGrammar:
        """Compile what these ids take together.

        Raises `GrammarError`, also for a reader that does not exist, and `KeyError` for an unknown locale.
        """
        key = (locale, tuple(grammar_ids))
        if key not in self._combined:
            self._combined[key] = combine(*(self._compile(locale, name) for name in grammar_ids))
        return self._combined[key]

    @property
    def texts(self) -> Mapping[str, Mapping[str, str]]:
        """The grammars' texts: locale, then file name."""
        return self._texts

    @property
    def speech(self) -> Mapping[str, OpenSpeech]:
        """What each locale knows of intents."""
        return self._speech

    @property
    def compiled(self) -> Mapping[tuple[str, tuple[str, ...]], CompiledGrammar]:
        """What has been compiled so far, by locale and grammar ids."""
        return self._combined

    def source(self, grammar_ids: Sequence[str], *, locale: str) -> str:
        """One self-contained SRGS text for the recogniser."""
        return self.prepare(grammar_ids, locale=locale).source

    def interpret(
        self, hypothesis: Hypothesis, grammar_ids: Sequence[str], *, locale: str, is_open: bool
    ) -> Interpretation:
        """What was said means. Without intents of the locale, an open item takes what its grammars list."""
        grammar = self.prepare(grammar_ids, locale=locale)
        if is_open and locale in self._speech:
            return interpret_item(hypothesis, grammar, self._speech[locale], self._now())
        return interpret(hypothesis, grammar, self._now())

    def spot(self, hypothesis: Hypothesis, grammar_id: str, *, locale: str) -> tuple[Match, ...]:
        """The phrases of the grammar that were said among other words, the longest first."""
        return self.spotter(grammar_id, locale=locale).spot(hypothesis)

    def spotter(self, grammar_id: str, *, locale: str) -> PhraseSpotter:
        """What `spot` goes by; made on first use, some tenths of a second for a thousand phrases."""
        if (locale, grammar_id) not in self._spotters:
            self._spotters[locale, grammar_id] = PhraseSpotter(self.prepare([grammar_id], locale=locale))
        return self._spotters[locale, grammar_id]

    def outlook(
        self, hypothesis: Hypothesis, grammar_ids: Sequence[str], *, locale: str, is_open: bool
    ) -> Outlook:
        """Whether what was said so far is all that will be said."""
        return outlook(hypothesis, self.prepare(grammar_ids, locale=locale), is_open=is_open)

    def interpret_keys(self, keys: str, grammar_ids: Sequence[str], *, locale: str) -> Interpretation:
        """What was pressed means."""
        return interpret_keys(keys, self.prepare(grammar_ids, locale=locale), self._now())

    def _compile(self, locale: str, name: str) -> CompiledGrammar:
        if (locale, name) not in self._single:
            texts = self._texts[locale]
            grammar = compile_grammar(texts, grammar_file(texts, name))
            check_readers(grammar)
            self._single[locale, name] = grammar
        return self._single[locale, name]

    def _now(self) -> datetime:
        return self._clock.now().astimezone(self._home)
