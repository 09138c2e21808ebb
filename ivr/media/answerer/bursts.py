"""Bursts: stretches of one steady tone or pair of tones, found in audio as it comes in."""

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from ivr.media.answerer.spectrum import NO_TONES, Tones, strongest_tones
from ivr.media.level import Samples, level_db

FRAME_MS = 20

_FRAME_SHARE = 0.75
"""Of a frame's power in its tones: a tone 5 dB above white noise has it, voices seldom and briefly."""
_BURST_SHARE = 0.7
"""The same over a whole burst, where a voice's moving pitch spreads and a tone does not."""
_LEAST_DB = -48.0
"""The faintest that counts: networks send -10 to -24 dBm0, 6.15 less in dBov, and lines lose some."""
_BRIDGED_FRAMES = 2
"""Frames that a phase reversal (the fax answering tone has one every 450 ms) or a lost packet may spoil."""
_SAME_TONE_HZ = 80.0
"""Within a burst the two parts of a dual tone beat, and their centre seems to move."""
_LEAST_MS = 60
_SURE_MS = 100
_MEASURED_MS = 400


@dataclass(frozen=True, slots=True)
class Burst:
    """One burst; times in ms of audio since the start of listening, exact to about 20 ms."""

    hz: tuple[float, ...]
    begins_ms: int
    ends_ms: int
    level_db: float
    level_range_db: float = 0.0
    """How much the level moved between its edges: a machine's tone stands still, a voice never quite."""
    hz_range: float = 0.0
    """How much the lowest frequency moved."""

    @property
    def length_ms(self) -> int:
        """How long it sounded."""
        return self.ends_ms - self.begins_ms


class BurstFinder:
    """Feed frames of 20 ms; get bursts when they have ended, and the one that goes on, if any."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._rate_hz = sample_rate_hz
        self._last: Samples = np.zeros(sample_rate_hz * FRAME_MS // 1000, np.int16)
        self._heard_ms = 0
        self._sound: deque[Samples] = deque(maxlen=_MEASURED_MS // FRAME_MS + _BRIDGED_FRAMES + 1)
        self._tracks: list[tuple[float, float]] = []
        self._frames = 0
        self._spoilt = 0
        self._centre_hz = 0.0
        self._measured: tuple[int, Burst | None] = (-1, None)

    @property
    def heard_ms(self) -> int:
        """Audio so far."""
        return self._heard_ms

    @property
    def idle(self) -> bool:
        """No tone sounds, nor has one just stopped that may go on."""
        return self._frames == 0

    @property
    def ongoing(self) -> Burst | None:
        """The burst that has not ended, once it is sure to be one. Its frequencies are found every 100 ms."""
        sounding = self._frames - self._spoilt
        if self._spoilt or sounding * FRAME_MS < _SURE_MS:
            return None
        if self._measured[0] != sounding // 5:
            self._measured = (sounding // 5, self._measure())
        burst = self._measured[1]
        return None if burst is None else replace(burst, ends_ms=self._heard_ms)

    def hear(self, samples: Samples) -> Burst | None:
        """Take one frame; the burst that it ended, if it did."""
        self._heard_ms += FRAME_MS
        tones = self._tones(samples)
        if not tones.hz:
            return self._miss(samples)
        ended: Burst | None = None
        if self._frames and abs(tones.centre_hz - self._centre_hz) > _SAME_TONE_HZ:
            ended = self._close()
        self._frames += 1
        self._spoilt = 0
        self._centre_hz += (tones.centre_hz - self._centre_hz) / self._frames
        self._sound.append(samples)
        self._tracks.append((tones.hz[0], level_db(samples)))
        return ended

    def _tones(self, samples: Samples) -> Tones:
        window = np.concatenate([self._last, samples])
        self._last = samples
        if level_db(samples) < _LEAST_DB:
            return NO_TONES
        tones = strongest_tones(window, self._rate_hz)
        return tones if tones.share >= _FRAME_SHARE else NO_TONES

    def _miss(self, samples: Samples) -> Burst | None:
        if not self._frames:
            return None
        self._frames += 1
        self._spoilt += 1
        self._sound.append(samples)
        return self._close() if self._spoilt > _BRIDGED_FRAMES else None

    def _close(self) -> Burst | None:
        long_enough = (self._frames - self._spoilt) * FRAME_MS >= _LEAST_MS
        burst = self._measure() if long_enough else None
        self._sound.clear()
        self._tracks.clear()
        self._frames, self._spoilt, self._centre_hz, self._measured = 0, 0, 0.0, (-1, None)
        return burst

    def _measure(self) -> Burst | None:
        """What the inner part of the burst holds; None where it is no steady tone after all."""
        frames = list(self._sound)[: len(self._sound) - self._spoilt]
        sound = np.concatenate(frames[1:-1] if len(frames) > 4 else frames)
        tones = strongest_tones(sound, self._rate_hz)
        if tones.share < _BURST_SHARE:
            return None
        ends_ms = self._heard_ms - self._spoilt * FRAME_MS
        begins_ms = self._heard_ms - self._frames * FRAME_MS
        inner = self._tracks[2:-1] or self._tracks
        hz_range, level_range_db = (max(track) - min(track) for track in zip(*inner, strict=True))
        return Burst(tones.hz, begins_ms, ends_ms, level_db(sound), level_range_db, hz_range)
