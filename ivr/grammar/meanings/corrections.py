"""Callers who correct themselves: "the third, no, the fifth" is the fifth."""

import re

from ivr.grammar.text import is_chinese

_MARK_ZH = re.compile(
    r"(?:(?:不对)+|不不+|不是.{1,8}?而?是|不是(?!很|太|特别|非常|那么|满意|不)|[说搞]?错了|更正|纠正一下"
    r"|等一下|等等|等会儿|我是说|应该是|改成|换成)(?:不对|不是|我?[说搞]错了|等一下|应该是|我是说|是|改成"
    r"|我想|要|那就|还是)*"
)
_MARK_EN = re.compile(
    r"\b(?:no+|nope|wait|sorry|oops|actually|i mean|i meant|scratch that|correction|make (?:it|that)"
    r"|or rather|rather|that's wrong"
    r"|my mistake)(?: (?:no|wait|sorry|i mean|i meant|actually|it's|it is|that's|make (?:it|that)|wrong"
    r"|rather|should be))*\b"
)


def corrected(text: str, language: str) -> tuple[str, str]:
    """What was said before the last correction, and what after it: everything, when there is none.

    `text` is as `plain` gives it. A correction begins with words such as 不对, 说错了, "no", "sorry, I mean".
    With nothing after it the caller has only taken back what they said, and both parts are returned so.
    """
    mark = _MARK_ZH if is_chinese(language) else _MARK_EN
    marks = list(mark.finditer(text))
    if not marks:
        return "", text
    last = marks[-1]
    return text[: last.start()].strip(), text[last.end() :].strip()
