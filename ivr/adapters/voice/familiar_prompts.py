"""The hotline's recordings as its regular callers know them: to tell by ear which prompt is played."""

import hashlib
import os
from pathlib import Path

import numpy as np

from ivr.adapters.voice.recordings import Recordings, recording_paths
from ivr.media.familiar import RATE_HZ, Familiar, Picture, picture

_PIECES = "/pieces/"


class PromptEar:
    """Tells which prompts are played, by their recordings."""

    def __init__(self, familiar: Familiar) -> None:
        self._familiar = familiar

    def heard(self, pcm: bytes) -> tuple[str, ...]:
        """The ids of the prompts in 16-bit mono PCM at 8 kHz, in order, each as often as it is heard."""
        return tuple(_prompt_id(each.name) for each in self._familiar.within(pcm))


def open_prompt_ear(prompts_dir: Path, locale: str, cache_dir: Path) -> PromptEar:
    """Know all recorded sentences of a locale, from `cache_dir` where they were pictured before.

    Decoding them takes seconds. Raises `OSError` where a recording cannot be read.
    """
    return PromptEar(_familiar(prompts_dir, locale, cache_dir))


def _familiar(prompts_dir: Path, locale: str, cache_dir: Path) -> Familiar:
    paths = {
        name: path
        for name, path in recording_paths(prompts_dir).items()
        if name.startswith(f"{locale}/") and _PIECES not in name
    }
    recordings = Recordings(paths, RATE_HZ)
    file = cache_dir / f"familiar-{locale}-{_digest(recordings)}.npz"
    if file.is_file():
        with np.load(file) as kept:
            return Familiar({name: kept[name] for name in kept.files})
    pictures = {name: _picture(recordings, name) for name in paths}
    cache_dir.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as target:
        np.savez(target, **pictures)  # type: ignore[arg-type]  # any name may be a keyword there
    part.replace(file)
    return Familiar(pictures)


def _prompt_id(name: str) -> str:
    """The prompt that a recording such as `zh-CN/wish_ask.repeated.0` belongs to."""
    return name.rpartition("/")[2].partition(".")[0]


def _picture(recordings: Recordings, name: str) -> Picture:
    pcm = recordings.find([name])
    assert pcm is not None, name
    return picture(pcm.tobytes())


def _digest(recordings: Recordings) -> str:
    """Changes with the recordings and with the way they are pictured."""
    source = Path(picture.__code__.co_filename).read_bytes()
    return hashlib.sha256(recordings.fingerprint.encode() + source).hexdigest()[:16]
