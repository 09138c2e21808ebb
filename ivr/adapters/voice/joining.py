"""Joining recordings into one clip. Pure arithmetic on samples."""

from collections.abc import Sequence

import numpy as np

from ivr.adapters.voice.samples import Pcm
from ivr.dialogue.spoken import Place

MARGIN_MS = 10
"""What a recording that was cut out of a sentence keeps beyond each cut, to be faded into its neighbour."""

PAUSE_GAP_MS = 140
SENTENCE_GAP_MS = 380


def join(parts: Sequence[tuple[Pcm, Place]], rate_hz: int) -> Pcm:
    """One clip of all parts, which have this rate: neighbours in a phrase are cross-faded, breaks get a gap.

    A part that stands inside a phrase overlaps the next by twice the margin, so the rhythm of the sentences
    they were cut from is kept; the equal-power fade keeps the loudness.
    """
    margin = rate_hz * MARGIN_MS // 1000
    out: list[Pcm] = []
    tail: Pcm | None = None
    for pcm, place in parts:
        if not len(pcm):
            continue
        body = _crossfaded(tail, pcm) if tail is not None else _faded_in(pcm, margin)
        if place is Place.INNER:
            overlap = min(2 * margin, len(body))
            out.append(body[: len(body) - overlap])
            tail = body[len(body) - overlap :]
            continue
        gap_ms = PAUSE_GAP_MS if place is Place.PAUSE else SENTENCE_GAP_MS
        out += [_faded_out(body, margin), np.zeros(rate_hz * gap_ms // 1000, np.int16)]
        tail = None
    if tail is not None:
        out.append(_faded_out(tail, margin))
    elif out:
        out.pop()
    return np.concatenate(out) if out else np.zeros(0, np.int16)


def _crossfaded(tail: Pcm, head: Pcm) -> Pcm:
    overlap = min(len(tail), len(head))
    angle = (np.arange(overlap) + 0.5) / overlap * np.pi / 2
    mixed = tail[len(tail) - overlap :] * np.cos(angle) + head[:overlap] * np.sin(angle)
    clipped = np.clip(mixed.round(), -32768, 32767).astype(np.int16)
    return np.concatenate([tail[: len(tail) - overlap], clipped, head[overlap:]])


def _faded_in(pcm: Pcm, margin: int) -> Pcm:
    count = min(margin, len(pcm))
    ramp = np.sin((np.arange(count) + 0.5) / count * np.pi / 2)
    return np.concatenate([(pcm[:count] * ramp).astype(np.int16), pcm[count:]])


def _faded_out(pcm: Pcm, margin: int) -> Pcm:
    return _faded_in(pcm[::-1], margin)[::-1]
