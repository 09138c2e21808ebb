"""Vosk: decodes while audio comes in; a grammar is a list of phrases in the words that the model knows."""

import json
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import structlog
import vosk

from ivr.adapters.recogniser.engine import BadRequest, Recognition, Request
from ivr.grammar.compiled import compile_source
from ivr.grammar.errors import ExpansionTooLarge, GrammarError
from ivr.grammar.result import Alternative, Hypothesis

_MOST_PHRASES = 20_000
_GRAMMARS_KEPT = 32
_IDLE_RECOGNISERS = 8
"""Kept for each grammar, for building its graph costs more than most utterances."""

_UNKNOWN = "[unk]"
_LONGEST_WORD = 6

_log = structlog.get_logger(__name__)
vosk.SetLogLevel(-1)

GraphKey = tuple[int, str]
"""Sample rate and grammar as a JSON list, empty for free speech."""


class VoskEngine:
    """One model; its language is a property of the model. Recognisers are reused, grammar by grammar."""

    name = "vosk"

    def __init__(self, model_dir: Path, *, locale: str) -> None:
        """Load the model of `model_dir`. Raises `RuntimeError` when it is damaged."""
        self.model = model_dir.name
        self._locale = locale
        try:
            self._model = vosk.Model(str(model_dir))
        except Exception as error:
            raise RuntimeError(f"{model_dir} is not a Vosk model; run: ivr models verify") from error
        self._idle: dict[GraphKey, list[Any]] = {}
        self._lock = Lock()
        self._graph_of = lru_cache(maxsize=64)(self._write_graph)

    def open(self, request: Request) -> "VoskDecoding":
        """Start an utterance. Raises `BadRequest` on a grammar that is faulty or too large for Vosk."""
        key = (request.sample_rate_hz, self._graph_of(request.grammar, request.phrases))
        with self._lock:
            idle = self._idle.get(key)
            recogniser = idle.pop() if idle else None
        if recogniser is None:
            graph = (key[1],) if key[1] else ()
            recogniser = vosk.KaldiRecognizer(self._model, float(key[0]), *graph)
            recogniser.SetWords(True)
        return VoskDecoding(self, key, recogniser, spaced=not request.locale.startswith("zh"))

    def take_back(self, key: GraphKey, recogniser: Any) -> None:
        """Keep a recogniser for the next utterance with the same grammar."""
        recogniser.Reset()
        with self._lock:
            idle = self._idle.pop(key, [])
            self._idle[key] = [*idle, recogniser][:_IDLE_RECOGNISERS]
            while len(self._idle) > _GRAMMARS_KEPT:
                del self._idle[next(iter(self._idle))]

    def _write_graph(self, grammar: str, phrases: tuple[str, ...]) -> str:
        if grammar:
            try:
                phrases = compile_source(grammar).phrases(_MOST_PHRASES)
            except (GrammarError, ExpansionTooLarge) as error:
                raise BadRequest(f"the grammar cannot be used with Vosk: {error}") from error
        if not phrases:
            return ""
        missing: set[str] = set()
        segmented = dict.fromkeys(self._segment(phrase, missing) for phrase in phrases)
        if missing:
            _log.warning("words_unknown_to_model", model=self.model, words=sorted(missing))
        known = [phrase for phrase in segmented if phrase and phrase != _UNKNOWN]
        if not known:
            raise BadRequest(f"{self.model} knows no phrase of the grammar")
        other = [_UNKNOWN] if self._knows(_UNKNOWN) else []
        return json.dumps([*known, *other], ensure_ascii=False)

    def _segment(self, phrase: str, missing: set[str]) -> str:
        """The phrase in words of the model, longest first; empty when a part of it is unknown."""
        words: list[str] = []
        for chunk in phrase.split():
            if chunk == _UNKNOWN or self._knows(chunk):
                words.append(chunk)
                continue
            rest = chunk if self._locale.startswith("zh") else ""
            while rest:
                lengths = range(min(_LONGEST_WORD, len(rest)), 0, -1)
                length = next((n for n in lengths if self._knows(rest[:n])), 0)
                if not length:
                    break
                words.append(rest[:length])
                rest = rest[length:]
            if rest or not self._locale.startswith("zh"):
                missing.add(chunk)
                return ""
        return " ".join(words)

    def _knows(self, word: str) -> bool:
        return bool(self._model.vosk_model_find_word(word) >= 0)


class VoskDecoding:
    """One utterance on a recogniser that is given back at its end."""

    streams = True

    def __init__(self, engine: VoskEngine, key: GraphKey, recogniser: Any, *, spaced: bool) -> None:
        self._engine = engine
        self._key = key
        self._recogniser = recogniser
        self._joint = " " if spaced else ""
        self._words: list[dict[str, Any]] = []

    def feed(self, pcm: bytes) -> str:
        """Decode audio; the words since the recogniser's own last endpoint."""
        if self._recogniser.AcceptWaveform(pcm):
            self._gather(self._recogniser.Result())
            return ""
        partial = json.loads(self._recogniser.PartialResult())["partial"]
        return self._text(partial.split())

    def finish(self) -> Recognition:
        """The words of the whole utterance, with the mean of their confidences."""
        self._gather(self._recogniser.FinalResult())
        self._engine.take_back(self._key, self._recogniser)
        words = [word for word in self._words if word["word"] != _UNKNOWN]
        if not words:
            return Recognition(Hypothesis((), self._engine.name))
        # Unknown words count as wholly unsure, for something was said that the grammar does not hold.
        confidence = sum(word["conf"] for word in words) / len(self._words)
        text = self._text([word["word"] for word in words])
        best = Alternative(text, round(min(1.0, confidence), 3))
        return Recognition(Hypothesis((best,), self._engine.name), tuple(words))

    def _gather(self, result: str) -> None:
        self._words += json.loads(result).get("result", [])

    def _text(self, words: list[str]) -> str:
        return self._joint.join(word for word in words if word != _UNKNOWN)
