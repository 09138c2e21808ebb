"""How a phrase may be written by Whisper, and how it sounds."""

from functools import lru_cache

from pypinyin import Style, pinyin

from ivr.grammar.text import normalise

_ZH_DIGITS = dict(zip("零〇一二三四五六七八九幺两", "0012345678912", strict=True))
_ZH_CODE_WORDS = {"洞": "0", "拐": "7", "勾": "9"}
"""As read out over the radio, and by many on the telephone."""

_SECOND_WORDS = frozenset("〇幺两洞拐勾") | {"oh"}
"""Whisper does not hear these as figures."""

_EN_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "oh")
_EN_DIGITS = dict(zip(_EN_WORDS, "01234567890", strict=True))


def language_of(locale: str) -> str:
    """Whisper's language code: the first subtag of a BCP 47 tag."""
    return locale.split("-", maxsplit=1)[0].lower()


def spellings(phrase: str, language: str) -> tuple[str, ...]:
    """The ways Whisper may write a phrase: bare in Chinese; with a leading space and in two cases elsewhere.

    A string of digits is also offered as spaced figures, and in Chinese as spaced characters, for so Whisper
    writes digits that are spoken one by one. Unspaced figures (`1234`) are left out: it guesses at those.
    """
    if language == "zh":
        written = [phrase]
        figures = [_ZH_DIGITS.get(char, "") for char in phrase]
        if len(phrase) > 1 and all(figures):
            written += [" ".join(figures), " ".join(phrase)]
        return tuple(written)
    written = [" " + phrase, " " + phrase[:1].upper() + phrase[1:]]
    figures = [_EN_DIGITS.get(word, "") for word in phrase.split()] if language == "en" else []
    if len(figures) > 1 and all(figures):
        written.append(" " + " ".join(figures))
    return tuple(dict.fromkeys(written))


def figure_of(word: str, language: str) -> str:
    """The figure that a word for one digit stands for; empty for other words."""
    table = {"zh": _ZH_DIGITS | _ZH_CODE_WORDS, "en": _EN_DIGITS}.get(language, {})
    return table.get(word, "")


def digit_spellings(word: str, language: str) -> tuple[str, ...]:
    """The ways Whisper may write a digit said by itself; empty when the word is none."""
    figure = figure_of(word, language)
    if not figure:
        return ()
    lead = "" if language == "zh" else " "
    written = dict.fromkeys((lead + word, lead + word.capitalize()))
    return tuple(written) if word in _SECOND_WORDS else (*written, lead + figure)


def spaced_figures(figures: str, language: str) -> str:
    """How Whisper writes digits that are spoken one by one."""
    return ("" if language == "zh" else " ") + " ".join(figures)


def mostly_digits(text: str, language: str) -> bool:
    """Whether at least half of the text are digits, in words or figures."""
    said = normalise(text, language)
    words = list(said.replace(" ", "")) if language == "zh" else said.split()
    digits = sum(word.isdecimal() or bool(figure_of(word, language)) for word in words)
    return 0 < len(words) <= 2 * digits


def figures_as_words(text: str, language: str) -> str:
    """English figures written out one by one; Chinese ones sound as their words already."""
    if language != "en":
        return text
    return "".join(f" {_EN_WORDS[int(char)]} " if char in "0123456789" else char for char in text)


def sounds(text: str, language: str) -> list[str]:
    """The units by which two texts are compared: initials and finals in Chinese, letters elsewhere.

    Chinese figures sound as they are read. Elsewhere they are units of their own, so that a text in figures
    is nearest to a phrase written in figures. By these ways more digit strings were right.
    """
    if language == "zh":
        return [unit for char in text if char.isalnum() for unit in _syllable(char)]
    return [char for char in text.casefold() if char.isalnum()]


@lru_cache(maxsize=20_000)
def _syllable(char: str) -> tuple[str, ...]:
    char = "零一二三四五六七八九"[int(char)] if char in "0123456789" else char
    initial = pinyin(char, style=Style.INITIALS, strict=False)[0][0]
    final = pinyin(char, style=Style.FINALS, strict=False)[0][0]
    return (initial, final) if initial != final else (initial,)
