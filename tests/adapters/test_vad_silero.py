"""The second detector on people's words and on rooms, through a telephone band."""

from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.vad_silero import SileroVoiceDetector
from ivr.adapters.voice.samples import LINE_RATE_HZ, Pcm, read_pcm
from ivr.media.level import active_level_db, amplified

FRAME = LINE_RATE_HZ // 50


def confirmed_ms(pcm: Pcm) -> int:
    """How much of it is taken for a voice."""
    detector = SileroVoiceDetector()
    levelled = amplified(pcm, -26.0 - active_level_db(pcm, LINE_RATE_HZ))
    detector.begin(bytes(LINE_RATE_HZ), LINE_RATE_HZ)
    frames = [levelled[at : at + FRAME].tobytes() for at in range(0, levelled.size - FRAME + 1, FRAME)]
    return 20 * sum(detector.is_voice(frame, LINE_RATE_HZ) for frame in frames)


@pytest.mark.parametrize("word", ["人工", "是的", "不是", "重复", "取消", "八", "嗯"])
def test_words_are_confirmed(data_dir: Path, word: str):
    assert confirmed_ms(read_pcm(data_dir / "zh_audio_cmn" / "wav" / f"tan_{word}.wav")) >= 96


@pytest.mark.parametrize("room", ["sb_noise2", "sb_noise3"])
def test_rooms_as_loud_as_speech_are_not(data_dir: Path, room: str):
    assert confirmed_ms(read_pcm(data_dir / "noise_room" / "wav" / f"{room}.wav")) == 0


def test_a_tone_is_no_voice():
    times = np.arange(LINE_RATE_HZ) / LINE_RATE_HZ
    tone = np.asarray(8000 * np.sin(2 * np.pi * 440 * times), np.int16)
    assert confirmed_ms(tone) == 0


def test_a_sound_must_be_begun():
    with pytest.raises(RuntimeError, match="begin"):
        SileroVoiceDetector().is_voice(bytes(320), LINE_RATE_HZ)
