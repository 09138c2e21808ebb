"""Digits as people say them: 幺三八, "double five", in groups, with fillers and second thoughts."""

import re

from ivr.grammar.meanings.corrections import corrected
from ivr.grammar.meanings.plain import plain
from ivr.grammar.numbers_en import read_number_en
from ivr.grammar.numbers_zh import read_number_zh
from ivr.grammar.text import is_chinese

CHECK_CHARACTER = "X"

_LEAD_IN_ZH = re.compile(
    r"(?:我|你|您|的|是|就是|为|那个|身份证|银行卡|信用卡|手机|电话|联系|验证码|号码|卡号|号|卡|尾号"
    r"|[后末最]+[四六46]位|数字|密码|应该|记一下|:)+"
)
_LEAD_WORD_EN = (
    r"(?:sure|yes|okay|ok|so|the|my|phone|mobile|cell|telephone|card|id|account|numbers?|digits|code|they"
    r"|plus|last (?:four|six)|is|are|it's|it|that's|this|(?:ending|ends) (?:in|with))"
)
_LEAD_IN_EN = re.compile(rf"(?:{_LEAD_WORD_EN} )+")
_TAIL_ZH = re.compile(r"(?:吧|了|的|呀|哈|完了|没了|谢谢|对)+$")
_ZH_PARTS = re.compile(
    r"(?P<many>[一两二三四五1-5])个(?P<same>[0-9零〇幺一二三四五六七八九])"
    r"|(?P<group>[一二三四五六七八九1-9]百零[一二三四五六七八九]"
    r"|[一二三四五六七八九]百(?:[一二三四五六七八九]十[一二三四五六七八九]?)?"
    r"|[一二两三四五六七八九]?十[一二三四五六七八九]?)|(?P<digit>[0-9零〇幺一二两三四五六七八九洞拐勾])"
    r"|(?P<check>x|叉|艾克斯)|[-.,/]"
)
_MILITARY = str.maketrans("洞拐勾", "079")
_EN_CHECK = {"x", "ex"}


def read_digits(text: str, language: str) -> str | None:
    """The digits of a text that holds nothing else but lead-ins, fillers and corrections; else None.

    两个八 and "double eight" are two digits, 洞 and 拐 are 0 and 7. Pairs and hundreds are
    what is written: 三十四 is 34, 一百三十八 is 138. A check character X comes last. After 不对 or "sorry"
    only what follows counts.
    """
    said = corrected(plain(text, language).text, language)[1]
    return _digits_zh(said) if is_chinese(language) else _digits_en(said)


def _digits_zh(said: str) -> str | None:
    lead_in = _LEAD_IN_ZH.match(said)
    said = _TAIL_ZH.sub("", said[lead_in.end() :] if lead_in else said)
    digits, at = "", 0
    while at < len(said):
        part = _ZH_PARTS.match(said, at)
        if part is None or digits.endswith(CHECK_CHARACTER):
            return None
        digits += _part_zh(part)
        at = part.end()
    return digits or None


def _part_zh(part: re.Match[str]) -> str:
    groups = part.groupdict()
    if groups["many"]:
        return (read_number_zh(groups["same"]) or "") * int(read_number_zh(groups["many"]) or 0)
    if groups["check"]:
        return CHECK_CHARACTER
    spoken = groups["group"] or groups["digit"]
    return (read_number_zh(spoken.translate(_MILITARY)) or "") if spoken else ""


def _digits_en(said: str) -> str | None:
    lead_in = _LEAD_IN_EN.match(said + " ")
    words = (said[lead_in.end() :] if lead_in else said).replace("-", " ").split()
    digits = ""
    while words:
        if words[0] in _EN_CHECK and len(words) == 1 and digits:
            return digits + CHECK_CHARACTER
        found = read_number_en(words)
        if found is None or not found.digits.isdigit():
            return None
        digits += found.digits
        words = words[found.words :]
    return digits or None
