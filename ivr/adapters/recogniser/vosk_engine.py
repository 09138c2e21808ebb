"""Vosk: decodes while audio comes in; a grammar is a list of phrases in the words that the model knows."""

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import structlog
import vosk

from ivr.adapters.recogniser.engine import BadRequest, Recognition, Request
from ivr.adapters.recogniser.recent import Recent
from ivr.adapters.recogniser.vosk_results import (
    ALTERNATIVES,
    UNKNOWN,
    Reading,
    joined,
    read_alternatives,
    read_words,
    weighed,
)
from ivr.grammar.compiled import compile_source
from ivr.grammar.errors import ExpansionTooLarge, GrammarError
from ivr.grammar.result import Alternative, Hypothesis
from ivr.grammar.text import is_chinese
from ivr.grammar.vocabulary import in_words

_MOST_PHRASES = 20_000
_GRAMMARS_KEPT = 32
_IDLE_RECOGNISERS = 16
"""Kept of all grammars together, 1 to 2 MB each: building one of 100 phrases takes 65 ms of a core."""

_TOLD_WORDS = 20
"""Unknown words named in one warning."""

_log = structlog.get_logger(__name__)
vosk.SetLogLevel(-1)


@dataclass(frozen=True)
class Graph:
    """A grammar in the words of the model."""

    source: str
    """JSON list for Vosk; empty for free speech."""
    phrases: frozenset[tuple[str, ...]] | None
    """The phrases as words; None for free speech, and where words may come in any order."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What recognisers can stand in for one another."""

    sample_rate_hz: int
    graph: str
    alternatives: bool


class VoskEngine:
    """One model; its language is a property of the model. Recognisers are reused, grammar by grammar."""

    name = "vosk"

    def __init__(self, model_dir: Path, *, locale: str) -> None:
        """Load the model of `model_dir`. Raises `RuntimeError` when it is damaged."""
        self.model = model_dir.name
        self._spaced = not is_chinese(locale)
        try:
            self._model = vosk.Model(str(model_dir))
        except Exception as error:
            raise RuntimeError(f"{model_dir} is not a Vosk model; run: ivr models verify") from error
        self._idle: list[tuple[Kind, Any]] = []
        self._lock = Lock()
        self._graphs: Recent[tuple[str, tuple[str, ...]], Graph] = Recent(_GRAMMARS_KEPT)
        self._told: set[str] = set()

    def open(self, request: Request) -> "VoskDecoding":
        """Start an utterance. Raises `BadRequest` on a grammar that is faulty or that the model cannot hear.

        An open request is heard as free speech, for Vosk has one search at a time.
        """
        free = request.is_free or request.open
        key = ("", ()) if free else (request.grammar, request.phrases)
        graph = self._graphs.get(key, lambda: self._write_graph(*key))
        kind = Kind(request.sample_rate_hz, graph.source, request.n_best > 1)
        return VoskDecoding(self, kind, self._recogniser(kind), graph, request.n_best)

    @property
    def joint(self) -> str:
        """What stands between two words of the language."""
        return " " if self._spaced else ""

    def take_back(self, kind: Kind, recogniser: Any) -> None:
        """Keep a recogniser for the next utterance of its kind; the one that idled longest goes."""
        recogniser.Reset()
        with self._lock:
            self._idle.append((kind, recogniser))
            del self._idle[:-_IDLE_RECOGNISERS]

    def _recogniser(self, kind: Kind) -> Any:
        with self._lock:
            for place, (idle_kind, recogniser) in enumerate(self._idle):
                if idle_kind == kind:
                    del self._idle[place]
                    return recogniser
        graph = (kind.graph,) if kind.graph else ()
        made = vosk.KaldiRecognizer(self._model, float(kind.sample_rate_hz), *graph)
        made.SetWords(True)
        if kind.alternatives:
            made.SetMaxAlternatives(ALTERNATIVES)
        return made

    def _write_graph(self, grammar: str, phrases: tuple[str, ...]) -> Graph:
        listed = True
        if grammar:
            try:
                compiled = compile_source(grammar)
                phrases = compiled.phrases(_MOST_PHRASES)
            except ExpansionTooLarge:
                # Vosk strings whatever it is given together; the grammar judges the whole afterwards.
                phrases, listed = compiled.words(), False
            except GrammarError as error:
                raise BadRequest(f"the grammar cannot be used with Vosk: {error}") from error
        if not phrases:
            return Graph("", None)
        cut = partial(in_words, knows=self._knows, spaced=self._spaced)
        found = [cut(phrase) for phrase in phrases if phrase != UNKNOWN]
        self._tell({part for _, missing in found for part in missing})
        known = dict.fromkeys(words for words, missing in found if words and not missing)
        if not known:
            raise BadRequest(
                f"{self.model} knows no phrase of the grammar; write it in words of its vocabulary, or take "
                "another engine"
            )
        # Vosk drops the word for all others where its model lacks it; other speech then becomes a phrase.
        others = [UNKNOWN] if self._knows(UNKNOWN) else []
        spoken = [" ".join(words) for words in known]
        source = json.dumps([*spoken, *others], ensure_ascii=False)
        return Graph(source, frozenset(known) if listed else None)

    def _tell(self, missing: set[str]) -> None:
        """Name words that no caller can be heard to say, each once in the life of the process."""
        new = sorted(missing - self._told)
        if not new:
            return
        self._told |= missing
        _log.warning(
            "words_unknown_to_model",
            model=self.model,
            words=new[:_TOLD_WORDS],
            count=len(new),
            mend="phrases with them are never heard: say them in other words in the grammar",
        )

    def _knows(self, word: str) -> bool:
        return bool(self._model.vosk_model_find_word(word) >= 0)


