"""What a conversation consists of: a script is a graph of named steps, written as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SayStep:
    """Speak, then go on. `settles` names the wish that the caller has got when this is spoken."""

    step_id: str
    prompts: tuple[str, ...]
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
    """Slot value to step; `*` takes any value."""
    confirm: Mapping[str, str] = field(default_factory=dict)
    """Slot value to the prompt that confirms it; values without one are asked again instead."""
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


Step = SayStep | AskStep | LookupStep | RouteStep | HumanStep | EndStep


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

    def prompt_ids(self) -> frozenset[str]:
        """Every prompt the script can speak, for the check that all exist in every locale."""
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
