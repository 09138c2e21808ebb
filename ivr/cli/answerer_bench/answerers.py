"""`answerers.yaml`: what people and machines say when they answer, and which voices say it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

Split = Literal["train", "held", "fresh"]

HUMAN = "human"
BREAK = "/"
_RECORDINGS = "recordings"

_FILE = Path(__file__).with_name("answerers.yaml")


@dataclass(frozen=True, slots=True)
class Answerer:
    """One text in one voice. `label` is `human`, or what kind of machine it is."""

    locale: str
    label: str
    text: str
    voice: str

    @property
    def parts(self) -> tuple[str, ...]:
        """What is said in one breath each."""
        return tuple(part.strip() for part in self.text.split(BREAK))


def answerers(split: Split) -> list[Answerer]:
    """Every text of this part of the set in every voice of it."""
    found = []
    for locale, content in _by_locale().items():
        voices = content["voices"][split]
        for label, texts in content.items():
            if label != "voices":
                found += [
                    Answerer(locale, label, text, voice) for text in texts.get(split, []) for voice in voices
                ]
    return found


def recordings() -> dict[str, list[list[str]]]:
    """Messages of a machine by label: the names of the recorded prompts that each is joined from."""
    found: dict[str, list[list[str]]] = _document()[_RECORDINGS]
    return found


def _by_locale() -> dict[str, dict[str, dict[str, list[str]]]]:
    return {name: content for name, content in _document().items() if name != _RECORDINGS}


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return document
