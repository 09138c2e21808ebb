"""Everything that can happen on a call, as facts in the past tense.

The store applies them, the bus publishes their public part, metrics count them. A field marked private
(`private()`) holds what a customer said, pressed or is: it goes to the store and nowhere else.
"""

from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar

from ivr.calls.disposition import Disposition, HangupCause
from ivr.calls.ids import AttemptId, CallId, CampaignId, ContactId, CustomerId, LegId, WorkerId
from ivr.calls.rung import Rung

SCHEMA_VERSION = 1
"""Raised when a public field changes its meaning or goes away; new fields do not raise it."""


def private(default: Any = MISSING) -> Any:
    """A dataclass field that never leaves the store."""
    if default is MISSING:
        return field(metadata={"private": True})
    return field(default=default, metadata={"private": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """Base of all events. `at` is aware, in UTC."""

    kind: ClassVar[str]
    call_id: CallId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStarted(CallEvent):
    """An INVITE arrived (inbound) or was sent (outbound), or a chat was opened."""

    kind: ClassVar[str] = "call_started"
    worker_id: WorkerId
    leg_id: LegId
    direction: str
    """`inbound`, `outbound` or `chat`; a chat has one leg, which is no SIP session."""
    sip_call_id: str
    remote: str = private()
    """The other party's number or SIP user."""
    dialled: str
    """The user part that was called: the company's own number on inbound calls; the channel of a chat."""
    locale: str
    script: str
    script_version: str
    rulebook_version: str = ""
    """A short hash of all that the call goes by: scripts, prompts, recordings, grammars, intents, policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered(CallEvent):
    """The leg is established, media flows."""

    kind: ClassVar[str] = "call_answered"
    leg_id: LegId
    codec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerIdentified(CallEvent):
    """The caller is proposed (by number) or proved (by knowledge) to be this customer."""

    kind: ClassVar[str] = "caller_identified"
    customer_id: CustomerId = private()
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptPlayed(CallEvent):
    """The bot spoke; `played_ms` is less than `duration_ms` when it was cut off."""

    kind: ClassVar[str] = "prompt_played"
    turn: int
    prompts: tuple[str, ...]
    text: str = private()
    duration_ms: int
    played_ms: int
    barged_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTaken(CallEvent):
    """One exchange: what was asked, what was heard, what it was taken to mean, and what followed.

    On an item that asks for a secret, `hypothesis` and `meaning` are None whatever was heard.
    """

    kind: ClassVar[str] = "turn_taken"
    turn: int
    item: str
    form: str
    """`ask`, `reprompt`, `choice` or `confirm`: how the item was put."""
    source: str
    """`speech`, `text`, `keys` or `silence`."""
    result: str
    """`match`, `no_match` or `no_input`."""
    reason: str
    """Why it was no match, or which band the confidence fell in."""
    confidence: float
    intent: str | None
    """The name of the wish recognised, never its content."""
    hypothesis: str | None = private()
    meaning: dict[str, str] | None = private()
    secret: bool
    rung: Rung
    speech_ms: int
    """Length of the utterance."""
    end_reason: str | None
    """Why it was taken to be over: `complete`, `paused` or `timeout`; None where nothing was spoken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyStarted(CallEvent):
    """The bot began to answer a turn that was spoken or keyed."""

    kind: ClassVar[str] = "reply_started"
    turn: int
    source: str
    """`speech` or `keys`: how the turn was taken."""
    reply_latency_ms: int
    """End of the caller's speech (or last key) to the start of the prompt, endpointing included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RungStepped(CallEvent):
    """The call moved on the ladder: the rung ledger's row."""

    kind: ClassVar[str] = "rung_stepped"
    turn: int
    item: str
    from_rung: Rung | None
    to_rung: Rung
    cause: str
    confidence: float | None
    decider: str
    """`rule`, `model` or `person`."""
    policy_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WishSettled(CallEvent):
    """The script gave the caller what they asked for."""

    kind: ClassVar[str] = "wish_settled"
    turn: int
    wish: str
    rung: Rung


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketOpened(CallEvent):
    """Work for a person after the call."""

    kind: ClassVar[str] = "ticket_opened"
    ticket_id: str
    ticket_kind: str
    """Such as `callback`."""
    reason: str
    phone: str | None = private()
    customer_id: CustomerId | None = private()
    number: str | None = None
    """What the caller was told; None where nothing was, and then the store gives it one."""
    due_on: date | None = None
    """The day it is promised for."""
    care: bool = False
    """Whether the care team should see it first."""
    details: dict[str, str] | None = private(None)
    """What was learned in the dialogue, by slot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGiven(CallEvent):
    """The customer answered an item of a survey; a later answer to the same item takes its place."""

    kind: ClassVar[str] = "answer_given"
    survey: str
    version: str
    item: str
    item_kind: str
    """Such as `csat`; a `mark` is no answer, it tells what the call came to."""
    value: str = private()
    words: str = private()
    """The customer's own, empty where they pressed keys or said nothing."""
    confidence: float
    contact_id: ContactId | None = None
    campaign_id: CampaignId | None = None
    attempt_id: AttemptId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferEnded(CallEvent):
    """A transfer to a person was tried; `sip_code` is the final one the transfer target gave."""

    kind: ClassVar[str] = "transfer_ended"
    succeeded: bool
    sip_code: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSaved(CallEvent):
    """A two-channel recording (left the caller, right the bot) was closed."""

    kind: ClassVar[str] = "recording_saved"
    leg_id: LegId
    path: str = private()
    duration_ms: int
    paused_ms: int | None
    """How much of it is silence for a secret's sake; None for what a crash left behind."""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(CallEvent):
    """The call is over. Nothing follows but late facts about its recording."""

    kind: ClassVar[str] = "call_ended"
    leg_id: LegId
    disposition: Disposition
    cause: HangupCause
    sip_code: int
    outcome: str
    """What the dialogue achieved: `settled`, `transferred`, `ticket`, `abandoned` or `none`."""
    duration_ms: int
    """From answer to end; 0 when never answered."""


def event_classes() -> tuple[type[CallEvent], ...]:
    """All event classes, for stores, documents and tests that must not forget one."""
    # `slots=True` builds a second class; the one it replaces lingers among the subclasses until collected.
    return tuple(c for c in CallEvent.__subclasses__() if "__slots__" in vars(c))


def to_dict(event: CallEvent, *, public: bool) -> dict[str, Any]:
    """JSON-ready form with `kind` and `schema`; private fields are left out when `public`."""
    body: dict[str, Any] = {"schema": SCHEMA_VERSION, "kind": event.kind}
    for spec in fields(event):
        if public and spec.metadata.get("private"):
            continue
        body[spec.name] = _plain(getattr(event, spec.name))
    return body


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value
