"""What a survey asks, what it has to know before it rings, and with what a call of it begins."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from ivr.calls.answers import is_given
from ivr.calls.speech import SlotValue

QUOTA = "quota_"
"""How the slots begin that tell of an item of which enough answers are there."""
FULL = "full"
RESUMED = "resumed"
"""The slot that tells that a call before this one broke off."""
CONTACT, CAMPAIGN, ATTEMPT = "contact_id", "campaign_id", "attempt_id"
"""The slots that tell whose the answers are."""
RUNG_BACK = "rung_back"
"""The slot that tells that it is the customer who rings: they are greeted already, and willing."""
RUNG_ABOUT, RUNG_SURVEY = "rung_about", "rung_survey"
"""The hotline's slots of whoever rings back: what for, in words for anybody, and the survey's name."""


class ItemKind(StrEnum):
    """What kind of answer an item takes."""

    CSAT = "csat"
    """Satisfaction, 1 to 5."""
    NPS = "nps"
    """Likelihood to recommend, 0 to 10."""
    CES = "ces"
    """Ease, 1 to 7; 7 is the easiest."""
    YES_NO = "yes_no"
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"
    OPEN = "open"
    """The customer's own words."""
    STATEMENT = "statement"
    """Something to be told, with "did you get that?": `yes` or `no`."""


class FactKind(StrEnum):
    """What kind of value a fact is, as prompts speak it."""

    TEXT = "text"
    MONEY = "money"
    NUMBER = "number"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that has to be known of a contact; `sample` is one for trials and previews."""

    kind: FactKind
    sample: SlotValue

    def value(self, given: object) -> SlotValue:
        """A fact as it came from a file. Raises `ValueError` with what it should be, not what it is."""
        text = str(given).strip()
        if not text:
            raise ValueError("is empty; fill it in")
        try:
            match self.kind:
                case FactKind.MONEY:
                    return Decimal(text.replace(",", ""))
                case FactKind.NUMBER:
                    return int(text)
                case FactKind.DATE:
                    return date.fromisoformat(text[:10])
                case FactKind.TEXT:
                    return text
        except (InvalidOperation, ValueError):
            raise ValueError(f"is no {self.kind}; write it like {self.sample}") from None


@dataclass(frozen=True, slots=True)
class SurveyItem:
    """One item. `quota` is how many answers are enough, over all contacts; None for no end."""

    item_id: str
    kind: ItemKind
    quota: int | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey by its items; the conversation is the script that it belongs to."""

    survey_id: str
    items: tuple[SurveyItem, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    """Locale to its name, as people see it."""
    ring_back: Mapping[str, str] = field(default_factory=dict)
    """Locale to what anybody may hear that it is about; empty where who rings back is not asked."""

    @property
    def samples(self) -> dict[str, SlotValue]:
        """The facts of an invented contact."""
        return {name: fact.sample for name, fact in self.facts.items()}

    def fact_faults(self, facts: Mapping[str, object]) -> tuple[str, ...]:
        """What is wrong with a contact's facts, each with its mend. There may be other facts besides."""
        faults = []
        for name, fact in self.facts.items():
            try:
                fact.value(facts.get(name, ""))
            except ValueError as fault:
                faults.append(f"{name} {fault}")
        return tuple(faults)

    def full(self, counts: Mapping[str, int]) -> frozenset[str]:
        """The items of which enough answers are there, given how many each has."""
        return frozenset(
            item.item_id
            for item in self.items
            if item.quota is not None and counts.get(item.item_id, 0) >= item.quota
        )

    def opening_slots(
        self,
        facts: Mapping[str, object],
        *,
        answers: Mapping[str, str] | None = None,
        full: Iterable[str] = (),
    ) -> dict[str, SlotValue]:
        """With what a call begins: the contact's facts, what was answered on calls before, what is full.

        Items that were answered are not put again. Raises `ValueError` with every fault of the facts.
        """
        if faults := self.fact_faults(facts):
            raise ValueError("; ".join(faults))
        slots: dict[str, SlotValue] = {name: fact.value(facts[name]) for name, fact in self.facts.items()}
        known = {item.item_id for item in self.items}
        before = {item: value for item, value in (answers or {}).items() if item in known and is_given(value)}
        slots |= before
        if before:
            slots[RESUMED] = "yes"
        return slots | {f"{QUOTA}{item}": FULL for item in full}
