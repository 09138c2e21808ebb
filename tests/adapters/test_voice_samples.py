"""Samples keep their sound through resampling, levelling, trimming and joining."""

from pathlib import Path

import numpy as np
import pytest
from voice_samples import PROMPTS_DIR

from ivr.adapters.voice.joining import PAUSE_GAP_MS, join
from ivr.adapters.voice.loudness import measure
from ivr.adapters.voice.pace import checked_pace, stretched
from ivr.adapters.voice.samples import (
    FAINTEST_DB,
    LINE_RATE_HZ,
    MASTER_RATE_HZ,
    SPEECH_LEVEL_DB,
    Samples,
    level,
    raise_faint,
    read_audio,
    resample,
    to_pcm,
    trim,
    write_opus,
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


def test_wav_files_keep_every_sample(tmp_path: Path) -> None:
    pcm = to_pcm(tone(440, 8000))
    write_wav(tmp_path / "tone.wav", pcm)
    samples, rate_hz = read_audio(tmp_path / "tone.wav")
    assert rate_hz == 8000
    assert np.array_equal((samples * 32768).astype(np.int16), pcm)


def test_opus_files_keep_the_length_the_place_and_nearly_all_of_the_sound(tmp_path: Path) -> None:
    speech, _ = read_audio(PROMPTS_DIR / "en-US" / "recordings" / "greeting.opus")
    write_opus(tmp_path / "again.opus", speech, MASTER_RATE_HZ)
    again, rate_hz = read_audio(tmp_path / "again.opus")
    assert (rate_hz, len(again)) == (MASTER_RATE_HZ, len(speech))
    lost = float(((again - speech) ** 2).sum() / (speech**2).sum())
    assert 10 * np.log10(lost) < -18
    assert names_in(tmp_path) == ["again.opus"]


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_faint_word_is_raised_and_any_other_is_left_alone() -> None:
    faint, usual = (tone(500, 16000, peak=peak) for peak in (0.02, 0.12))
    raised = active_level_db(to_pcm(raise_faint(faint, 16000)), 16000)
    assert raised == pytest.approx(SPEECH_LEVEL_DB - FAINTEST_DB, abs=0.2)
    assert np.allclose(raise_faint(usual, 16000), usual, atol=1e-6)


@pytest.mark.parametrize("pace", [0.5, 0.8, 1.25, 2.0])
@pytest.mark.parametrize("rate_hz", [8000, 16000])
def test_another_pace_keeps_the_pitch_and_the_level_and_the_whole_of_the_sound(
    pace: float, rate_hz: int
) -> None:
    slow = stretched(to_pcm(tone(500, rate_hz, ms=1000)), rate_hz, pace)
    assert len(slow) == round(rate_hz / pace)
    inner = slow[len(slow) // 4 : -len(slow) // 4].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(inner * np.hanning(len(inner))))
    assert np.argmax(spectrum) * rate_hz / len(inner) == pytest.approx(500, abs=10)
    assert np.sqrt((inner**2).mean()) == pytest.approx(32767 * 0.5 / np.sqrt(2), rel=0.05)
    assert np.abs(slow[-len(slow) // 20 :]).max() > 10_000


@pytest.mark.parametrize("pace", [0.0, 0.4, 2.1, -1.0])
def test_a_pace_that_nobody_could_follow_is_refused(pace: float) -> None:
    with pytest.raises(ValueError, match=r"between 0\.5 and 2"):
        checked_pace(pace)


def test_loudness_agrees_with_the_reference_of_its_recommendation() -> None:
    # ITU-R BS.1770-4: a sine of 997 Hz at 0 dBFS in one channel reads -3.01 LUFS.
    found = measure(to_pcm(tone(997, 16000, ms=3000, peak=0.1)), 16000)
    assert found.lufs == pytest.approx(-23.01, abs=0.1)
    assert not found.clipped


def test_speech_at_our_level_measures_our_loudness_and_louder_speech_is_a_fault() -> None:
    speech, rate_hz = read_audio(PROMPTS_DIR / "en-US" / "recordings" / "greeting.opus")
    assert measure(to_pcm(speech), rate_hz).fault is None
    assert "LUFS instead of" in str(measure(to_pcm(speech * 0.5), rate_hz).fault)
    assert measure(to_pcm(np.clip(speech * 20, -1, 1)), rate_hz).fault == "peaks are cut off"
    assert "dBov instead of" in str(measure(to_pcm(speech[:16000] * 0.2), rate_hz).fault)


def test_pieces_that_were_cut_apart_join_without_a_click_and_without_a_gap() -> None:
    whole = to_pcm(tone(200, 8000, ms=600))
    margin = 80
    first, second = whole[: 2400 + margin], whole[2400 - margin :]
    joined = join([(first, Place.INNER), (second, Place.FINAL)], 8000)
    assert len(joined) == len(whole)
    assert np.abs(np.diff(joined.astype(int))).max() <= 1.5 * np.abs(np.diff(whole.astype(int))).max()


def test_a_pause_is_silent_and_the_end_has_none() -> None:
    piece = to_pcm(tone(200, 8000, ms=100))
    joined = join([(piece, Place.PAUSE), (piece, Place.FINAL)], 8000)
    assert len(joined) == 2 * len(piece) + PAUSE_GAP_MS * 8
    assert not joined[len(piece) : len(piece) + PAUSE_GAP_MS * 8].any()
    assert abs(int(joined[0])) < 100
    assert abs(int(joined[-1])) < 1000


def test_joining_nothing_gives_nothing() -> None:
    assert not len(join([], 8000))
    assert not len(join([(np.zeros(0, np.int16), Place.INNER)], 8000))
