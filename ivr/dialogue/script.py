"""What a conversation consists of: a script is a graph of named steps, written as data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


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


@dataclass(frozen=True, slots=True)
class RouteStep:
    """Go where a slot says, without asking."""

    step_id: str
    slot: str
    branches: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HumanStep:
    """Give the call to a person, or promise a callback where nobody is there."""

    step_id: str
    prompts: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class EndStep:
    """Say goodbye and hang up."""

    step_id: str
    prompts: tuple[str, ...]


Step = SayStep | AnswerStep | AskStep | LookupStep | RouteStep | HumanStep | EndStep


def branch(branches: Mapping[str, str], value: str) -> str | None:
    """Where a value leads: by its own name, else by the longest `beginning*` that it has, else by `*`."""
    if value in branches:
        return branches[value]
    wild = [key for key in branches if key.endswith("*") and value.startswith(key[:-1])]
    return branches[max(wild, key=len)] if wild else None


@dataclass(frozen=True, slots=True)
class StandardPrompts:
    """Prompts that belong to no step."""

    transferring: str = "transferring"
    transfer_failed: str = "transfer_failed"
    callback_promised: str = "callback_promised"
    trouble: str = "trouble"
    service_down: str = "service_down"
    confirm_choice: str = "confirm_choice"
    language_switched: str = "language_switched"
    draining: str = "draining_goodbye"
    max_duration: str = "max_duration_goodbye"
    goodbye: str = "goodbye"


@dataclass(frozen=True, slots=True)
class Script:
    """A whole conversation. `menu` is where "main menu" leads; global commands work in every item."""

    script_id: str
    version: str
    start: str
    menu: str
    steps: Mapping[str, Step]
    command_grammars: tuple[str, ...] = ("commands",)
    command_keys: tuple[str, ...] = ("keys_commands",)
    confirm_grammars: tuple[str, ...] = ("yes_no",)
    confirm_keys: KeyRule = KeyRule(grammars=("keys_yes_no",))
    locales: tuple[str, ...] = ("zh-CN", "en-US")
    prompts: StandardPrompts = StandardPrompts()

    def answered(self, values: Iterable[str]) -> frozenset[str]:
        """Those of the values that an item's answer may have that lead straight to an `AnswerStep`."""
        branches = [
            each
            for step in self.steps.values()
            if isinstance(step, AskStep)
            for each in (step.branches, step.half_sure)
        ]
        return frozenset(
            value
            for value in values
            if any(isinstance(self.steps.get(branch(each, value) or ""), AnswerStep) for each in branches)
        )

    def prompt_ids(self) -> frozenset[str]:
        """Every prompt that the script names, for the check that all exist in every locale.

        What an `AnswerStep` speaks is named by what is understood: see `answered`.
        """
        ids = {getattr(self.prompts, name) for name in self.prompts.__slots__}
        for step in self.steps.values():
            match step:
                case SayStep(prompts=prompts) | HumanStep(prompts=prompts) | EndStep(prompts=prompts):
                    ids.update(prompts)
                case AskStep():
                    ids.update((step.ask, step.reprompt, step.choice, *step.confirm.values()))
                case LookupStep(filler=str(filler)):
                    ids.add(filler)
                case _:
                    pass
        return frozenset(ids)
