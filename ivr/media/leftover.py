"""Speech that a key has overruled: its rest is no answer to the next question."""

_OVER_AFTER_MS = 300
"""Silence that makes whatever follows a new beginning."""


class Leftover:
    """Takes the voice out of what a caller is still saying when they have answered by key."""

    def __init__(self) -> None:
        self._silence_ms: int | None = None

    def begin(self) -> None:
        """A key was pressed in the middle of speech."""
        self._silence_ms = 0

    def is_new(self, voiced: bool, length_ms: int) -> bool:
        """Take one frame; whether it is the voice of somebody who has begun since."""
        if self._silence_ms is None:
            return voiced
        self._silence_ms = 0 if voiced else self._silence_ms + length_ms
        if self._silence_ms >= _OVER_AFTER_MS:
            self._silence_ms = None
        return False
