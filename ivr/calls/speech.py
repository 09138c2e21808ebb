"""What the bot is to say, before anyone knows how it sounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Literal

SlotValue = str | int | Decimal | date | time
"""A slot's value. How it is spoken (money, digits, date) is named by the prompt's text, not here."""

Variant = Literal["first", "repeated", "short"]
"""Which wording of a prompt: the first time, when it is said again, or in brief."""


@dataclass(frozen=True, slots=True)
class Say:
    """One prompt by id, with what fills its slots."""

    prompt_id: str
    slots: Mapping[str, SlotValue] = field(default_factory=dict, repr=False)
    variant: Variant = "first"
    """A prompt without this wording is said in the next longer one it has."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Speech ready to play: a mono 16-bit PCM WAV file at the line's sample rate."""

    path: str
    duration_ms: int
    text: str = field(repr=False)
    """What is spoken, for the record and the agent's screen."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A finished recording: left the caller, right the bot."""

    path: str
    duration_ms: int
    paused_ms: int | None
    """Silence in place of a secret; None when unknown."""
    sha256: str
