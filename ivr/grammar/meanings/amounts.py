"""Amounts of money in yuan: 一千二百块五, 三万五, 1.5万, "twelve hundred", "1,200.50 yuan"."""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation

from ivr.grammar.meanings.forms import Form, Kind
from ivr.grammar.meanings.plain import NUMERALS_ZH
from ivr.grammar.numbers_en import NUMBER_WORDS, read_number_en
from ivr.grammar.numbers_zh import read_number_zh

ALL = "all"
"""The value of 全部 and "the full amount"."""

_SCALES_ZH = {"": 1, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_N = rf"(?P<n>(?:[0-9]+(?:\.[0-9]+)?[{NUMERALS_ZH}]*|[{NUMERALS_ZH}]+(?:点[{NUMERALS_ZH}]+)?)[kw]?)"
_D = "[1-9一二两三四五六七八九]"
_CHANGE_ZH = (
    rf"(?:(?P<half>半)|零?(?P<only_fen>{_D})分|零(?P<lone_fen>{_D})"
    rf"|零?(?P<jiao>{_D})(?:[毛角](?:零?(?P<fen>{_D})分?)?|(?P<bare_fen>{_D}))?)?"
)
_ABOUT_ZH = r"(?:[来多](?P<scale>[百千万亿]?))?"


def _zh(match: re.Match[str], _now: datetime) -> str | None:
    """一千二百块五 has five jiao, 一块零五 five fen; 三千多 and 五千来块 are their round number."""
    parts = match.groupdict()
    number = _number_zh(parts.get("n") or "0")
    if number is None:
        return None
    number *= _SCALES_ZH[parts.get("scale") or ""]
    jiao = _digit(parts.get("jiao")) + (5 if parts.get("half") else 0)
    fen = _digit(parts.get("fen") or parts.get("bare_fen") or parts.get("only_fen") or parts.get("lone_fen"))
    return _plain_decimal(number + Decimal(jiao) / 10 + Decimal(fen) / 100)


def _number_zh(spoken: str) -> Decimal | None:
    """None for ranges (八九千) and for digits that begin with zero, which are no amount."""
    written = spoken.translate(str.maketrans("kw", "千万"))
    digits = read_number_zh(written)
    if digits is None or (digits[0] == "0" and digits[1:2].isdigit()):
        return None
    return Decimal(digits)


def _digit(spoken: str | None) -> int:
    return int(read_number_zh(spoken) or 0) if spoken else 0


_ZH = (
    Form(rf"(?:¥|rmb|人民币)?{_N}{_ABOUT_ZH}(?:[块元](?:人民币)?|人民币|rmb){_CHANGE_ZH}[钱整]?", _zh),
    Form(rf"(?P<jiao>{_D})[毛角](?:(?P<fen>{_D})分?)?钱?", _zh),
    Form(rf"(?P<only_fen>{_D})分钱", _zh),
    Form(rf"(?:¥|rmb|人民币){_N}", _zh),
    # In passing a bare number is an amount when it is round or long, and does not count anything.
    Form(
        rf"(?<![{NUMERALS_ZH}.年月第:/\-])(?<!尾号)(?<!尾号是)(?<!卡号)(?<!卡号是)"
        rf"(?=[{NUMERALS_ZH}.点]*(?:[百千万kw]|[0-9]{{3,6}})){_N}{_ABOUT_ZH}整?"
        rf"(?![{NUMERALS_ZH}.:/\-个期月号日天年点时次位名人岁笔%美英欧港]|分(?![{NUMERALS_ZH}]))",
        _zh,
    ),
    Form(rf"{_N}{_ABOUT_ZH}整?", _zh, in_passing=False),
    Form(
        r"全部|全额|全款|所有的?(?:欠款|钱)?|(?:全部|全都|全|一次性|都)(?:还清|结清|还)了?|还清|结清|一次性",
        lambda _match, _now: ALL,
    ),
)

_W = rf"(?:{NUMBER_WORDS}|[0-9]+(?:\.[0-9]+)?)"
_WORDS_EN = (
    rf"(?:(?:a|an) (?=hundred|thousand|million|grand|k\b))?{_W}(?:(?: and)? {_W})*(?: and a half(?: {_W})?)?"
)
_UNIT_EN = r"(?:yuan|rmb|renminbi|kuai|bucks)"
_CENTS_EN = rf"(?P<cents>{_W}(?: {_W})?) (?:cents|cent|fen)"


def _en(match: re.Match[str], _now: datetime) -> str | None:
    """Two numbers in a row are one amount in yuan: "twelve fifty" is 1250, "twelve yuan fifty" is 12.50.

    Instalments are hundreds of yuan and more, so that the other reading would mostly be wrong.
    """
    parts = match.groupdict()
    whole = _number_en(parts.get("n") or "zero")
    cents = _number_en(parts.get("cents") or parts.get("change") or "zero")
    if whole is None or cents is None or cents >= 100:
        return None
    return _plain_decimal(whole + cents / 100)


def _number_en(spoken: str) -> Decimal | None:
    words = re.sub(r"\b(?:grand|k)\b", "thousand", re.sub(r"^an? ", "one ", spoken))
    words = re.sub(r"^(hundred|thousand|million)\b", r"one \1", words)
    words = re.sub(r"^(\w+)( \w+)? and a half\b", r"\1\2 point five", words)
    found = read_number_en(words.split())
    if found is None or found.words != len(words.split()) or re.match(r"0\d", found.digits):
        return None
    return Decimal(found.digits)


_EN = (
    Form(
        rf"(?:¥ ?|rmb )?(?P<n>{_WORDS_EN}) {_UNIT_EN}(?:(?: and)? {_CENTS_EN}"
        rf"| and (?P<change>{_W}(?: {_W})?))?",
        _en,
    ),
    Form(rf"(?P<n>{_WORDS_EN}) {_UNIT_EN} (?P<change>{_W}(?: {_W})?)", _en),
    Form(rf"(?:¥|rmb) (?P<n>{_WORDS_EN})", _en),
    Form(_CENTS_EN, _en),
    Form(
        r"(?<!ends in )(?<!ending in )(?<!number is )(?<!digits are )(?P<n>(?=[^¥$]*(?:hundred|thousand"
        rf"|million|grand|k\b|\b[0-9]{{3,6}}\b)){_WORDS_EN})(?! (?:dollars|cents))",
        _en,
    ),
    Form(rf"(?P<n>{_WORDS_EN})", _en, in_passing=False),
    Form(
        r"(?:all of it|everything|(?:all|the (?:full|whole|entire|total)) (?:amount|balance|sum)|in full"
        r"|the full amount|pay it (?:all )?off|all|the lot|the whole thing)",
        lambda _match, _now: ALL,
    ),
)

AMOUNT = Kind(_ZH, _EN)
"""A decimal number of yuan without trailing zeros (`1200.5`), or `all`. Other currencies have no meaning."""


def _plain_decimal(amount: Decimal) -> str | None:
    try:
        text = f"{amount:f}"
    except InvalidOperation:
        return None
    return text.rstrip("0").rstrip(".") if "." in text else text
