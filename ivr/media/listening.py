"""One listening: speech, keys and silence race for the caller's answer, in audio time."""

from dataclasses import dataclass, field

from ivr.grammar.outlook import Outlook
from ivr.media.barge_in import BargeIn, BargeInRules, Overheard, Reason, Verdict, decide
from ivr.media.echo import EchoGauge
from ivr.media.endpointing import Endpoint, Endpointer, EndpointRules, EndReason
from ivr.media.frame import Frame
from ivr.media.keys import KeyCollector, KeyRules
from ivr.media.pace import Pace

_UNJUDGED = Verdict(BargeIn.KEEP, Reason.TOO_SHORT)


@dataclass(frozen=True, slots=True)
class ListeningRules:
    """Everything that decides when an answer is complete."""

    endpoint: EndpointRules = field(default_factory=EndpointRules)
    keys: KeyRules = field(default_factory=KeyRules)
    barge_in: BargeInRules = field(default_factory=BargeInRules)
    barge_in_allowed: bool = True
    no_input_ms: int = 5000


@dataclass(frozen=True, slots=True)
class Prompt:
    """The prompt that plays at this moment."""

    played_ms: int
    statement: bool = False
    """Whether this part of it tells something, rather than asking."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Open an utterance; audio from shortly before now belongs to it."""


@dataclass(frozen=True, slots=True)
class SpeechDropped:
    """What was opened is no answer: a key was pressed, or the prompt was kept and outlasted it."""

    reason: Reason | None = None
    """Why the prompt was kept."""


@dataclass(frozen=True, slots=True)
class PromptStopped:
    """The caller wants to speak or press now: silence the prompt."""

    by: str
    statement: bool = False
    """Whether it was telling something."""


@dataclass(frozen=True, slots=True)
class UtteranceEnded:
    """The answer is spoken. `silence_ms` of what was heard is the wait for more."""

    speech_ms: int
    silence_ms: int
    reason: EndReason


@dataclass(frozen=True, slots=True)
class SpokenOver:
    """Something was said over a prompt that goes on: an answer if, and only if, it means something."""

    speech_ms: int
    silence_ms: int
    reason: Reason
    """`back_channel` or `noisy_line`: why the prompt was not stopped at once."""


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

    def __init__(
        self, rules: ListeningRules, *, pace: Pace | None = None, echo: EchoGauge | None = None
    ) -> None:
        """`pace` and `echo` belong to the whole call; without them this listening begins with its own."""
        self._rules = rules
        self._pace = pace or Pace()
        self._echo = echo or EchoGauge()
        self._endpointer = Endpointer(rules.endpoint, self._pace)
        self._keys = KeyCollector(rules.keys)
        self._quiet_ms = 0
        self._sound = _Sound()
        self._verdict = _UNJUDGED
        self.done = False

    @property
    def in_speech(self) -> bool:
        """Whether an utterance is going on."""
        return self._endpointer.speaking

    @property
    def paused(self) -> bool:
        """Whether the utterance has fallen silent, and the words so far would tell how long to wait."""
        return self._endpointer.paused

    @property
    def decided(self) -> bool:
        """Whether the utterance has proved to be somebody who wants to speak."""
        return self._verdict.barge_in is BargeIn.SPEECH

    @property
    def silence_ms(self) -> int:
        """Silence since the last speech of the utterance."""
        return self._endpointer.silence_ms

    def expect(self, outlook: Outlook) -> None:
        """The words before the present pause are known."""
        self._endpointer.expect(outlook)

    def feed(self, frame: Frame, *, prompt: Prompt | None, floor_db: float) -> tuple[ListeningEvent, ...]:
        """Take one frame. `prompt` is None when none plays; `floor_db` is the line's noise."""
        if self.done:
            return ()
        self._echo.feed(frame.level_db, frame.own_level_db)
        if self._keys.collecting:
            keys = self._keys.pass_time(frame.length_ms)
            return () if keys is None else self._finish(KeysEntered(keys))
        endpoint = self._endpointer.feed(frame.voiced, frame.length_ms)
        events: list[ListeningEvent] = []
        if endpoint is Endpoint.STARTED:
            self._verdict, self._sound = _UNJUDGED, _Sound()
            events.append(SpeechStarted())
        if self._endpointer.speaking:
            self._sound.add(frame)
        if prompt is not None and self._endpointer.speaking and not self.decided:
            events.extend(self._weigh_barge_in(prompt, floor_db))
        if endpoint is Endpoint.ENDED:
            events.extend(self._end_of_speech(prompt is not None))
        if self._endpointer.speaking or prompt is not None:
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
            self._endpointer = Endpointer(self._rules.endpoint, self._pace)
        if prompt_plays:
            events.append(PromptStopped("keys"))
        keys = self._keys.press(key)
        if keys is not None:
            events.extend(self._finish(KeysEntered(keys)))
        return tuple(events)

    def _weigh_barge_in(self, prompt: Prompt, floor_db: float) -> tuple[ListeningEvent, ...]:
        heard = Overheard(
            speech_ms=self._endpointer.speech_ms,
            played_ms=prompt.played_ms,
            floor_db=floor_db,
            confirmed_ms=self._sound.confirmed_ms,
            echo=self._echo.likeness,
            spread_db=self._sound.spread_db,
            statement=prompt.statement,
        )
        self._verdict = decide(heard, self._rules.barge_in, allowed=self._rules.barge_in_allowed)
        if self._verdict.barge_in is not BargeIn.SPEECH:
            return ()
        return (PromptStopped("speech", prompt.statement),)

    def _end_of_speech(self, prompt_plays: bool) -> tuple[ListeningEvent, ...]:
        speech_ms, silence_ms = self._endpointer.speech_ms, self._endpointer.silence_ms
        verdict = self._verdict
        if verdict.reason is Reason.ECHO:
            return (SpeechDropped(Reason.ECHO),)
        if not prompt_plays or verdict.barge_in is BargeIn.SPEECH:
            return self._finish(UtteranceEnded(speech_ms, silence_ms, self._endpointer.end_reason))
        if verdict.barge_in is BargeIn.HOTWORD:
            return (SpokenOver(speech_ms, silence_ms, verdict.reason),)
        return (SpeechDropped(verdict.reason),)

    def _finish(self, event: ListeningEvent) -> tuple[ListeningEvent, ...]:
        self.done = True
        return (event,)


class _Sound:
    """What was measured on the utterance so far."""

    def __init__(self) -> None:
        self.confirmed_ms: int | None = None
        self._loudest_db = -100.0
        self._softest_db = 0.0

    @property
    def spread_db(self) -> float:
        """Between the loudest and the softest voiced frame."""
        return max(self._loudest_db - self._softest_db, 0.0)

    def add(self, frame: Frame) -> None:
        """Take one frame of the utterance."""
        if frame.confirmed is not None:
            self.confirmed_ms = (self.confirmed_ms or 0) + frame.length_ms * frame.confirmed
        if frame.voiced:
            self._loudest_db = max(self._loudest_db, frame.level_db)
            self._softest_db = min(self._softest_db, frame.level_db)
