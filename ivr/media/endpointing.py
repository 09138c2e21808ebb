"""Endpointing: where an utterance begins and ends, counted in milliseconds of audio."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from ivr.grammar.outlook import Outlook
from ivr.media.pace import Pace

_EXTENDABLE_SHARE = 0.6
_RESUME_MS = 60
"""Speech that ends a pause: one loud frame of a noisy room does not."""


class Endpoint(Enum):
    """What a frame changed."""

    STARTED = auto()
    PAUSED = auto()
    """Speech fell silent long enough that it may be over."""
    RESUMED = auto()
    ENDED = auto()


class EndReason(StrEnum):
    """Why an utterance was taken to be over."""

    COMPLETE = "complete"
    """What was said is a whole phrase that nothing can follow."""
    PAUSED = "paused"
    """The caller has been silent for as long as what was heard asks for."""
    TIMEOUT = "timeout"
    """It had become too long."""


@dataclass(frozen=True, slots=True)
class EndpointRules:
    """Lengths in ms of audio.

    `start_ms` of speech within `start_window_ms` begin an utterance: single clicks do not, a stop
    consonant's gap does not undo it. How much silence ends it depends on what was heard; see
    `end_silence_ms`.
    """

    start_ms: int = 100
    start_window_ms: int = 200
    pause_ms: int = 200
    complete_silence_ms: int = 300
    extendable_silence_ms: int = 500
    item_silence_ms: int = 500
    """What the item asks for where the words tell nothing: more for digits and open questions."""
    unheard_silence_ms: int = 700
    """At least this while no words have come back yet: there could be no reply before them anyway."""
    incomplete_silence_ms: int = 1300
    longest_ms: int = 15_000


def end_silence_ms(outlook: Outlook | None, rules: EndpointRules, pace_ms: int) -> int:
    """Silence that ends an utterance of which `outlook` is known, None while nothing is.

    `pace_ms` is the caller's own (`Pace.wait_ms`): it stretches every wait but that after a complete phrase.
    """
    item_ms = rules.item_silence_ms
    match outlook:
        case Outlook.COMPLETE:
            return rules.complete_silence_ms
        case Outlook.EXTENDABLE:
            return max(rules.extendable_silence_ms, round(item_ms * _EXTENDABLE_SHARE), pace_ms)
        case Outlook.INCOMPLETE:
            return max(rules.incomplete_silence_ms, item_ms, pace_ms)
        case Outlook.UNSURE:
            return max(item_ms, pace_ms)
        case None:
            return max(rules.unheard_silence_ms, item_ms, pace_ms)


class Endpointer:
    """Feed frames, get endpoints. One instance per listening; no clock, no audio inside."""

    def __init__(self, rules: EndpointRules, pace: Pace | None = None) -> None:
        """`pace` is shared by all listenings of one call and learns from each."""
        self._rules = rules
        self._pace = pace or Pace()
        self._window: list[tuple[bool, int]] = []
        self._speaking = False
        self._silence_ms = 0
        self._total_ms = 0
        self._paused = False
        self._voiced_run_ms = 0
        self._outlook: Outlook | None = None
        self.end_reason = EndReason.PAUSED
        """Why the last utterance ended."""

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

    @property
    def paused(self) -> bool:
        """The utterance has fallen silent and may be over."""
        return self._speaking and self._paused

    def expect(self, outlook: Outlook) -> None:
        """The words that were said before the present pause are known; forgotten when speech goes on."""
        if self.paused:
            self._outlook = outlook

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
        self._speaking, self._paused, self._outlook = True, False, None
        self._total_ms, self._silence_ms, self._voiced_run_ms = voiced_ms, 0, 0
        self._window.clear()
        return Endpoint.STARTED

    def _within(self, is_speech: bool, length_ms: int) -> Endpoint | None:
        self._total_ms += length_ms
        self._voiced_run_ms = self._voiced_run_ms + length_ms if is_speech else 0
        if self._total_ms >= self._rules.longest_ms:
            return self._end(EndReason.TIMEOUT)
        if is_speech and not self._paused:
            self._silence_ms = 0
            return None
        if self._voiced_run_ms >= _RESUME_MS:
            return self._resume(length_ms)
        self._silence_ms += length_ms
        if not self._paused and self._silence_ms >= self._rules.pause_ms:
            self._paused = True
            return Endpoint.PAUSED
        if self._paused and self._silence_ms >= self._wait_ms() and not is_speech:
            return self._end(EndReason.COMPLETE if self._outlook is Outlook.COMPLETE else EndReason.PAUSED)
        return None

    def _wait_ms(self) -> int:
        return end_silence_ms(self._outlook, self._rules, self._pace.wait_ms)

    def _resume(self, length_ms: int) -> Endpoint:
        self._pace.went_on_after(self._silence_ms - (self._voiced_run_ms - length_ms))
        self._paused, self._outlook, self._silence_ms = False, None, 0
        return Endpoint.RESUMED

    def _end(self, reason: EndReason) -> Endpoint:
        self._speaking, self.end_reason = False, reason
        return Endpoint.ENDED
