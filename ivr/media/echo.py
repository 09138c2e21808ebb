"""Echo: the bot's own voice that comes back from the caller's end, known by how its level rises and falls."""

from collections import deque

import numpy as np

_WINDOW = 40
"""Frames of 20 ms that are compared: about three syllables and the gaps between them."""
_LONGEST_DELAY = 25
"""Frames: mobile networks and conference bridges return echo after up to half a second."""
_LEAST_LOSS_DB = 3.0
"""An echo is weaker than what was sent."""
_LEAST_SPREAD_DB = 4.0
"""A prompt that hardly rises and falls resembles everything."""
_FLOOR_DB = -60.0
"""Levels below are all silence."""


class EchoGauge:
    """Feed both levels of every frame; ask how much the caller's channel resembles the bot's."""

    def __init__(self) -> None:
        self._heard_db: deque[float] = deque(maxlen=_WINDOW)
        self._sent_db: deque[float] = deque(maxlen=_WINDOW + _LONGEST_DELAY)

    def feed(self, heard_db: float, sent_db: float) -> None:
        """Take one frame of 20 ms: the level received and the level sent, in dBov."""
        self._heard_db.append(max(heard_db, _FLOOR_DB))
        self._sent_db.append(max(sent_db, _FLOOR_DB))

    @property
    def likeness(self) -> float:
        """The largest correlation coefficient of both level curves over all delays; 0 where none is an echo.

        Two different speakers come to about 0.4, an echo over a telephone line to more than 0.9.
        """
        if len(self._sent_db) < _WINDOW + _LONGEST_DELAY:
            return 0.0
        heard = np.array(self._heard_db)
        sent = np.lib.stride_tricks.sliding_window_view(np.array(self._sent_db), _WINDOW)
        weaker = heard.max() <= sent.max(axis=1) - _LEAST_LOSS_DB
        lively = (sent.std(axis=1) >= _LEAST_SPREAD_DB) & (heard.std() >= _LEAST_SPREAD_DB)
        if not np.any(weaker & lively):
            return 0.0
        chosen = sent[weaker & lively]
        covered = ((chosen - chosen.mean(axis=1, keepdims=True)) * (heard - heard.mean())).mean(axis=1)
        return float((covered / (chosen.std(axis=1) * heard.std())).max())
