"""`prompts/voices/voices.yaml`: who speaks, how fast, and how difficult words are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ivr.adapters.voice.errors import PromptFilesError


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """One voice at one pace."""

    voice: str
    speed: float


@dataclass(frozen=True, slots=True)
class Voices:
    """The voices by locale, and pinyin readings by word."""

    directory: Path
    prompts: Mapping[str, VoiceChoice]
    callers: Mapping[str, VoiceChoice]
    readings: Mapping[str, tuple[str, ...]]


def load_voices(prompts_dir: Path) -> Voices:
    """Read the voices file. Raises `PromptFilesError`."""
    path = prompts_dir / "voices" / "voices.yaml"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Voices(
            directory=path.parent,
            prompts=_choices(content["prompts"]),
            callers=_choices(content["callers"]),
            readings={word: tuple(pinyin) for word, pinyin in content.get("readings", {}).items()},
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise PromptFilesError(f"{path}: {error or type(error).__name__}") from error


def _choices(section: dict[str, Any]) -> dict[str, VoiceChoice]:
    return {
        locale: VoiceChoice(str(choice["voice"]), float(choice["speed"]))
        for locale, choice in section.items()
    }
