"""Walks a whole script: from every state that it can wait in, everything that can happen next."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from ivr.adapters.script_files import load_script
from ivr.adapters.voice.prompt_files import load_prompt_texts
from ivr.calls.speech import SlotValue
from ivr.dialogue.advance import Advance, advance
from ivr.dialogue.ladder import LadderPolicy
from ivr.dialogue.script import Script
from ivr.dialogue.state import (
    SERVICE_DOWN,
    Action,
    Consult,
    Consulted,
    DialogueState,
    Event,
    FileTicket,
    Hangup,
    Heard,
    Listen,
    LookedUp,
    LookUp,
    NoInput,
    Started,
    TimeIsUp,
    Transfer,
    TransferFailed,
    Trouble,
    Waiting,
)
from ivr.dialogue.steps import AskStep, LookupStep, RouteStep, TicketStep
from ivr.dialogue.verification import level_of
from ivr.grammar.result import Match, NoMatch

_FOLDER = Path("ivr/scripts")
SCRIPT = replace(
    load_script(_FOLDER / "hotline.yaml"),
    surveys={"post_loan": load_script(_FOLDER / "surveys" / "post_loan.yaml")},
)
RINGS_BACK = {"rung_about": "一次服务回访", "rung_survey": "post_loan"}
POLICY = LadderPolicy()
ACT, CONFIRM, UNSURE = 0.95, 0.5, 0.2
COMMANDS = ("agent", "repeat", "slower", "back", "main_menu", "language", *SCRIPT.command_steps)
SECRET = "5E9C"
UNHEARD_OF = "unheard_of"
IDENTIFIES = frozenset({"identify", "find_by_phone"})

_OF_ANYBODY = frozenset({
    "ticket_number", "ticket_due_on", "seat_words", "opens_on", "opens_at", "opens_hour", "closes_at",
    "closes_hour", "company", "phone", "rung_about",
})  # fmt: skip
"""Slots that tell nothing about a customer's loans."""


@dataclass(frozen=True)
class Figure:
    """What a lookup has found about one customer."""

    name: str
    customer: str

    def __str__(self) -> str:
        return f"{self.name} of {self.customer}"


def private_slots() -> Mapping[str, frozenset[str]]:
    """Prompt to those of its slots that only the customer may hear."""
    texts = load_prompt_texts(Path("prompts")).by_locale["zh-CN"]
    asked = {slot for step in SCRIPT.steps.values() if isinstance(step, AskStep) for slot in _filled(step)}
    return {
        prompt_id: frozenset(slot.name for slot in _slots(prompt)) - _OF_ANYBODY - asked
        for prompt_id, prompt in texts.items()
    }


def _slots(prompt: object) -> Iterator[object]:
    yield from getattr(prompt, "slots", ())


def _filled(step: AskStep) -> tuple[str, ...]:
    """What callers tell us themselves is no news to them."""
    said = {"date": ("wish_date",)}
    dictated = (step.dictation,) if step.dictation else ()
    return (*step.branch_on, *step.skips, *dictated, *said["date"])


@dataclass
class Caller:
    """One conversation with what a test must know about it; `proved` are the customers who were proved."""

    state: DialogueState = field(default_factory=lambda: DialogueState("zh-CN", agent_reachable=True))
    actions: tuple[Action, ...] = ()
    proved: frozenset[str] = frozenset()

    def meet(self, event: Event, script: Script = SCRIPT) -> "Caller":
        """The conversation after this event."""
        step: Advance = advance(script, POLICY, self.state, event)
        proved = self.proved
        if isinstance(event, LookedUp) and event.result == "right" and event.turn == self.state.turn:
            at = script.steps[self.state.step]
            if isinstance(at, LookupStep) and at.proves:
                proved |= {str(self.state.slots.get("customer_id"))}
        return Caller(step.state, step.actions, proved)

    @property
    def waits(self) -> bool:
        """Whether the last actions have asked for what the dialogue waits for."""
        kinds: dict[Waiting, tuple[type, ...]] = {
            Waiting.START: (),
            Waiting.ANSWER: (Listen,),
            Waiting.LOOKUP: (LookUp, FileTicket),
            Waiting.CONSULT: (Consult,),
            Waiting.TRANSFER: (Transfer,),
            Waiting.OVER: (Hangup,),
        }
        return any(
            isinstance(action, kinds[self.state.waiting])
            and getattr(action, "turn", self.state.turn) == self.state.turn
            for action in self.actions
        )

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two states the same to this walk."""
        s = self.state
        if s.waiting in {Waiting.OVER, Waiting.TRANSFER}:
            return (s.waiting,)
        form = s.form if s.waiting is Waiting.ANSWER else ""
        if s.pending is not None:
            return (s.step, s.waiting, form)
        return (s.step, s.waiting, form, level_of(s.proof, SCRIPT.verification), s.proof.locked)


def answers(step: AskStep, script: Script = SCRIPT) -> Iterator[Mapping[str, str]]:
    """Every kind of meaning that an item's answer may have, and one that nobody has heard of."""
    slots = step.branch_on or ("intent",)
    secret = SECRET if step.secret else "2"
    for value in (*step.branches, *step.half_sure):
        for slot in slots:
            yield {slot: value.replace("*", "hotline_number" if value.startswith("faq") else secret)}
    if step.offers_services:
        yield from ({"intent": intent} for service in script.services for intent in service.intents)


