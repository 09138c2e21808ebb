"""Clips on disk, found again by what they say and never telling it by their names."""

import contextlib
import hashlib
import hmac
import os
import secrets
import wave
from pathlib import Path

from ivr.adapters.voice.samples import Pcm, store_wav

PRIVATE_KEPT_S = 900
"""How long a clip with a customer's data outlives its last use."""

COMMON_KEPT_S = 30 * 24 * 3600


class ClipCache:
    """A directory of WAV files that several workers share.

    A name is a keyed hash of the content; the key is drawn once for an installation, so the name of a clip
    that says an amount cannot be worked out from the amount. Such clips live in a directory of their own,
    closed to other users. Old clips are removed at start and whenever a new one is written.
    """

    def __init__(self, directory: Path) -> None:
        """Create what is missing. Raises `OSError` where that is not possible."""
        self._common = directory / "common"
        self._private = directory / "private"
        directory.mkdir(parents=True, exist_ok=True)
        for part in (self._common, self._private):
            part.mkdir(mode=0o700, exist_ok=True)
            part.chmod(0o700)
        self._key_path = directory / "name.key"
        self._key = _key(self._key_path)
        for part in (self._common, self._private):
            self._remove_old(part)

    def path(self, content: str, *, private: bool) -> Path:
        """Where the clip of this content belongs."""
        name = hmac.new(self._key, content.encode(), hashlib.sha256).hexdigest()[:40]
        return (self._private if private else self._common) / f"{name}.wav"

    def find(self, path: Path) -> int | None:
        """Length in ms of a clip that is there, else None; using it keeps it."""
        try:
            os.utime(path)
            with wave.open(str(path), "rb") as clip:
                return clip.getnframes() * 1000 // clip.getframerate()
        except (OSError, EOFError, wave.Error):
            return None

    def store(self, path: Path, pcm: Pcm, rate_hz: int) -> int:
        """Write a clip, remove old ones beside it, and give its length in ms. Raises `OSError`."""
        store_wav(path, pcm, rate_hz)
        self._remove_old(path.parent)
        return len(pcm) * 1000 // rate_hz

    def _remove_old(self, directory: Path) -> None:
        kept_s = PRIVATE_KEPT_S if directory == self._private else COMMON_KEPT_S
        os.utime(self._key_path)  # the file system's own idea of now, the one that clips are dated by
        oldest = self._key_path.stat().st_mtime - kept_s
        for clip in directory.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if clip.stat().st_mtime < oldest:
                    clip.unlink()


def _key(path: Path) -> bytes:
    """The installation's key, drawn by whichever worker comes first."""
    if not path.exists():
        part = path.with_name(f"{path.name}.{os.getpid()}")
        part.touch(mode=0o600)
        part.write_bytes(secrets.token_bytes(32))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(part)
        part.unlink()
    return path.read_bytes()
