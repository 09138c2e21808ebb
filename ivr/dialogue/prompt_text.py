"""Prompt templates: fixed words with typed slots."""

import re
from dataclasses import dataclass
from enum import StrEnum


class SlotKind(StrEnum):
    """How a slot's value is said."""

    MONEY = "money"
    DATE = "date"
    DIGITS = "digits"
    NUMBER = "number"
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

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots, in order."""
        return tuple(part for part in self.parts if isinstance(part, Slot))


_SLOT = re.compile(r"\{([^{}]*)\}")
_SLOT_BODY = re.compile(r"([a-z][a-z0-9_]*):([a-z]+)")


def parse(prompt_id: str, text: str, locale: str, spoken_in: str = "") -> PromptText:
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
    return PromptText(prompt_id, locale, spoken_in or locale, tuple(parts))


def _slot(prompt_id: str, body: str) -> Slot:
    found = _SLOT_BODY.fullmatch(body.strip())
    if not found or found.group(2) not in list(SlotKind):
        kinds = ", ".join(SlotKind)
        raise PromptTextError(
            f"prompt {prompt_id}: write the slot {{{body}}} as {{name:kind}}, the kind one of {kinds}"
        )
    return Slot(found.group(1), SlotKind(found.group(2)))
