"""Choices by their place: 第二个, 最后一个, "the second one", "number two"."""

import re
from datetime import datetime

from ivr.grammar.meanings.forms import Form, Kind, fixed
from ivr.grammar.numbers_en import read_number_en
from ivr.grammar.numbers_zh import read_number_zh

LAST = "-1"

_N_ZH = r"(?P<n>10|[1-9]|[一二两三四五六七八九十])(?![0-9一二三四五六七八九十])"
_THING_ZH = "(?:个|项|条|种|笔|张|款|位|选项)"
_ORDINALS_EN = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
_N_EN = "(?P<n>one|two|three|four|five|six|seven|eight|nine|ten|10|[1-9])"
_THING_EN = "(?:one|option|choice|item|loan|card)"


def _zh(match: re.Match[str], _now: datetime) -> str | None:
    return read_number_zh(match["n"])


def _from_end_zh(match: re.Match[str], _now: datetime) -> str | None:
    return f"-{read_number_zh(match['n'])}"


def _en(match: re.Match[str], _now: datetime) -> str | None:
    found = read_number_en([match["n"]])
    return found.digits if found else None


ORDINAL = Kind(
    (
        Form(rf"(?<!倒数)第{_N_ZH}{_THING_ZH}?", _zh),
        Form(rf"倒数第{_N_ZH}{_THING_ZH}?", _from_end_zh),
        Form(rf"选[项择]?{_N_ZH}(?!{_THING_ZH})", _zh),
        Form(rf"{_N_ZH}号选项", _zh),
        Form(rf"{_N_ZH}(?:号)?", _zh, in_passing=False),
        *fixed(
            {
                rf"(?:最后|末尾)(?:面)?的?(?:那|这)?一?{_THING_ZH}": LAST,
                rf"(?:后面|后边|下面|后)的?(?:那|这)一?{_THING_ZH}|后者|后一{_THING_ZH}": LAST,
                rf"(?:前面|前边|上面|头|前)的?(?:那|这)?一?{_THING_ZH}|前者|前一{_THING_ZH}|最前面的?": "1",
            }
        ),
    ),
    (
        Form(
            rf"(?:the )?(?P<n>{_ORDINALS_EN}|[1-9](?:st|nd|rd|th))(?: {_THING_EN})?(?! (?:of|to last|from))",
            _en,
        ),
        Form(rf"(?:number|option|choice|#) {_N_EN}", _en),
        Form(_N_EN, _en, in_passing=False),
        *fixed(
            {
                rf"(?:the )?(?:very )?(?:last|final)(?: {_THING_EN})?|the latter"
                rf"|the bottom {_THING_EN}": LAST,
                rf"(?:the )?second to last(?: {_THING_EN})?|the last but one|the one before last": "-2",
                rf"the former|the top {_THING_EN}": "1",
            }
        ),
    ),
)
"""The place counted from 1, or from the end: the last is `-1`, the last but one `-2`."""
