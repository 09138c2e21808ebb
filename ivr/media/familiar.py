"""Which known recordings are heard in a stretch of audio, as somebody does who has heard them before.

Each recording is a picture of band levels over time, cut into pieces of 0.6 s. Where these lie in the audio
is found by correlation, and how many of them lie as in the recording decides. Over G.711 a recording
correlates 0.91 to 0.99 with itself (measured on all 570 sentences of both locales).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
"""Rate of all audio here: the telephone band is all that is compared."""

_HOP = 128
_WINDOW = 256
_BANDS = 16
_LOW_HZ, _HIGH_HZ = 200.0, 3400.0
_FLOOR = 1e-5
"""Energy below which a band is silence, of full scale: -50 dB, above the steps of G.711 in a pause."""
_KEY_ROWS = 38
"""0.6 s: what a recording is first looked for by. Shorter recordings are not told apart surely enough."""
_SURE = 0.85
_LEAST_PIECES = 2
"""So many pieces of a recording must be heard where it is not heard whole."""
_SHIFT_MS = 200
"""How far apart its pieces may have moved, by lost packets and what fills their place."""

Picture = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Piece:
    """0.6 s of a recording, in rows: which, and where in the audio."""

    first: int
    at: int
    likeness: float

    @property
    def start(self) -> int:
        """Where the recording would begin."""
        return self.at - self.first


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording in the audio."""

    name: str
    start_ms: int
    end_ms: int
    heard_ms: int
    """How much of it was recognised between the two."""
    likeness: float
    """Mean correlation over that, up to 1."""


class Familiar:
    """Known recordings, ready to be found."""

    def __init__(self, pictures: Mapping[str, Picture]) -> None:
        """`pictures`: by name, from `picture`. Those under 0.6 s are left out."""
        keys: list[Picture] = []
        self._places: list[tuple[str, int]] = []
        self._rows: dict[str, int] = {}
        for name, each in pictures.items():
            for first in range(0, len(each) - _KEY_ROWS + 1, _KEY_ROWS):
                keys.append(_unit(each[first : first + _KEY_ROWS]).ravel())
                self._places.append((name, first))
                self._rows[name] = len(each)
        self._keys = np.array(keys, dtype=np.float32).reshape(len(keys), _KEY_ROWS * _BANDS)

    def within(self, pcm: bytes) -> tuple[Heard, ...]:
        """What is heard in 16-bit mono PCM at 8 kHz, in order; only prompts of the same words overlap.

        A recording that is cut off, or goes on after an interruption, counts from two pieces of it on.
        """
        audio = picture(pcm)
        if len(audio) < _KEY_ROWS or not self._places:
            return ()
        windows = np.lib.stride_tricks.sliding_window_view(audio, _KEY_ROWS, axis=0).transpose(0, 2, 1)
        flat = (windows - windows.mean(axis=1, keepdims=True)).reshape(len(windows), -1)
        likeness = self._keys @ (flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-6)).T
        pieces: dict[str, list[_Piece]] = {}
        for key, at in zip(*np.nonzero(_peaks(likeness)), strict=True):
            name, first = self._places[int(key)]
            pieces.setdefault(name, []).append(_Piece(first, int(at), float(likeness[key, at])))
        found = [heard for name, each in pieces.items() for heard in self._joined(name, each)]
        return _apart(found)

    def _joined(self, name: str, pieces: list[_Piece]) -> Iterator[Heard]:
        """Pieces that lie as they do in the recording, but for what the network has stretched or lost."""
        needed = min(self._rows[name] // _KEY_ROWS, _LEAST_PIECES)
        left = sorted(pieces, key=lambda piece: (piece.start, piece.first))
        while left:
            near = [piece for piece in left if piece.start - left[0].start <= _rows(_SHIFT_MS)]
            left = left[len(near) :]
            best = {piece.first: piece for piece in sorted(near, key=lambda piece: piece.likeness)}
            if len(best) >= needed:
                same = sorted(best.values(), key=lambda piece: piece.first)
                likeness = sum(piece.likeness for piece in same) / len(same)
                end = same[-1].at + min(2 * _KEY_ROWS, self._rows[name] - same[-1].first)
                yield Heard(name, _ms(same[0].at), _ms(end), _ms(len(same) * _KEY_ROWS), likeness)


def picture(pcm: bytes) -> Picture:
    """Log levels of 16 bands, a row every 16 ms, of 16-bit mono PCM at 8 kHz."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / 32768.0
    if len(samples) < _WINDOW:
        return np.zeros((0, _BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP] * _TAPER
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2 / _WINDOW
    return np.asarray(np.log10(power @ _FILTERS + _FLOOR), dtype=np.float32)


def _filters() -> NDArray[np.float32]:
    """Bands of equal width in mel (O'Shaughnessy 1987), one column each."""
    edges = 700.0 * (10.0 ** (np.linspace(_mel(_LOW_HZ), _mel(_HIGH_HZ), _BANDS + 1) / 2595.0) - 1.0)
    bins_hz = np.fft.rfftfreq(_WINDOW, 1 / RATE_HZ)[:, None]
    return ((bins_hz >= edges[:-1]) & (bins_hz < edges[1:])).astype(np.float32)


def _mel(hz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hz / 700.0))


_FILTERS = _filters()
_TAPER = np.hanning(_WINDOW).astype(np.float32)


def _unit(part: Picture) -> Picture:
    """Each band about its own mean, which takes gain and the voice's colour away; of length 1 in all."""
    centred = part - part.mean(axis=0)
    return np.asarray(centred / (np.linalg.norm(centred) + 1e-6), dtype=np.float32)


def _peaks(likeness: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where a key fits better than a row before and after, and well enough."""
    padded = np.pad(likeness, ((0, 0), (1, 1)), constant_values=-1.0)
    return (likeness >= _SURE) & (likeness >= padded[:, :-2]) & (likeness >= padded[:, 2:])


def _apart(found: list[Heard]) -> tuple[Heard, ...]:
    """Of those that overlap, the one that explains the most audio, and what sounds the same."""
    kept: list[Heard] = []
    for heard in sorted(found, key=lambda each: each.heard_ms * each.likeness, reverse=True):
        if all(_beside(heard, other) or _twins(heard, other) for other in kept):
            kept.append(heard)
    return tuple(sorted(kept, key=lambda each: (each.start_ms, each.name)))


_SLACK_MS = 100
_TWIN_LIKENESS = 0.02


def _beside(one: Heard, other: Heard) -> bool:
    return one.end_ms <= other.start_ms + _SLACK_MS or one.start_ms >= other.end_ms - _SLACK_MS


def _twins(one: Heard, other: Heard) -> bool:
    """Two prompts of the same words."""
    apart_ms = abs(one.start_ms - other.start_ms) + abs(one.end_ms - other.end_ms)
    return apart_ms <= _SLACK_MS and abs(one.likeness - other.likeness) < _TWIN_LIKENESS


def _ms(rows: int) -> int:
    return rows * _HOP * 1000 // RATE_HZ


def _rows(ms: int) -> int:
    return ms * RATE_HZ // (1000 * _HOP)
