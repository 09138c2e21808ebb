"""Where an utterance falls into pieces: words said one by one, with a pause after each."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ivr.adapters.recogniser.audio import WHISPER_RATE_HZ, Samples

Loud = npt.NDArray[np.bool_]
"""For each 10 ms of audio whether there is a sound in it rather than a pause."""

_HOP_S = 0.01
_HOP = int(WHISPER_RATE_HZ * _HOP_S)
_RANGE_DB = 30.0
"""A quieter stretch is a pause: the weakest consonants are about so far below the vowels."""

_ABOVE_FLOOR = 0.4
"""In a noisy room a pause is this share of the way from the quietest to the loudest level, or lower."""

_CLOSURE_HOPS = 4
"""Shorter silence is inside a sound."""

_FRAGMENT_HOPS, _FRAGMENT_GAP_HOPS = 10, 12
"""Too short for a word: the release after the closure of a `t` or `k`."""

_EDGE_HOPS = 3
"""Weak beginnings and ends of words lie outside of what is loud."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch between pauses, in hops of 10 ms."""

    begin: int
    end: int

    @property
    def hops(self) -> int:
        """Its length."""
        return self.end - self.begin

    def until(self, other: "Piece") -> "Piece":
        """This piece and all up to the end of the other."""
        return Piece(self.begin, other.end)

    def cut(self, samples: Samples) -> Samples:
        """Its samples, with a little of what is around."""
        return samples[max(0, self.begin - _EDGE_HOPS) * _HOP : (self.end + _EDGE_HOPS) * _HOP]


def split(samples: Samples) -> list[Piece]:
    """The pieces between pauses, fragments joined to what they belong to; empty without any sound."""
    loud = loud_hops(samples)
    pieces: list[Piece] = []
    for piece in _runs(loud):
        if pieces and piece.begin - pieces[-1].end < _CLOSURE_HOPS:
            pieces[-1] = pieces[-1].until(piece)
        else:
            pieces.append(piece)
    return [piece for piece in _with_fragments(pieces) if piece.hops >= _FRAGMENT_HOPS]


def stretches(samples: Samples, *, least_pause_s: float, most: int) -> list[Samples]:
    """What lies between longer pauses; of more than `most` the nearest are joined."""
    joined: list[Piece] = []
    for piece in split(samples):
        if joined and (piece.begin - joined[-1].end) * _HOP_S < least_pause_s:
            joined[-1] = joined[-1].until(piece)
        else:
            joined.append(piece)
    return [piece.cut(samples) for piece in join_to(joined, most)]


def join_to(pieces: list[Piece], count: int) -> list[Piece]:
    """At most `count` pieces: those are joined that are nearest to each other and shortest."""
    joined = list(pieces)
    while len(joined) > max(1, count):
        costs = [right.begin - left.end + min(left.hops, right.hops) for left, right in pairwise(joined)]
        at = costs.index(min(costs))
        joined[at : at + 2] = [joined[at].until(joined[at + 1])]
    return joined


def loud_hops(samples: Samples) -> Loud:
    """Tell sounds from pauses, by levels within these samples."""
    count = len(samples) // _HOP
    if not count:
        return np.zeros(0, np.bool_)
    power = np.square(samples[: count * _HOP].reshape(count, _HOP)).mean(axis=1)
    smooth = np.convolve(power, np.ones(3) / 3, mode="same")
    level_db = 10 * np.log10(smooth + 1e-10)
    floor_db, peak_db = np.quantile(level_db, 0.05), np.quantile(level_db, 0.97)
    threshold_db = max(peak_db - _RANGE_DB, floor_db + _ABOVE_FLOOR * (peak_db - floor_db))
    return np.asarray(level_db > threshold_db, np.bool_)


def _runs(loud: Loud) -> Iterator[Piece]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(np.int8)))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        yield Piece(int(begin), int(end))


def _with_fragments(pieces: list[Piece]) -> list[Piece]:
    whole: list[Piece] = []
    for piece in pieces:
        near = bool(whole) and piece.begin - whole[-1].end < _FRAGMENT_GAP_HOPS
        if near and min(piece.hops, whole[-1].hops) < _FRAGMENT_HOPS:
            whole[-1] = whole[-1].until(piece)
        else:
            whole.append(piece)
    return whole
