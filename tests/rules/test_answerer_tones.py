"""Network signals, fax machines and beeps are told from audio, at any level, off-pitch and in noise."""

import numpy as np
import pytest

from ivr.media.answerer.signals import BeepHeard, SignalHeard, ToneEar
from ivr.media.answerer.tone_plans import Signal, SitCode

RATE_HZ = 8000
Part = tuple[tuple[float, ...], int]
"""Frequencies that sound together, none for silence, and for how many ms."""

CN, RING_NA, BUSY_NA = (450.0,), (440.0, 480.0), (480.0, 620.0)


def cadence(hz: tuple[float, ...], *lengths_ms: int, times: int = 1) -> list[Part]:
    return [(hz if at % 2 == 0 else (), ms) for at, ms in enumerate(lengths_ms)] * times


SIGNALS = {
    "ring-back, China": (cadence(CN, 1000, 4000), Signal.RINGBACK),
    "busy, China": (cadence(CN, 350, 350, times=4), Signal.BUSY),
    "congestion, China": (cadence(CN, 700, 700, times=3), Signal.CONGESTION),
    "number unobtainable, China": (
        cadence(CN, 100, 100, 100, 100, 100, 100, 400, 400, times=2),
        Signal.UNOBTAINABLE,
    ),
    "dial tone, China": ([(CN, 2500)], Signal.DIAL),
    "ring-back, North America": (cadence(RING_NA, 2000, 4000), Signal.RINGBACK),
    "ring-back of a PBX": (cadence(RING_NA, 1000, 3000), Signal.RINGBACK),
    "busy, North America": (cadence(BUSY_NA, 500, 500, times=4), Signal.BUSY),
    "reorder, North America": (cadence(BUSY_NA, 250, 250, times=4), Signal.CONGESTION),
    "dial tone, North America": ([((350.0, 440.0), 2000)], Signal.DIAL),
    "fax that answers": ([((2100.0,), 2600)], Signal.FAX_CALLED),
    "fax that calls": (cadence((1100.0,), 500, 3000, times=2), Signal.FAX_CALLING),
    "special information": ([((950.0,), 330), ((1400.0,), 330), ((1800.0,), 330)], Signal.SIT),
}


def sound(
    parts: list[Part],
    *,
    level_db: float = -20.0,
    detune: float = 1.0,
    snr_db: float | None = None,
    seed: int = 1,
) -> np.ndarray:
    """The parts between silences, through G.711's steps roughly: 16 bits, with white noise if wanted."""
    rng = np.random.default_rng(seed)
    peak = 32768 * 10 ** (level_db / 20) * np.sqrt(2)
    pieces = [np.zeros(int(rng.integers(100, 900)))]
    for hz, ms in [*parts, ((), 1500)]:
        times = np.arange(ms * RATE_HZ // 1000) / RATE_HZ
        each = peak / np.sqrt(max(len(hz), 1))
        pieces.append(sum((each * np.sin(2 * np.pi * f * detune * times) for f in hz), np.zeros(times.size)))
    heard = np.concatenate(pieces)
    if snr_db is not None:
        heard = heard + rng.normal(0, 32768 * 10 ** ((level_db - snr_db) / 20), heard.size)
    return np.clip(np.rint(heard), -32768, 32767).astype(np.int16)


def hear(samples: np.ndarray) -> list[SignalHeard | BeepHeard]:
    ear, step = ToneEar(RATE_HZ), RATE_HZ // 50
    frames = (samples[at : at + step] for at in range(0, samples.size - step + 1, step))
    return [heard for frame in frames if (heard := ear.hear(frame)) is not None]


def signals(samples: np.ndarray) -> set[Signal]:
    return {heard.signal for heard in hear(samples) if isinstance(heard, SignalHeard)}


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("level_db", [-8.0, -40.0])
def test_each_signal_is_known_loud_and_faint_and_nothing_else_is_heard(name: str, level_db: float):
    parts, wanted = SIGNALS[name]
    heard = hear(sound(parts, level_db=level_db))
    assert {h.signal for h in heard if isinstance(h, SignalHeard)} == {wanted}
    # A ring in China and a calling fax have silences of seconds: their first tone may be a beep as well.
    is_sparse = wanted is Signal.FAX_CALLING or name == "ring-back, China"
    assert is_sparse or not [h for h in heard if isinstance(h, BeepHeard)]


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("seed", [1, 2])
def test_each_signal_is_known_over_white_noise_ten_decibels_below(name: str, seed: int):
    parts, wanted = SIGNALS[name]
    assert signals(sound(parts, snr_db=10, seed=seed)) == {wanted}


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("detune", [0.99, 1.01])
def test_each_signal_is_known_a_hundredth_off_pitch(name: str, detune: float):
    parts, wanted = SIGNALS[name]
    assert signals(sound(parts, detune=detune)) == {wanted}


@pytest.mark.parametrize("stretch", [0.91, 1.09])
@pytest.mark.parametrize("name", [n for n in SIGNALS if "special" not in n])
def test_each_signal_is_known_nine_hundredths_off_its_cadence(name: str, stretch: float):
    parts, wanted = SIGNALS[name]
    assert signals(sound([(hz, round(ms * stretch)) for hz, ms in parts])) == {wanted}


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ((913.8, 274), (1370.6, 274), SitCode.INTERCEPT),
        ((985.2, 380), (1370.6, 274), SitCode.VACANT),
        ((913.8, 274), (1428.5, 380), SitCode.REORDER),
        ((985.2, 380), (1428.5, 380), SitCode.NO_CIRCUIT),
    ],
)
def test_the_coded_tones_of_north_america_say_why(first, second, code):
    parts = [((hz,), ms) for hz, ms in (first, second, (1776.7, 380))]
    assert [h.sit for h in hear(sound(parts)) if isinstance(h, SignalHeard)] == [code]


