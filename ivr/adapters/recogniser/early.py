"""When to decode before the end of speech is certain: rules counted in audio milliseconds."""

import webrtcvad

_FRAME_MS = 20
_RATES_HZ = (8000, 16000, 32000, 48000)
_QUIET_MS = 200
_SPEECH_MS = 100
"""Speech that an utterance has at least before silence means anything."""

_RESUMED_FRAMES = 3


class PauseDetector:
    """Tells the pauses of an utterance. A rate that WebRTC's detector does not know has no pauses."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._rate_hz = sample_rate_hz
        self._detector = webrtcvad.Vad(3) if sample_rate_hz in _RATES_HZ else None
        self._frame_bytes = sample_rate_hz * _FRAME_MS // 1000 * 2
        self._rest = b""
        self._speech_ms = 0
        self._quiet_ms = 0
        self._voiced_run = 0

    @property
    def paused(self) -> bool:
        """Whether there was speech, and nothing like it for the last 200 ms."""
        return self._speech_ms >= _SPEECH_MS and self._quiet_ms >= _QUIET_MS

    def feed(self, pcm: bytes) -> bool:
        """Take audio; whether speech went on in it after a pause. One loud moment is no speech."""
        if self._detector is None:
            return False
        self._rest += pcm
        resumed = False
        while len(self._rest) >= self._frame_bytes:
            frame, self._rest = self._rest[: self._frame_bytes], self._rest[self._frame_bytes :]
            voiced = self._detector.is_speech(frame, self._rate_hz)
            self._voiced_run = self._voiced_run + 1 if voiced else 0
            self._speech_ms += _FRAME_MS * voiced
            self._quiet_ms += _FRAME_MS
            if self._voiced_run >= _RESUMED_FRAMES:
                resumed = resumed or self.paused
                self._quiet_ms = 0
        return resumed
