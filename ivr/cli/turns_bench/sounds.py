"""The sounds of a telephone line at its own rate: speech, rooms, back-channels, echo, music."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ivr.adapters.codecs import CODECS, through_codec
from ivr.adapters.voice.samples import LINE_RATE_HZ, read_audio, resample, speech_span, to_pcm
from ivr.media.level import NOMINAL_SPEECH_DB, Samples, active_level_db, amplified, level_db
from ivr.media.noise import room_at_snr

LEAST_ROOM_S = 3.0
"""Shorter files are no room: impulse responses, ring tones."""

IDLE_LINE_DB = -70.0
_ECHO_DELAY_MS, _ECHO_LOSS_DB = 160, 12.0
"""A speakerphone on a mobile network, whose own canceller is not working."""
_BABBLE_VOICES = 6


@dataclass(frozen=True, slots=True)
class Spoken:
    """One recording, trimmed and at the nominal level."""

    name: str
    samples: Samples


def read_speech(paths: Sequence[Path]) -> Iterator[Spoken]:
    """What people say in these files; files without speech are left out. Raises `OSError`."""
    for path in paths:
        audio, rate_hz = read_audio(path)
        first, last = speech_span(audio, rate_hz)
        samples = to_pcm(resample(audio[first:last], rate_hz, LINE_RATE_HZ))
        if samples.size:
            gain_db = NOMINAL_SPEECH_DB - active_level_db(samples, LINE_RATE_HZ)
            yield Spoken(path.stem, amplified(samples, gain_db))


def read_rooms(paths: Sequence[Path]) -> dict[str, Samples]:
    """The noises among these files by name. Raises `OSError`."""
    rooms = {}
    for path in paths:
        audio, rate_hz = read_audio(path)
        if audio.size >= LEAST_ROOM_S * rate_hz:
            rooms[path.stem] = to_pcm(resample(audio, rate_hz, LINE_RATE_HZ))
    return rooms


def babble(spoken: Sequence[Spoken], length_s: float, rng: np.random.Generator) -> Samples:
    """Six people who talk without a pause at the same time: the hardest noise, for it is speech."""
    count = int(length_s * LINE_RATE_HZ)
    mixed = np.zeros(count)
    for _ in range(_BABBLE_VOICES):
        order = rng.permutation(len(spoken))
        voice = np.concatenate([spoken[index].samples for index in order])
        mixed += np.roll(np.resize(voice, count), int(rng.integers(count)))
    return to_pcm(np.asarray(mixed / np.abs(mixed).max() * 0.5, np.float32))


def hold_music(length_s: float, rng: np.random.Generator) -> Samples:
    """Chords of three decaying tones with overtones, a new one every 0.6 s: a cheap synthesiser on hold."""
    beat = int(0.6 * LINE_RATE_HZ)
    times = np.arange(beat) / LINE_RATE_HZ
    beats = []
    for _ in range(int(length_s / 0.6) + 1):
        root_hz = 220.0 * 2 ** (int(rng.integers(12)) / 12)
        tones = [root_hz * step * over for step in (1.0, 1.26, 1.5) for over in (1, 2, 3)]
        chord = sum(np.sin(2 * np.pi * hz * times) / (1 + n % 3) for n, hz in enumerate(tones))
        beats.append(chord * np.exp(-2.0 * times))
    tune = np.concatenate(beats)[: int(length_s * LINE_RATE_HZ)]
    return to_pcm(np.asarray(tune / np.abs(tune).max() * 0.5, np.float32))


def echo_of(prompt: Samples) -> Samples:
    """What comes back of a prompt."""
    delay = np.zeros(LINE_RATE_HZ * _ECHO_DELAY_MS // 1000, np.int16)
    return amplified(np.concatenate([delay, prompt])[: prompt.size], -_ECHO_LOSS_DB)


def in_a_row(parts: Sequence[Samples], gaps_ms: Sequence[int]) -> Samples:
    """The parts with this much silence after each."""
    pieces: list[Samples] = []
    for part, gap_ms in zip(parts, gaps_ms, strict=True):
        pieces += [part, np.zeros(LINE_RATE_HZ * gap_ms // 1000, np.int16)]
    return np.concatenate(pieces)


def on_the_line(speech: Samples, room: Samples | None, snr_db: float, rng: np.random.Generator) -> Samples:
    """Speech in a room of which each second is as loud as any, over an idle line and through G.711 A-law.

    The room is `snr_db` below the nominal speech level. It starts at a moment drawn from `rng`.
    """
    line = speech + rng.normal(0.0, 32768.0 * 10.0 ** (IDLE_LINE_DB / 20.0), speech.size)
    if room is not None and level_db(room) > IDLE_LINE_DB:
        noise = room_at_snr(room, speech_db=NOMINAL_SPEECH_DB, snr_db=snr_db)
        line = line + np.resize(np.roll(noise, -int(rng.integers(room.size))), speech.size)
    pcm = np.asarray(np.clip(np.rint(line), -32768, 32767), np.int16)
    return through_codec(pcm, CODECS["pcma"])