@pytest.mark.parametrize("hz", [560.0, 853.0, 1000.0, 1400.0, 2000.0])
@pytest.mark.parametrize("length_ms", [120, 400, 1200])
@pytest.mark.parametrize("snr_db", [None, 15.0])
def test_a_beep_of_any_pitch_and_length_is_heard_once_and_measured(hz: float, length_ms: int, snr_db):
    (beep,) = hear(sound([((hz,), length_ms)], snr_db=snr_db))
    assert isinstance(beep, BeepHeard)
    assert beep.hz == pytest.approx(hz, abs=5)
    assert beep.length_ms == pytest.approx(length_ms, abs=30)


def test_a_beep_that_a_network_tone_resembles_is_still_a_beep_when_it_sounds_once():
    (beep,) = hear(sound([(CN, 400)]))
    assert isinstance(beep, BeepHeard)


def test_pips_in_a_row_are_one_beep_that_ends_with_the_last():
    samples = sound(cadence((1000.0,), 150, 150, times=3))
    (beep,) = hear(samples)
    assert isinstance(beep, BeepHeard)
    loud = np.flatnonzero(np.abs(samples) > 500)
    assert beep.ended_ms == pytest.approx(loud[-1] * 1000 / RATE_HZ, abs=40)


def test_a_pressed_key_is_no_beep():
    assert hear(sound([((770.0, 1336.0), 200)])) == []


def test_a_fax_that_turns_its_phase_every_450_ms_is_known():
    turned = []
    times = np.arange(450 * RATE_HZ // 1000) / RATE_HZ
    for at in range(6):
        turned.append(6000 * (-1) ** at * np.sin(2 * np.pi * 2100 * times))
    assert signals(np.concatenate(turned).astype(np.int16)) == {Signal.FAX_CALLED}


def test_lost_packets_do_not_split_a_ring():
    samples = sound(cadence(RING_NA, 2000, 4000))
    start = int(np.flatnonzero(np.abs(samples) > 500)[0])
    samples[start + 8000 : start + 8160] = 0
    assert signals(samples) == {Signal.RINGBACK}


def test_noise_alone_says_nothing():
    rng = np.random.default_rng(3)
    white = rng.normal(0, 2000, 20 * RATE_HZ)
    pink = np.cumsum(white)
    pink = (pink - np.convolve(pink, np.ones(400) / 400, "same")) / 8
    assert hear(white.astype(np.int16)) == hear(np.clip(pink, -32768, 32767).astype(np.int16)) == []


@pytest.mark.parametrize("name", ["en_callie_telephony_prompts", "zh_audio_cmn", "en_fsdd_digits"])
def test_voices_are_neither_signals_nor_beeps(data_dir, name: str):
    from ivr.adapters.voice.samples import read_pcm  # noqa: PLC0415

    files = sorted((data_dir / name).glob("wav/**/*.wav"))[::3]
    pause = np.zeros(RATE_HZ // 2, np.int16)
    spoken = np.concatenate([part for path in files for part in (read_pcm(path), pause)])
    assert hear(spoken) == []


def test_a_recorded_ring_of_north_america_is_known(data_dir):
    from ivr.adapters.voice.samples import read_pcm  # noqa: PLC0415

    once = read_pcm(data_dir / "noise_room" / "wav" / "us_ring_8k.wav")
    assert signals(np.concatenate([once, np.zeros(RATE_HZ, np.int16)])) == {Signal.RINGBACK}
