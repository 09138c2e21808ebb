"""How long this caller pauses inside what they say, learned on the call: slow speakers are let finish."""

from collections import deque

_REMEMBERED = 6
_LONGEST_MS = 1500
"""More patience than this is felt as a line gone dead."""


class Pace:
    """Feed the pauses after which the caller went on; get how long to wait for them."""

    def __init__(self) -> None:
        self._pauses_ms: deque[int] = deque(maxlen=_REMEMBERED)

    def went_on_after(self, pause_ms: int) -> None:
        """The caller paused this long in the middle of something."""
        self._pauses_ms.append(pause_ms)

    @property
    def wait_ms(self) -> int:
        """Silence that is still likely to be a pause: a third more than the longest of the last six.

        0 while nothing is known; never more than 1.5 s.
        """
        return min(max(self._pauses_ms, default=0) * 4 // 3, _LONGEST_MS)
