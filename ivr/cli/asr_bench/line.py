"""Recordings as they come out of a telephone line: levelled, in a noisy room, coded, with lost packets."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ivr.adapters.codecs import Codec, through_codec
from ivr.adapters.speech_corpus import Recording
from ivr.adapters.voice.samples import read_audio, resample, to_pcm
from ivr.cli.asr_bench.trials import NOBODY_S, Trial
from ivr.media.level import NOMINAL_SPEECH_DB, Samples, active_level_db, amplified, frame_levels_db
from ivr.media.noise import room_at_snr
from ivr.media.packet_loss import conceal, lost_frames

LEAD_MS, TAIL_MS = 300, 500
"""What the ear hands over before and after the speech."""

IDLE_LINE_DB = -70.0
"""Hiss of a line on which nobody speaks, in dBov."""

_FRAME_MS = 20
_LEAST_NOISE_S = 3.0
"""Shorter files of a noise folder are no room: impulse responses, ring tones."""

_LONGEST_S = 15.0
"""The longest utterance that the ear hands over."""

_ACTIVE_MARGIN_DB = 15.9
"""Frames down to this far below the active level are speech (ITU-T P.56, method B)."""

_TRIM_FRAME_MS, _TRIM_AIR_MS = 10, 30

_AUDIO_ENDINGS = frozenset({".wav", ".flac", ".mp3", ".ogg"})


class UnusableAudio(Exception):
    """A recording cannot be put to a recogniser; the message says why."""


def noise_files(places: list[Path]) -> list[Path]:
    """The files themselves, and the audio files of folders. Raises `OSError` for a place without any."""
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            inside = sorted(path for path in place.rglob("*") if path.suffix.lower() in _AUDIO_ENDINGS)
            if not inside:
                raise OSError(f"{place} holds no {', '.join(sorted(_AUDIO_ENDINGS))}")
            found += inside
        else:
            found.append(place)
    return found


@dataclass
class TelephoneLine:
    """Plays trials over one kind of line. The same seed gives each trial the same noise and losses."""

    codec: Codec
    snr_db: float
    loss: float
    """Share of 20 ms frames, 0..1."""
    seed: int
    rooms: list[Samples] = field(default_factory=list)

    def add_rooms(self, paths: list[Path]) -> list[Path]:
        """Read noise; gives those that are long enough. Raises `OSError`."""
        used = []
        for path in paths:
            samples, rate_hz = read_audio(path)
            if len(samples) >= _LEAST_NOISE_S * rate_hz:
                self.rooms.append(to_pcm(resample(samples, rate_hz, self.codec.sample_rate_hz)))
                used.append(path)
        return used

    def carry(self, trial: Trial) -> Samples:
        """The trial at the far end, 16-bit samples at the codec's rate. Raises `UnusableAudio`."""
        digest = hashlib.sha256(f"{self.seed} {trial.name}".encode()).digest()
        rng = np.random.default_rng(list(digest))
        speech = self._spoken(trial)
        hiss_rms = 32768.0 * 10.0 ** (IDLE_LINE_DB / 20.0)
        line = speech + rng.normal(0.0, hiss_rms, speech.size)
        if self.rooms:
            line += self._room(speech.size, rng)
        heard = through_codec(np.asarray(np.clip(np.rint(line), -32768, 32767), np.int16), self.codec)
        if not self.loss:
            return heard
        frame_length = self._count(_FRAME_MS)
        lost = lost_frames(-(-heard.size // frame_length), self.loss, rng)
        return conceal(heard, lost, frame_length, self.codec.sample_rate_hz)

    def _spoken(self, trial: Trial) -> Samples:
        """Lead, speech at its nominal level, tail."""
        joined = len(trial.recordings) > 1
        pieces = [np.zeros(self._count(LEAD_MS), np.int16)]
        for number, recording in enumerate(trial.recordings):
            if number:
                pieces.append(np.zeros(self._count(trial.gaps_ms[number - 1]), np.int16))
            pieces.append(self._recording(recording, trial.start_s, trim=joined))
        return np.concatenate([*pieces, np.zeros(self._count(TAIL_MS), np.int16)])

    def _recording(self, recording: Recording, start_s: float, *, trim: bool) -> Samples:
        try:
            samples, rate_hz = read_audio(recording.path)
        except (OSError, TypeError, ValueError, RuntimeError) as error:
            raise UnusableAudio(f"{recording.name} cannot be read: {error}") from None
        longest_s = _LONGEST_S if recording.transcript else NOBODY_S
        samples = samples[int(start_s * rate_hz) : int((start_s + longest_s) * rate_hz)]
        pcm = to_pcm(resample(samples, rate_hz, self.codec.sample_rate_hz))
        active_db = active_level_db(pcm, self.codec.sample_rate_hz) if pcm.size else IDLE_LINE_DB
        if active_db <= IDLE_LINE_DB:
            raise UnusableAudio(f"{recording.name} is silent")
        if trim:
            pcm = self._trimmed(pcm, active_db)
        return amplified(pcm, NOMINAL_SPEECH_DB - active_db)

    def _trimmed(self, pcm: Samples, active_db: float) -> Samples:
        """From the first active frame to the last, with a little air: room noise and clicks stay outside."""
        frame_length, air = self._count(_TRIM_FRAME_MS), self._count(_TRIM_AIR_MS)
        active = np.flatnonzero(frame_levels_db(pcm, frame_length) > active_db - _ACTIVE_MARGIN_DB)
        return pcm[max(0, int(active[0]) * frame_length - air) : (int(active[-1]) + 1) * frame_length + air]

    def _room(self, count: int, rng: np.random.Generator) -> Samples:
        room = self.rooms[int(rng.integers(len(self.rooms)))]
        noise = room_at_snr(room, speech_db=NOMINAL_SPEECH_DB, snr_db=self.snr_db)
        start = int(rng.integers(room.size))
        return np.resize(np.roll(noise, -start), count)

    def _count(self, length_ms: int) -> int:
        return self.codec.sample_rate_hz * length_ms // 1000
