"""Digits said one by one, heard one by one.

Whisper was trained on sentences: of digits with pauses between them it drops some and repeats others. So the
utterance is cut at its pauses, every piece is heard by itself as one of the grammar's digit words, and the
grammar's acceptor strings the words together. What comes out is a further reading of the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ivr.adapters.recogniser.audio import FRAMES_PER_S, WHISPER_RATE_HZ, Samples
from ivr.adapters.recogniser.pieces import join_to, split
from ivr.adapters.recogniser.recent import Recent
from ivr.adapters.recogniser.spelling import digit_spellings, figure_of, language_of
from ivr.adapters.recogniser.whisper_model import WhisperModel
from ivr.grammar.automaton import State
from ivr.grammar.compiled import CompiledGrammar

LEAST_DIGITS = 3
"""Fewer are heard well as a whole."""

_MOST_DIGITS = 24
_WINDOW_FRAMES = 200
LEAD = np.zeros(int(0.3 * WHISPER_RATE_HZ), np.float32)
"""Silence before a piece: a word at the very edge of the window is heard less surely."""

_PRIOR_SHARE = 0.6
_BEAM = 8
_LANGUAGES_KEPT = 64
_LEAST_LOG_PROB = -8.0

FIGURES = "0123456789"

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True)
class DigitWords:
    """A grammar's words for digits, and the tokens by which Whisper begins to write each of them."""

    words: tuple[str, ...]
    tokens: tuple[int, ...]
    suppressed: list[int]
    """All other tokens."""
    columns: tuple[tuple[int, ...], ...]
    """For each figure of `FIGURES` the places of its words' tokens in `tokens`."""
    counts: frozenset[int]
    """How many digits in a row the grammar takes, from `LEAST_DIGITS` on."""
    nothing_else: bool
    """Whether the grammar has no other words."""


@dataclass(frozen=True)
class Spelled:
    """One utterance heard digit by digit."""

    language: str
    log_probs: Matrix
    """Natural logarithms, of shape (digits, 10)."""
    strings: tuple[str, ...]
    """The most likely that the grammar takes, in figures, best first."""

    def log_prob(self, phrase: str) -> float:
        """Of a phrase's digits, whatever else it says; one too many or too few counts as not heard at all."""
        said = phrase.replace(" ", "") if self.language == "zh" else phrase.split()
        figures = [
            figure for word in said if (figure := word if word in FIGURES else figure_of(word, self.language))
        ]
        heard = [
            float(row[FIGURES.index(figure)]) for figure, row in zip(figures, self.log_probs, strict=False)
        ]
        return sum(heard) + _LEAST_LOG_PROB * abs(len(figures) - len(self.log_probs))


def digit_words(grammar: CompiledGrammar, language: str, whisper: WhisperModel) -> DigitWords | None:
    """The grammar's digit words; None when it takes no three digits in a row."""
    spelled = {word: digit_spellings(word, language) for word in grammar.words()}
    words = tuple(word for word, texts in spelled.items() if texts)
    counts = _counts(grammar, words)
    if not counts:
        return None
    firsts = {word: {row[0] for row in whisper.tokenise(list(spelled[word]))} for word in words}
    tokens = tuple(sorted(set().union(*firsts.values())))
    columns = tuple(
        tuple(at for at, token in enumerate(tokens) if any(token in firsts[word] for word in named))
        for named in ([word for word in words if figure_of(word, language) == figure] for figure in FIGURES)
    )
    suppressed = whisper.all_but(frozenset(tokens))
    return DigitWords(words, tokens, suppressed, columns, counts, len(words) == len(spelled))


class Piecewise:
    """Hears digits piece by piece. Safe to use from several threads."""

    def __init__(self, whisper: WhisperModel) -> None:
        """Nothing is computed yet."""
        self._whisper = whisper
        self._silences: Recent[tuple[str, tuple[int, ...]], Matrix] = Recent(_LANGUAGES_KEPT)

    def hear(
        self, samples: Samples, language: str, digits: DigitWords, grammar: CompiledGrammar
    ) -> Spelled | None:
        """About 40 ms of one core for each digit.

        None when the utterance does not fall into as many pieces as the grammar takes digits.
        """
        pieces = split(samples)
        fitting = [count for count in digits.counts if count <= len(pieces)]
        if not fitting or max(fitting) < len(pieces) - len(pieces) // 3:
            return None
        parts = [np.concatenate([LEAD, piece.cut(samples)]) for piece in join_to(pieces, max(fitting))]
        log_probs = self._log_probs(parts, language, digits)
        strings = _strings(log_probs, language, digits, grammar)
        return Spelled(language, log_probs, strings) if strings else None

    def _log_probs(self, parts: Sequence[Samples], language: str, digits: DigitWords) -> Matrix:
        silence = self._silences.get(
            (language, digits.tokens), lambda: self._logits([_silence()], language, digits)
        )
        gained = _log_softmax(self._logits(parts, language, digits)) - _PRIOR_SHARE * _log_softmax(silence)
        by_figure = [
            np.logaddexp.reduce(gained[:, list(columns)], axis=1, initial=-np.inf)
            for columns in digits.columns
        ]
        return np.maximum(_log_softmax(np.stack(by_figure, axis=1)), _LEAST_LOG_PROB)

    def _logits(self, parts: Sequence[Samples], language: str, digits: DigitWords) -> Matrix:
        encoded = self._whisper.encode_all(parts, frames=_WINDOW_FRAMES)
        return self._whisper.first_tokens(encoded, language, digits.tokens, suppressed=digits.suppressed)


def _silence() -> Samples:
    return np.zeros(_WINDOW_FRAMES * WHISPER_RATE_HZ // FRAMES_PER_S, np.float32)


def _log_softmax(logits: Matrix) -> Matrix:
    return np.asarray(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True), np.float32)


def _said_next(word: str, text: str, language: str) -> str:
    return word if language == "zh" or not text else f" {word}"


def _counts(grammar: CompiledGrammar, words: Sequence[str]) -> frozenset[int]:
    counts = set()
    states = {grammar.start()}
    for count in range(1, _MOST_DIGITS + 1):
        pieces = [
            _said_next(word, "" if count == 1 else " ", language_of(grammar.language)) for word in words
        ]
        following = {grammar.advance(state, piece) for state in states for piece in pieces}
        states = {state for state in following if state is not None}
        if count >= LEAST_DIGITS and any(grammar.is_final(state) for state in states):
            counts.add(count)
    return frozenset(counts)


def _strings(
    log_probs: Matrix, language: str, digits: DigitWords, grammar: CompiledGrammar
) -> tuple[str, ...]:
    figures = [figure_of(word, language) for word in digits.words]
    beliefs: dict[tuple[str, State], float] = {("", grammar.start()): 0.0}
    for row in log_probs:
        grown: dict[tuple[str, State], float] = {}
        for (text, state), score in beliefs.items():
            for word, figure in zip(digits.words, figures, strict=True):
                after = grammar.advance(state, _said_next(word, text, language))
                if after is not None:
                    grown[text + figure, after] = score + float(row[FIGURES.index(figure)])
        best = sorted(grown.items(), key=lambda belief: -belief[1])[:_BEAM]
        beliefs = dict(best)
    return tuple(dict.fromkeys(text for text, state in beliefs if grammar.is_final(state)))
