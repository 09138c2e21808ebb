"""Call events counted for Prometheus. Labels are words of our own, never a caller's."""

from collections.abc import Callable, Sequence
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

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
from ivr.calls.ids import CallId

REPLY_BUCKETS_S = (0.2, 0.4, 0.6, 0.9, 1.2, 1.5, 2.0, 3.0, 5.0)
"""Around the aims: 0.6 s and 0.9 s at the median, 1.5 s at the 95th percentile."""
CALL_BUCKETS_S = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 900.0)


class MetricsSink:
    """An `EventSink` that counts. Holds the ids of calls in hand, nothing else of a call."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._in_hand: set[CallId] = set()
        self._calls = Gauge("ivr_calls_in_hand", "Calls going on now.", registry=registry)
        self._answered = Counter("ivr_calls_answered", "Calls answered.", ["codec"], registry=registry)
        self._ended = Counter(
            "ivr_calls_ended", "Calls ended.", ["disposition", "cause", "outcome"], registry=registry
        )
        self._duration = Histogram(
            "ivr_call_seconds", "Answer to end of answered calls.", buckets=CALL_BUCKETS_S, registry=registry
        )
        self._turns = Counter(
            "ivr_turns", "Exchanges.", ["item", "form", "source", "result"], registry=registry
        )
        self._reply = Histogram(
            "ivr_reply_seconds",
            "End of the caller's speech or last key to the start of the reply.",
            ["source"],
            buckets=REPLY_BUCKETS_S,
            registry=registry,
        )
        self._prompts = Counter("ivr_prompts_played", "Prompts played.", ["barged_in"], registry=registry)
        self._rungs = Counter(
            "ivr_rung_steps", "Steps on the ladder.", ["to_rung", "decider"], registry=registry
        )
        self._settled = Counter("ivr_wishes_settled", "Wishes settled.", ["wish", "rung"], registry=registry)
        self._tickets = Counter("ivr_tickets_opened", "Tickets opened.", ["ticket_kind"], registry=registry)
        self._transfers = Counter("ivr_transfers_ended", "Transfers tried.", ["succeeded"], registry=registry)
        self._count: dict[type[CallEvent], Callable[[Any], None]] = {
            CallStarted: self._call_started,
            CallAnswered: lambda e: self._answered.labels(e.codec).inc(),
            CallEnded: self._call_ended,
            TurnTaken: self._turn_taken,
            ReplyStarted: self._reply_started,
            PromptPlayed: lambda e: self._prompts.labels(_yes(e.barged_in)).inc(),
            RungStepped: lambda e: self._rungs.labels(e.to_rung.value, e.decider).inc(),
            WishSettled: lambda e: self._settled.labels(e.wish, e.rung.value).inc(),
            TicketOpened: lambda e: self._tickets.labels(e.ticket_kind).inc(),
            TransferEnded: lambda e: self._transfers.labels(_yes(e.succeeded)).inc(),
        }

    async def append(self, events: Sequence[CallEvent]) -> None:
        """Count the events."""
        for event in events:
            count = self._count.get(type(event))
            if count is not None:
                count(event)

    def _call_started(self, event: CallStarted) -> None:
        self._in_hand.add(event.call_id)
        self._calls.set(len(self._in_hand))

    def _call_ended(self, event: CallEnded) -> None:
        self._in_hand.discard(event.call_id)
        self._calls.set(len(self._in_hand))
        self._ended.labels(event.disposition.value, event.cause.value, event.outcome).inc()
        if event.duration_ms:
            self._duration.observe(event.duration_ms / 1000)

    def _turn_taken(self, event: TurnTaken) -> None:
        self._turns.labels(event.item, event.form, event.source, event.result).inc()

    def _reply_started(self, event: ReplyStarted) -> None:
        self._reply.labels(event.source).observe(event.reply_latency_ms / 1000)


def _yes(true: bool) -> str:
    return "yes" if true else "no"
