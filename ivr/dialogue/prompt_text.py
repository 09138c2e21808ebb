"""Prompt templates: fixed words with typed slots."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import get_args

from ivr.calls.speech import Variant


class SlotKind(StrEnum):
    """How a slot's value is said."""

    MONEY = "money"
    """An amount in yuan."""
    DATE = "date"
    """A day with its year."""
    DAY = "day"
    """A date of which everyone knows the year: month and day only."""
    TIME = "time"
    """A time of day."""
    DIGITS = "digits"
    """Digit by digit: telephone, ticket and card numbers."""
    NUMBER = "number"
    """A count of things; in Mandarin a measure word follows."""
    ORDINAL = "ordinal"
    """Which one of a row: the second instalment, in Mandarin after 第."""
    PERCENT = "percent"
    """A rate in percent: 0.05 is said as 0.05 %."""
    NAME = "name"
    """One of the words in the locale's `names.yaml`, recorded; anything else is synthesised."""
    TEXT = "text"
    """Any words; synthesised, never joined from recordings."""


class PromptTextError(ValueError):
    """A template that cannot be read, or a slot whose value is missing or cannot be said."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place to be filled in a prompt."""

    name: str
    kind: SlotKind


@dataclass(frozen=True, slots=True)
class PromptText:
    """One prompt: fixed words and slots in turn."""

    prompt_id: str
    locale: str
    """The locale it belongs to."""
    spoken_in: str
    """The locale of its words: another one where it offers a change of language."""
    parts: tuple[str | Slot, ...]
    variant: Variant = "first"

    @property
    def name(self) -> str:
        """What its recordings are named after: `goodbye`, or `goodbye.short` for another wording."""
        return self.prompt_id if self.variant == "first" else f"{self.prompt_id}.{self.variant}"

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots, in order."""
        return tuple(part for part in self.parts if isinstance(part, Slot))


VARIANTS: tuple[Variant, ...] = get_args(Variant)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt in all its wordings; the first one is always there."""

    wordings: Mapping[Variant, PromptText]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots of the first wording, in order; the others may do with fewer."""
        return self.wordings["first"].slots

    def wording(self, variant: Variant) -> PromptText:
        """The wording wanted, else the next longer one: short, repeated, first."""
        longer = reversed(VARIANTS[: VARIANTS.index(variant) + 1])
        return next(self.wordings[each] for each in longer if each in self.wordings)

    def surplus_slots(self) -> list[Slot]:
        """Slots of further wordings that the first one lacks: nobody would give them a value."""
        return [slot for text in self.wordings.values() for slot in text.slots if slot not in set(self.slots)]


_SLOT = re.compile(r"\{([^{}]*)\}")
_SLOT_BODY = re.compile(r"([a-z][a-z0-9_]*):([a-z]+)")


def parse(
    prompt_id: str, text: str, locale: str, spoken_in: str = "", variant: Variant = "first"
) -> PromptText:
    """Read a template such as "您的贷款余额是{balance:money}。". Raises `PromptTextError`."""
    if not text.strip():
        raise PromptTextError(f"prompt {prompt_id}: the text is empty")
    parts: list[str | Slot] = []
    end = 0
    for found in _SLOT.finditer(text):
        parts += [text[end : found.start()]] if found.start() > end else []
        parts.append(_slot(prompt_id, found.group(1)))
        end = found.end()
    parts += [text[end:]] if end < len(text) else []
    if any(brace in part for part in parts if isinstance(part, str) for brace in "{}"):
        raise PromptTextError(f"prompt {prompt_id}: a brace without its partner")
    return PromptText(prompt_id, locale, spoken_in or locale, tuple(parts), variant)


def _slot(prompt_id: str, body: str) -> Slot:
    found = _SLOT_BODY.fullmatch(body.strip())
    if not found or found.group(2) not in list(SlotKind):
        kinds = ", ".join(SlotKind)
        raise PromptTextError(
            f"prompt {prompt_id}: write the slot {{{body}}} as {{name:kind}}, the kind one of {kinds}"
        )
    return Slot(found.group(1), SlotKind(found.group(2)))
