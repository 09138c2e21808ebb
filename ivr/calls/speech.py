"""What the bot is to say, before anyone knows how it sounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

SlotValue = str | int | Decimal | date
"""A slot's value. How it is spoken (money, digits, date) is named by the prompt's text, not here."""


@dataclass(frozen=True, slots=True)
class Say:
    """One prompt by id, with what fills its slots."""

    prompt_id: str
    slots: Mapping[str, SlotValue] = field(default_factory=dict, repr=False)
    variant: str = "first"
    """`first`, `repeated` or `short`: which wording, where the prompt has several."""


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
