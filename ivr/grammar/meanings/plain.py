"""Texts in the form that readers read: without fillers, pauses and spelling variants, places kept."""

import re
import unicodedata
from dataclasses import dataclass

from ivr.grammar.text import is_chinese

NUMERALS_ZH = "0-9零〇一幺二两三四五六七八九十百千万亿"
"""Inside a character class: what Chinese numbers are written with."""

_VARIANTS = str.maketrans(
    "萬兩億點塊圓號個後週這邊錢幾過來會時還沒對說錯給請讓禮俩壹贰貳叁參肆伍陆陸柒捌玖拾佰仟",
    "万两亿点块元号个后周这边钱几过来会时还没对说错给请让礼两一二二三三四五六六七八九十百千",
)
_DROPPED_ZH = re.compile(
    rf"\s+|[^\w.,:/\-%¥]|_|(?<!\d)[.,:/\-]|[.,:/\-](?!\d)|,(?=\d{{3}}(?!\d))"
    rf"|(?<=[0-9.])-(?=\D)|[嗯呃啊哦唔噢诶欸]"
    rf"|(?:那个|就是|然后|额)(?=\s*[{NUMERALS_ZH}x叉艾])(?<![金全余总限]额)"
)
_TOKEN_EN = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}:\d{2}|\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th)?"
    r"|[ap]\.?\s?m\b|o\s?'\s?clock|o clock|oclock|[a-z]+(?:'[a-z]+)*|[¥$%#]"
)
_FILLERS_EN = {"um", "uh", "er", "erm", "hmm", "ah", "eh", "well"}


@dataclass(frozen=True, slots=True)
class Plain:
    """A text without what means nothing, and where each of its characters stood."""

    text: str
    places: tuple[int, ...]
    """For each character its index in the text that was given."""

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of `text` begins and ends in the text that was given."""
        return self.places[start], self.places[end - 1] + 1


def plain(text: str, language: str) -> Plain:
    """Half width, lower case, without fillers; Chinese without white space, English as spaced words.

    Marks between digits stay (`1.5`, `9:30`, `2026-03-01`), grouping commas go. English "p.m." becomes "pm".
    """
    folded = "".join(_one_for_one(char) for char in text)
    return _plain_zh(folded) if is_chinese(language) else _plain_en(folded)


def _one_for_one(char: str) -> str:
    """The plain form of a character where that is one character too, so that places stay."""
    folded = unicodedata.normalize("NFKC", char).lower()
    return "'" if char == "’" else folded if len(folded) == 1 else char


def _plain_zh(folded: str) -> Plain:
    folded = folded.translate(_VARIANTS)
    dropped = {place for found in _DROPPED_ZH.finditer(folded) for place in range(*found.span())}
    kept = [(char, place) for place, char in enumerate(folded) if place not in dropped]
    return Plain("".join(char for char, _ in kept), tuple(place for _, place in kept))


def _plain_en(folded: str) -> Plain:
    text, places = "", list[int]()
    for found in _TOKEN_EN.finditer(folded):
        word = _word_en(found[0])
        if word in _FILLERS_EN:
            continue
        if text:
            text, places = text + " ", [*places, found.start()]
        text += word
        # A word that was shortened, such as "p. m.", still reaches to its own end.
        inside = range(found.start(), found.start() + len(word) - 1)
        places += [*inside, found.end() - 1]
    return Plain(text, tuple(places))


def _word_en(token: str) -> str:
    squeezed = "".join(token.split())
    if re.fullmatch(r"[ap]\.?m", squeezed):
        return squeezed[0] + "m"
    if squeezed in {"o'clock", "oclock"}:
        return "o'clock"
    return token.replace(",", "") if token[0].isdigit() else token
