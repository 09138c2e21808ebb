"""The words of stretches that the judge asks for, by the recogniser's own engine in this process."""

import hashlib
import json
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.adapters.grammar_files import read_grammar_texts
from ivr.adapters.recogniser.engine import Engine, Request
from ivr.adapters.recogniser.engines import Engines
from ivr.adapters.system_clock import SystemClock
from ivr.config import Settings
from ivr.grammar.result import Alternative, Hypothesis
from ivr.media.answerer.verdict import Ask, WordsHeard
from ivr.media.level import Samples
from ivr.runtime.answering import words_heard
from ivr.runtime.grammar_book import CompiledGrammarBook


class WordsEar(Protocol):
    """Says what a stretch turned out to be."""

    def words(self, ask: Ask, samples: Samples, locale: str) -> WordsHeard:
        """8 kHz samples of the stretch."""
        ...


class Deaf:
    """Hears no words: what timing and tones do alone."""

    def words(self, ask: Ask, samples: Samples, locale: str) -> WordsHeard:
        """Nothing."""
        return WordsHeard(ask, None)


class EngineEar:
    """Reads freely, as a line does; a stretch that was read before is not read again."""

    def __init__(self, engines: Engines, settings: Settings, kept: Path) -> None:
        """`kept` is a JSON file of earlier hearings. Raises `GrammarError`."""
        texts = read_grammar_texts(settings.grammars_dir)
        self._grammars = CompiledGrammarBook(texts, SystemClock(), ZoneInfo(settings.hotline.timezone))
        self._engines = engines
        self._kept = kept
        self._known: dict[str, list[tuple[str, float]]] = {}
        if kept.exists():
            self._known = json.loads(kept.read_text("utf-8"))

    def words(self, ask: Ask, samples: Samples, locale: str) -> WordsHeard:
        """By the engine that would serve this locale."""
        engine = self._engines.engine_for(locale, "")
        key = hashlib.sha256(f"{engine.model} {locale}".encode() + samples.tobytes()).hexdigest()
        if key not in self._known:
            self._known[key] = _recognise(engine, Request(locale, 8000), samples)
        alternatives = tuple(Alternative(text, confidence) for text, confidence in self._known[key])
        return words_heard(ask, Hypothesis(alternatives), self._grammars, locale=locale)

    def keep(self) -> None:
        """Write down what was heard, for the next run."""
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        self._kept.write_text(json.dumps(self._known, ensure_ascii=False), "utf-8")


def _recognise(engine: Engine, request: Request, samples: Samples) -> list[tuple[str, float]]:
    decoding = engine.open(request)
    decoding.feed(samples.tobytes())
    found = decoding.finish().hypothesis.alternatives
    return [(alternative.text, alternative.confidence) for alternative in found]
