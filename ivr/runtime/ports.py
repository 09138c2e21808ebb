"""What a call needs to be heard and spoken; adapters and in-memory fakes pass the same contract tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.calls.sip import Invite, LineEvent
from ivr.calls.speech import Clip, Recording, Say
from ivr.dialogue.state import Consult, Consulted
from ivr.grammar.outlook import Outlook
from ivr.grammar.result import Hypothesis, Interpretation, Match
from ivr.media.frame import Frame


class Clock(Protocol):
    """The time of day. Audio rules never ask it: they count frames."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class Playback(Protocol):
    """A clip that is being played to the caller."""

    @property
    def duration_ms(self) -> int:
        """Length of the clip."""
        ...

    @property
    def played_ms(self) -> int:
        """How far into it what has gone out reaches, counted in audio time."""
        ...

    def stop(self) -> None:
        """Silence it now. Stopping twice, or after its end, does nothing."""
        ...


class Line(Protocol):
    """One leg: signalling and audio. Events come in order; `Disconnected` is the last."""

    @property
    def invite(self) -> Invite:
        """The INVITE that opened the line."""
        ...

    @property
    def sample_rate_hz(self) -> int:
        """Rate of `AudioReceived` and of the clips it plays."""
        ...

    @property
    def codec(self) -> str:
        """The negotiated codec, such as `PCMA/8000`; empty before the answer."""
        ...

    async def next_event(self) -> LineEvent:
        """Wait for the next event. After `Disconnected` it must not be called again."""
        ...

    async def answer(self) -> None:
        """Answer with 200; returns when media flows. Raises `LineLost` when the caller went away first."""
        ...

    async def reject(self, sip_code: int, *, retry_after_s: int | None = None) -> None:
        """Refuse an unanswered call."""
        ...

    async def play(self, clip: Clip, *, from_ms: int = 0) -> Playback:
        """Start playing a clip, from `from_ms` on, replacing any that still plays. Raises `LineLost`."""
        ...

    async def send_keys(self, keys: str) -> None:
        """Press DTMF keys by RFC 4733, 100 ms each; returns when the last is up. Raises `LineLost`."""
        ...

    async def transfer(self, target_uri: str) -> None:
        """Send a blind REFER; progress comes as `TransferProgress`. Raises `LineLost`."""
        ...

    async def hangup(self) -> None:
        """End the leg whatever its state. Doing it twice does nothing."""
        ...


class DialledLine(Line, Protocol):
    """A leg that we dialled; `Answered` tells when the far end took it.

    In `AudioReceived`, `caller` is always the far end and `bot` is always us.
    """

    async def play_background(self, clip: Clip) -> None:
        """Loop a clip under everything we send until the leg ends: a noisy room. Raises `LineLost`."""
        ...


class SipEndpoint(Protocol):
    """The SIP stack of one process."""

    @property
    def capacity(self) -> int:
        """How many lines the installed SIP library allows, asked of it at start."""
        ...

    async def next_line(self) -> Line:
        """Wait for the next admitted incoming INVITE. Ringing has been sent, nothing more."""
        ...

    async def dial(
        self, target_uri: str, *, from_user: str = "", headers: Sequence[tuple[str, str]] = ()
    ) -> DialledLine:
        """Send an INVITE; returns at once, the line's events tell the rest. Raises `NoFreeLine`.

        `from_user` is the user part of From (a telephone number); empty means the endpoint's own identity.
        """
        ...


class LineLost(Exception):
    """The leg ended before the command could be carried out."""


class NoFreeLine(Exception):
    """All lines of this process are in use."""


class RecogniserLost(Exception):
    """The recogniser went away, or took too long, in the middle of an utterance."""


@dataclass(frozen=True, slots=True)
class EarlyWords:
    """What an utterance holds so far, told before its end; a new object whenever that is judged anew."""

    hypothesis: Hypothesis
    heard_ms: int
    """How much of the audio fed these words were taken from."""
    final: bool
    """Whether `finish` would give the same, should no more speech come."""


