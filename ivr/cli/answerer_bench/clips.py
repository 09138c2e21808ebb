"""What answerers say, spoken by Kokoro once and kept."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ivr.adapters.voice.kokoro import KokoroVoice
from ivr.adapters.voice.samples import (
    LINE_RATE_HZ,
    Pcm,
    read_pcm,
    resample,
    store_wav,
    to_pcm,
    trim,
)
from ivr.adapters.voice.voices import VoiceChoice, Voices

VOICES_HINT = (
    "the voices come with the npm package kokoro-js: `npm pack kokoro-js@1.2.1`, unpack it, and name its "
    "folder package/voices with --voices"
)
_STYLE_SHAPE = (510, 256)


class VoicesMissing(Exception):
    """Voices of the set are not at hand; the message says which, and where they come from."""


def default_clips_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Where clips are kept between runs."""
    return Path(environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "ivr" / "answerer"


@dataclass
class Clips:
    """Clips at 8 kHz, trimmed, by text and voice. Texts without a clip are spoken on the first demand."""

    directory: Path
    model_dir: Path | None
    """Kokoro's model; None where it is not installed: then only clips that exist can be had."""
    voice_dirs: list[Path]
    readings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _speaker: KokoroVoice | None = None

    def speak(self, text: str, voice: str, locale: str) -> Pcm:
        """The clip. Raises `VoicesMissing`, `VoiceError`, `OSError`."""
        path = self.path(text, voice, locale)
        if not path.exists():
            self.directory.mkdir(parents=True, exist_ok=True)
            spoken = self._open(voice).synthesise(text, locale, VoiceChoice(voice, 1.0))
            store_wav(path, to_pcm(resample(trim(spoken, 24000), 24000, LINE_RATE_HZ)), LINE_RATE_HZ)
        return read_pcm(path)

    def path(self, text: str, voice: str, locale: str) -> Path:
        """Where the clip is kept."""
        name = hashlib.sha256(f"{locale}|{voice}|{text}".encode()).hexdigest()[:24]
        return self.directory / f"{name}.wav"

    def _open(self, voice: str) -> KokoroVoice:
        if self.model_dir is None:
            raise VoicesMissing("no voice is installed: run `ivr models pull kokoro-82m`")
        styles = self.directory / "voices"
        if not (styles / f"{voice}.npy").exists():
            self._copy_style(voice, styles)
        if self._speaker is None:
            self._speaker = KokoroVoice(self.model_dir, Voices(styles, {}, {}, self.readings))
        return self._speaker

    def _copy_style(self, voice: str, styles: Path) -> None:
        """Bring a style vector, of our own or of the npm package, to where all of them are."""
        styles.mkdir(parents=True, exist_ok=True)
        for directory in self.voice_dirs:
            if (own := directory / f"{voice}.npy").exists():
                np.save(styles / f"{voice}.npy", np.load(own).astype(np.float32))
                return
            if (packed := directory / f"{voice}.bin").exists():
                style = np.fromfile(packed, dtype=np.float32).reshape(_STYLE_SHAPE)
                np.save(styles / f"{voice}.npy", style)
                return
        raise VoicesMissing(f"no voice {voice}: {VOICES_HINT}")
