"""Errors as recognisers make them: characters exchanged for others that sound the same."""

from functools import cache

import numpy as np
from pypinyin import Style, lazy_pinyin


def mishear(text: str, rate: float, rng: np.random.Generator) -> str:
    """Exchange each Chinese character with probability `rate` for another of the same toneless sound.

    Replacements come from the 3,755 common characters (GB 2312, level 1); a sound that only one of them has
    stays as it is. Everything else in the text stays too.
    """
    return "".join(_other(char, rng) if rng.random() < rate else char for char in text)


def _other(char: str, rng: np.random.Generator) -> str:
    if not "\u3400" <= char <= "\u9fff":
        return char
    others = [same for same in _by_sound().get(_sound(char), ()) if same != char]
    return others[int(rng.integers(len(others)))] if others else char


@cache
def _by_sound() -> dict[str, tuple[str, ...]]:
    sounds: dict[str, tuple[str, ...]] = {}
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFA if row == 0xD7 else 0xFF):
            char = bytes((row, cell)).decode("gb2312")
            sounds[_sound(char)] = (*sounds.get(_sound(char), ()), char)
    return sounds


def _sound(char: str) -> str:
    return lazy_pinyin(char, style=Style.NORMAL)[0]
