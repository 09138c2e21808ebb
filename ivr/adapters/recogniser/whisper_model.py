"""Whisper through CTranslate2: encode once, search within a set of tokens, score given texts, read freely."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import numpy as np
import numpy.typing as npt
import tokenizers

from ivr.adapters.recogniser.audio import Samples, log_mel, window_frames

_LEAST_PROBABILITY = 1e-8
_FIRST_MERGE = ["\u0120", "t"]
_ALIGNED_HOPS = 2
_WITHIN_WORD = re.compile(r"^[A-Za-z'][A-Za-z']$")


@dataclass(frozen=True, slots=True)
class Encoded:
    """Windows of speech as the decoder sees them: (count, frames / 2, width)."""

    states: npt.NDArray[np.float32]
    frames: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Tokens that the search found, with their mean log-probability among the tokens that were allowed."""

    tokens: tuple[int, ...]
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Span:
    """A word or a character of a text, and where in the window it is, in hops of 10 ms."""

    text: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Fit:
    """A text held against a window: its log-probability among all texts, and where its words are."""

    log_prob: float
    spans: tuple[Span, ...]


def load_tokenizer(path: Path) -> tokenizers.Tokenizer:
    """A byte-pair tokeniser, whole. Raises `RuntimeError` when the file is damaged.

    The multilingual tokenizer.json in circulation lacks the first of GPT-2's merges, the one of a space and
    a `t`: "to" and "the" then fall into letters that Whisper never writes, and every phrase with a word
    in t- scores as noise.
    """
    try:
        spec = json.loads(path.read_text("utf-8"))
        merges, vocabulary = spec["model"]["merges"], spec["model"]["vocab"]
    except (OSError, ValueError, KeyError) as error:
        raise RuntimeError(f"{path} is no tokenizer: {error}") from error
    first = _FIRST_MERGE if merges and isinstance(merges[0], list) else " ".join(_FIRST_MERGE)
    if "".join(_FIRST_MERGE) in vocabulary and first not in merges:
        merges.insert(0, first)
    return tokenizers.Tokenizer.from_str(json.dumps(spec))


