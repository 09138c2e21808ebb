"""Samples keep their sound through resampling, levelling, trimming and joining."""

from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.voice.joining import PAUSE_GAP_MS, join
from ivr.adapters.voice.samples import (
    LINE_RATE_HZ,
    SPEECH_LEVEL_DB,
    Samples,
    level,
    read_audio,
    resample,
    to_pcm,
    trim,
    write_flac,
    write_wav,
)
from ivr.dialogue.spoken import Place
from ivr.media.level import active_level_db


def tone(hz: float, rate_hz: int, ms: int = 500, peak: float = 0.5) -> Samples:
    at = np.arange(rate_hz * ms // 1000) / rate_hz
    return (peak * np.sin(2 * np.pi * hz * at)).astype(np.float32)


def inner_rms(samples: Samples) -> float:
    middle = samples[len(samples) // 4 : -len(samples) // 4].astype(np.float64)
    return float(np.sqrt((middle**2).mean()))


@pytest.mark.parametrize("from_hz", [24000, 22050, 16000, 48000])
@pytest.mark.parametrize("hz", [300, 1000, 3400])
def test_the_telephone_band_passes_unchanged(from_hz: int, hz: int) -> None:
    narrow = resample(tone(hz, from_hz), from_hz, LINE_RATE_HZ)
    assert len(narrow) == LINE_RATE_HZ // 2
    assert inner_rms(narrow) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


@pytest.mark.parametrize("hz", [4300, 5000, 7000, 11000])
def test_what_lies_above_the_band_does_not_fold_into_it(hz: int) -> None:
    narrow = resample(tone(hz, 24000), 24000, LINE_RATE_HZ)
    assert 20 * np.log10(inner_rms(narrow) / 0.354) < -60


def test_going_up_adds_nothing_above_the_band() -> None:
    wide = resample(tone(3000, 8000), 8000, 16000)
    spectrum = np.abs(np.fft.rfft(wide * np.hanning(len(wide))))
    image = spectrum[len(spectrum) * 9 // 16 :].max() / spectrum.max()
    assert 20 * np.log10(image) < -60


@pytest.mark.parametrize("peak", [0.01, 0.2, 0.9])
def test_speech_is_brought_to_one_level_and_silence_is_left_alone(peak: float) -> None:
    speech = np.concatenate(
        [np.zeros(4000, np.float32), tone(500, 8000, peak=peak), np.zeros(4000, np.float32)]
    )
    assert active_level_db(to_pcm(level(speech, 8000)), 8000) == pytest.approx(SPEECH_LEVEL_DB, abs=0.2)
    silence = np.zeros(8000, np.float32)
    assert not level(silence, 8000).any()


def test_trimming_leaves_a_little_air() -> None:
    speech = np.concatenate([np.zeros(4000, np.float32), tone(500, 8000), np.zeros(4000, np.float32)])
    assert 500 <= len(trim(speech, 8000)) / 8 <= 550
    assert not len(trim(np.zeros(8000, np.float32), 8000))


@pytest.mark.parametrize("write", [write_wav, write_flac])
def test_files_keep_every_sample(tmp_path: Path, write: object) -> None:
    pcm = to_pcm(tone(440, 8000))
    assert callable(write)
    write(tmp_path / "tone.audio", pcm)
    samples, rate_hz = read_audio(tmp_path / "tone.audio")
    assert rate_hz == 8000
    assert np.array_equal((samples * 32768).astype(np.int16), pcm)


def test_pieces_that_were_cut_apart_join_without_a_click_and_without_a_gap() -> None:
    whole = to_pcm(tone(200, 8000, ms=600))
    margin = 80
    first, second = whole[: 2400 + margin], whole[2400 - margin :]
    joined = join([(first, Place.INNER), (second, Place.FINAL)])
    assert len(joined) == len(whole)
    assert np.abs(np.diff(joined.astype(int))).max() <= 1.5 * np.abs(np.diff(whole.astype(int))).max()


def test_a_pause_is_silent_and_the_end_has_none() -> None:
    piece = to_pcm(tone(200, 8000, ms=100))
    joined = join([(piece, Place.PAUSE), (piece, Place.FINAL)])
    assert len(joined) == 2 * len(piece) + PAUSE_GAP_MS * 8
    assert not joined[len(piece) : len(piece) + PAUSE_GAP_MS * 8].any()
    assert abs(int(joined[0])) < 100
    assert abs(int(joined[-1])) < 1000


def test_joining_nothing_gives_nothing() -> None:
    assert not len(join([]))
    assert not len(join([(np.zeros(0, np.int16), Place.INNER)]))
