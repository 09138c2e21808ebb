"""A plan carried out: wait for the other side to finish, take a step, wait for the reply."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ivr.media.locate import locate
from ivr.media.reply import speech_end_ms
from ivr.runtime.customer.leg import CustomerLeg, LegOver, TimeToHangUp
from ivr.runtime.customer.plan import BARGE_AFTER_MS, CustomerPlan, Press, Speak, Step
from ivr.runtime.ports import LineLost

_PLAY_LAG_MS = 1000
"""How far the true start of a clip is looked for on both sides of the moment at which it was asked for."""


class Stop(StrEnum):
    """Why the plan was left."""

    FINISHED = "finished"
    HANGUP_TIME = "hangup_time"
    LEG_OVER = "leg_over"
    NO_REPLY = "no_reply"
    TIMED_OUT = "timed_out"


@dataclass(slots=True)
class Exchange:
    """A step (None: the call's answer) and the reply to it. Times are in ms of audio since the answer."""

    step: Step | None
    expects: tuple[str, ...]
    start_ms: int | None = None
    """When the step began; None when it was never reached."""
    sent: bool = False
    """Spoken or pressed to its end."""
    done_ms: int | None = None
    """When it had been handed to the line whole; None before that, and for the call's answer."""
    sent_until_ms: int | None = None
    """The caller's last energetic sample or last key up; None when it was not found in what was sent."""
    reply_start_ms: int | None = None
    reply_end_ms: int | None = None
    reply_text: str | None = None

    @property
    def reply_latency_ms(self) -> int | None:
        """From the end of what was sent to the first sound of the reply; negative when it came before."""
        if self.reply_start_ms is None or self.sent_until_ms is None:
            return None
        return self.reply_start_ms - self.sent_until_ms

    @property
    def reply_ms(self) -> int | None:
        """How long the reply lasted."""
        if self.reply_start_ms is None or self.reply_end_ms is None:
            return None
        return self.reply_end_ms - self.reply_start_ms


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that a watcher of the call would like to see at once."""

    at_ms: int
    """Audio time since the answer."""
    what: str
    """`dialling`, `answered`, `bot_speaks`, `bot_done`, `bot_cut`, `step` or `ended`."""
    step: Step | None = None


class Conversation:
    """The plan's task: everything that the customer does between INVITE and BYE."""

    def __init__(self, plan: CustomerPlan, leg: CustomerLeg, on_moment: Callable[[Moment], None]) -> None:
        self._plan = plan
        self._leg = leg
        self._on_moment = on_moment
        greeting = Exchange(step=None, expects=plan.greeting_expects)
        self.exchanges = [greeting, *(Exchange(step=step, expects=step.expects) for step in plan.steps)]

    async def hold(self) -> Stop:
        """Carry the plan out and say why it was left."""
        try:
            return await self._follow()
        except LegOver:
            return Stop.LEG_OVER
        except TimeToHangUp:
            return Stop.HANGUP_TIME

    async def _follow(self) -> Stop:
        leg = self._leg
        await leg.until(lambda: leg.codec is not None)
        self._tell("answered")
        if self._plan.background is not None:
            await self._command(leg.line.play_background(self._plan.background))
        greeting, *others = self.exchanges
        greeting.start_ms = greeting.sent_until_ms = 0
        if self._plan.opening is not None:
            await self._take(greeting, self._plan.opening)
        greeting.sent = True
        last = greeting
        for exchange in others:
            assert exchange.step is not None
            if not await self._hear(last, interrupting=exchange.step.barge_in):
                return Stop.NO_REPLY
            await self._take(exchange, exchange.step)
            last = exchange
        while True:
            if not await self._hear(last, interrupting=False):
                return Stop.NO_REPLY
            if (step := await self._answer_to(last)) is None:
                break
            last = Exchange(step=step, expects=step.expects)
            self.exchanges.append(last)
            await self._take(last, step)
        if self._plan.hangup_after_s is not None:
            await leg.until(lambda: False)
        return Stop.FINISHED

    async def _answer_to(self, exchange: Exchange) -> Step | None:
        if self._plan.listener is None:
            return None
        tape, start_ms = self._leg.tape, exchange.reply_start_ms
        assert start_ms is not None
        return await self._plan.listener.next_step(tape.span(tape.received, start_ms, self._leg.now_ms))

    async def _hear(self, exchange: Exchange, *, interrupting: bool) -> bool:
        """Wait for the reply and its end, or for the moment to interrupt it; False when there is none."""
        leg, replies = self._leg, self._leg.replies
        after_ms = self._reply_after_ms(exchange)
        patience_ms = leg.now_ms + self._plan.rule.patience_ms
        await leg.until(
            lambda: self._reply_start(exchange, after_ms) is not None or leg.now_ms >= patience_ms
        )
        start_ms = self._reply_start(exchange, after_ms)
        if start_ms is None:
            return False
        exchange.reply_start_ms = start_ms
        self._tell("bot_speaks")
        cut_ms = start_ms + BARGE_AFTER_MS
        await leg.until(lambda: replies.end(start_ms) is not None or (interrupting and leg.now_ms >= cut_ms))
        self._tell("bot_cut" if replies.end(start_ms) is None else "bot_done")
        return True

    def _reply_after_ms(self, exchange: Exchange) -> int:
        """From when on a start of the other side's speech is the reply to this exchange.

        While the caller waits for the other side to finish, whatever it says once the step has begun is the
        reply, however early. Spoken barge-in meets a prompt that goes on, with pauses, until it is noticed:
        there only speech after the end of the step counts. A key stops the prompt at once.
        """
        assert exchange.start_ms is not None
        step = exchange.step
        if step is not None and step.barge_in and isinstance(step.action, Speak):
            return self._leg.now_ms
        return exchange.start_ms

    def _reply_start(self, exchange: Exchange, after_ms: int) -> int | None:
        """When the reply starts. A prompt that our own speech has silenced is none."""
        replies = self._leg.replies
        start_ms = replies.start(after_ms)
        while start_ms is not None and (end_ms := replies.end(start_ms)) is not None:
            if exchange.done_ms is None or end_ms > exchange.done_ms:
                break
            start_ms = replies.start(end_ms)
        return start_ms

    async def _take(self, exchange: Exchange, step: Step) -> None:
        leg = self._leg
        exchange.start_ms = leg.now_ms
        self._tell("step", step)
        match step.action:
            case Speak(clip=clip):
                await self._command(leg.line.play(clip))
                await leg.until_ms(leg.now_ms + clip.duration_ms)
            case Press(keys=keys):
                await self._command(leg.line.send_keys(keys))
                exchange.sent_until_ms = leg.now_ms
        exchange.sent = True
        exchange.done_ms = leg.now_ms

    async def _command(self, command: Awaitable[object]) -> None:
        """Do something on the line; when the line is lost by then, its end says how."""
        try:
            await command
        except LineLost:
            await self._leg.until(lambda: False)

    def measure(self) -> None:
        """Once the call is over: find the true ends of the caller's speech and of the replies on the tape."""
        next_start_ms = self._leg.now_ms
        for exchange in reversed(self.exchanges):
            if exchange.start_ms is not None and exchange.step is not None:
                self._find_speech(exchange, exchange.step.action, exchange.start_ms)
            start_ms = exchange.reply_start_ms
            if start_ms is not None:
                exchange.reply_end_ms = self._reply_end_ms(start_ms, next_start_ms)
                next_start_ms = start_ms

    def _find_speech(self, exchange: Exchange, action: Speak | Press, start_ms: int) -> None:
        if not isinstance(action, Speak):
            return
        tape = self._leg.tape
        from_ms = max(0, start_ms - _PLAY_LAG_MS)
        sent = tape.span(tape.sent, from_ms, start_ms + action.clip.duration_ms + _PLAY_LAG_MS)
        found = locate(np.frombuffer(action.pcm, dtype="<i2"), np.frombuffer(sent, dtype="<i2"))
        if found is not None and exchange.sent:
            speech_ms = speech_end_ms(action.pcm, tape.sample_rate_hz)
            exchange.sent_until_ms = from_ms + found * 1000 // tape.sample_rate_hz + speech_ms

    def _reply_end_ms(self, start_ms: int, before_ms: int) -> int:
        end_ms = self._leg.replies.end(start_ms)
        if end_ms is None or end_ms > before_ms:
            return self._leg.replies.last_energetic(start_ms, before_ms)
        return end_ms

    def _tell(self, what: str, step: Step | None = None) -> None:
        self._on_moment(Moment(self._leg.now_ms, what, step))
