"""What the simulated customer sends: clips at the line's rate, made before the call begins."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ivr.adapters.voice.samples import read_audio, resample, to_pcm, write_wav
from ivr.calls.speech import Clip
from ivr.media.level import NOMINAL_SPEECH_DB, Samples, active_level_db
from ivr.media.noise import room_at_snr
from ivr.runtime.customer.plan import Speak

_LEAST_ROOM_S = 60


class CustomerAudio:
    """Clips for one call, written as WAV files into a directory that lives as long as the call."""

    def __init__(self, directory: Path, sample_rate_hz: int, speak: Callable[[str], Path]) -> None:
        """`speak` turns a text into an audio file."""
        self._directory = directory
        self._sample_rate_hz = sample_rate_hz
        self._speak = speak
        self._written = 0

    def text(self, text: str) -> Speak:
        """A text as something to say. Raises what `speak` raises."""
        return self._speech(self._speak(text), source="say", shown=text)

    def file(self, path: Path) -> Speak:
        """An audio file as something to say. Raises `OSError`, or `ValueError` below 0.1 s."""
        return self._speech(path, source="wav", shown=path.name)

    def room(self, path: Path, *, snr_db: float, speech: Sequence[Speak]) -> Clip:
        """An audio file as the noise of the caller's room, `snr_db` below the active level of what is said.

        With several things said it is their mean power that counts; with nothing said, -26 dBov. Raises
        `OSError` when the file cannot be read, `ValueError` when it is silent.
        """
        levels_db = [
            active_level_db(np.frombuffer(said.pcm, dtype=np.int16), self._sample_rate_hz) for said in speech
        ]
        mean_power = np.mean(np.power(10.0, np.array(levels_db or [NOMINAL_SPEECH_DB]) / 10.0))
        speech_db = 10.0 * float(np.log10(mean_power))
        room = room_at_snr(self._read(path), speech_db=speech_db, snr_db=snr_db)
        # The player falls silent for a frame each time it starts over, so a short file is repeated here.
        return self._clip(np.resize(room, max(room.size, _LEAST_ROOM_S * self._sample_rate_hz)), text="")

    def _speech(self, path: Path, *, source: str, shown: str) -> Speak:
        samples = self._read(path)
        return Speak(source, shown, self._clip(samples, text=shown), samples.tobytes())

    def _read(self, path: Path) -> Samples:
        samples, rate_hz = read_audio(path)
        pcm = to_pcm(resample(samples, rate_hz, self._sample_rate_hz))
        if pcm.size < self._sample_rate_hz // 10:
            raise ValueError(f"{path} is shorter than 0.1 s")
        return pcm

    def _clip(self, samples: Samples, *, text: str) -> Clip:
        self._written += 1
        path = self._directory / f"{self._written}.wav"
        write_wav(path, samples, self._sample_rate_hz)
        return Clip(str(path), samples.size * 1000 // self._sample_rate_hz, text)
