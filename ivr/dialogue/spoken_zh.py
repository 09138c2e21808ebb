"""Mandarin: amounts, numbers, dates and digits as pieces to be said."""

from datetime import date
from decimal import Decimal

from ivr.dialogue.spoken import RECORDED_YEARS, Piece, Place, SpokenRules, digit_pieces, placed, to_cents

_DIGITS = "零一二三四五六七八九"
_MEASURED = "零一两三四五六七八九"
"""Two is 两 before a measure word or a unit."""
_ZERO = Piece("0", "零")
_YUAN = Piece("yuan", "元")
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


def _day(value: date, last: Place) -> tuple[Piece, ...]:
    """A date, such as 二零二六年 七月 十五号."""
    if value.year in RECORDED_YEARS:
        year = [Piece(f"year{value.year}", "".join(_DIGITS[int(c)] for c in str(value.year)) + "年")]
    else:
        year = [Piece(c, _DIGITS[int(c)]) for c in str(value.year)] + [Piece("year", "年")]
    month = Piece(f"month{value.month}", f"{_below_hundred(value.month)}月")
    return placed([*year, month, Piece(f"day{value.day}", f"{_below_hundred(value.day)}号")], last)


def _digits(value: str, last: Place) -> tuple[Piece, ...]:
    """A telephone or ID number, digit by digit."""
    return digit_pieces(value, _DIGIT_WORDS, last)


def _shown_money(amount: Decimal | int) -> str:
    """An amount as it is written."""
    return f"{Decimal(to_cents(amount)) / 100:,.2f}元"


def _shown_day(value: date) -> str:
    """A date as it is written."""
    return f"{value.year}年{value.month}月{value.day}日"


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


MANDARIN = SpokenRules(_money, _number, _day, _digits, _shown_money, _shown_day)
