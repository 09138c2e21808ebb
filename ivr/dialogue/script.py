"""What a conversation consists of: a script is a graph of named steps, written as data."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ivr.dialogue.steps import (
    AnswerStep,
    AskStep,
    EndStep,
    HumanStep,
    KeyRule,
    LookupStep,
    SayStep,
    Step,
    branch,
)
from ivr.dialogue.survey import QUOTA, RESUMED, RUNG_ABOUT, RUNG_BACK, RUNG_SURVEY, Survey
from ivr.dialogue.verification import VerificationRules


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
    empathy: str = "empathy"
    """Said once to somebody who is upset, before the next rung is tried."""
    seat_words: str = "seat_words"
    """What a person in the silent seat has typed (slot `seat_words`)."""
    draining: str = "draining_goodbye"
    max_duration: str = "max_duration_goodbye"
    goodbye: str = "goodbye"


@dataclass(frozen=True, slots=True)
class Service:
    """One thing that the hotline settles: a part of the script with a file of its own.

    Its gate, the step where it begins, has its name.
    """

    service_id: str
    intents: tuple[str, ...]
    about: Mapping[str, str] = field(default_factory=dict)
    """Locale to its name, as people see it."""

    @property
    def confirm(self) -> str:
        """The prompt that asks whether this is what the caller wants."""
        return f"confirm_{self.service_id}"


@dataclass(frozen=True, slots=True)
class Script:
    """A whole conversation. `menu` is where "main menu" leads; global commands work in every item."""

    script_id: str
    version: str
    start: str
    menu: str
    steps: Mapping[str, Step]
    services: tuple[Service, ...] = ()
    verification: VerificationRules = field(default_factory=VerificationRules)
    command_steps: Mapping[str, str] = field(default_factory=dict)
    """Where commands lead that are wishes of their own, such as `stop_calling`; others get a person."""
    confirm_commands: Mapping[str, str] = field(default_factory=dict)
    """Command to the prompt that asks whether it was meant, where it was half heard or part of a tale."""
    command_grammars: tuple[str, ...] = ("commands",)
    command_keys: tuple[str, ...] = ("keys_commands",)
    confirm_grammars: tuple[str, ...] = ("yes_no",)
    confirm_keys: KeyRule = field(default_factory=lambda: KeyRule(grammars=("keys_yes_no",)))
    locales: tuple[str, ...] = ("zh-CN", "en-US")
    prompts: StandardPrompts = StandardPrompts()
    survey: Survey | None = None
    """What it asks, where it is a survey."""
    surveys: Mapping[str, "Script"] = field(default_factory=dict, repr=False)
    """Those that whoever rings back may be taken to, by name."""

    @property
    def given(self) -> frozenset[str]:
        """Slots that are filled before the call, where it is one that we place or that was rung back."""
        if self.survey is None:
            return frozenset({RUNG_ABOUT, RUNG_SURVEY})
        quotas = (f"{QUOTA}{item.item_id}" for item in self.survey.items)
        return frozenset({*self.survey.facts, *quotas, RESUMED, RUNG_BACK})

    def spoken(self, survey: str) -> "Script":
        """The script that a call is in: this one, or the survey that it was taken to."""
        return self.surveys.get(survey, self)

    def service_of(self, intent: str) -> Service | None:
        """The service that an intent asks for."""
        return next((each for each in self.services if intent in each.intents), None)

    def leads(self, step: AskStep, value: str) -> str | None:
        """Where an answer leads: by the item's own branches, then to a service, then by the item's `*`."""
        own = {key: target for key, target in step.branches.items() if key != "*"}
        service = self.service_of(value) if step.offers_services else None
        return branch(own, value) or (service.service_id if service else None) or step.branches.get("*")

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
        ids.update(service.confirm for service in self.services if service.intents)
        ids.update(self.confirm_commands.values())
        for step in self.steps.values():
            ids.update(_prompts_of(step))
        return frozenset(ids)


def _prompts_of(step: Step) -> Iterator[str]:
    match step:
        case SayStep(prompts=prompts) | EndStep(prompts=prompts):
            yield from prompts
        case HumanStep():
            yield from (*step.prompts, *step.closed)
        case AskStep():
            yield from (step.ask, step.reprompt, step.choice, *step.confirm.values())
        case LookupStep(filler=str(filler)):
            yield filler
        case _:
            pass
