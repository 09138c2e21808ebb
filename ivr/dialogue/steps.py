"""The kinds of steps that a script is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.dialogue.verification import Level


@dataclass(frozen=True, slots=True)
class SayStep:
    """Speak, then go on. `settles` names the wish that the caller has got when this is spoken."""

    step_id: str
    prompts: tuple[str, ...]
    next: str
    settles: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerStep:
    """Speak the prompt that a slot's value names, then go on. `settles` as in `SayStep`."""

    step_id: str
    slot: str
    next: str
    settles: str | None = None


@dataclass(frozen=True, slots=True)
class KeyRule:
    """How keys are collected on an item (after VoiceXML 2.0 appendix D: interdigit timeout, terminator)."""

    grammars: tuple[str, ...] = ()
    max_keys: int = 1
    terminator: str = "#"
    inter_key_ms: int = 3000


@dataclass(frozen=True, slots=True)
class AskStep:
    """One item: a question, how it is put again, what answers it takes and where each answer leads."""

    step_id: str
    ask: str
    reprompt: str
    choice: str
    """Shorter, with keys: the last form before a person is called."""
    grammars: tuple[str, ...]
    keys: KeyRule
    branch_on: tuple[str, ...]
    """The first of these slots that the meaning holds chooses the branch; all its slots are kept."""
    branches: Mapping[str, str]
    """Slot value to step; `faq_*` takes any value that begins so, `*` any."""
    confirm: Mapping[str, str] = field(default_factory=dict)
    """Slot value to the prompt that confirms it; values without one are asked again instead."""
    half_sure: Mapping[str, str] = field(default_factory=dict)
    """Slot value to step: where an answer leads that would else be confirmed, as it does no harm if wrong."""
    no_input_ms: int = 5000
    end_silence_ms: int = 500
    """Silence that ends an answer of which the words tell nothing; see `ivr.media.endpointing`."""
    act: float | None = None
    """Overrides the ladder's threshold for acting without confirmation."""
    secret: bool = False
    open: bool = False
    """Whether the answer may be a free sentence, beside what the grammars hold."""
    offers_services: bool = False
    """Whether every service may be asked for here; `branches` go before its intents."""
    dictation: str | None = None
    """The slot that keeps whatever is said, in the caller's own words; commands are still heard."""
    skips: Mapping[str, str] = field(default_factory=dict)
    """Slot to step: an item whose answer is known already is not put, it leads there at once."""
    unanswered: str | None = None
    """Where it leads when it was answered in vain too often, instead of to a person."""
    aside: bool = False
    """Whether it lies beside the script's course, such as when to ring back: see `return: item`."""


@dataclass(frozen=True, slots=True)
class LookupStep:
    """Ask a service; its result chooses the branch. `tries` bounds how often `retry_on` may come back."""

    step_id: str
    service: str
    branches: Mapping[str, str]
    filler: str | None = None
    retry_on: str | None = None
    tries: int = 3
    exhausted: str | None = None
    proves: str | None = None
    """The piece of knowledge that this lookup checks: `right` proves it, `wrong` costs a try."""


@dataclass(frozen=True, slots=True)
class RouteStep:
    """Go where a slot says, without asking."""

    step_id: str
    slot: str
    branches: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HumanStep:
    """Give the call to a person, or promise a callback where nobody is there.

    `closed` is what is said instead of the usual promise and goodbye, `leaves` the kind of ticket.
    """

    step_id: str
    prompts: tuple[str, ...]
    reason: str
    closed: tuple[str, ...] = ()
    leaves: str = "callback"


@dataclass(frozen=True, slots=True)
class EndStep:
    """Say goodbye and hang up."""

    step_id: str
    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GateStep:
    """Let those pass who have proved enough of who they are; others go to the verification and come back."""

    step_id: str
    level: Level
    next: str


@dataclass(frozen=True, slots=True)
class ProveStep:
    """Choose what to ask for next, by the rules of verification.

    The branches are the pieces by name, `enough` and `locked`.
    """

    step_id: str
    prove: str
    branches: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ForgoStep:
    """The caller does not know this piece: it is not asked for again, and costs no try."""

    step_id: str
    piece: str
    next: str


class ReturnTo(StrEnum):
    """Where a way back leads."""

    GOAL = "goal"
    """To the gate that sent the caller away."""
    ITEM = "item"
    """To the item that was put last, those aside left out."""


@dataclass(frozen=True, slots=True)
class ReturnStep:
    """Go back to the gate that sent the caller away, or to the item that they were asked."""

    step_id: str
    to: ReturnTo


@dataclass(frozen=True, slots=True)
class NoteStep:
    """Keep an answer for good, from now on, whatever becomes of the call; it also fills the slot `item`."""

    step_id: str
    item: str
    kind: str
    """What kind of answer it is, such as `csat`; a `mark` is none, it tells what the call came to."""
    next: str
    slot: str | None = None
    """The slot that holds the answer."""
    value: str | None = None
    """The answer itself, where the way here tells it."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What values of the slot are kept as, such as the places of things that were read out."""


@dataclass(frozen=True, slots=True)
class TicketStep:
    """Leave work for people, with a number that the caller is told.

    Sets the slots `ticket_number` and `ticket_due_on`. `keep` are the slots that go with it, `care` marks it
    for the team that looks after people in distress.
    """

    step_id: str
    kind: str
    next: str
    keep: tuple[str, ...] = ()
    working_days: int = 1
    care: bool = False


@dataclass(frozen=True, slots=True)
class SurveyStep:
    """Go on with the survey whose name a slot holds: in its own script, from its start."""

    step_id: str
    slot: str


@dataclass(frozen=True, slots=True)
class LeaveStep:
    """Leave the survey for the hotline that it was taken up from, with the wish that a slot holds."""

    step_id: str
    slot: str


Step = (
    SayStep
    | AnswerStep
    | AskStep
    | LookupStep
    | RouteStep
    | HumanStep
    | EndStep
    | GateStep
    | ProveStep
    | ForgoStep
    | ReturnStep
    | NoteStep
    | TicketStep
    | SurveyStep
    | LeaveStep
)


def branch(branches: Mapping[str, str], value: str) -> str | None:
    """Where a value leads: by its own name, else by the longest `beginning*` that it has, else by `*`."""
    if value in branches:
        return branches[value]
    wild = [key for key in branches if key.endswith("*") and value.startswith(key[:-1])]
    return branches[max(wild, key=len)] if wild else None
