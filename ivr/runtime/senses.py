"""What is measured on the audio of one call before any rule judges it."""

from collections import deque
from dataclasses import replace

import numpy as np

from ivr.media.frame import Frame
from ivr.media.level import level_db
from ivr.media.noise_floor import NoiseFloor
from ivr.media.resumption import PromptPauses
from ivr.runtime.ports import SpeechDetector, VoiceDetector

FRAME_MS = 20
_LEAD_IN_MS = 300
_PREPARE_MS = 500
"""What the second detector hears before the sound that it judges."""


class Senses:
    """Turns both channels of a call, frame by frame, into what the rules of turn-taking need."""

    def __init__(
        self, sample_rate_hz: int, detector: SpeechDetector, voice_detector: VoiceDetector | None
    ) -> None:
        self.sample_rate_hz = sample_rate_hz
        self._detector = detector
        self._voice_detector = voice_detector
        self._weighing = False
        self._floor = NoiseFloor()
        self._pauses = PromptPauses()
        self._latest: deque[bytes] = deque(maxlen=_PREPARE_MS // FRAME_MS)
        self.heard_ms = 0
        """Audio so far."""

    @property
    def floor_db(self) -> float:
        """The line's noise in dBov."""
        return self._floor.floor_db

    @property
    def back_ms(self) -> int:
        """How far before this moment a prompt that is cut off now should go on, if it does."""
        return self._pauses.back_ms

    @property
    def lead_in(self) -> bytes:
        """The latest 300 ms of the caller: where speech begins, the detectors are late."""
        return b"".join(tuple(self._latest)[-_LEAD_IN_MS // FRAME_MS :])

    def frame(self, caller: bytes, bot: bytes, *, in_speech: bool, over_prompt: bool, decided: bool) -> Frame:
        """Measure 20 ms of both channels.

        `in_speech` tells that an utterance is going on. `over_prompt`: one plays, so a sound must prove to be
        a voice, for which the second detector, a hundred times as costly, is asked until it is `decided`.
        """
        measured = self._detector.judge(caller, self.sample_rate_hz)
        doubted = over_prompt and self._voice_detector is not None
        near = self._floor.feed(measured.level_db, measured.length_ms, in_speech=in_speech, doubted=doubted)
        weigh = over_prompt and in_speech and not decided
        own_db = level_db(np.frombuffer(bot, dtype=np.int16))
        self._pauses.feed(own_db, measured.length_ms)
        self.heard_ms += measured.length_ms
        confirmed = self._confirm(caller) if weigh else None
        self._weighing = weigh
        self._latest.append(caller)
        return replace(measured, voiced=measured.voiced and near, own_level_db=own_db, confirmed=confirmed)

    def _confirm(self, caller: bytes) -> bool | None:
        if self._voice_detector is None:
            return None
        if not self._weighing:
            self._voice_detector.begin(b"".join(self._latest), self.sample_rate_hz)
        return self._voice_detector.is_voice(caller, self.sample_rate_hz)
