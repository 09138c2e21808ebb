"""What happened on one call, turned into events: the only place that knows how a call is recorded."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.calls.disposition import HangupCause, disposition_of
from ivr.calls.events import (
    CallAnswered,
    CallEnded,
    CallerIdentified,
    CallEvent,
    CallStarted,
    PromptPlayed,
    RecordingSaved,
    ReplyStarted,
    RungStepped,
    TicketOpened,
    TransferEnded,
    TurnTaken,
    WishSettled,
)
from ivr.calls.ids import CustomerId
from ivr.calls.sip import Disconnected, Invite
from ivr.calls.speech import Clip, Recording, SlotValue
from ivr.calls.tickets import Ticket, TicketRequest
from ivr.dialogue.note import Note
from ivr.dialogue.state import DialogueState, FileTicket, OpenTicket, Play, Settle, StepRung
from ivr.dialogue.taken import Taken
from ivr.dialogue.verification import PROOF_LEVEL
from ivr.runtime.call_plan import CallPlan
from ivr.runtime.ear import Answer
from ivr.runtime.ports import Clock
from ivr.runtime.services import Found
from ivr.runtime.survey_record import answer_given


@dataclass(slots=True)
class _Unanswered:
    """A turn that was judged but whose reply has not begun."""

    turn: int
    source: str
    ended_at_s: float | None


class Witness(Protocol):
    """What the record needs of a conversation's devices."""

    @property
    def emit(self) -> Callable[[CallEvent], None]:
        """Takes each event."""
        ...

    @property
    def clock(self) -> Clock:
        """Says when it happened."""
        ...


