"""Recordings in `prompts/<locale>/recordings/`, and the manifest that tells which of them are out of date.

`<name>.opus` was rendered by `ivr prompts render`. A `<name>.wav` beside it was put there by people, from a
studio: it is played instead and never touched.
"""

import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ivr.adapters.voice.errors import PromptFilesError
from ivr.adapters.voice.samples import Pcm, audio_length, read_pcm
from ivr.adapters.voice.takes import Take
from ivr.adapters.voice.voices import VoiceChoice

_RENDERING = "3"
"""Raised when levels, cutting or resampling change, so that everything is rendered anew."""


RENDERED = ".opus"
STUDIO = ".wav"


class Recordings:
    """All recordings by name such as `zh-CN/goodbye`; each is decoded when it is first said, and then kept.

    Decoding all of them would cost every starting worker seconds and tens of megabytes for prompts it may
    never say; one takes a few milliseconds. Usable from several threads.
    """

    def __init__(self, paths: Mapping[str, Path], rate_hz: int) -> None:
        """Raises `OSError` where a file cannot be read."""
        self.rate_hz = rate_hz
        """Rate of all samples given out."""
        self._paths = dict(paths)
        self._pcm: dict[str, Pcm] = {}
        self._lock = threading.Lock()
        digest = hashlib.sha256(str(rate_hz).encode())
        for name in sorted(paths):
            digest.update(name.encode() + b"\0" + paths[name].read_bytes())
        self.fingerprint = digest.hexdigest()
        """Changes with any recording, so that clips made of older ones are not used again."""

    def __len__(self) -> int:
        return len(self._paths)

    def find(self, names: Sequence[str]) -> Pcm | None:
        """The first of these that exists, at `rate_hz`. Raises `OSError` when its file cannot be read."""
        name = next((name for name in names if name in self._paths), None)
        if name is None:
            return None
        with self._lock:
            if name not in self._pcm:
                self._pcm[name] = read_pcm(self._paths[name], self.rate_hz)
            return self._pcm[name]


def recording_paths(prompts_dir: Path) -> dict[str, Path]:
    """Every recording's file by name; a studio's before a rendered one."""
    return _paths(prompts_dir, "*", RENDERED) | _paths(prompts_dir, "*", STUDIO)


def rendered_names(prompts_dir: Path, locale: str) -> list[str]:
    """Every rendered recording of a locale."""
    return list(_paths(prompts_dir, locale, RENDERED))


def _paths(prompts_dir: Path, locale: str, suffix: str) -> dict[str, Path]:
    found = {}
    for path in sorted(prompts_dir.glob(f"{locale}/recordings/**/*{suffix}")):
        own, _, *rest = path.relative_to(prompts_dir).parts
        found["/".join((own, *rest)).removesuffix(suffix)] = path
    return found


def load_recordings(prompts_dir: Path, rate_hz: int) -> Recordings:
    """Find all recordings of all locales. Raises `PromptFilesError` naming each file that is no audio."""
    paths = recording_paths(prompts_dir)
    faults: list[str] = []
    for path in paths.values():
        try:
            audio_length(path)
        except OSError as error:
            faults.append(f"{error}: replace it, or delete it and run `ivr prompts render`")
    if faults:
        raise PromptFilesError("\n".join(faults))
    return Recordings(paths, rate_hz)


def rendered_path(prompts_dir: Path, name: str) -> Path:
    """Where the rendered recording of this name belongs."""
    locale, _, rest = name.partition("/")
    return prompts_dir / locale / "recordings" / f"{rest}{RENDERED}"


def studio_path(prompts_dir: Path, name: str) -> Path:
    """Where people put a recording of their own of this name."""
    return rendered_path(prompts_dir, name).with_name(f"{name.rpartition('/')[2]}{STUDIO}")


@dataclass(slots=True)
class Manifest:
    """What each rendered recording of one locale was made from, kept as `recordings/manifest.json`."""

    path: Path
    made_from: dict[str, str] = field(default_factory=dict)
    _changed: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def load(cls, prompts_dir: Path, locale: str) -> "Manifest":
        """Read it; an absent one is empty. Raises `PromptFilesError` for a broken one."""
        path = prompts_dir / locale / "recordings" / "manifest.json"
        return cls(path, _rows(path))

    def note(self, name: str, fingerprint: str) -> None:
        """A recording has been made anew."""
        self.made_from[name] = self._changed[name] = fingerprint

    def forget(self, name: str) -> None:
        """A recording is there no more."""
        self.made_from.pop(name, None)
        self._changed[name] = None

    def save(self) -> None:
        """Bring what has changed into the file, sorted, so that a change touches few lines.

        Another rendering of the same directory may be under way: what it has written stays.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        directory = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            on_disk: dict[str, str | None] = {**_rows(self.path), **self._changed}
            kept = {name: source for name, source in on_disk.items() if source is not None}
            part = self.path.with_suffix(".tmp")
            part.write_text(json.dumps(kept, indent=0, sort_keys=True) + "\n", encoding="utf-8")
            part.replace(self.path)
        finally:
            os.close(directory)
        self._changed.clear()


def _rows(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise PromptFilesError(f"{path}: {error}; delete it and run `ivr prompts render`") from error


def fingerprint(take: Take, index: int, choice: VoiceChoice, readings: Mapping[str, Sequence[str]]) -> str:
    """What a recording is made from: the sentence, its place there, the voice, its pace, taught readings."""
    parts = take.spoken_parts()
    taught = [[word, *readings[word]] for word in sorted(readings) if any(word in part for part in parts)]
    source = [_RENDERING, choice.voice, choice.speed * take.pace, take.locale, parts, index, *taught]
    return hashlib.sha256(json.dumps(source, ensure_ascii=False).encode()).hexdigest()[:16]
