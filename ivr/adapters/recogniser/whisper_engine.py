"""Whisper within a grammar.

A search among the grammar's tokens (in any order) says what was heard, for spaced digits also a hearing of
each by itself; the grammar's phrases that sound most like it, two for each meaning, are then scored exactly.
The result is always a phrase of the grammar, beside a free reading where the request is open.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ivr.adapters.recogniser.audio import FRAMES_PER_S, WHISPER_RATE_HZ, Samples, to_samples
from ivr.adapters.recogniser.beside import beside_sentence
from ivr.adapters.recogniser.candidates import (
    DISTANCE_COST,
    MOST_SCORED,
    Candidate,
    nearest_phrases,
)
from ivr.adapters.recogniser.confidence import SURE, Scored, weigh
from ivr.adapters.recogniser.engine import BadRequest, Recognition, Request
from ivr.adapters.recogniser.free_reading import SPARE_TOKENS, TOKENS_PER_S, FreeReader
from ivr.adapters.recogniser.loops import with_cut_loops
from ivr.adapters.recogniser.nearest_path import nearest_paths
from ivr.adapters.recogniser.phrase_index import sound_distance
from ivr.adapters.recogniser.pieces import Loud, loud_hops, stretches
from ivr.adapters.recogniser.piecewise import LEAD, DigitWords, Piecewise, Spelled, digit_words
from ivr.adapters.recogniser.prior import Priors
from ivr.adapters.recogniser.recent import Recent
from ivr.adapters.recogniser.scope import Scope, build_scope
from ivr.adapters.recogniser.soundless import soundless
from ivr.adapters.recogniser.spelling import language_of, mostly_digits, spaced_figures, spellings
from ivr.adapters.recogniser.whisper_model import Encoded, Reading, WhisperModel
from ivr.grammar.result import Alternative, Hypothesis
from ivr.grammar.text import normalise

_BEAM = 6
_SCORED_AT_ONCE = 4
_MORE_SCORED = 4
_RESCORED_BELOW = 0.8
"""Of the best confidence: below it the next few phrases are scored too."""

_LONGEST_S = 15
"""Of a longer utterance within a grammar the rest is not heard: callers' ears end it there, and noise without
an end would cost seconds."""

_STRINGS_TRIED = 3
_LONG_PAUSE_S = 0.4
_LEAST_PARTS, _MOST_PARTS = 2, 4
"""Of a number with long pauses. More pauses are between single digits, which are heard otherwise."""

_READINGS_FOLLOWED = 5
_SCOPES_KEPT = 24


@dataclass(frozen=True)
class Compiled:
    """A grammar ready for use."""

    scope: Scope
    suppressed: list[int]
    """Tokens that none of its phrases has."""
    digits: DigitWords | None
    """Its words for digits, where several may stand in a row."""


class WhisperEngine:
    """One model, many grammars. Grammars are compiled when first met and remembered."""

    name = "whisper"

    def __init__(self, model_dir: Path, *, threads: int) -> None:
        """Load the model of `model_dir`. Raises `RuntimeError` when it is damaged."""
        self.model = model_dir.name
        self.whisper = WhisperModel(model_dir, threads=threads)
        self.priors = Priors(self.whisper)
        self.piecewise = Piecewise(self.whisper)
        self.reader = FreeReader(self.whisper)
        self._scopes: Recent[tuple[str, str, tuple[str, ...]], Compiled] = Recent(_SCOPES_KEPT)

    def open(self, request: Request) -> "WhisperDecoding":
        """Start an utterance. Raises `BadRequest` on an unknown language or a faulty grammar."""
        if not self.whisper.knows(language_of(request.locale)):
            raise BadRequest(f"{self.model} does not know the language of {request.locale}")
        if request.is_free:
            return WhisperDecoding(self, request, None)
        key = (request.locale, request.grammar, request.phrases)
        compiled = self._scopes.get(key, lambda: self._compile(request))
        return WhisperDecoding(self, request, compiled)

    def _compile(self, request: Request) -> Compiled:
        scope = build_scope(request, self.whisper.tokenise)
        digits = digit_words(scope.grammar, scope.language, self.whisper) if scope.grammar else None
        return Compiled(scope, self.whisper.all_but(scope.tokens), digits)


class WhisperDecoding:
    """One utterance: audio is gathered, and recognised as often as `finish` is called."""

    streams = False

    def __init__(
        self,
        engine: WhisperEngine,
        request: Request,
        compiled: Compiled | None,
    ) -> None:
        self._engine = engine
        self._request = request
        self._language = language_of(request.locale)
        self._compiled = compiled
        self._pcm = bytearray()

    def feed(self, pcm: bytes) -> str:
        """Gather audio; there are no words before the end."""
        self._pcm += pcm
        return ""

    def finish(self) -> Recognition:
        """Recognise all audio so far: 0.15 to 0.3 s of one core, 40 ms more for each spaced digit."""
        samples = to_samples(bytes(self._pcm), self._request.sample_rate_hz)
        if not len(samples):
            return Recognition(Hypothesis((), "whisper"))
        if self._compiled is None:
            read = self._engine.reader.read(samples, self._language)
            return Recognition(Hypothesis((read,) if read else (), "whisper"))
        heard = samples[: _LONGEST_S * WHISPER_RATE_HZ]
        return Recognition(Hypothesis(self._recognise(heard, self._compiled), "whisper"))

    def evidence(self) -> tuple[list[Scored], float]:
        """What the confidence is made of: phrases scored, each with a free reading beside it, and no-speech.

        Only of a request with a grammar or phrases; the confidence is fitted on it.
        """
        assert self._compiled is not None
        samples = to_samples(bytes(self._pcm), self._request.sample_rate_hz)
        encoded = self._engine.whisper.encode(samples)
        scored, no_speech, _ = self._hear(samples, encoded, self._compiled)
        return self._beside_reading(encoded, scored, _seconds(samples)), no_speech

    def _recognise(self, samples: Samples, compiled: Compiled) -> tuple[Alternative, ...]:
        """The grammar's readings; where the request is open the free one too, by its own confidence."""
        encoded = self._engine.whisper.encode(samples)
        weighed, no_speech = self._weigh(samples, encoded, compiled)
        found = weighed[: max(1, self._request.n_best)]
        if self._request.open:
            read = self._engine.reader.read_window(
                encoded, self._language, no_speech=no_speech, heard_s=_seconds(samples)
            )
            if read is not None:
                found = beside_sentence(found, read, self._language)
        return found

    def _weigh(
        self, samples: Samples, encoded: Encoded, compiled: Compiled
    ) -> tuple[tuple[Alternative, ...], float]:
        """The grammar's readings, best first, and the probability that nobody spoke."""
        scored, no_speech, spelled = self._hear(samples, encoded, compiled)
        weighed = weigh(scored, no_speech)
        sure = bool(weighed) and weighed[0].confidence >= SURE
        # Digits heard one by one have had their second hearing.
        if scored and not sure and spelled is None:
            weighed = weigh(self._beside_reading(encoded, scored, _seconds(samples)), no_speech)
        return weighed, no_speech

    def _beside_reading(self, encoded: Encoded, scored: Sequence[Scored], heard_s: float) -> list[Scored]:
        words = self._engine.reader.glimpse(encoded, self._language, heard_s=heard_s)
        return [
            replace(candidate, apart=sound_distance(candidate.phrase, words, self._language))
            for candidate in scored
        ]

    def _hear(
        self, samples: Samples, encoded: Encoded, compiled: Compiled
    ) -> tuple[list[Scored], float, Spelled | None]:
        """The likeliest phrases scored, the probability that nobody spoke, and the digits heard singly."""
        scope = compiled.scope
        heard_s = min(_seconds(samples), encoded.frames / FRAMES_PER_S)
        readings, no_speech = self._engine.whisper.search(
            encoded,
            self._language,
            suppressed=compiled.suppressed,
            max_tokens=min(scope.longest, SPARE_TOKENS + int(TOKENS_PER_S * heard_s)),
            beam=_BEAM,
        )
        spelled = self._spell(samples, compiled, readings)
        readings = with_cut_loops(readings)
        by_digits = self._spelled_readings(spelled) if spelled else []
        candidates = self._candidates(readings, by_digits, scope)[:_SCORED_AT_ONCE]
        loud = loud_hops(samples)
        scored = self._score(encoded, loud, candidates, scope, spelled)
        weighed = weigh(scored, no_speech)
        if not weighed or weighed[0].confidence < _RESCORED_BELOW:
            parts = self._parts(samples, compiled) if spelled is None and compiled.digits else []
            known = {phrase for phrase, _, _ in candidates}
            others = self._candidates(with_cut_loops([*parts, *readings]), by_digits, scope)
            more = [other for other in others if other[0] not in known][:_MORE_SCORED]
            scored += self._score(encoded, loud, more, scope, spelled)
        return scored, no_speech, spelled

    def _candidates(
        self, readings: Sequence[Reading], by_digits: Sequence[Reading], scope: Scope
    ) -> list[Candidate]:
        if scope.listed:
            return nearest_phrases([*readings, *by_digits], scope)
        return self._nearest_paths(readings, by_digits, scope)

    def _spell(self, samples: Samples, compiled: Compiled, readings: Sequence[Reading]) -> Spelled | None:
        grammar, digits = compiled.scope.grammar, compiled.digits
        if grammar is None or digits is None:
            return None
        if not digits.nothing_else and not any(mostly_digits(r.text, self._language) for r in readings):
            return None
        return self._engine.piecewise.hear(samples, self._language, digits, grammar)

    def _parts(self, samples: Samples, compiled: Compiled) -> list[Reading]:
        """What is heard between long pauses, each part by itself: 0.06 to 0.1 s of one core for each."""
        parts = stretches(samples, least_pause_s=_LONG_PAUSE_S, most=_MOST_PARTS)
        if len(parts) < _LEAST_PARTS:
            return []
        found = []
        for part in parts:
            led = np.concatenate([LEAD, part])
            readings, _ = self._engine.whisper.search(
                self._engine.whisper.encode(led),
                self._language,
                suppressed=compiled.suppressed,
                max_tokens=SPARE_TOKENS + int(TOKENS_PER_S * _seconds(part)),
                beam=_BEAM,
            )
            found.append(readings[0])
        text = ("" if self._language == "zh" else " ").join(reading.text for reading in found)
        tokens = tuple(token for reading in found for token in reading.tokens)
        return [Reading(tokens, text, sum(reading.score for reading in found) / len(found))]

    def _spelled_readings(self, spelled: Spelled) -> list[Reading]:
        texts = [spaced_figures(string, self._language) for string in spelled.strings[:_STRINGS_TRIED]]
        return [
            Reading(tuple(tokens), text, spelled.log_prob(text.strip()) / len(spelled.log_probs))
            for text, tokens in zip(texts, self._engine.whisper.tokenise(texts), strict=True)
        ]

    def _nearest_paths(
        self, readings: Sequence[Reading], by_digits: Sequence[Reading], scope: Scope
    ) -> list[Candidate]:
        """Of a grammar too large to list: what was heard digit by digit, and what sounds like the rest."""
        assert scope.grammar is not None
        spelled = [normalise(reading.text, self._language) for reading in by_digits]
        distances = {phrase: 0.0 for phrase in spelled if scope.meaning(phrase) is not None}
        costs = dict.fromkeys(distances, -math.inf)
        for reading in readings[:_READINGS_FOLLOWED]:
            for phrase, distance in nearest_paths(reading.text, scope.grammar, self._language):
                costs[phrase] = min(costs.get(phrase, math.inf), DISTANCE_COST * distance - reading.score)
                distances[phrase] = min(distances.get(phrase, 1.0), distance)
        phrases = sorted(costs, key=costs.__getitem__)[:MOST_SCORED]
        written = {reading.tokens for reading in (*by_digits, *readings)}
        candidates = []
        for phrase in phrases:
            ways = [
                tuple(row) for row in self._engine.whisper.tokenise(list(spellings(phrase, self._language)))
            ]
            tokens = next((way for way in ways if way in written), ways[0])
            candidates.append((phrase, tokens, distances[phrase]))
        return candidates

    def _score(
        self,
        encoded: Encoded,
        loud: Loud,
        candidates: Sequence[Candidate],
        scope: Scope,
        spelled: Spelled | None,
    ) -> list[Scored]:
        if not candidates:
            return []
        texts = [tokens for _, tokens, _ in candidates]
        fits = self._engine.whisper.fits(encoded, self._language, texts)
        priors = self._engine.priors.of(self._language, texts)
        return [
            Scored(
                phrase,
                scope.meaning(phrase) or phrase,
                fit.log_prob,
                prior,
                len(tokens),
                distance,
                soundless(fit.spans, loud),
                spelled.log_prob(phrase) if spelled else 0.0,
            )
            for (phrase, tokens, distance), fit, prior in zip(candidates, fits, priors, strict=True)
        ]


def _seconds(samples: Samples) -> float:
    return len(samples) / WHISPER_RATE_HZ