class Chronicle:
    """Emits the call's events, each as soon as it is known: what a crash loses was never told."""

    def __init__(self, invite: Invite, plan: CallPlan, devices: Witness) -> None:
        self._invite = invite
        self._plan = plan
        self._emit = devices.emit
        self._clock = devices.clock
        self._answered_at: datetime | None = None
        self._answer: Answer | None = None
        self._unanswered: _Unanswered | None = None
        self._barged_in = False
        self._tickets = 0

    @property
    def tickets(self) -> int:
        """How many tickets were opened so far; the last one's id is `<call_id>-<this>`."""
        return self._tickets

    def take_up(self, answered_at: datetime, tickets: int) -> None:
        """Go on with the record of a conversation that began elsewhere."""
        self._answered_at = answered_at
        self._tickets = tickets

    def started(self, direction: str = "inbound") -> None:
        """The INVITE was accepted for handling, or a chat was opened."""
        self._emit(
            CallStarted(
                call_id=self._plan.call_id,
                at=self._clock.now(),
                worker_id=self._plan.worker_id,
                leg_id=self._plan.leg_id,
                direction=direction,
                sip_call_id=self._invite.sip_call_id,
                remote=self._invite.remote_user,
                dialled=self._invite.dialled_user,
                locale=self._plan.locale,
                script=self._plan.script.script_id,
                script_version=self._plan.script.version,
                rulebook_version=self._plan.rulebook_version,
            )
        )

    def answered(self, codec: str) -> None:
        """Media flows."""
        self._answered_at = self._clock.now()
        self._emit(
            CallAnswered(
                call_id=self._plan.call_id, at=self._answered_at, leg_id=self._plan.leg_id, codec=codec
            )
        )

    def identified(self, found: Found) -> None:
        """A lookup proposed or proved who calls."""
        if found.customer_id is not None:
            self._emit(
                CallerIdentified(
                    call_id=self._plan.call_id,
                    at=self._clock.now(),
                    customer_id=found.customer_id,
                    verified=found.verified,
                )
            )

    def answer_given(self, answer: Answer) -> None:
        """Keep what the ear knows, until the dialogue has judged it."""
        self._answer = answer

    def taken(self, taken: Taken) -> None:
        """The dialogue judged the answer."""
        answer = self._answer
        assert answer is not None
        self._unanswered = _Unanswered(taken.turn, taken.source, answer.ended_at_s)
        heard = answer.hypothesis.best if answer.hypothesis else None
        words = None if taken.secret else (heard.text if heard else taken.text)
        self._emit(
            TurnTaken(
                call_id=self._plan.call_id,
                at=self._clock.now(),
                turn=taken.turn,
                item=taken.item,
                form=taken.form.value,
                source=taken.source,
                result=taken.result,
                reason=taken.reason,
                confidence=taken.confidence,
                intent=taken.intent,
                hypothesis=words,
                meaning=dict(taken.meaning) if taken.meaning else None,
                secret=taken.secret,
                rung=taken.rung,
                speech_ms=answer.speech_ms,
                end_reason=answer.end_reason.value if answer.end_reason else None,
            )
        )

    def reply_started(self, _play: Play) -> None:
        """The bot speaks: now the caller's wait for it is known."""
        unanswered, self._unanswered = self._unanswered, None
        if unanswered is None or unanswered.ended_at_s is None:
            return
        latency_s = asyncio.get_running_loop().time() - unanswered.ended_at_s
        self._emit(
            ReplyStarted(
                call_id=self._plan.call_id,
                at=self._clock.now(),
                turn=unanswered.turn,
                source=unanswered.source,
                reply_latency_ms=round(latency_s * 1000),
            )
        )

    def barged_in(self) -> None:
        """The caller cut the present prompt off."""
        self._barged_in = True

    def prompt_ended(self, play: Play, clip: Clip, played_ms: int) -> None:
        """The prompt was spoken, or cut off."""
        self._emit(
            PromptPlayed(
                call_id=self._plan.call_id,
                at=self._clock.now(),
                turn=play.turn,
                prompts=tuple(say.prompt_id for say in play.says),
                text=clip.text,
                duration_ms=clip.duration_ms,
                played_ms=played_ms,
                barged_in=self._barged_in and played_ms < clip.duration_ms,
            )
        )
        self._barged_in = False

    def note(self, action: OpenTicket | StepRung | Settle | Note, state: DialogueState) -> None:
        """A decision of the dialogue that is a fact by itself."""
        call_id, at = self._plan.call_id, self._clock.now()
        match action:
            case StepRung():
                self._emit(
                    RungStepped(
                        call_id=call_id,
                        at=at,
                        turn=state.turn,
                        item=action.item,
                        from_rung=action.from_rung,
                        to_rung=action.to_rung,
                        cause=action.cause,
                        confidence=action.confidence,
                        decider="rule",
                        policy_version=self._plan.policy.version,
                    )
                )
            case Settle():
                self._emit(
                    WishSettled(call_id=call_id, at=at, turn=state.turn, wish=action.wish, rung=action.rung)
                )
            case Note():
                self._emit(answer_given(action, call_id, state.slots, at))
            case OpenTicket():
                self._emit(
                    TicketOpened(
                        call_id=call_id,
                        at=at,
                        ticket_id=self._next_ticket_id(),
                        ticket_kind=action.ticket_kind,
                        reason=action.reason,
                        phone=self._phone(state.slots),
                        customer_id=_customer_id(state.slots),
                    )
                )

    def ticket_request(self, asked: FileTicket) -> TicketRequest:
        """What the caller asks of people, with who they are and where they can be reached."""
        return TicketRequest(
            ticket_id=self._next_ticket_id(),
            call_id=self._plan.call_id,
            kind=asked.kind,
            reason=asked.kind,
            customer_id=_customer_id(asked.slots),
            phone=self._phone(asked.slots),
            details=asked.details,
            working_days=asked.working_days,
            care=asked.care,
            proof_level=str(asked.slots.get(PROOF_LEVEL, "none")),
        )

    def ticket_opened(self, ticket: Ticket) -> None:
        """It was filed, and the caller will be told its number."""
        self._emit(ticket.opened())

    def _next_ticket_id(self) -> str:
        self._tickets += 1
        return f"{self._plan.call_id}-{self._tickets}"

    def _phone(self, slots: Mapping[str, SlotValue]) -> str:
        return str(slots.get("phone", self._invite.remote_user))

    def transfer_ended(self, sip_code: int) -> None:
        """The person was reached, or not."""
        reached = 200 <= sip_code < 300
        self._emit(
            TransferEnded(
                call_id=self._plan.call_id,
                at=self._clock.now(),
                succeeded=reached,
                sip_code=sip_code,
                reason=disposition_of(sip_code).value,
            )
        )

    def ended(
        self, ended: Disconnected, cause: HangupCause, outcome: str, recording: Recording | None
    ) -> None:
        """The call is over: close what is open and emit the last event."""
        now, call_id, leg_id = self._clock.now(), self._plan.call_id, self._plan.leg_id
        if recording is not None:
            self._emit(
                RecordingSaved(
                    call_id=call_id,
                    at=now,
                    leg_id=leg_id,
                    path=recording.path,
                    duration_ms=recording.duration_ms,
                    paused_ms=recording.paused_ms,
                    sha256=recording.sha256,
                )
            )
        answered = self._answered_at
        left = outcome == "none" and cause in {HangupCause.CALLER_HUNG_UP, HangupCause.IDLE}
        self._emit(
            CallEnded(
                call_id=call_id,
                at=now,
                leg_id=leg_id,
                disposition=disposition_of(200 if answered else ended.sip_code),
                cause=cause,
                sip_code=ended.sip_code,
                outcome="abandoned" if left else outcome,
                duration_ms=round((now - answered).total_seconds() * 1000) if answered else 0,
            )
        )


def _customer_id(slots: Mapping[str, SlotValue]) -> CustomerId | None:
    customer = slots.get("customer_id")
    return CustomerId(str(customer)) if customer else None