def found(step: LookupStep, result: str, state: DialogueState) -> Iterator[Mapping[str, SlotValue]]:
    """What a lookup that had this result might bring along: each value by which the script goes on."""
    customer = str(state.slots.get("customer_id", "c1"))
    if step.service in IDENTIFIES:
        yield {"customer_id": "c2" if state.slots.get("phone") else "c1"} if result == "known" else {}
    elif step.proves is not None:
        yield {}
    else:
        figures = {name: Figure(name, customer) for name in FIGURES}
        for turn in range(max(map(len, ROUTES.values()), default=1)):
            yield {**figures, **{slot: values[turn % len(values)] for slot, values in ROUTES.items()}}  # type: ignore[dict-item]  # a figure stands for any value


ROUTES = {
    step.slot: [value.replace("*", "3") for value in step.branches]
    for step in SCRIPT.steps.values()
    if isinstance(step, RouteStep)
}


FIGURES = frozenset(name for slots in private_slots().values() for name in slots)


def what_can_happen(caller: Caller, script: Script = SCRIPT) -> Iterator[Event]:
    """Every kind of event that a conversation in this state can meet."""
    state = caller.state
    turn, step = state.turn, script.steps.get(state.step)
    match state.waiting:
        case Waiting.START:
            yield Started()
        case Waiting.ANSWER:
            assert isinstance(step, AskStep)
            yield from _said(caller, step, script)
            yield from (NoInput(turn), Trouble(turn))
        case Waiting.LOOKUP if isinstance(step, TicketStep):
            yield LookedUp(turn, "filed", {"ticket_number": "100012", "ticket_due_on": date(2030, 1, 2)})
            yield LookedUp(turn, SERVICE_DOWN)
        case Waiting.LOOKUP:
            assert isinstance(step, LookupStep)
            for result in (*step.branches, SERVICE_DOWN, UNHEARD_OF):
                named = result.replace("*", "anything")
                for told in found(step, named, state):
                    yield LookedUp(turn, named, told)
        case Waiting.CONSULT:
            yield from (
                Consulted(turn),
                Consulted(turn, {"intent": UNHEARD_OF}),
                Consulted(turn, None, "words"),
            )
            yield Consulted(turn, {"intent": "balance"})
        case Waiting.TRANSFER:
            yield TransferFailed(turn, 486)
    if state.waiting is not Waiting.OVER:
        yield from (TimeIsUp("draining"), TimeIsUp("max_duration"))


def _said(caller: Caller, step: AskStep, script: Script) -> Iterator[Event]:
    turn = caller.state.turn
    told = [{"intent": UNHEARD_OF}, {"answer": "yes"}, {"answer": "no"}]
    if caller.state.pending is None:
        told += answers(step, script)
    for meaning in told:
        for confidence in (ACT, CONFIRM):
            yield Heard(turn, "speech", Match(meaning, confidence, "words"), speech_ms=900)
        yield Heard(turn, "keys", Match(meaning, 1.0, "1"))
    for command in (*COMMANDS, UNHEARD_OF):
        for confidence in (ACT, CONFIRM):
            yield Heard(turn, "speech", Match({"command": command}, confidence, "words"), speech_ms=900)
    yield Heard(turn, "speech", Match(told[-1], UNSURE, "words"), speech_ms=900)
    for reason in ("empty", "out_of_grammar", "taken_back", "back_channel"):
        yield Heard(turn, "speech", NoMatch(reason, "words"), speech_ms=900)
    yield Heard(turn, "speech", NoMatch("empty"), speech_ms=200)
    yield Heard(turn, "speech", NoMatch("ambiguous", "words"), speech_ms=900, agitated=True)
    yield Heard(turn, "keys", NoMatch("bad_keys"))


def explore(
    script: Script = SCRIPT, slots: Mapping[str, SlotValue] | None = None, most: int = 20_000
) -> list[Caller]:
    """One conversation for every state that the script can wait in, found breadth first.

    The hotline is rung by a stranger, and by somebody who rings back; surveys are not followed from there.
    """
    known = [slots] if slots is not None else [{}, RINGS_BACK]
    todo = deque(Caller(DialogueState("zh-CN", agent_reachable=True, slots=each)) for each in known)
    seen = {start.key: start for start in todo}
    while todo:
        caller = todo.popleft()
        for event in what_can_happen(caller, script):
            after = caller.meet(event, script)
            if after.key not in seen and not after.state.survey:
                seen[after.key] = after
                todo.append(after)
                assert len(seen) < most, "the walk does not end: does the key hold something that grows?"
    return list(seen.values())


def agent_wish(caller: Caller, confidence: float, source: str) -> Event:
    """The caller asks for a person."""
    return Heard(caller.state.turn, source, Match({"command": "agent"}, confidence, "转人工"), speech_ms=700)
