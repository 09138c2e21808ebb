"""Endpointing: where an utterance begins and ends, counted in milliseconds of audio."""

from dataclasses import dataclass
from enum import Enum, auto


class Endpoint(Enum):
    """What a frame changed."""

    STARTED = auto()
    PAUSED = auto()
    """Speech fell silent long enough that it may be over."""
    RESUMED = auto()
    ENDED = auto()


@dataclass(frozen=True, slots=True)
class EndpointRules:
    """Lengths in ms of audio.

    `start_ms` of speech within `start_window_ms` begin an utterance: single clicks do not, a stop
    consonant's gap does not undo it. `end_silence_ms` without speech ends it.
    """

    start_ms: int = 100
    start_window_ms: int = 200
    pause_ms: int = 200
    end_silence_ms: int = 500
    longest_ms: int = 15_000


class Endpointer:
    """Feed frames, get endpoints. One instance per listening; no clock, no audio inside."""

    def __init__(self, rules: EndpointRules) -> None:
        self._rules = rules
        self._window: list[tuple[bool, int]] = []
        self._speaking = False
        self._silence_ms = 0
        self._total_ms = 0
        self._paused = False

    @property
    def speaking(self) -> bool:
        """An utterance has begun and has not ended."""
        return self._speaking

    @property
    def speech_ms(self) -> int:
        """Length of the utterance so far, the silence at its end left out."""
        return self._total_ms - self._silence_ms

    @property
    def silence_ms(self) -> int:
        """Silence since the last speech of the utterance."""
        return self._silence_ms

    def feed(self, is_speech: bool, length_ms: int) -> Endpoint | None:
        """Take one frame."""
        return self._within(is_speech, length_ms) if self._speaking else self._before(is_speech, length_ms)

    def _before(self, is_speech: bool, length_ms: int) -> Endpoint | None:
        self._window.append((is_speech, length_ms))
        while sum(ms for _, ms in self._window) > self._rules.start_window_ms:
            self._window.pop(0)
        voiced_ms = sum(ms for voiced, ms in self._window if voiced)
        if voiced_ms < self._rules.start_ms:
            return None
        self._speaking, self._paused = True, False
        self._total_ms, self._silence_ms = voiced_ms, 0
        self._window.clear()
        return Endpoint.STARTED

    def _within(self, is_speech: bool, length_ms: int) -> Endpoint | None:
        self._total_ms += length_ms
        if self._total_ms >= self._rules.longest_ms:
            return self._end()
        if is_speech:
            self._silence_ms = 0
            if self._paused:
                self._paused = False
                return Endpoint.RESUMED
            return None
        self._silence_ms += length_ms
        if self._silence_ms >= self._rules.end_silence_ms:
            return self._end()
        if not self._paused and self._silence_ms >= self._rules.pause_ms:
            self._paused = True
            return Endpoint.PAUSED
        return None

    def _end(self) -> Endpoint:
        self._speaking = False
        return Endpoint.ENDED
