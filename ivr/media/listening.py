"""One listening: speech, keys and silence race for the caller's answer, in audio time."""

from dataclasses import dataclass, field

from ivr.media.barge_in import BargeIn, BargeInRules, decide
from ivr.media.endpointing import Endpoint, Endpointer, EndpointRules
from ivr.media.frame import Frame
from ivr.media.keys import KeyCollector, KeyRules


@dataclass(frozen=True, slots=True)
class ListeningRules:
    """Everything that decides when an answer is complete."""

    endpoint: EndpointRules = field(default_factory=EndpointRules)
    keys: KeyRules = field(default_factory=KeyRules)
    barge_in: BargeInRules = field(default_factory=BargeInRules)
    barge_in_allowed: bool = True
    no_input_ms: int = 5000


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Open an utterance; audio from shortly before now belongs to it."""


@dataclass(frozen=True, slots=True)
class SpeechDropped:
    """What was opened is no answer: the prompt outlasted it, or a key was pressed."""


@dataclass(frozen=True, slots=True)
class PromptStopped:
    """The caller wants to speak or press now: silence the prompt."""

    by: str


@dataclass(frozen=True, slots=True)
class UtteranceEnded:
    """The answer is spoken. `silence_ms` of what was heard is the wait for more."""

    speech_ms: int
    silence_ms: int


@dataclass(frozen=True, slots=True)
class SpokenOver:
    """Something was said over a prompt that goes on: an answer if, and only if, it means something."""

    speech_ms: int
    silence_ms: int


@dataclass(frozen=True, slots=True)
class KeysEntered:
    """The answer is keyed."""

    keys: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoInputGiven:
    """Nothing came in time."""


ListeningEvent = (
    SpeechStarted | SpeechDropped | PromptStopped | UtteranceEnded | SpokenOver | KeysEntered | NoInputGiven
)


class Listening:
    """Feed frames, keys and the state of the prompt; get events until the answer is complete.

    The first key wins over speech at once and for good: a caller who presses has decided how to answer.
    The no-input timer runs only while no prompt plays, nobody speaks and no key was pressed.
    """

    def __init__(self, rules: ListeningRules) -> None:
        self._rules = rules
        self._endpointer = Endpointer(rules.endpoint)
        self._keys = KeyCollector(rules.keys)
        self._quiet_ms = 0
        self._verdict = BargeIn.KEEP
        self.done = False

    @property
    def in_speech(self) -> bool:
        """Whether an utterance is going on."""
        return self._endpointer.speaking

    def feed(
        self, frame: Frame, *, prompt_played_ms: int | None, floor_db: float
    ) -> tuple[ListeningEvent, ...]:
        """Take one frame. `prompt_played_ms` is None when no prompt plays; `floor_db` is the line's noise."""
        if self.done:
            return ()
        if self._keys.collecting:
            keys = self._keys.pass_time(frame.length_ms)
            return () if keys is None else self._finish(KeysEntered(keys))
        endpoint = self._endpointer.feed(frame.voiced, frame.length_ms)
        events: list[ListeningEvent] = []
        if endpoint is Endpoint.STARTED:
            self._verdict = BargeIn.KEEP
            events.append(SpeechStarted())
        if prompt_played_ms is not None and self._endpointer.speaking and self._verdict is BargeIn.KEEP:
            events.extend(self._weigh_barge_in(prompt_played_ms, floor_db))
        if endpoint is Endpoint.ENDED:
            events.extend(self._end_of_speech(prompt_played_ms is not None))
        if self._endpointer.speaking or prompt_played_ms is not None:
            self._quiet_ms = 0
        else:
            self._quiet_ms += frame.length_ms
            if self._quiet_ms >= self._rules.no_input_ms and not events:
                return self._finish(NoInputGiven())
        return tuple(events)

    def press(self, key: str, *, prompt_plays: bool) -> tuple[ListeningEvent, ...]:
        """Take one key."""
        if self.done:
            return ()
        events: list[ListeningEvent] = []
        if self._endpointer.speaking:
            events.append(SpeechDropped())
            self._endpointer = Endpointer(self._rules.endpoint)
        if prompt_plays:
            events.append(PromptStopped("keys"))
        keys = self._keys.press(key)
        if keys is not None:
            events.extend(self._finish(KeysEntered(keys)))
        return tuple(events)

    def _weigh_barge_in(self, played_ms: int, floor_db: float) -> tuple[ListeningEvent, ...]:
        self._verdict = decide(
            allowed=self._rules.barge_in_allowed,
            speech_ms=self._endpointer.speech_ms,
            played_ms=played_ms,
            floor_db=floor_db,
            rules=self._rules.barge_in,
        )
        return (PromptStopped("speech"),) if self._verdict is BargeIn.SPEECH else ()

    def _end_of_speech(self, prompt_plays: bool) -> tuple[ListeningEvent, ...]:
        speech_ms, silence_ms = self._endpointer.speech_ms, self._endpointer.silence_ms
        if not prompt_plays or self._verdict is BargeIn.SPEECH:
            return self._finish(UtteranceEnded(speech_ms, silence_ms))
        if self._verdict is BargeIn.HOTWORD:
            return (SpokenOver(speech_ms, silence_ms),)
        return (SpeechDropped(),)

    def _finish(self, event: ListeningEvent) -> tuple[ListeningEvent, ...]:
        self.done = True
        return (event,)
