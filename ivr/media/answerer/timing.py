"""When the far end spoke and when it was silent, from the moment it answered."""

from collections import deque
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ivr.media.frame import Frame
from ivr.media.level import FLOOR_DB

FRAME_MS = 20

_LEAST_DB = -48.0
"""Fainter sound is no speech to us, whatever a detector says."""
_BELOW_LOUDEST_DB = 22.0
"""So far below the loudest moment somebody still speaks; further down is the room behind them."""
_LOUDEST_SHARE = 0.95
_ISLAND_MS = 60
"""A shorter sound is a click."""
_FRAMES_KEPT = 1500
"""Half a minute: earlier speech decides nothing any more."""
_TONE_FRAMES = 7
"""A tone is known as one after 100 ms; till then it may have been taken for a voice."""
_BRIDGE_MS = 300
"""A shorter silence belongs to the words around it: stops, breath, a comma."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Speech without a pause of 0.3 s; in ms since the start of listening."""

    begins_ms: int
    ends_ms: int

    @property
    def length_ms(self) -> int:
        """From its first word to its last."""
        return self.ends_ms - self.begins_ms


@dataclass(frozen=True, slots=True)
class Timing:
    """What is known at one moment."""

    at_ms: int
    stretches: tuple[Stretch, ...]

    @property
    def onset_ms(self) -> int | None:
        """When speech began first; None while nobody has spoken."""
        return self.stretches[0].begins_ms if self.stretches else None

    @property
    def speech_ms(self) -> int:
        """All stretches together."""
        return sum(stretch.length_ms for stretch in self.stretches)

    @property
    def silence_ms(self) -> int:
        """Since the last speech, or since the start."""
        return self.at_ms - (self.stretches[-1].ends_ms if self.stretches else 0)

    @property
    def longest_ms(self) -> int:
        """The longest stretch."""
        return max((stretch.length_ms for stretch in self.stretches), default=0)

    @property
    def is_speaking(self) -> bool:
        """Whether the last stretch may still go on."""
        return bool(self.stretches) and self.silence_ms < _BRIDGE_MS


class SpeechTrack:
    """Feed measured frames of 20 ms; ask for the timing at any moment, in light of all that came since."""

    def __init__(self) -> None:
        self._voiced: deque[bool] = deque(maxlen=_FRAMES_KEPT)
        self._levels_db: deque[float] = deque(maxlen=_FRAMES_KEPT)
        self._frames = 0

    @property
    def heard_ms(self) -> int:
        """Audio so far."""
        return self._frames * FRAME_MS

    @property
    def speech_db(self) -> float:
        """Level of the loud moments of speech; of silence, the least there is."""
        voiced = [
            level_db for level_db, is_voiced in zip(self._levels_db, self._voiced, strict=True) if is_voiced
        ]
        return float(np.quantile(voiced, _LOUDEST_SHARE)) if voiced else FLOOR_DB

    def levels_db(self, count: int) -> list[float]:
        """Of the latest frames, so many at most, the latest first."""
        return list(islice(reversed(self._levels_db), count))

    def feed(self, frame: Frame, *, tone_ms: int = 0) -> None:
        """Take one frame. `tone_ms`: so long a steady tone has sounded by now, which is nobody's speech."""
        self._frames += 1
        self._voiced.append(frame.voiced)
        self._levels_db.append(frame.level_db)
        for back in range(1, min(tone_ms // FRAME_MS, len(self._voiced), _TONE_FRAMES) + 1):
            self._voiced[-back] = False

    def timing(self) -> Timing:
        """What is known now."""
        voiced, levels_db = np.array(self._voiced, bool), np.array(self._levels_db)
        if not voiced.any():
            return Timing(self.heard_ms, ())
        loudest_db = float(np.quantile(levels_db[voiced], _LOUDEST_SHARE))
        heard = voiced & (levels_db > max(_LEAST_DB, loudest_db - _BELOW_LOUDEST_DB))
        return Timing(self.heard_ms, _stretches(heard, self.heard_ms - heard.size * FRAME_MS))


def _stretches(heard: NDArray[np.bool_], from_ms: int) -> tuple[Stretch, ...]:
    changes = np.flatnonzero(np.diff(np.concatenate([[False], heard, [False]]).astype(np.int8)))
    edges = from_ms + changes * FRAME_MS
    found: list[Stretch] = []
    for begins_ms, ends_ms in edges.reshape(-1, 2).tolist():
        if found and begins_ms - found[-1].ends_ms < _BRIDGE_MS:
            found[-1] = Stretch(found[-1].begins_ms, ends_ms)
        else:
            found.append(Stretch(begins_ms, ends_ms))
    return tuple(stretch for stretch in found if stretch.length_ms >= _ISLAND_MS)
