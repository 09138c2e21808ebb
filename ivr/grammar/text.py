"""One spelling for what can be said in several: the form in which texts and grammars are compared."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_ZH_DIGITS = dict(zip("0123456789〇", "零一二三四五六七八九零", strict=True))
_EN_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_EN_DIGITS = dict(zip("0123456789", _EN_WORDS, strict=True))
_KEYS = frozenset("0123456789*#abcd")
_KEY_NAMES = {"star": "*", "pound": "#"}
"""SRGS 1.0 Appendix E."""


def is_chinese(language: str) -> bool:
    """Whether a BCP 47 tag names a language that is written here without spaces between words."""
    return language.lower().split("-")[0] == "zh"


def normalise(text: str, language: str) -> str:
    """Bring a text to the form in which it is matched.

    Full width becomes half width, case is folded, each Arabic digit becomes the word it is read as alone.
    Chinese then loses everything that is not a character, letter or digit, white space included. Other
    languages keep words of letters and apostrophes with single spaces between them.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    if is_chinese(language):
        return "".join(_ZH_DIGITS.get(char, char) for char in plain if char.isalnum())
    spaced = "".join(
        f" {_EN_DIGITS[char]} " if char in _EN_DIGITS else char if char.isalnum() or char == "'" else " "
        for char in plain
    )
    return " ".join(word for word in (raw.strip("'") for raw in spaced.split()) if word)


def normalise_keys(keys: str) -> str | None:
    """DTMF keys without white space, letters in lower case; None when one of them is no key."""
    plain = "".join(keys.split()).lower()
    return plain if set(plain) <= _KEYS else None


@lru_cache(maxsize=4096)
def spell(token: str, language: str, mode: str) -> str:
    """The characters of a grammar's token as a matcher meets them; empty when it is no word, or no key.

    In languages with spaces each word brings along the one before it, the first word too.
    """
    if mode == "dtmf":
        return normalise_keys(_KEY_NAMES.get(token, token)) or ""
    spelled = normalise(token, language)
    return lead_in(language, mode) + spelled if spelled else ""


def lead_in(language: str, mode: str) -> str:
    """What stands before the first word."""
    return "" if mode == "dtmf" or is_chinese(language) else " "


def join_tokens(tokens: Sequence[str], language: str, mode: str) -> str:
    """Write tokens as a person would: keys and Chinese without spaces, but for those between Latin words."""
    if mode == "dtmf":
        return "".join(_KEY_NAMES.get(token, token) for token in tokens)
    if not is_chinese(language):
        return " ".join(tokens)
    text = ""
    for token in tokens:
        text += " " + token if text and _is_latin(text[-1]) and _is_latin(token[0]) else token
    return text


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
