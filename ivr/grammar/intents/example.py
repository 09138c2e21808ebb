"""What an intent is made of, and what a model learns from."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IntentExample:
    """Something a caller may say, and the intent of it."""

    text: str
    intent: str | None
    """None for what is none of our business."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One wish that callers have."""

    name: str
    about: str
    """What it covers, in a few words for people."""
    slots: tuple[str, ...]
    """Kinds of value that may come in the same breath, such as `date`."""
    is_command: bool
    """Heard at any moment: it means `{"command": name}` rather than `{"intent": name}`."""
    examples: tuple[str, ...]

    @property
    def meaning(self) -> dict[str, str]:
        """The meaning of a match."""
        return {"command" if self.is_command else "intent": self.name}


@dataclass(frozen=True, slots=True)
class IntentBook:
    """All intents of one locale."""

    locale: str
    intents: Mapping[str, Intent]
    out_of_scope: tuple[str, ...]

    def examples(self) -> tuple[IntentExample, ...]:
        """What to train with, in the order in which it is written."""
        inside = (IntentExample(text, it.name) for it in self.intents.values() for text in it.examples)
        return (*inside, *(IntentExample(text, None) for text in self.out_of_scope))
