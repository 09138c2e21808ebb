"""Mandarin: amounts, numbers, dates, times and digits as pieces to be said."""

from datetime import date, time
from decimal import Decimal

from ivr.dialogue.spoken import (
    RECORDED_YEARS,
    Piece,
    Place,
    SpokenRules,
    digit_pieces,
    placed,
    to_cents,
    to_ordinal,
    to_percent,
)

_DIGITS = "零一二三四五六七八九"
_MEASURED = "零一两三四五六七八九"
"""Two is 两 before a measure word or a unit."""
_ZERO = Piece("0", "零")
_YUAN = Piece("yuan", "元")
_PARTS_OF_DAY = ((5, "凌晨"), (9, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
"""Each with the hour before which it ends."""
_UNITS = (Piece("yi", "亿"), Piece("wan", "万"), None)

_DIGIT_WORDS = {**{str(n): _DIGITS[n] for n in range(10)}, "1": "幺", "X": "艾克斯"}
"""One is 幺 in telephone and ID numbers."""


def _money(amount: Decimal | int, last: Place) -> tuple[Piece, ...]:
    """An amount in yuan, such as 三千零五元六角七分."""
    yuan, cents = divmod(to_cents(amount), 100)
    jiao, fen = divmod(cents, 10)
    pieces: list[Piece] = []
    if yuan or not cents:
        pieces += [*_integer(yuan), _YUAN]
    if jiao:
        pieces.append(Piece(f"{jiao}jiao", f"{_MEASURED[jiao]}角"))
    if fen:
        pieces += [_ZERO] if yuan and not jiao else []
        pieces.append(Piece(f"{fen}fen", f"{_DIGITS[fen]}分"))
    return placed(pieces, last)


def _number(value: int, last: Place) -> tuple[Piece, ...]:
    """A count of things, measure word to follow."""
    return placed(_integer(to_cents(value) // 100), last)


def _ordinal(value: int, last: Place) -> tuple[Piece, ...]:
    """A place in a row, 第 before it: 二, not 两."""
    number = to_ordinal(value)
    pieces = [Piece("100", "一百")] if number == 100 else [Piece(str(number), _below_hundred(number))]
    return placed(pieces, last)


def _percent(rate: Decimal | int, last: Place) -> tuple[Piece, ...]:
    """A rate, such as 百分之 零 点 零 五."""
    whole, decimals = to_percent(rate)
    pieces = [Piece("percent", "百分之"), *_plain(whole)]
    if decimals:
        pieces += [Piece("point", "点"), *(Piece(c, _DIGITS[int(c)]) for c in decimals)]
    return placed(pieces, last)


def _date(value: date, last: Place) -> tuple[Piece, ...]:
    """A date, such as 二零二六年 七月 十五号."""
    if value.year in RECORDED_YEARS:
        year = [Piece(f"year{value.year}", "".join(_DIGITS[int(c)] for c in str(value.year)) + "年")]
    else:
        year = [Piece(c, _DIGITS[int(c)]) for c in str(value.year)] + [Piece("year", "年")]
    return (*year, *_day(value, last))


def _day(value: date, last: Place) -> tuple[Piece, ...]:
    """A date without its year, such as 七月 十五号."""
    month = Piece(f"month{value.month}", f"{_below_hundred(value.month)}月")
    return placed([month, Piece(f"day{value.day}", f"{_below_hundred(value.day)}号")], last)


def _time(value: time, last: Place) -> tuple[Piece, ...]:
    """A time of day, such as 上午九点 三十 分 or 下午两点 半."""
    hour, minute = value.hour, value.minute
    part = next(name for end, name in _PARTS_OF_DAY if hour < end)
    twelve = hour if hour <= 12 else hour - 12
    pieces = [Piece(f"hour{hour}", f"{part}{'两' if twelve == 2 else _below_hundred(twelve) or '零'}点")]
    if minute == 30:
        pieces.append(Piece("half", "半"))
    elif minute:
        pieces += [_ZERO] if minute < 10 else []
        pieces += [Piece(str(minute), _below_hundred(minute)), Piece("minute", "分")]
    return placed(pieces, last)


def _digits(value: str, last: Place) -> tuple[Piece, ...]:
    """A telephone or ID number, digit by digit."""
    return digit_pieces(value, _DIGIT_WORDS, last)


def _shown_money(amount: Decimal | int) -> str:
    """An amount as it is written."""
    return f"{Decimal(to_cents(amount)) / 100:,.2f}元"


def _shown_date(value: date) -> str:
    """A date as it is written."""
    return f"{value.year}年{_shown_day(value)}"


def _shown_day(value: date) -> str:
    """A date without its year as it is written."""
    return f"{value.month}月{value.day}日"


def _plain(value: int) -> list[Piece]:
    """A number that counts nothing: 二, not 两."""
    return [Piece("2", "二")] if value == 2 else _integer(value)


def _integer(value: int) -> list[Piece]:
    """Groups of four digits from the top, 零 wherever a place is skipped before more follows."""
    if value == 0:
        return [_ZERO]
    pieces: list[Piece] = []
    groups = (value // 10**8, value // 10**4 % 10**4, value % 10**4)
    for group, unit in zip(groups, _UNITS, strict=True):
        if not group:
            continue
        if pieces and group < 1000:
            pieces.append(_ZERO)
        if group == 2 and (unit or not pieces):
            pieces.append(Piece("liang", "两"))
        else:
            pieces += _group(group, first=not pieces)
        if unit:
            pieces.append(unit)
    return pieces


def _group(value: int, *, first: bool) -> list[Piece]:
    thousands, hundreds, rest = value // 1000, value // 100 % 10, value % 100
    pieces: list[Piece] = []
    if thousands:
        pieces.append(Piece(f"{thousands}000", f"{_MEASURED[thousands]}千"))
    if hundreds:
        pieces.append(Piece(f"{hundreds}00", f"{_MEASURED[hundreds]}百"))
    if not rest:
        return pieces
    skipped = (thousands and not hundreds) or (pieces and rest < 10)
    if skipped:
        pieces.append(_ZERO)
    if 10 <= rest < 20 and (pieces or not first):
        pieces.append(Piece(f"yi{rest}", f"一{_below_hundred(rest)}"))
    else:
        pieces.append(Piece(str(rest), _below_hundred(rest)))
    return pieces


def _below_hundred(value: int) -> str:
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")


MANDARIN = SpokenRules(
    money=_money,
    number=_number,
    ordinal=_ordinal,
    percent=_percent,
    full_date=_date,
    day=_day,
    time_of_day=_time,
    digits=_digits,
    shown_money=_shown_money,
    shown_ordinal=str,
    shown_date=_shown_date,
    shown_day=_shown_day,
)