class Utterance(Protocol):
    """One stretch of caller audio on its way through the recogniser."""

    @property
    def early(self) -> EarlyWords | None:
        """The latest words so far, where the recogniser gives any before the end."""
        ...

    def feed(self, pcm: bytes) -> None:
        """Hand over audio as it arrives: 16-bit mono PCM at the rate it was opened with. Never blocks."""
        ...

    async def finish(self) -> Hypothesis:
        """The caller has stopped speaking: give the final words. Raises `RecogniserLost`."""
        ...

    async def cancel(self) -> None:
        """Throw the utterance away. Never raises."""
        ...


class Recogniser(Protocol):
    """Speech into words, within a grammar."""

    def utterance(self, *, locale: str, grammar: str, sample_rate_hz: int, open: bool = False) -> Utterance:
        """Open an utterance. `grammar` is self-contained SRGS ABNF text (`CompiledGrammar.source`).

        `open`: sentences outside the grammar are wanted as well.
        """
        ...

    async def warm_up(self, *, locale: str, grammar: str) -> None:
        """Have the grammar compiled and cached before the first caller needs it."""
        ...


class SpeechDetector(Protocol):
    """Tells speech from everything else, a frame at a time. One instance per call."""

    def judge(self, pcm: bytes, sample_rate_hz: int) -> Frame:
        """Measure one frame of 10, 20 or 30 ms."""
        ...


class VoiceDetector(Protocol):
    """A slower, surer second opinion on whether a sound is a voice. One instance per call."""

    def begin(self, lead_in: bytes, sample_rate_hz: int) -> None:
        """Start on a new sound; `lead_in` is 16-bit mono PCM from shortly before."""
        ...

    def is_voice(self, pcm: bytes, sample_rate_hz: int) -> bool:
        """Take further audio of that sound; whether it is a voice by now."""
        ...


class GrammarBook(Protocol):
    """All grammars of all locales, compiled. Several ids together mean any of them."""

    def source(self, grammar_ids: Sequence[str], *, locale: str) -> str:
        """One self-contained SRGS text for the recogniser."""
        ...

    def interpret(
        self, hypothesis: Hypothesis, grammar_ids: Sequence[str], *, locale: str, is_open: bool
    ) -> Interpretation:
        """What was said means; where `is_open`, sentences outside the grammars do so too."""
        ...

    def spot(self, hypothesis: Hypothesis, grammar_id: str, *, locale: str) -> tuple[Match, ...]:
        """The phrases of the grammar that were said among other words, the longest first."""
        ...

    def outlook(
        self, hypothesis: Hypothesis, grammar_ids: Sequence[str], *, locale: str, is_open: bool
    ) -> Outlook:
        """Whether what was said so far is all that will be said."""
        ...

    def interpret_keys(self, keys: str, grammar_ids: Sequence[str], *, locale: str) -> Interpretation:
        """What was pressed means."""
        ...


class Recorder(Protocol):
    """Writes both channels of one leg to a file. Never blocks, never raises: the call comes first."""

    def write(self, caller: bytes, bot: bytes) -> None:
        """Add the same stretch of both channels."""
        ...

    def pause(self) -> None:
        """From here on, until `resume`, both channels are written as silence: a secret is being given."""
        ...

    def resume(self) -> None:
        """Record again."""
        ...

    async def close(self) -> Recording | None:
        """Finish the file; None when it could not be written (why is in the log)."""
        ...


class Prompter(Protocol):
    """Prompts into audio."""

    async def render(self, says: Sequence[Say], *, locale: str, pace: float = 1.0) -> Clip:
        """Join the prompts into one clip: recordings, cache, then synthesis. Raises `PromptMissing`.

        `pace` is a share of the usual one, 0.5 to 2: at 0.8 the clip is a quarter longer, at the same pitch.
        """
        ...


class PromptMissing(Exception):
    """No text with this id in this locale, or a slot without a value."""


class SilentSeat(Protocol):
    """People who pick the answer while the robot goes on speaking."""

    async def ask(self, consult: Consult) -> Consulted:
        """What somebody in a seat decides; without meaning and words when nobody does in time."""
        ...
