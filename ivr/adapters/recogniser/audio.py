"""Telephone audio into the log-mel window that Whisper's encoder reads."""

from typing import Any

import numpy as np
import numpy.typing as npt
from faster_whisper.feature_extractor import FeatureExtractor

Samples = npt.NDArray[np.float32]

WHISPER_RATE_HZ = 16_000
FRAMES_PER_S = 100
MAX_FRAMES = 3000
"""Whisper's encoder was trained on windows of 30 s."""

_WINDOWS_FRAMES = (400, 600, 1000, 1500, 2000, MAX_FRAMES)
_PADDING_FRAMES = 100
"""Silence that a window has at least beyond the speech: the decoder needs it to find the end."""

_extractor = FeatureExtractor()


def to_samples(pcm: bytes, sample_rate_hz: int) -> Samples:
    """16-bit little-endian mono PCM of any rate as samples in -1..1 at 16 kHz, no band added or folded."""
    samples = np.frombuffer(pcm, "<i2", len(pcm) // 2).astype(np.float32) / 32768.0
    if sample_rate_hz == WHISPER_RATE_HZ or not len(samples):
        return samples
    wanted = round(len(samples) * WHISPER_RATE_HZ / sample_rate_hz)
    spectrum = np.fft.rfft(samples)
    resampled: Any = np.fft.irfft(spectrum[: wanted // 2 + 1], wanted) * (wanted / len(samples))
    return np.asarray(resampled, np.float32)


def window_frames(samples: Samples) -> int:
    """The shortest window, in frames of 10 ms, that holds the samples and some silence."""
    needed = len(samples) * FRAMES_PER_S // WHISPER_RATE_HZ + _PADDING_FRAMES
    return next((frames for frames in _WINDOWS_FRAMES if frames >= needed), MAX_FRAMES)


def log_mel(samples: Samples, frames: int) -> npt.NDArray[np.float32]:
    """Features of shape (1, 80, frames), padded with silence or cut at the end."""
    wanted = frames * WHISPER_RATE_HZ // FRAMES_PER_S
    padded = np.pad(samples[:wanted], (0, max(0, wanted - len(samples))))
    features = _extractor(padded, padding=0)[None, :, :frames]
    return np.ascontiguousarray(features, np.float32)
