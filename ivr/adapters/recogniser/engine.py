"""What a recognition engine is to the server: something that opens decodings, from worker threads."""

from dataclasses import dataclass
from typing import Any, Protocol

from ivr.grammar.result import Hypothesis


@dataclass(frozen=True, slots=True)
class Request:
    """What one utterance is to be recognised against. Neither grammar nor phrases means free speech."""

    locale: str
    sample_rate_hz: int
    grammar: str = ""
    """Self-contained SRGS ABNF text; it wins over `phrases`."""
    phrases: tuple[str, ...] = ()
    n_best: int = 5
    open: bool = False
    """Whether sentences outside the grammar are wanted as well."""

    @property
    def is_free(self) -> bool:
        """Whether anything may be said."""
        return not self.grammar and not self.phrases


@dataclass(frozen=True, slots=True)
class Recognition:
    """An engine's last word on an utterance; `words` as vosk-server's `result` where the engine has it."""

    hypothesis: Hypothesis
    words: tuple[dict[str, Any], ...] = ()


class BadRequest(Exception):
    """The request cannot be served; the message says why and what would mend it."""


class Decoding(Protocol):
    """One utterance inside an engine. Its methods block, and may be called from any thread."""

    @property
    def streams(self) -> bool:
        """Whether it decodes while audio comes in; then each call waits for the one before.

        If not, `feed` returns at once, and `finish` may be called early, repeatedly, and beside `feed`.
        """
        ...

    def feed(self, pcm: bytes) -> str:
        """Take 16-bit mono PCM; the words so far, empty when the engine does not stream."""
        ...

    def finish(self) -> Recognition:
        """Recognise all audio fed so far."""
        ...


class Engine(Protocol):
    """A recogniser with its models in memory. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """`vosk` or `whisper`."""
        ...

    @property
    def model(self) -> str:
        """The model's name."""
        ...

    def open(self, request: Request) -> Decoding:
        """Start an utterance; blocks while a grammar is compiled for the first time. Raises `BadRequest`."""
        ...
