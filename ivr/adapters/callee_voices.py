"""What a population of callees sounds like: people's words, machines, announcements, tones."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import numpy as np

from ivr.adapters.voice.familiar_prompts import open_prompt_ear
from ivr.adapters.voice.samples import LINE_RATE_HZ, Pcm, read_pcm, write_wav
from ivr.calls.speech import Clip
from ivr.dialogue.survey import Survey
from ivr.runtime.callee.answering import Voices
from ivr.runtime.callee.mind import all_words
from ivr.runtime.callee.population import PEOPLE, Role
from ivr.runtime.customer.plan import Speak

Spoken = Callable[[str, str], Path]
"""Speaks a text of a locale into an 8 kHz WAV file."""

TEXTS = {
    "zh-CN": {
        Role.MACHINE: "您好，我现在不方便接听电话，请在提示音之后留言",
        Role.SWITCHED_OFF: "您好，您所拨打的电话已关机，请稍后再拨",
        Role.INVALID_NUMBER: "您好，您所拨打的号码是空号，请核对后再拨",
    },
    "en-US": {
        Role.MACHINE: "Hi, you've reached my voicemail. Please leave a message after the tone.",
        Role.SWITCHED_OFF: "The number you have dialled is switched off. Please try again later.",
        Role.INVALID_NUMBER: "The number you have dialled is not in service. Please check the number.",
    },
}
_LEVEL = 8000
"""Amplitude of tones, about -15 dBov."""
_BEEP_HZ, _BEEP_S = 1000, 0.4
_CED_HZ, _CED_S = 2100, 3.0
"""What a fax machine answers with (ITU-T T.30)."""


def callee_voices(
    locale: str,
    survey: Survey,
    roles: Collection[Role],
    spoken: Spoken,
    *,
    directory: Path,
    prompts_dir: Path,
    cache_dir: Path,
    track: Callable[[list[str]], Iterable[str]],
) -> Voices:
    """Make everything ready that these roles may play or say. `track` shows how far it has come.

    Raises what `spoken` raises, and `OSError`.
    """
    words = all_words(locale, survey, [role for role in roles if role in PEOPLE])
    ear = open_prompt_ear(prompts_dir, locale, cache_dir)
    clips = {text: _speak(text, spoken(text, locale)) for text in track(words)}
    sounds: dict[Role, Clip] = {}
    for role in roles:
        if (text := TEXTS[locale].get(role)) is not None:
            pcm = read_pcm(spoken(text, locale))
            sounds[role] = _kept(
                _with_beep(pcm) if role is Role.MACHINE else pcm, directory / f"{locale}-{role}.wav"
            )
        elif role is Role.FAX:
            sounds[role] = _kept(_tone(_CED_HZ, _CED_S), directory / f"{locale}-{role}.wav")
    return Voices(clips, sounds, ear.heard)


def _speak(text: str, path: Path) -> Speak:
    pcm = read_pcm(path)
    return Speak("say", text, Clip(str(path), _length_ms(pcm), text), pcm.tobytes())


def _kept(pcm: Pcm, path: Path) -> Clip:
    write_wav(path, pcm)
    return Clip(str(path), _length_ms(pcm), "")


def _length_ms(pcm: Pcm) -> int:
    return len(pcm) * 1000 // LINE_RATE_HZ


def _with_beep(pcm: Pcm) -> Pcm:
    pause = np.zeros(LINE_RATE_HZ // 2, np.int16)
    return np.concatenate([pcm, pause, _tone(_BEEP_HZ, _BEEP_S)])


def _tone(hz: int, seconds: float) -> Pcm:
    at_s = np.arange(round(seconds * LINE_RATE_HZ)) / LINE_RATE_HZ
    return (np.sin(2 * np.pi * hz * at_s) * _LEVEL).astype(np.int16)
