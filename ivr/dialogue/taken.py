"""How one answer was taken, for the record of the turn."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.calls.rung import Rung
from ivr.dialogue.ladder import Form


@dataclass(frozen=True, slots=True)
class Taken:
    """How one answer was taken, for the record of the turn."""

    turn: int
    item: str
    form: Form
    source: str
    result: str
    reason: str
    confidence: float
    intent: str | None
    secret: bool
    rung: Rung
    meaning: Mapping[str, str] | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)
