"""Speech samples: reading, writing, resampling, levelling, trimming. Arrays are mono."""

import contextlib
import math
import os
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import soundfile

from ivr.media.level import active_level_db, frame_levels_db

Samples: TypeAlias = npt.NDArray[np.float32]
"""Full scale is -1..1."""
Pcm: TypeAlias = npt.NDArray[np.int16]

LINE_RATE_HZ = 8000
"""Rate of clips for G.711, and of everything that plays on such lines only."""

MASTER_RATE_HZ = 16000
"""Rate of all recordings: the whole band of G.722, brought down once for lines at 8 kHz."""

SPEECH_LEVEL_DB = -22.0
"""Active speech level of every recording (ITU-T P.56), in dB relative to full scale (dBov).

A few dB above the nominal -26 dBov, as prompts usually are, with peaks still below clipping.
"""

FAINTEST_DB = 5.0
"""How far below `SPEECH_LEVEL_DB` a single word may lie."""

_PEAK_LIMIT = 0.89
_NO_SPEECH_DB = -60.0
_SILENCE_BELOW_LOUDEST_DB = 38.0
_FRAME_MS = 10
_KEPT_MS = 20
_ZERO_CROSSINGS = 48
_PASSBAND = 0.94


@dataclass(frozen=True, slots=True)
class CutSpeech:
    """Parts spoken in one breath, and the sample positions where each begins, followed by the end."""

    samples: Samples
    rate_hz: int
    cuts: tuple[int, ...]


def read_audio(path: Path) -> tuple[Samples, int]:
    """A WAV, FLAC or Ogg Opus file, its first channel, and its rate in Hz. Raises `OSError` for others."""
    try:
        samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise OSError(f"{path}: {error}") from None
    return np.ascontiguousarray(samples[:, 0]), int(rate_hz)


def audio_length(path: Path) -> float:
    """Length of an audio file in seconds, from its headers. Raises `OSError` when it is none."""
    try:
        return float(soundfile.info(path).duration)
    except soundfile.LibsndfileError as error:
        raise OSError(f"{path}: {error}") from None


def read_pcm(path: Path, rate_hz: int = LINE_RATE_HZ) -> Pcm:
    """A recording at this rate, resampled when it is at another one. Raises `OSError`."""
    samples, own_hz = read_audio(path)
    return to_pcm(resample(samples, own_hz, rate_hz))


def write_wav(path: Path, pcm: Pcm, rate_hz: int = LINE_RATE_HZ) -> None:
    """Write a 16-bit mono WAV file."""
    with path.open("wb") as file, wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes(pcm.astype("<i2").tobytes())


def store_wav(path: Path, pcm: Pcm, rate_hz: int) -> None:
    """Write a WAV file whole or not at all, readable by its owner only."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.touch(mode=0o600)
        write_wav(part, pcm, rate_hz)
        part.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()


def write_opus(path: Path, samples: Samples, rate_hz: int) -> None:
    """Write a mono Ogg Opus file whole or not at all: about 31 kbit/s, where speech loses nothing audible.

    It is as many samples long as what was written, to the sample, so cuts stay where they were made.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        soundfile.write(part, samples, rate_hz, format="OGG", subtype="OPUS")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def to_pcm(samples: Samples) -> Pcm:
    """Full-scale floats to 16-bit integers, clipped."""
    return (np.clip(samples, -1.0, 1.0) * 32767.0).round().astype(np.int16)


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Band-limited interpolation with a Blackman-windowed sinc, 48 zero crossings to a side.

    Going down to 8 kHz the passband ends at 3.76 kHz, within what G.711 carries.
    """
    if from_hz == to_hz or not len(samples):
        return samples
    cutoff = min(1.0, to_hz / from_hz) * _PASSBAND
    half = int(np.ceil(_ZERO_CROSSINGS / cutoff))
    taps = np.arange(-half, half + 1)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(samples, half + 1), len(taps))
    out = np.empty(round(len(samples) * to_hz / from_hz), np.float32)
    # Every `phases` output samples lie alike between the input's, and so share a kernel.
    common = math.gcd(from_hz, to_hz)
    phases, step = to_hz // common, from_hz // common
    for phase in range(min(phases, len(out))):
        nearest, rest = divmod(phase * from_hz, to_hz)
        offset = taps - rest / to_hz
        angle = np.pi * offset / (half + 1)
        kernel = cutoff * np.sinc(cutoff * offset) * (0.42 + 0.5 * np.cos(angle) + 0.08 * np.cos(2 * angle))
        alike = out[phase::phases]
        alike[:] = windows[nearest + 1 :: step][: len(alike)] @ kernel.astype(np.float32)
    return out


def level(samples: Samples, rate_hz: int) -> Samples:
    """Bring the active speech to `SPEECH_LEVEL_DB`, less where a peak would pass -1 dB of full scale."""
    return _at_level(samples, active_level_db(to_pcm(samples), rate_hz), SPEECH_LEVEL_DB)


def raise_faint(samples: Samples, rate_hz: int) -> Samples:
    """Bring a word that is faint in its sentence, as an English "six" is, up to where it is not missed."""
    active_db = active_level_db(to_pcm(samples), rate_hz)
    return _at_level(samples, active_db, max(active_db, SPEECH_LEVEL_DB - FAINTEST_DB))


def _at_level(samples: Samples, active_db: float, wanted_db: float) -> Samples:
    if active_db < _NO_SPEECH_DB:
        return samples
    gain = min(10 ** ((wanted_db - active_db) / 20), _PEAK_LIMIT / float(np.abs(samples).max()))
    return (samples * np.float32(gain)).astype(np.float32)


def speech_span(samples: Samples, rate_hz: int) -> tuple[int, int]:
    """First and last sample of the speech with 20 ms of air on either side, (0, 0) when there is none."""
    frame, kept = rate_hz * _FRAME_MS // 1000, rate_hz * _KEPT_MS // 1000
    levels_db = frame_levels_db(to_pcm(samples), frame)
    if not levels_db.size or levels_db.max() < _NO_SPEECH_DB:
        return 0, 0
    loud = np.flatnonzero(levels_db > levels_db.max() - _SILENCE_BELOW_LOUDEST_DB)
    return max(0, int(loud[0]) * frame - kept), min(len(samples), (int(loud[-1]) + 1) * frame + kept)


def trim(samples: Samples, rate_hz: int) -> Samples:
    """The speech without the silence around it."""
    first, last = speech_span(samples, rate_hz)
    return samples[first:last]
