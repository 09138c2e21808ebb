"""The customer's end of the line: what went over it so far, and waiting for more of it."""

import asyncio
from collections.abc import Callable

from ivr.calls.sip import Answered, AudioReceived, Disconnected
from ivr.media.reply import ReplyRule, ReplyTrack
from ivr.runtime.ports import DialledLine


class LegOver(Exception):
    """The leg ended while something was waited for."""


class TimeToHangUp(Exception):
    """The call reached the second at which the plan hangs up."""


class Tape:
    """Both channels of the call since the answer: 16-bit mono PCM, equally long."""

    def __init__(self, sample_rate_hz: int) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.sent = bytearray()
        self.received = bytearray()

    @property
    def length_ms(self) -> int:
        """Length of the tape."""
        return len(self.received) * 1000 // (2 * self.sample_rate_hz)

    def span(self, channel: bytearray, start_ms: int, end_ms: int) -> bytes:
        """A part of one channel; times outside of the tape are brought to its ends."""
        first, last = (max(0, ms) * self.sample_rate_hz // 1000 * 2 for ms in (start_ms, end_ms))
        return bytes(channel[first:last])


class CustomerLeg:
    """Listens to a dialled line. `listen` runs as a task of its own; the others are for the plan's task."""

    def __init__(self, line: DialledLine, rule: ReplyRule, hangup_at_ms: int | None) -> None:
        self.line = line
        self.tape = Tape(line.sample_rate_hz)
        self.replies = ReplyTrack(line.sample_rate_hz, rule)
        self.codec: str | None = None
        self.over: Disconnected | None = None
        self._hangup_at_ms = hangup_at_ms
        self._news = asyncio.Event()

    @property
    def now_ms(self) -> int:
        """Audio time since the answer."""
        return self.replies.length_ms

    async def listen(self) -> None:
        """Take in the line's events until the last one."""
        while self.over is None:
            match await self.line.next_event():
                case Answered(codec):
                    self.codec = codec
                case AudioReceived(caller=theirs, bot=ours) if self.codec is not None:
                    self.tape.sent += ours
                    self.tape.received += theirs
                    self.replies.feed(theirs)
                case Disconnected() as end:
                    self.over = end
                case _:
                    continue
            self._news.set()

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait for something that shows in this leg's audio or state.

        Raises `LegOver` when the leg ends first and `TimeToHangUp` when the plan's end comes first.
        """
        while not happened():
            if self.over is not None:
                raise LegOver
            if (
                self._hangup_at_ms is not None
                and self.codec is not None
                and self.now_ms >= self._hangup_at_ms
            ):
                raise TimeToHangUp
            self._news.clear()
            await self._news.wait()

    async def until_ms(self, audio_ms: int) -> None:
        """Wait for a moment of the call. Raises as `until` does."""
        await self.until(lambda: self.now_ms >= audio_ms)
