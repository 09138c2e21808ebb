"""Answering: who or what is at the other end of a dialled line, from the INVITE to the verdict."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from ivr.calls.answer_kinds import Announcement, AnswerKind
from ivr.calls.sip import Answered, AudioReceived, Disconnected, LineEvent
from ivr.grammar.result import Hypothesis
from ivr.grammar.spotting import count_words
from ivr.media.answerer.judge import AnswerJudge
from ivr.media.answerer.rules import AnswerRules
from ivr.media.answerer.verdict import Ask, Verdict, WordsHeard
from ivr.runtime.ports import DialledLine, GrammarBook, Recogniser, RecogniserLost, SpeechDetector

ANNOUNCEMENTS = "announcements"
FRAME_MS = 20
_KIND, _PERSON, _MACHINE = "kind", "person", "machine"
"""The slot of the grammar, and its values besides those of `Announcement`."""
_ANSWERING = (Announcement.VOICEMAIL, Announcement.CALL_ASSISTANT)
_KEPT_MS = 15_000
_LONGEST_UNSURE_S = 9.0
"""Since the answer: by then the judge has found something, or no audio has come."""


@dataclass(frozen=True, slots=True)
class AnswerSenses:
    """What listens: one detector for each line; recogniser and grammars are shared by all."""

    detector: SpeechDetector
    recogniser: Recogniser
    grammars: GrammarBook


@dataclass(frozen=True, slots=True)
class Reached:
    """What came of dialling: a verdict, an end, or neither when it rang for too long."""

    verdict: Verdict | None
    ringing: AnswerKind | None
    """`ringback` or `music`, where it was heard."""
    answered: Answered | None
    """None while nobody has taken the call, whatever was heard."""
    ended: Disconnected | None
    audio: bytes = field(default=b"", repr=False)
    """What the far end said since the answer: 16-bit mono PCM at the line's rate, 15 s at the most."""


class BeepWait(StrEnum):
    """How waiting for a beep ended."""

    RECORDS = "records"
    """A message may start: it beeped, or fell silent without."""
    TOO_LONG = "too_long"
    GONE = "gone"
    """The far end hung up."""


