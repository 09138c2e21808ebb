"""A call that we placed, as a session takes it: to answer is to wait until a person has answered."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from ivr.calls.answer_kinds import AnswerKind
from ivr.calls.attempt_table import result_of_sound, result_of_unanswered
from ivr.calls.attempts import AttemptResult
from ivr.calls.sip import AudioReceived, Disconnected, Invite, LineEvent
from ivr.calls.speech import Clip
from ivr.media.answerer.verdict import Verdict
from ivr.runtime.answering import Answering, BeepWait, Reached
from ivr.runtime.ports import DialledLine, Line, LineLost, Playback

_CANCELLED = 487
"""RFC 3261 section 21.4.25: what our CANCEL makes of an INVITE."""

_LONGEST_STALL_S = 5.0
"""So much longer than it lasts a message may take to go out."""


class NotReached(LineLost):
    """No person took the call; `ended` says how that showed."""

    def __init__(self, ended: Disconnected) -> None:
        super().__init__(ended.reason)
        self.ended = ended


class AnsweredByAPerson(Line):
    """Wraps a dialled line. `answer` raises `NotReached` when nobody, or no person, took the call.

    What seemed a person may turn out to be a machine while our introduction plays: then the leg is ended.
    """

    def __init__(
        self,
        line: DialledLine,
        answering: Answering,
        *,
        longest_ring_s: float,
        on_answer: Callable[[], Awaitable[None]],
        message: Clip | None = None,
    ) -> None:
        """`on_answer` is told once, when somebody or something has taken the call.

        `message` is left on a machine that records; without it, a machine is hung up on.
        """
        self._line = line
        self._answering = answering
        self._longest_ring_s = longest_ring_s
        self._on_answer = on_answer
        self._message = message
        self._kept: deque[LineEvent] = deque()
        self.result: AttemptResult | None = None
        """What the attempt came to where no person was reached; None while one is, and before `answer`."""
        self.sip_code: int | None = None
        """The final code, once there is one."""

    @property
    def invite(self) -> Invite:
        """The INVITE that was sent."""
        return self._line.invite

    @property
    def sample_rate_hz(self) -> int:
        """As of the line."""
        return self._line.sample_rate_hz

    @property
    def codec(self) -> str:
        """As of the line."""
        return self._line.codec

    async def answer(self) -> None:
        """Wait for a person. Raises `NotReached` otherwise; then the leg is over, or is ended here."""
        found = await self._answering.reach(self._line, longest_ring_s=self._longest_ring_s)
        verdict = found.verdict
        if found.answered is not None:
            await self._on_answer()
        if found.answered is None or found.ended is not None or verdict is None:
            await self._line.hangup()
            raise NotReached(self._unreached(found))
        self.sip_code = 200
        self.result = result_of_sound(verdict.kind, verdict.announcement, verdict.sit)
        if not verdict.kind.is_person and self.result is not None:
            if self.result is AttemptResult.MACHINE and await self._message_left():
                self.result = AttemptResult.MESSAGE_LEFT
            await self._line.hangup()
            raise NotReached(Disconnected(200, self.result.value, by_remote=False))
        self.result = None
        if found.audio:
            self._kept.append(AudioReceived(found.audio, bytes(len(found.audio))))

    async def _message_left(self) -> bool:
        """Leave the message. False where the machine never records, or ends the call before all was said."""
        message = self._message
        if message is None or await self._answering.wait_for_beep(self._line) is not BeepWait.RECORDS:
            return False
        try:
            async with asyncio.timeout(message.duration_ms / 1000 + _LONGEST_STALL_S):
                playback = await self._line.play(message)
                while playback.played_ms < message.duration_ms:
                    if isinstance(await self._line.next_event(), Disconnected):
                        return False
        except (LineLost, TimeoutError):
            return False
        return True

    def _unreached(self, found: Reached) -> Disconnected:
        """How a call ended that nobody took, or that was over before it was clear who had."""
        ended = found.ended or Disconnected(_CANCELLED, "rang for too long", by_remote=False)
        if found.answered is not None:
            self.sip_code, self.result = 200, _of_verdict(found.verdict) or AttemptResult.ABANDONED
            return Disconnected(200, self.result.value, by_remote=ended.by_remote)
        heard = found.verdict
        kind = heard.kind if heard is not None else AnswerKind.UNSURE
        announcement, sit = (heard.announcement, heard.sit) if heard is not None else (None, "")
        code = ended.sip_code if 300 <= ended.sip_code <= 699 else _CANCELLED
        self.sip_code = code
        self.result = result_of_unanswered(code, kind, announcement, sit)
        return Disconnected(code, ended.reason, by_remote=ended.by_remote)

    async def next_event(self) -> LineEvent:
        """What was heard while the answer was judged comes first."""
        if self._kept:
            return self._kept.popleft()
        event = await self._line.next_event()
        if self.result is None and (late := self._answering.take(event)) is not None:
            self.result = _of_verdict(late)
            if self.result is not None:
                await self._line.hangup()
        return event

    async def reject(self, sip_code: int, *, retry_after_s: int | None = None) -> None:
        """A call that we placed is not refused but ended."""
        await self._line.hangup()

    async def play(self, clip: Clip, *, from_ms: int = 0) -> Playback:
        """As of the line."""
        return await self._line.play(clip, from_ms=from_ms)

    async def send_keys(self, keys: str) -> None:
        """As of the line."""
        await self._line.send_keys(keys)

    async def transfer(self, target_uri: str) -> None:
        """As of the line."""
        await self._line.transfer(target_uri)

    async def hangup(self) -> None:
        """As of the line."""
        await self._answering.close()
        await self._line.hangup()


def _of_verdict(verdict: Verdict | None) -> AttemptResult | None:
    if verdict is None or verdict.kind.is_person:
        return None
    return result_of_sound(verdict.kind, verdict.announcement, verdict.sit)
