"""Where the other side's replies start and end, counted in milliseconds of received audio."""

import re
from dataclasses import dataclass

import numpy as np

from ivr.media.level import FLOOR_DB, active_level_db, frame_levels_db

FRAME_MS = 20

_QUIET = b"\x00"
_ENERGETIC = b"\x01"
_CLICK = re.compile(rb"(?<=\x00)\x01(?=\x00)")
"""One energetic frame alone is no speech."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRule:
    """When the other side counts as speaking, and when its reply counts as over."""

    energetic_db: float = -50.0
    """A frame above this level (dBov) is energetic. Idle G.711 lies below -70, soft speech above -45."""

    end_silence_ms: int = 1000
    """A reply is over after this much quiet; prompts pause for up to about 600 ms."""

    cut_silence_ms: int = 200
    """Quiet that must lie between a prompt and the reply that follows a barge-in."""

    patience_ms: int = 12_000
    """A reply that has not started this long after the caller finished is not going to come."""


class ReplyTrack:
    """The received audio of one call as energetic and quiet frames of 20 ms."""

    def __init__(self, sample_rate_hz: int, rule: ReplyRule) -> None:
        self._rule = rule
        self._frame_length = sample_rate_hz * FRAME_MS // 1000
        self._rest = b""
        # The quiet before the first frame, so that a reply may start with it.
        self._lead = rule.cut_silence_ms // FRAME_MS
        self._flags = bytearray(_QUIET * self._lead)

    @property
    def length_ms(self) -> int:
        """How much audio was fed, in whole frames."""
        return (len(self._flags) - self._lead) * FRAME_MS

    def feed(self, pcm: bytes) -> None:
        """Add received audio: 16-bit little-endian mono PCM, any length."""
        pcm = self._rest + pcm
        whole = len(pcm) - len(pcm) % (2 * self._frame_length)
        self._rest = pcm[whole:]
        levels_db = frame_levels_db(np.frombuffer(pcm[:whole], dtype="<i2"), self._frame_length)
        self._flags += (levels_db > self._rule.energetic_db).astype(np.uint8).tobytes()

    def start(self, after_ms: int) -> int | None:
        """When the first reply at or after `after_ms` starts; None when none has yet.

        Audio that was already going on then belongs to an earlier reply: a start follows quiet.
        """
        # The flags begin with the lead, so the frame where this search starts is the first of the quiet.
        first = after_ms // FRAME_MS
        spoken = _CLICK.sub(_QUIET, self._flags[first:])
        found = spoken.find(_QUIET * self._lead + 2 * _ENERGETIC)
        return None if found < 0 else (first + found) * FRAME_MS

    def end(self, start_ms: int) -> int | None:
        """When the reply that started at `start_ms` was over; None while it may still go on."""
        silence = _QUIET * (self._rule.end_silence_ms // FRAME_MS)
        found = self._flags.find(silence, self._lead + start_ms // FRAME_MS)
        return None if found < 0 else (found - self._lead) * FRAME_MS

    def last_energetic(self, start_ms: int, before_ms: int) -> int:
        """The end of the last energetic frame within the span, or `start_ms` when all of it is quiet."""
        start, before = (self._lead + ms // FRAME_MS for ms in (start_ms, before_ms))
        found = self._flags.rfind(_ENERGETIC, start, before)
        return start_ms if found < 0 else (found + 1 - self._lead) * FRAME_MS


def speech_end_ms(pcm: bytes, sample_rate_hz: int) -> int:
    """Where the speech in a clip ends: the end of its last frame within 30 dB of its active speech level."""
    samples = np.frombuffer(pcm, dtype="<i2")
    threshold_db = max(FLOOR_DB, active_level_db(samples, sample_rate_hz) - 30.0)
    track = ReplyTrack(sample_rate_hz, ReplyRule(energetic_db=threshold_db))
    track.feed(pcm)
    return track.last_energetic(0, track.length_ms)
