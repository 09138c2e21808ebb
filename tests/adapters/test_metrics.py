"""What happens on calls is counted, under labels that hold nothing of the caller."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from ivr.adapters.metrics import MetricsSink
from ivr.calls.disposition import Disposition, HangupCause
from ivr.calls.events import (
    CallAnswered,
    CallEnded,
    CallEvent,
    CallStarted,
    PromptPlayed,
    ReplyStarted,
    RungStepped,
    TicketOpened,
    TransferEnded,
    TurnTaken,
    WishSettled,
)
from ivr.calls.ids import CallId, CustomerId, LegId, WorkerId
from ivr.calls.rung import Rung

AT = datetime(2026, 3, 1, tzinfo=UTC)
CALL = CallId("01JEXAMPLE")
LEG = LegId("leg")
SECRET = "PRIVATE"


def one_call() -> list[CallEvent]:
    base = {"call_id": CALL, "at": AT}
    return [
        CallStarted(
            **base, worker_id=WorkerId("w"), leg_id=LEG, direction="inbound", sip_call_id="s", remote=SECRET,
            dialled="hotline", locale="zh-CN", script="hotline", script_version="1",
        ),
        CallAnswered(**base, leg_id=LEG, codec="PCMA/8000"),
        PromptPlayed(
            **base, turn=1, prompts=("greeting",), text=SECRET, duration_ms=900, played_ms=400, barged_in=True
        ),
        TurnTaken(
            **base, turn=1, item="wish", form="ask", source="speech", result="match", reason="act",
            confidence=0.9, intent="balance", hypothesis=SECRET, meaning={"intent": SECRET}, secret=False,
            rung=Rung.SELF_SERVICE, speech_ms=1200, end_reason="complete",
        ),
        ReplyStarted(**base, turn=1, source="speech", reply_latency_ms=700),
        RungStepped(
            **base, turn=2, item="wish", from_rung=Rung.SELF_SERVICE, to_rung=Rung.ROBOT, cause="no_match",
            confidence=0.3, decider="rule", policy_version="1",
        ),
        WishSettled(**base, turn=3, wish="balance", rung=Rung.ROBOT),
        TicketOpened(
            **base, ticket_id="t", ticket_kind="callback", reason="agent_away", phone=SECRET,
            customer_id=CustomerId(SECRET),
        ),
        TransferEnded(**base, succeeded=False, sip_code=480, reason="x"),
        CallEnded(
            **base, leg_id=LEG, disposition=Disposition.ANSWERED, cause=HangupCause.COMPLETED, sip_code=200,
            outcome="settled", duration_ms=42_000,
        ),
    ]  # fmt: skip


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.mark.parametrize(
    ("sample", "labels", "value"),
    [
        ("ivr_calls_answered_total", {"codec": "PCMA/8000"}, 1),
        (
            "ivr_calls_ended_total",
            {"disposition": "answered", "cause": "completed", "outcome": "settled"},
            1,
        ),
        ("ivr_call_seconds_sum", {}, 42.0),
        ("ivr_turns_total", {"item": "wish", "form": "ask", "source": "speech", "result": "match"}, 1),
        ("ivr_reply_seconds_bucket", {"source": "speech", "le": "0.6"}, 0),
        ("ivr_reply_seconds_bucket", {"source": "speech", "le": "0.9"}, 1),
        ("ivr_prompts_played_total", {"barged_in": "yes"}, 1),
        ("ivr_rung_steps_total", {"to_rung": "robot", "decider": "rule"}, 1),
        ("ivr_wishes_settled_total", {"wish": "balance", "rung": "robot"}, 1),
        ("ivr_tickets_opened_total", {"ticket_kind": "callback"}, 1),
        ("ivr_transfers_ended_total", {"succeeded": "no"}, 1),
        ("ivr_calls_in_hand", {}, 0),
    ],
)
async def test_each_fact_of_a_call_is_counted(
    registry: CollectorRegistry, sample: str, labels: dict[str, str], value: float
) -> None:
    await MetricsSink(registry).append(one_call())
    assert registry.get_sample_value(sample, labels) == value


async def test_calls_in_hand_follow_starts_and_ends_and_never_go_under_zero(
    registry: CollectorRegistry,
) -> None:
    started, *_, ended = one_call()
    sink = MetricsSink(registry)
    await sink.append([started, replace(started, call_id=CallId("second"))])
    assert registry.get_sample_value("ivr_calls_in_hand") == 2
    await sink.append([ended, ended, replace(ended, call_id=CallId("of a former life"))])
    assert registry.get_sample_value("ivr_calls_in_hand") == 1


async def test_no_private_value_becomes_a_label(registry: CollectorRegistry) -> None:
    events = one_call()
    assert any(SECRET in str(getattr(e, f.name)) for e in events for f in fields(e))
    await MetricsSink(registry).append(events)
    assert SECRET not in generate_latest(registry).decode()