class VoskDecoding:
    """One utterance on a recogniser that is given back at its end.

    With one reading asked for, the words come with Vosk's own confidences and times; with more, the
    readings share the confidence.
    """

    streams = True

    def __init__(self, engine: VoskEngine, kind: Kind, recogniser: Any, graph: Graph, n_best: int) -> None:
        self._engine = engine
        self._kind = kind
        self._recogniser = recogniser
        self._graph = graph
        self._n_best = n_best
        self._words: list[dict[str, Any]] = []
        self._readings = [Reading((), 0.0)]

    def feed(self, pcm: bytes) -> str:
        """Decode audio; all words so far. They may still change, a whole phrase of the grammar less often."""
        if self._recogniser.AcceptWaveform(pcm):
            self._gather(self._recogniser.Result())
            return self._engine.joint.join(self._ended())
        going_on = json.loads(self._recogniser.PartialResult())["partial"].split()
        return self._engine.joint.join([*self._ended(), *(word for word in going_on if word != UNKNOWN)])

    def finish(self) -> Recognition:
        """The words of the whole utterance."""
        self._gather(self._recogniser.FinalResult())
        self._engine.take_back(self._kind, self._recogniser)
        if self._kind.alternatives:
            heard = weighed(self._readings, self._graph.phrases, joint=self._engine.joint, limit=self._n_best)
            return Recognition(Hypothesis(heard, self._engine.name))
        words = [word for word in self._words if word["word"] != UNKNOWN]
        if not words:
            return Recognition(Hypothesis((), self._engine.name))
        # Unknown words count as wholly unsure, for something was said that the grammar does not hold.
        confidence = sum(word["conf"] for word in words) / len(self._words)
        text = self._engine.joint.join(word["word"] for word in words)
        best = Alternative(text, round(min(1.0, confidence), 3))
        return Recognition(Hypothesis((best,), self._engine.name), tuple(words))

    def _gather(self, result: str) -> None:
        """Add a sentence that has ended: Vosk ends them at pauses of its own measure."""
        if self._kind.alternatives:
            self._readings = joined(self._readings, read_alternatives(result))
        else:
            self._words += read_words(result)

    def _ended(self) -> list[str]:
        """The words of the sentences that have ended."""
        if self._kind.alternatives:
            return list(self._readings[0].known)
        return [word["word"] for word in self._words if word["word"] != UNKNOWN]
