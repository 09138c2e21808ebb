"""What people's own recordings were made for, so that a later change of the words is noticed.

A rendered recording is made again when its words change; a `<name>.wav` from a studio cannot be. So the words
it was put there for are noted, as hashes, in `recordings/studio.json`, when it is first seen.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ivr.adapters.voice.errors import PromptFilesError

_NO_WORD = re.compile(r"\W+")


class StudioState(StrEnum):
    """How a studio's recording stands to the present words."""

    NEW = "new"
    """Not noted yet, or replaced since."""
    FITS = "fits"
    STALE = "stale"
    """The words have changed, and the file has not."""


@dataclass(slots=True)
class StudioNotes:
    """The notes of one locale."""

    path: Path
    noted: dict[str, list[str]] = field(default_factory=dict)
    """The file's hash and the words' hash by the recording's name."""

    @classmethod
    def load(cls, prompts_dir: Path, locale: str) -> "StudioNotes":
        """Read them; absent ones are empty. Raises `PromptFilesError` for a broken file."""
        path = prompts_dir / locale / "recordings" / "studio.json"
        if not path.exists():
            return cls(path)
        try:
            noted = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, {str(name): [str(file), str(words)] for name, (file, words) in noted.items()})
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise PromptFilesError(f"{path}: {error}; delete it and run `ivr prompts render`") from error

    def state(self, name: str, recording: Path, words: str) -> StudioState:
        """Compare a recording with the words that it should say; punctuation does not count."""
        file, noted = self.noted.get(name, ["", ""])
        if file != _hash(recording.read_bytes()):
            return StudioState.NEW
        return StudioState.FITS if noted == _hash_words(words) else StudioState.STALE

    def note(self, name: str, recording: Path, words: str) -> None:
        """Remember that the recording says these words."""
        self.noted[name] = [_hash(recording.read_bytes()), _hash_words(words)]

    def save(self) -> None:
        """Write them, if there are any."""
        if self.noted or self.path.exists():
            self.path.write_text(json.dumps(self.noted, indent=0, sort_keys=True) + "\n", encoding="utf-8")


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _hash_words(words: str) -> str:
    return _hash(_NO_WORD.sub(" ", words).strip().lower().encode())