class Answering:
    """Takes the events of a dialled line in order. One instance for each attempt; close it at the end.

    `reach` runs until the first verdict. After a person's the call begins, and every further event goes to
    `take` as well, for what seemed a person may turn out to be a machine while our introduction plays.
    """

    def __init__(
        self,
        senses: AnswerSenses,
        *,
        locale: str,
        sample_rate_hz: int,
        rules: AnswerRules | None = None,
    ) -> None:
        self._senses = senses
        self._locale = locale
        self._rate_hz = sample_rate_hz
        self._frame_bytes = 2 * sample_rate_hz * FRAME_MS // 1000
        self._judge = AnswerJudge(sample_rate_hz, rules)
        self._rest = b""
        self._audio = bytearray()
        self._dropped = 0
        self._heard: list[WordsHeard] = []
        self._asking: set[asyncio.Task[None]] = set()
        self.answered: Answered | None = None

    @property
    def verdict(self) -> Verdict | None:
        """The latest."""
        return self._judge.verdict

    async def reach(self, line: DialledLine, *, longest_ring_s: float = 60.0) -> Reached:
        """Listen until there is a verdict, the line ends, or it has rung for so long.

        It hangs up nothing: that is for whoever dialled.
        """
        until_s = asyncio.get_running_loop().time() + longest_ring_s
        while (event := await _next_event(line, until_s)) is not None:
            if isinstance(event, Disconnected):
                await self.close()
                return self._reached(self.verdict, event)
            if (verdict := self.take(event)) is not None:
                return self._reached(verdict, None)
            if isinstance(event, Answered):
                until_s = asyncio.get_running_loop().time() + _LONGEST_UNSURE_S
        if self.answered is None:
            return self._reached(None, None)
        unsure = Verdict(AnswerKind.UNSURE, 0.0, ("no audio came",), 0)
        return self._reached(unsure, None)

    async def wait_for_beep(self, line: DialledLine, *, longest_s: float = 30.0) -> BeepWait:
        """After a machine's verdict: listen until a message may start."""
        until_s = asyncio.get_running_loop().time() + longest_s
        while not self._judge.message_may_start:
            event = await _next_event(line, until_s)
            if event is None:
                return BeepWait.TOO_LONG
            if isinstance(event, Disconnected):
                await self.close()
                return BeepWait.GONE
            self.take(event)
        return BeepWait.RECORDS

    def take(self, event: LineEvent) -> Verdict | None:
        """The verdict, when this event brought a new one. Never blocks."""
        if isinstance(event, Answered):
            self.answered = event
            self._judge.answered()
            self._audio.clear()
            self._rest, self._dropped = b"", 0
            for asking in self._asking:
                asking.cancel()
            return None
        found = self._take_words()
        if isinstance(event, AudioReceived):
            for frame in self._frames(event.caller):
                found = self._hear(frame) or found
        return found

    async def close(self) -> None:
        """Ask for nothing more."""
        for asking in self._asking:
            asking.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    def _frames(self, pcm: bytes) -> list[bytes]:
        whole = self._rest + pcm
        size = self._frame_bytes
        cut = len(whole) - len(whole) % size
        self._rest = whole[cut:]
        return [whole[at : at + size] for at in range(0, cut, size)]

    def _hear(self, frame: bytes) -> Verdict | None:
        self._audio += frame
        spare = len(self._audio) - _KEPT_MS // FRAME_MS * self._frame_bytes
        if spare > 0:
            del self._audio[:spare]
            self._dropped += spare
        measured = self._senses.detector.judge(frame, self._rate_hz)
        verdict = self._judge.hear(np.frombuffer(frame, np.int16), measured)
        ask = self._judge.next_ask()
        if ask is not None:
            asking = asyncio.create_task(self._ask(ask, self._cut(ask)), name="words of an announcement")
            self._asking.add(asking)
            asking.add_done_callback(self._asking.discard)
        return verdict

    def _take_words(self) -> Verdict | None:
        found = None
        while self._heard:
            found = self._judge.take_words(self._heard.pop(0)) or found
        return found

    def _cut(self, ask: Ask) -> bytes:
        per_ms = 2 * self._rate_hz // 1000
        begin, end = (max(ms * per_ms - self._dropped, 0) for ms in (ask.begins_ms, ask.ends_ms))
        return bytes(self._audio[begin:end])

    async def _ask(self, ask: Ask, pcm: bytes) -> None:
        """Have a stretch read freely. Words that cannot be had are none: the timing must do."""
        utterance = self._senses.recogniser.utterance(
            locale=self._locale, grammar="", sample_rate_hz=self._rate_hz
        )
        try:
            utterance.feed(pcm)
            hypothesis = await utterance.finish()
        except RecogniserLost:
            self._heard.append(WordsHeard(ask, None))
            return
        except asyncio.CancelledError:
            await utterance.cancel()
            raise
        self._heard.append(words_heard(ask, hypothesis, self._senses.grammars, locale=self._locale))

    def _reached(self, verdict: Verdict | None, ended: Disconnected | None) -> Reached:
        return Reached(verdict, self._judge.ringing, self.answered, ended, bytes(self._audio))


def words_heard(ask: Ask, hypothesis: Hypothesis, grammars: GrammarBook, *, locale: str) -> WordsHeard:
    """What the free reading of a stretch tells: a phrase of an announcement, and how much was said."""
    words = count_words(hypothesis, locale)
    kinds = [found.meaning[_KIND] for found in grammars.spot(hypothesis, ANNOUNCEMENTS, locale=locale)]
    confidence = hypothesis.best.confidence if kinds and hypothesis.best else 0.0
    # A network says that nobody answers before its mailbox says what to do, and half a sentence is told last.
    told = [Announcement(kind) for kind in kinds if kind not in (_PERSON, _MACHINE)]
    announcement = next((kind for kind in told if kind in _ANSWERING), told[0] if told else None)
    return WordsHeard(ask, announcement, confidence, announcement is None and _MACHINE in kinds, words)


async def _next_event(line: DialledLine, until_s: float) -> LineEvent | None:
    """The line's next event; None when there is none until then, by the loop's clock."""
    try:
        async with asyncio.timeout_at(until_s):
            return await line.next_event()
    except TimeoutError:
        return None
