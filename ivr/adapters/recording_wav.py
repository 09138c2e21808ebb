"""Two-channel call recordings as WAV files, written by a thread of their own."""

import asyncio
import hashlib
import os
import queue
import threading
import wave
from pathlib import Path

import numpy as np
import structlog

from ivr.calls.speech import Recording

_log = structlog.get_logger(__name__)

_FLUSH_BYTES = 64_000
_SAMPLE_BYTES = 2


class WavRecorder:
    """`Recorder` that interleaves caller (left) and bot (right) into `<path>.part`, renamed when finished.

    A recording that was cut off by a crash stays as `.part`, playable up to its last second: the header is
    brought up to date with each flush. Files are readable by their owner only.
    """

    def __init__(self, path: Path, sample_rate_hz: int) -> None:
        self._path = path
        self._rate_hz = sample_rate_hz
        self._paused = False
        self._written_bytes = 0
        self._paused_bytes = 0
        self._chunks: queue.SimpleQueue[tuple[bytes, bytes] | None] = queue.SimpleQueue()
        self._failed = False
        self._thread = threading.Thread(target=self._write_all, name="recording", daemon=True)
        self._thread.start()

    def write(self, caller: bytes, bot: bytes) -> None:
        """Add the same stretch of both channels."""
        self._written_bytes += len(caller)
        if self._paused:
            self._paused_bytes += len(caller)
            caller = bot = bytes(len(caller))
        self._chunks.put((caller, bot))

    def pause(self) -> None:
        """Write silence until `resume`."""
        self._paused = True

    def resume(self) -> None:
        """Record again."""
        self._paused = False

    async def close(self) -> Recording | None:
        """Finish the file; None when it could not be written, or when there was nothing to write."""
        self._chunks.put(None)
        await asyncio.to_thread(self._thread.join)
        if self._failed or not self._written_bytes:
            return None
        digest = await asyncio.to_thread(_sha256, self._path)
        return Recording(str(self._path), self._ms(self._written_bytes), self._ms(self._paused_bytes), digest)

    def _ms(self, mono_bytes: int) -> int:
        return mono_bytes * 1000 // (_SAMPLE_BYTES * self._rate_hz)

    def _write_all(self) -> None:
        part = self._path.with_suffix(".part")
        try:
            part.parent.mkdir(parents=True, exist_ok=True)
            with (
                os.fdopen(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file,
                wave.open(file, "wb") as out,
            ):
                out.setnchannels(2)
                out.setsampwidth(_SAMPLE_BYTES)
                out.setframerate(self._rate_hz)
                self._drain(out)
            part.rename(self._path)
        except OSError as error:
            self._failed = True
            _log.error("recording_failed", file=self._path.name, error=str(error))
            # Keep taking chunks, so that a call on a full disk does not fill the memory too.
            while self._chunks.get() is not None:
                pass

    def _drain(self, out: wave.Wave_write) -> None:
        held: list[bytes] = []
        held_bytes = 0
        while (chunk := self._chunks.get()) is not None:
            held.append(_interleave(*chunk))
            held_bytes += len(held[-1])
            if held_bytes >= _FLUSH_BYTES:
                out.writeframes(b"".join(held))
                held, held_bytes = [], 0
        out.writeframes(b"".join(held))


def unfinished_recordings(directory: Path) -> tuple[Path, ...]:
    """What recorders are still writing, or left behind when their process died."""
    return tuple(sorted(directory.glob("*/*.part")))


def finish_recording(part: Path) -> Recording | None:
    """Give a recording that was left behind its name; None when there is no audio in it."""
    try:
        with wave.open(str(part), "rb") as left:
            duration_ms = left.getnframes() * 1000 // left.getframerate()
    except (wave.Error, EOFError):
        return None
    path = part.rename(part.with_suffix(".wav"))
    return Recording(str(path), duration_ms, None, _sha256(path))


def _interleave(left: bytes, right: bytes) -> bytes:
    stereo = np.empty((len(left) // _SAMPLE_BYTES, 2), dtype=np.int16)
    stereo[:, 0] = np.frombuffer(left, dtype=np.int16)
    stereo[:, 1] = np.frombuffer(right, dtype=np.int16)
    return stereo.tobytes()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
