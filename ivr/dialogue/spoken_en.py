"""English: amounts, numbers, dates and digits as pieces to be said."""

from datetime import date
from decimal import Decimal

from ivr.dialogue.spoken import RECORDED_YEARS, Piece, Place, SpokenRules, digit_pieces, placed, to_cents

_BELOW_TEN = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_BELOW_TWENTY = [*_BELOW_TEN, "ten", "eleven", "twelve", *_TEENS]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_FIRST_HALF = ["January", "February", "March", "April", "May", "June"]
_MONTHS = [*_FIRST_HALF, "July", "August", "September", "October", "November", "December"]
_IRREGULAR_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
    "twenty": "twentieth",
    "thirty": "thirtieth",
}
_SCALES = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
_DIGIT_WORDS = {**{str(n): word for n, word in enumerate(_BELOW_TEN)}, "X": "X"}


def _money(amount: Decimal | int, last: Place) -> tuple[Piece, ...]:
    """An amount in yuan, such as "three thousand five point six seven yuan"."""
    yuan, cents = divmod(to_cents(amount), 100)
    pieces = _integer(yuan)
    if cents:
        decimals = f"{cents:02d}".rstrip("0")
        pieces += [Piece("point", "point"), *(_small(int(c)) for c in decimals)]
    return placed([*pieces, Piece("yuan", "yuan")], last)


def _number(value: int, last: Place) -> tuple[Piece, ...]:
    """A count of things."""
    return placed(_integer(to_cents(value) // 100), last)


def _day(value: date, last: Place) -> tuple[Piece, ...]:
    """A date, such as "July fifteenth twenty twenty-six"."""
    month = Piece(f"month{value.month}", _MONTHS[value.month - 1])
    return placed([month, Piece(f"day{value.day}", _ordinal(value.day)), *_year(value.year)], last)


def _digits(value: str, last: Place) -> tuple[Piece, ...]:
    """A telephone or ID number, digit by digit."""
    return digit_pieces(value, _DIGIT_WORDS, last)


def _shown_money(amount: Decimal | int) -> str:
    """An amount as it is written."""
    return f"{Decimal(to_cents(amount)) / 100:,.2f} yuan"


def _shown_day(value: date) -> str:
    """A date as it is written."""
    return f"{_MONTHS[value.month - 1]} {value.day}, {value.year}"


def _integer(value: int) -> list[Piece]:
    if value == 0:
        return [_small(0)]
    pieces: list[Piece] = []
    for scale, word in _SCALES:
        if value >= scale:
            pieces += [*_below_thousand(value // scale), Piece(word, word)]
            value %= scale
    return pieces + _below_thousand(value)


def _below_thousand(value: int) -> list[Piece]:
    hundreds, rest = divmod(value, 100)
    pieces = [Piece(f"{hundreds}00", f"{_BELOW_TWENTY[hundreds]} hundred")] if hundreds else []
    return pieces + ([_small(rest)] if rest else [])


def _small(value: int) -> Piece:
    return Piece(str(value), _below_hundred(value))


def _below_hundred(value: int) -> str:
    if value < 20:
        return _BELOW_TWENTY[value]
    tens, ones = divmod(value, 10)
    return _TENS[tens - 2] + (f"-{_BELOW_TWENTY[ones]}" if ones else "")


def _ordinal(value: int) -> str:
    head, hyphen, tail = _below_hundred(value).rpartition("-")
    return f"{head}{hyphen}{_IRREGULAR_ORDINALS.get(tail, f'{tail}th')}"


def _year(value: int) -> list[Piece]:
    century, rest = divmod(value, 100)
    if value in RECORDED_YEARS:
        return [Piece(f"year{value}", f"{_below_hundred(century)} {_below_hundred(rest)}")]
    if rest >= 10 and century >= 10:
        return [_small(century), _small(rest)]
    return _integer(value)


ENGLISH = SpokenRules(_money, _number, _day, _digits, _shown_money, _shown_day)
