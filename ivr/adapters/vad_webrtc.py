"""Speech detection by WebRTC's detector, with the frame's level beside its verdict."""

import numpy as np
import webrtcvad

from ivr.media.frame import Frame
from ivr.media.level import level_db


class WebRtcSpeechDetector:
    """`SpeechDetector` over webrtcvad: about 3 us a frame at 8 kHz.

    `aggressiveness` 0..3: the higher, the more it takes for noise. Its verdict is gated by the line's own
    noise floor in the rules, so 2 is strict enough and keeps soft syllables.
    """

    def __init__(self, aggressiveness: int = 2) -> None:
        self._vad = webrtcvad.Vad(aggressiveness)

    def judge(self, pcm: bytes, sample_rate_hz: int) -> Frame:
        """Measure one frame of 10, 20 or 30 ms."""
        length_ms = len(pcm) * 1000 // (2 * sample_rate_hz)
        voiced = bool(self._vad.is_speech(pcm, sample_rate_hz))
        return Frame(voiced, level_db(np.frombuffer(pcm, dtype=np.int16)), length_ms)
