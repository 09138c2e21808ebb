"""Where a prompt that was cut off goes on: at its last pause before the cut."""

from collections import deque

_LEAST_BACK_MS = 300
"""What was said in the last moments was said under the caller's own sound."""
_MOST_BACK_MS = 2500
_PAUSE_MS = 120
_QUIET_DB = -55.0
"""Between the words of a recording; its soft syllables lie above -45."""


class PromptPauses:
    """Feed the level of what the bot sends; ask how far to go back."""

    def __init__(self) -> None:
        self._frames: deque[tuple[bool, int]] = deque()
        self._held_ms = 0

    def feed(self, level_db: float, length_ms: int) -> None:
        """Take one frame, in dBov."""
        self._frames.append((level_db < _QUIET_DB, length_ms))
        self._held_ms += length_ms
        while self._held_ms > _MOST_BACK_MS:
            self._held_ms -= self._frames.popleft()[1]

    @property
    def back_ms(self) -> int:
        """From now back to the last pause of 120 ms that is 300 ms away or more; 300 where there is none."""
        passed_ms = quiet_ms = 0
        for quiet, length_ms in reversed(self._frames):
            quiet_ms = quiet_ms + length_ms if quiet else 0
            passed_ms += length_ms
            if quiet_ms >= _PAUSE_MS and passed_ms - quiet_ms >= _LEAST_BACK_MS:
                return passed_ms
        return _LEAST_BACK_MS
