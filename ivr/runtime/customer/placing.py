"""Place one planned call and report what came of it; any number after one another or at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from ivr.runtime.customer.conversation import Conversation, Exchange, Moment, Stop
from ivr.runtime.customer.leg import CustomerLeg, Tape
from ivr.runtime.customer.plan import CustomerPlan
from ivr.runtime.customer.report import CallReport, judge
from ivr.runtime.ports import DialledLine

ReadSpeech = Callable[[bytes, int, str], Awaitable[str]]
"""Recognise 16-bit mono PCM (samples, rate in Hz, locale) as text."""

_BYE_S = 5.0
"""How long the far end may take to confirm our hang-up before it is given up."""

_READ_MARGIN_MS = 200
"""Audio around a reply that the recogniser gets too: a soft start lies below the energy threshold."""


class Dialler(Protocol):
    """The part of a SIP endpoint that places calls."""

    async def dial(
        self, target_uri: str, *, from_user: str = "", headers: Sequence[tuple[str, str]] = ()
    ) -> DialledLine:
        """As `SipEndpoint.dial`."""
        ...


def _ignore(_: Moment) -> None:
    return None


async def place_call(
    plan: CustomerPlan,
    endpoint: Dialler,
    *,
    read: ReadSpeech | None = None,
    on_moment: Callable[[Moment], None] = _ignore,
) -> CallReport:
    """Dial, carry out the plan, hang up; then, with `read`, recognise the replies.

    Reading comes after the call so that it cannot disturb what is measured. Raises `ValueError` when the plan
    expects texts and there is no `read`; `NoFreeLine` when the endpoint has none; whatever `read` raises.
    """
    if plan.expects_anything and read is None:
        raise ValueError("the plan expects texts in the replies: give a `read`")
    on_moment(Moment(0, "dialling"))
    line = await endpoint.dial(plan.uri, from_user=plan.from_user, headers=plan.invite_headers)
    hangup_at_ms = None if plan.hangup_after_s is None else round(plan.hangup_after_s * 1000)
    leg = CustomerLeg(line, plan.rule, hangup_at_ms)
    conversation = Conversation(plan, leg, on_moment)
    stop, we_hung_up = await _hold(conversation, leg, plan.timeout_s)
    on_moment(Moment(leg.now_ms, "ended"))
    conversation.measure()
    if read is not None:
        await _read_replies(conversation.exchanges, leg.tape, plan.locale, read)
    return _report(plan, leg, stop, we_hung_up, conversation.exchanges)


async def take_call(plan: CustomerPlan, line: DialledLine) -> CallReport:
    """Answer an incoming call and carry out the plan on it; `plan.uri` and `from_user` play no part."""
    leg = CustomerLeg(line, plan.rule, None)
    await line.answer()
    leg.codec = line.codec
    conversation = Conversation(plan, leg, _ignore)
    stop, we_hung_up = await _hold(conversation, leg, plan.timeout_s)
    return _report(plan, leg, stop, we_hung_up, conversation.exchanges)


async def _hold(conversation: Conversation, leg: CustomerLeg, timeout_s: float) -> tuple[Stop, bool]:
    """Why the plan was left, and whether the leg was still up then."""
    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(leg.listen(), name="customer's ear")
        try:
            async with asyncio.timeout(timeout_s):
                stop = await conversation.hold()
        except TimeoutError:
            stop = Stop.TIMED_OUT
        finally:
            we_hung_up = leg.over is None
            await leg.line.hangup()
            await asyncio.wait({listening}, timeout=_BYE_S)
            listening.cancel()
    return stop, we_hung_up


async def _read_replies(exchanges: Sequence[Exchange], tape: Tape, locale: str, read: ReadSpeech) -> None:
    for exchange in exchanges:
        if exchange.reply_start_ms is not None and exchange.reply_end_ms is not None:
            start_ms, end_ms = exchange.reply_start_ms, exchange.reply_end_ms
            pcm = tape.span(tape.received, start_ms - _READ_MARGIN_MS, end_ms + _READ_MARGIN_MS)
            exchange.reply_text = await read(pcm, tape.sample_rate_hz, locale)


def _report(
    plan: CustomerPlan, leg: CustomerLeg, stop: Stop, we_hung_up: bool, exchanges: Sequence[Exchange]
) -> CallReport:
    answered = leg.codec is not None
    sip_code = 200 if answered else leg.over.sip_code if leg.over is not None else 0
    by_far_end = leg.over is not None and leg.over.by_remote
    ended_by = "caller" if we_hung_up else "bot" if by_far_end else "network"
    verdict, problem = judge(
        stop, exchanges, answered=answered, sip_code=sip_code, ended_by=ended_by, locale=plan.locale
    )
    return CallReport(
        plan=plan,
        verdict=verdict,
        problem=problem,
        answered=answered,
        sip_code=sip_code,
        codec=leg.codec or "",
        ended_by=ended_by if answered else "",
        duration_ms=leg.tape.length_ms,
        exchanges=tuple(exchanges),
        tape=leg.tape,
    )
