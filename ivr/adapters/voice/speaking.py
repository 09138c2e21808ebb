"""Any text into speech at the level of recordings: Kokoro where its model is installed, else espeak-ng."""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from ivr.adapters.voice.errors import PromptFilesError, VoiceError
from ivr.adapters.voice.samples import LINE_RATE_HZ, Pcm, Samples, level, resample, store_wav, to_pcm, trim
from ivr.adapters.voice.voices import VoiceChoice, load_voices

if TYPE_CHECKING:
    from ivr.adapters.voice.kokoro import KokoroVoice
    from ivr.adapters.voice.pyttsx3_voice import Pyttsx3Voice

KOKORO_MODEL = "kokoro-82m"
"""Directory of the model below the models directory."""

_log = structlog.get_logger(__name__)


def natural_voice(models_dir: Path) -> bool:
    """Whether Kokoro's model is installed. Where it is not, say so in the log: espeak-ng is a poor second."""
    installed = (models_dir / KOKORO_MODEL / "model.onnx").is_file()
    if not installed:
        _log.warning(
            "natural_voice_missing", models_dir=str(models_dir), mend=f"ivr models pull {KOKORO_MODEL}"
        )
    return installed


class Speaker:
    """The voices of one process, loaded when they are first needed. Not thread-safe."""

    def __init__(self, prompts_dir: Path, models_dir: Path) -> None:
        """Raises `PromptFilesError` for a broken voices file."""
        self._voices = load_voices(prompts_dir)
        self._model_dir = models_dir / KOKORO_MODEL
        self.natural = natural_voice(models_dir)
        """Whether Kokoro speaks."""
        self._kokoro: KokoroVoice | None = None
        self._pyttsx3: Pyttsx3Voice | None = None

    def prompt_voice(self, locale: str) -> VoiceChoice:
        """The hotline's own voice. Raises `VoiceError` for a locale without one."""
        return _chosen(self._voices.prompts, locale)

    def caller_voice(self, locale: str) -> VoiceChoice:
        """The voice of simulated customers. Raises `VoiceError` for a locale without one."""
        return _chosen(self._voices.callers, locale)

    def speak(self, text: str, locale: str, choice: VoiceChoice, rate_hz: int = LINE_RATE_HZ) -> Pcm:
        """Speak the text, in samples at this rate. Raises `VoiceError`."""
        if not text.strip():
            raise VoiceError("there is nothing to say")
        sentence = (
            text if text.rstrip()[-1] in ".!?。！？" else f"{text}."
        )  # short words are clearer with an end
        kokoro = self._loaded()
        if kokoro is None:
            samples, own_hz = self._poor(sentence, locale)
        else:
            samples, own_hz = kokoro.synthesise(sentence, locale, choice), kokoro.rate_hz
        speech = resample(samples, own_hz, rate_hz)
        return to_pcm(trim(level(speech, rate_hz), rate_hz))

    def _loaded(self) -> "KokoroVoice | None":
        """Kokoro, or None where its model is missing or broken: a poor voice is better than none."""
        if self.natural and self._kokoro is None:
            from ivr.adapters.voice.kokoro import KokoroVoice  # noqa: PLC0415 - takes a second

            try:
                self._kokoro = KokoroVoice(self._model_dir, self._voices)
            except VoiceError as error:
                self.natural = False
                _log.warning("natural_voice_broken", error=str(error))
        return self._kokoro

    def _poor(self, text: str, locale: str) -> tuple[Samples, int]:
        from ivr.adapters.voice.pyttsx3_voice import Pyttsx3Voice  # noqa: PLC0415 - needs espeak-ng

        self._pyttsx3 = self._pyttsx3 or Pyttsx3Voice()
        return self._pyttsx3.synthesise(text, locale)


def speak(
    text: str, locale: str, voice: str | None = None, *, cache_dir: Path, prompts_dir: Path, models_dir: Path
) -> Path:
    """Speak a text as a customer would, into an 8 kHz WAV file that is kept for the next time.

    `voice` is one of `prompts/voices`, by default the locale's caller. The first time takes about as long as
    the speech. Raises `VoiceError`.
    """
    try:
        speaker = _speaker(prompts_dir, models_dir)
    except PromptFilesError as error:
        raise VoiceError(str(error)) from error
    choice = VoiceChoice(voice, 1.0) if voice else speaker.caller_voice(locale)
    source = json.dumps([text, locale, choice.voice, choice.speed, speaker.natural], ensure_ascii=False)
    path = cache_dir / f"{hashlib.sha256(source.encode()).hexdigest()[:32]}.wav"
    if not path.is_file():
        cache_dir.mkdir(parents=True, exist_ok=True)
        store_wav(path, speaker.speak(text, locale, choice), LINE_RATE_HZ)
    return path


@lru_cache(maxsize=1)
def _speaker(prompts_dir: Path, models_dir: Path) -> Speaker:
    """One for all texts of a process: a voice takes a second to load."""
    return Speaker(prompts_dir, models_dir)


def _chosen(voices: Mapping[str, VoiceChoice], locale: str) -> VoiceChoice:
    if locale not in voices:
        raise VoiceError(f"voices.yaml names no voice for {locale}, only for {', '.join(sorted(voices))}")
    return voices[locale]
