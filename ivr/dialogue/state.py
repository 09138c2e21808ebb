"""Where a conversation stands, what can happen to it, and what it may ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.calls.rung import Rung
from ivr.calls.speech import Say, SlotValue
from ivr.dialogue.ladder import Form
from ivr.dialogue.note import Note
from ivr.dialogue.steps import KeyRule
from ivr.dialogue.verification import Proof
from ivr.grammar.result import Interpretation, Match


class Waiting(StrEnum):
    """What the dialogue waits for; any other event is stale."""

    START = "start"
    ANSWER = "answer"
    LOOKUP = "lookup"
    CONSULT = "consult"
    TRANSFER = "transfer"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class DialogueState:
    """The whole memory of one conversation. Secrets live here only until their lookup has answered."""

    locale: str
    agent_reachable: bool = False
    step: str = ""
    turn: int = 0
    waiting: Waiting = Waiting.START
    form: Form = Form.ASK
    slots: Mapping[str, SlotValue] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    failures: int = 0
    """How often the present item was answered in vain."""
    silences: int = 0
    """How many of those were silence."""
    troubles: int = 0
    """How often in a row the recogniser failed us; the caller is not to blame."""
    pending: Match | None = None
    """An answer that waits for its confirmation."""
    unconfirmed: int = 0
    """How often the confirmation itself was not understood."""
    last_says: tuple[Say, ...] = ()
    """What "say that again" repeats."""
    resumed: int = 0
    """How often it was taken up again because something that was no answer had cut it off."""
    former: "DialogueState | None" = field(default=None, repr=False)
    """The state in which the last answer was given: what it goes back to if that answer is taken back."""
    tries: Mapping[str, int] = field(default_factory=dict)
    goal: str = ""
    """The gate that the caller wants to pass, while they prove who they are."""
    proof: Proof = field(default_factory=Proof)
    said: Mapping[str, int] = field(default_factory=dict)
    """How often each prompt was spoken: what was heard before is put in other words, or shorter."""
    trail: tuple[str, ...] = ()
    """The items put so far, for the way back; the present one is the last."""
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What was noted of the caller's answers on this call, by item."""
    pace: float = 1.0
    """How fast to speak, of the recordings' own pace."""
    upset: int = 0
    """How often the caller was found to be upset."""
    rung: Rung = Rung.SELF_SERVICE
    human_reason: str = ""
    outcome: str = "none"
    survey: str = ""
    """The survey that the call was taken to; empty while it is in the script with which it began."""
    left: "DialogueState | None" = field(default=None, repr=False)
    """The state in which that survey was left for the hotline; None where it never was."""


# --- what can happen ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """The call was answered."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """Another reading of the answer before, in the light of what the caller has added to it."""

    interpretation: Interpretation
    explicit: bool = False
    """Whether the caller said so: "不对，是五号", or only "不对", which is `NoMatch("taken_back")`."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Speech or keys, interpreted."""

    turn: int
    source: str
    interpretation: Interpretation
    cut_prompt: bool = False
    """Whether it stopped the prompt."""
    follows: bool = False
    """Whether it came within the first moments after the answer before, and may belong to it."""
    amendment: Amendment | None = None
    """Such speech, read as part of that answer; None where it adds nothing."""
    speech_ms: int = 0
    """Length of the speech; 0 for keys."""
    agitated: bool = False
    """Whether it was said much louder and faster than this caller spoke before."""


@dataclass(frozen=True, slots=True)
class NoInput:
    """Nothing was said or pressed in time."""

    turn: int


SERVICE_DOWN = "down"
"""The result of a lookup that got no answer. A script that does not branch on it leads to a person."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A service answered: `result` chooses the branch, `slots` are kept."""

    turn: int
    result: str
    slots: Mapping[str, SlotValue] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Consulted:
    """The silent seat has answered: with a meaning, with words to be spoken, or not at all."""

    turn: int
    meaning: Mapping[str, str] | None = field(default=None, repr=False)
    words: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class TransferFailed:
    """The person could not be reached."""

    turn: int
    sip_code: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """The recogniser died or was too slow: our fault, not the caller's."""

    turn: int


@dataclass(frozen=True, slots=True)
class TimeIsUp:
    """The call must end now: `draining` or `max_duration`."""

    reason: str


Event = Started | Heard | NoInput | LookedUp | Consulted | TransferFailed | Trouble | TimeIsUp

# --- what it may ask for -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Play:
    """Speak these prompts as one piece."""

    turn: int
    says: tuple[Say, ...]
    locale: str
    barge_in: bool = True
    asks: bool = False
    """Whether the last of them is a question; all others tell something."""
    pace: float = 1.0
    """How fast, as a share of the usual pace: 0.8 for a caller who asked to have it slower."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with the prompts that were cut off, a little before where they stopped."""

    turn: int


@dataclass(frozen=True, slots=True)
class Listen:
    """Take speech and keys, from now on; the no-input timer starts when the prompt has ended."""

    turn: int
    locale: str
    grammars: tuple[str, ...]
    keys: KeyRule
    no_input_ms: int
    end_silence_ms: int
    secret: bool
    open: bool = False
    """Whether sentences outside the grammars are wanted as well."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask a service. Secrets are handed over in `secrets` and nowhere else."""

    turn: int
    service: str
    slots: Mapping[str, SlotValue] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class FileTicket:
    """Leave work for a person under a number; answered by `LookedUp("filed")` with number and day."""

    turn: int
    kind: str
    details: Mapping[str, SlotValue] = field(default_factory=dict, repr=False)
    """What goes with it."""
    slots: Mapping[str, SlotValue] = field(default_factory=dict, repr=False)
    """Everything known, such as who asks and what they have proved."""
    working_days: int = 1
    care: bool = False


@dataclass(frozen=True, slots=True)
class Consult:
    """Ask the silent seat what the caller wants; answered by `Consulted`."""

    turn: int
    item: str
    cause: str
    confidence: float | None
    candidates: tuple[Mapping[str, str], ...] = field(default=(), repr=False)
    """What may have been meant, likeliest first."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Hand the call to a person, once the prompts have been spoken."""

    turn: int
    reason: str


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Leave work for a person."""

    ticket_kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call, once the prompts have been spoken. `cause` is a HangupCause value."""

    cause: str


@dataclass(frozen=True, slots=True)
class StepRung:
    """A row for the rung ledger."""

    from_rung: Rung
    to_rung: Rung
    item: str
    cause: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Settle:
    """The caller got what they asked for."""

    wish: str
    rung: Rung


Action = (
    Play
    | Resume
    | Listen
    | LookUp
    | FileTicket
    | Consult
    | Transfer
    | OpenTicket
    | Hangup
    | StepRung
    | Settle
    | Note
)
