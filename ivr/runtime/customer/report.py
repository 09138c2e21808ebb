"""What came of a call: did it go through, and how long did each reply take?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from ivr.grammar.says import says
from ivr.runtime.customer.conversation import Exchange, Stop
from ivr.runtime.customer.leg import Tape
from ivr.runtime.customer.plan import CustomerPlan, Press, Step


class Verdict(StrEnum):
    """The first thing that went wrong, or `PASSED`."""

    PASSED = "passed"
    NOT_ANSWERED = "not_answered"
    DROPPED = "dropped"
    NO_REPLY = "no_reply"
    STEPS_LEFT = "steps_left"
    EXPECT_MISSED = "expect_missed"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """One placed call, measured."""

    plan: CustomerPlan
    verdict: Verdict
    problem: str
    """What went wrong, in words; empty when nothing did."""
    answered: bool
    sip_code: int
    """200 when the call was answered, else the final code; 0 when none came."""
    codec: str
    ended_by: str
    """`caller`, `bot`, `network`, or empty when the call was not answered."""
    duration_ms: int
    exchanges: tuple[Exchange, ...]
    tape: Tape = field(repr=False)

    @property
    def reply_latencies_ms(self) -> tuple[int, ...]:
        """Reply latencies of all steps; the greeting, which follows no speech, is not among them."""
        found = (e.reply_latency_ms for e in self.exchanges if e.step is not None)
        return tuple(ms for ms in found if ms is not None)


def percentile_ms(values_ms: Sequence[int], percent: float) -> int | None:
    """The percentile with linear interpolation, rounded; None of nothing."""
    return round(float(np.percentile(values_ms, percent))) if values_ms else None


def expectations(exchange: Exchange, locale: str) -> tuple[tuple[str, bool], ...]:
    """Each expected text of the exchange, with whether the reply as recognised says it."""
    heard = exchange.reply_text or ""
    return tuple((text, says(heard, text, locale)) for text in exchange.expects)


def judge(
    stop: Stop, exchanges: Sequence[Exchange], *, answered: bool, sip_code: int, ended_by: str, locale: str
) -> tuple[Verdict, str]:
    """Whether the call went through, and if not, what went wrong first.

    It did when it was answered, every step was sent to its end, every reply came, every expectation was
    met, and it ended by the caller after the last reply (or at the planned second) or by the other side
    once it had begun to reply to the last step.
    """
    if stop is Stop.TIMED_OUT:
        return Verdict.TIMED_OUT, "the call took longer than its timeout"
    if not answered:
        return Verdict.NOT_ANSWERED, f"not answered: the final SIP code is {sip_code or 'missing'}"
    if ended_by == "network":
        return Verdict.DROPPED, "the call was lost on the way; neither side hung up"
    return (
        _first_left(stop, exchanges)
        or _first_without_reply(stop, exchanges)
        or _first_missed(exchanges, locale)
        or (Verdict.PASSED, "")
    )


def _first_left(stop: Stop, exchanges: Sequence[Exchange]) -> tuple[Verdict, str] | None:
    left = next((n for n, exchange in enumerate(exchanges) if not exchange.sent), None)
    if left is None or stop is Stop.NO_REPLY:
        return None
    where = _name_of(exchanges[left], left)
    if stop is Stop.HANGUP_TIME:
        return Verdict.STEPS_LEFT, f"the time to hang up came before {where} was done"
    return Verdict.DROPPED, f"the call was dropped before {where} was done"


def _first_without_reply(stop: Stop, exchanges: Sequence[Exchange]) -> tuple[Verdict, str] | None:
    silent = next((n for n, e in enumerate(exchanges) if e.sent and e.reply_start_ms is None), None)
    if silent is None or stop is Stop.HANGUP_TIME:
        return None
    where = _name_of(exchanges[silent], silent)
    if stop is Stop.NO_REPLY:
        return Verdict.NO_REPLY, f"no reply to {where}"
    return Verdict.DROPPED, f"the call was dropped without a reply to {where}"


def _first_missed(exchanges: Sequence[Exchange], locale: str) -> tuple[Verdict, str] | None:
    for number, exchange in enumerate(exchanges):
        missed = "; ".join(text for text, met in expectations(exchange, locale) if not met)
        if missed:
            where = _name_of(exchange, number)
            return Verdict.EXPECT_MISSED, f"the reply to {where} does not say: {missed}"
    return None


def _name_of(exchange: Exchange, number: int) -> str:
    return "the answer" if exchange.step is None else f"step {number}"


def to_json(report: CallReport) -> dict[str, Any]:
    """The report as `ivr call --json` prints it. Times are in ms of audio since the answer."""
    latencies_ms = report.reply_latencies_ms
    return {
        "schema": 1,
        "verdict": report.verdict.value,
        "problem": report.problem,
        "call": {
            "uri": report.plan.uri,
            "from": report.plan.from_user,
            "locale": report.plan.locale,
            "codec": report.codec,
            "answered": report.answered,
            "sip_code": report.sip_code,
            "duration_ms": report.duration_ms,
            "ended_by": report.ended_by,
        },
        "exchanges": [_exchange_json(e, report.plan.locale) for e in report.exchanges],
        "totals": {
            "replies": len(latencies_ms),
            "reply_latency_p50_ms": percentile_ms(latencies_ms, 50),
            "reply_latency_p95_ms": percentile_ms(latencies_ms, 95),
        },
    }


def _exchange_json(exchange: Exchange, locale: str) -> dict[str, Any]:
    kind, sent = action_words(exchange.step)
    return {
        "kind": kind,
        "sent": sent,
        "barge_in": exchange.step is not None and exchange.step.barge_in,
        "complete": exchange.sent,
        "start_ms": exchange.start_ms,
        "sent_until_ms": exchange.sent_until_ms,
        "reply_latency_ms": exchange.reply_latency_ms,
        "reply_start_ms": exchange.reply_start_ms,
        "reply_ms": exchange.reply_ms,
        "reply_text": exchange.reply_text,
        "expect": [{"text": text, "met": met} for text, met in expectations(exchange, locale)],
    }


def action_words(step: Step | None) -> tuple[str, str | None]:
    """Kind (`greeting`, `say`, `wav`, `keys`) and content of what was sent."""
    if step is None:
        return "greeting", None
    if isinstance(step.action, Press):
        return "keys", step.action.keys
    return step.action.source, step.action.shown
