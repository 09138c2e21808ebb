"""The codecs of a telephone line, against what their recommendations promise."""

import numpy as np
import pytest

from ivr.adapters.codecs import CODECS, through_codec


def tone(rate_hz: int, frequency_hz: float, amplitude: float = 8000) -> np.ndarray:
    at = np.arange(rate_hz + 7) / rate_hz
    return np.asarray(np.rint(amplitude * np.sin(2 * np.pi * frequency_hz * at)), np.int16)


def snr_db(sent: np.ndarray, heard: np.ndarray) -> float:
    noise = heard.astype(float) - sent
    return float(10 * np.log10(np.mean(sent.astype(float) ** 2) / np.mean(noise**2)))


@pytest.mark.parametrize("name", ["pcma", "pcmu"])
@pytest.mark.parametrize("amplitude", [300, 3000, 30000])
def test_g711_keeps_speech_levels_some_35_db_above_its_noise(name: str, amplitude: float) -> None:
    codec = CODECS[name]
    sent = tone(codec.sample_rate_hz, 1020, amplitude)
    heard = through_codec(sent, codec)
    assert heard.size == sent.size
    assert heard.dtype == np.int16
    assert 30 < snr_db(sent, heard) < 45


def test_a_law_gives_the_output_values_of_the_recommendation() -> None:
    # ITU-T G.711 table 1: in the first two segments the values are odd multiples of 8 (in 16 bits).
    heard = through_codec(np.arange(-1000, 1000, dtype=np.int16), CODECS["pcma"])
    small = heard[np.abs(heard) < 512]
    assert set(np.abs(small) % 16) == {8}
    assert np.abs(heard - np.arange(-1000, 1000)).max() < 32  # a step of the third segment


def test_g722_carries_five_kilohertz_some_milliseconds_late() -> None:
    sent = tone(16000, 5000)
    heard = through_codec(sent, CODECS["g722"])
    assert heard.size == sent.size
    assert max(snr_db(sent[:-late], heard[late:]) for late in range(16, 32)) > 10


def test_without_a_codec_samples_stay_as_they_are() -> None:
    sent = tone(16000, 440)
    assert (through_codec(sent, CODECS["none"]) == sent).all()
    assert through_codec(np.zeros(0, np.int16), CODECS["pcma"]).size == 0
