"""Recordings in `prompts/<locale>/recordings/`, and the manifest that tells which of them are out of date.

`<name>.flac` was rendered by `ivr prompts render`. A `<name>.wav` beside it was put there by people, from a
studio: it is played instead and never touched.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ivr.adapters.voice.errors import PromptFilesError
from ivr.adapters.voice.samples import Pcm, read_pcm
from ivr.adapters.voice.takes import Take
from ivr.adapters.voice.voices import VoiceChoice

_RENDERING = "2"
"""Raised when levels, cutting or resampling change, so that everything is rendered anew."""


class Recordings:
    """All recordings in memory, decoded, by name such as `zh-CN/goodbye`."""

    def __init__(self, pcm: Mapping[str, Pcm]) -> None:
        self._pcm = pcm
        digest = hashlib.sha256()
        for name in sorted(pcm):
            digest.update(name.encode() + b"\0" + pcm[name].tobytes())
        self.fingerprint = digest.hexdigest()
        """Changes with any recording, so that clips made of older ones are not used again."""

    def __len__(self) -> int:
        return len(self._pcm)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all, in order."""
        return tuple(sorted(self._pcm))

    def find(self, names: Sequence[str]) -> Pcm | None:
        """The first of these that exists."""
        return next((self._pcm[name] for name in names if name in self._pcm), None)


def load_recordings(prompts_dir: Path) -> Recordings:
    """Read all recordings of all locales. Raises `PromptFilesError` where a file cannot be read."""
    pcm: dict[str, Pcm] = {}
    faults: list[str] = []
    for suffix in (".flac", ".wav"):
        for path in sorted(prompts_dir.glob(f"*/recordings/**/*{suffix}")):
            locale, _, *rest = path.relative_to(prompts_dir).with_suffix("").parts
            try:
                pcm["/".join((locale, *rest))] = read_pcm(path)
            except OSError as error:
                faults.append(str(error))
    if faults:
        raise PromptFilesError("\n".join(faults))
    return Recordings(pcm)


def rendered_path(prompts_dir: Path, name: str) -> Path:
    """Where the rendered recording of this name belongs."""
    locale, _, rest = name.partition("/")
    return prompts_dir / locale / "recordings" / f"{rest}.flac"


def recording_exists(prompts_dir: Path, name: str) -> bool:
    """Whether somebody or something has spoken it."""
    flac = rendered_path(prompts_dir, name)
    return flac.is_file() or flac.with_name(f"{flac.stem}.wav").is_file()


@dataclass(slots=True)
class Manifest:
    """What each rendered recording of one locale was made from, kept as `recordings/manifest.json`."""

    path: Path
    made_from: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, prompts_dir: Path, locale: str) -> "Manifest":
        """Read it; an absent one is empty. Raises `PromptFilesError` for a broken one."""
        path = prompts_dir / locale / "recordings" / "manifest.json"
        if not path.exists():
            return cls(path)
        try:
            return cls(path, dict(json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError) as error:
            raise PromptFilesError(f"{path}: {error}; delete it and run `ivr prompts render`") from error

    def save(self) -> None:
        """Write it, sorted, so that a change touches few lines."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".tmp")
        part.write_text(json.dumps(self.made_from, indent=0, sort_keys=True) + "\n", encoding="utf-8")
        part.replace(self.path)


def fingerprint(take: Take, index: int, choice: VoiceChoice, readings: Mapping[str, Sequence[str]]) -> str:
    """What a recording is made from: the sentence, its place there, the voice, its pace, taught readings."""
    parts = take.spoken_parts()
    taught = [[word, *readings[word]] for word in sorted(readings) if any(word in part for part in parts)]
    source = [_RENDERING, choice.voice, choice.speed * take.pace, take.locale, parts, index, *taught]
    return hashlib.sha256(json.dumps(source, ensure_ascii=False).encode()).hexdigest()[:16]
