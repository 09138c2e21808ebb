"""One frame of audio as the rules see it: not samples, but what was measured on them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """A stretch of caller audio, and the bot's level beside it, both RMS in dBov."""

    voiced: bool
    """The detector's word, and that it stands out of the line's noise."""
    level_db: float
    length_ms: int = 20
    own_level_db: float = -96.0
    """What the bot sent at the same time."""
    confirmed: bool | None = None
    """Whether a second, slower detector takes it for a voice; None while nobody asks it."""
