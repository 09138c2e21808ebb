"""The last resort: espeak-ng through pyttsx3. English is clear, Mandarin is hard to follow."""

import tempfile
from pathlib import Path

import cn2an
import pyttsx3
from pypinyin import Style, lazy_pinyin

from ivr.adapters.voice.errors import VoiceError
from ivr.adapters.voice.samples import Samples, read_audio

_VOICES = {"zh": "cmn-latn-pinyin", "en": "en-us"}
_WORDS_PER_MINUTE = 150


class Pyttsx3Voice:
    """One espeak-ng engine; the library behind it exists once a process and is not thread-safe."""

    def __init__(self) -> None:
        """Start the engine. Raises `VoiceError` when the machine has no espeak-ng."""
        try:
            self._engine = pyttsx3.init("espeak")
        except (OSError, RuntimeError, ImportError) as error:
            raise VoiceError(f"espeak-ng cannot be used ({error}): apt-get install libespeak-ng1") from error
        self._known = {voice.id.rpartition("/")[2]: voice.id for voice in self._engine.getProperty("voices")}
        self._engine.setProperty("rate", _WORDS_PER_MINUTE)

    def synthesise(self, text: str, locale: str) -> tuple[Samples, int]:
        """Samples and their rate. Raises `VoiceError`."""
        language = locale.partition("-")[0]
        voice = self._known.get(_VOICES.get(language, ""))
        if voice is None:
            raise VoiceError(f"espeak-ng has no voice for {locale}")
        self._engine.setProperty("voice", voice)
        with tempfile.TemporaryDirectory(prefix="ivr-espeak-") as directory:
            path = Path(directory) / "speech.wav"
            self._engine.save_to_file(_readable(text) if language == "zh" else text, str(path))
            self._engine.runAndWait()
            try:
                return read_audio(path)
            except OSError as error:
                raise VoiceError(f"espeak-ng wrote no audio ({error})") from error


def _readable(text: str) -> str:
    """Pinyin with tone digits: the one form of Mandarin that espeak-ng reads as such."""
    return " ".join(
        lazy_pinyin(cn2an.transform(text, "an2cn"), style=Style.TONE3, neutral_tone_with_five=True)
    )
