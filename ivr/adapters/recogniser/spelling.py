"""How a phrase may be written by Whisper, and how it sounds."""

import re
from functools import lru_cache

from pypinyin import Style, pinyin

_ZH_DIGITS = dict(zip("零一二三四五六七八九幺两", "012345678912", strict=True))
_DIGITS = re.compile(r"[0-9]")


def language_of(locale: str) -> str:
    """Whisper's language code: the first subtag of a BCP 47 tag."""
    return locale.split("-", maxsplit=1)[0].lower()


def spellings(phrase: str, language: str) -> tuple[str, ...]:
    """The ways Whisper may write a phrase: bare in Chinese; with a leading space and in two cases elsewhere.

    Whisper puts digits where it hears several of them, so Chinese digits are offered as both.
    """
    if language == "zh":
        digits = "".join(_ZH_DIGITS.get(char, char) for char in phrase)
        return (phrase, digits) if len(phrase) > 1 and _DIGITS.search(digits) else (phrase,)
    return tuple(dict.fromkeys((" " + phrase, " " + phrase[:1].upper() + phrase[1:])))


def sounds(text: str, language: str) -> list[str]:
    """The units by which two texts are compared: initials and finals in Chinese, letters elsewhere."""
    if language != "zh":
        return [char for char in text.casefold() if char.isalnum()]
    return [unit for char in text if char.isalnum() for unit in _syllable(char)]


@lru_cache(maxsize=20_000)
def _syllable(char: str) -> tuple[str, ...]:
    char = "零一二三四五六七八九"[int(char)] if char in "0123456789" else char
    initial = pinyin(char, style=Style.INITIALS, strict=False)[0][0]
    final = pinyin(char, style=Style.FINALS, strict=False)[0][0]
    return (initial, final) if initial != final else (initial,)