class WhisperModel:
    """A multilingual Whisper model. Computes outside the GIL; safe to use from `threads` threads at once."""

    def __init__(self, model_dir: Path, *, threads: int) -> None:
        """Load the model, about 80 MB with int8 weights. Raises `RuntimeError` when it is damaged."""
        self._model = ctranslate2.models.Whisper(
            str(model_dir), device="cpu", compute_type="int8", inter_threads=threads, intra_threads=1
        )
        self._tokenizer = load_tokenizer(model_dir / "tokenizer.json")
        self._end = self._token("<|endoftext|>")
        self._vocabulary = self._tokenizer.get_vocab_size()

    def tokenise(self, texts: list[str]) -> list[list[int]]:
        """Token ids of each text, without special tokens."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch(texts, add_special_tokens=False)]

    def all_but(self, tokens: frozenset[int]) -> list[int]:
        """Every token but these and the end: what `search` is to suppress."""
        kept = tokens | {self._end}
        return [token for token in range(self._vocabulary) if token not in kept]

    def encode(self, samples: Samples, *, frames: int | None = None) -> Encoded:
        """Encode up to 30 s, in a window that suits the samples unless `frames` names another.

        About 45 ms for the first 3 s on one core, 75 ms for 5 s.
        """
        return self.encode_all([samples], frames=frames or window_frames(samples))

    def encode_all(self, pieces: Sequence[Samples], *, frames: int) -> Encoded:
        """Encode several pieces, each in a window of its own; about 25 ms each for windows of 2 s."""
        features = np.concatenate([log_mel(piece, frames) for piece in pieces])
        states = self._model.encode(ctranslate2.StorageView.from_array(features), to_cpu=True)
        return Encoded(np.asarray(states), frames)

    def search(
        self, encoded: Encoded, language: str, *, suppressed: list[int], max_tokens: int, beam: int
    ) -> tuple[list[Reading], float]:
        """The `beam` best readings without the suppressed tokens, and the probability of no speech."""
        start = self._start(language)
        result = self._model.generate(
            ctranslate2.StorageView.from_array(encoded.states),
            [start],
            beam_size=beam,
            num_hypotheses=beam,
            max_length=max(len(start) + max_tokens + 1, 2 * len(start)),
            suppress_tokens=suppressed,
            suppress_blank=False,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        readings = [
            Reading(tuple(tokens), self._decode(tokens), score)
            for tokens, score in zip(result.sequences_ids, result.scores, strict=True)
        ]
        return readings, float(result.no_speech_prob)

    def first_tokens(
        self, encoded: Encoded, language: str, tokens: Sequence[int], *, suppressed: list[int]
    ) -> npt.NDArray[np.float32]:
        """How likely each token is to begin the text of each window: logits of shape (windows, tokens).

        `suppressed` holds every other token.
        """
        start = self._start(language)
        results = self._model.generate(
            ctranslate2.StorageView.from_array(encoded.states),
            [start] * len(encoded.states),
            beam_size=1,
            max_length=2 * len(start),
            suppress_tokens=suppressed,
            suppress_blank=False,
            return_logits_vocab=True,
        )
        return np.stack([np.asarray(result.logits[0][0], np.float32)[list(tokens)] for result in results])

    def fits(self, encoded: Encoded, language: str, texts: Sequence[Sequence[int]]) -> list[Fit]:
        """How well each text, given as tokens, fits the one window; 10 to 15 ms for each."""
        states = np.ascontiguousarray(np.repeat(encoded.states, len(texts), axis=0))
        aligned = self._model.align(
            ctranslate2.StorageView.from_array(states),
            self._start(language)[:-1],
            [list(text) for text in texts],
            [encoded.frames] * len(texts),
        )
        return [
            Fit(
                float(np.log(np.maximum(result.text_token_probs, _LEAST_PROBABILITY)).sum()),
                self._spans(text, result.alignments),
            )
            for text, result in zip(texts, aligned, strict=True)
        ]

    def log_probs(self, encoded: Encoded, language: str, texts: Sequence[Sequence[int]]) -> list[float]:
        """The log-probability of each text, given as tokens, among all texts; 10 to 15 ms for each."""
        return [fit.log_prob for fit in self.fits(encoded, language, texts)]

    def _spans(self, text: Sequence[int], alignments: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
        begins: dict[int, int] = {}
        for place, at in alignments:
            begins.setdefault(place, at * _ALIGNED_HOPS)
        pieces = [str(self._tokenizer.decode([token])) for token in text]
        spans = []
        first = 0
        for after in range(1, len(text) + 1):
            written = str(self._tokenizer.decode(list(text[first:after])))
            if "\ufffd" in written or (
                after < len(text) and _WITHIN_WORD.search(written[-1:] + pieces[after][:1])
            ):
                continue
            if written.strip():
                spans.append(Span(written.strip(), begins[first], begins[after]))
            first = after
        return tuple(spans)

    def read(
        self, encoded: Encoded, language: str, *, prompt: str, max_tokens: int, beam: int
    ) -> tuple[str, float]:
        """Free reading at temperature 0: text and mean log-probability."""
        before = [self._token("<|startofprev|>"), *self.tokenise([prompt])[0]] if prompt else []
        start = [*before, *self._start(language)]
        result = self._model.generate(
            ctranslate2.StorageView.from_array(encoded.states),
            [start],
            beam_size=beam,
            max_length=max(len(start) + max_tokens + 1, 2 * len(start)),
            return_scores=True,
        )[0]
        return self._decode(result.sequences_ids[0]), float(result.scores[0])

    def no_speech(self, encoded: Encoded, language: str) -> float:
        """The probability that a window holds no speech, as `search` gives it too; about 15 ms."""
        start = self._start(language)
        result = self._model.generate(
            ctranslate2.StorageView.from_array(encoded.states),
            [start],
            beam_size=1,
            max_length=2 * len(start),
            return_no_speech_prob=True,
        )[0]
        return float(result.no_speech_prob)

    def knows(self, language: str) -> bool:
        """Whether the model has a token for the language."""
        return self._tokenizer.token_to_id(f"<|{language}|>") is not None

    def _start(self, language: str) -> list[int]:
        names = ("<|startoftranscript|>", f"<|{language}|>", "<|transcribe|>", "<|notimestamps|>")
        return [self._token(name) for name in names]

    def _token(self, name: str) -> int:
        token = self._tokenizer.token_to_id(name)
        if token is None:
            raise RuntimeError(f"the model has no token {name}; it is not a multilingual Whisper model")
        return int(token)

    def _decode(self, tokens: Sequence[int]) -> str:
        # A search may end inside a character of several tokens.
        return str(self._tokenizer.decode(list(tokens))).replace("\ufffd", "")
