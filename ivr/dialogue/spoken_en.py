"""English: amounts, numbers, dates, times and digits as pieces to be said."""

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
}
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
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


def _ordinal(value: int, last: Place) -> tuple[Piece, ...]:
    """A place in a row, such as "second" or "thirty" "first"."""
    number = to_ordinal(value)
    tens, ones = divmod(number, 10)
    if number <= 31:
        return placed([Piece(f"day{number}", _ordinal_word(number))], last)
    if number == 100:
        return placed([Piece("nth100", "one hundredth")], last)
    if not ones:
        return placed([Piece(f"nth{number}", _ordinal_word(number))], last)
    return placed([_small(tens * 10), Piece(f"day{ones}", _ordinal_word(ones))], last)


def _percent(rate: Decimal | int, last: Place) -> tuple[Piece, ...]:
    """A rate, such as "zero point zero five percent"."""
    whole, decimals = to_percent(rate)
    pieces = _integer(whole)
    if decimals:
        pieces += [Piece("point", "point"), *(_small(int(c)) for c in decimals)]
    return placed([*pieces, Piece("percent", "percent")], last)


def _date(value: date, last: Place) -> tuple[Piece, ...]:
    """A date, such as "July fifteenth twenty twenty-six"."""
    return placed([*_day(value, Place.INNER), *_year(value.year)], last)


def _day(value: date, last: Place) -> tuple[Piece, ...]:
    """A date without its year, such as "July fifteenth"."""
    month = Piece(f"month{value.month}", _MONTHS[value.month - 1])
    return placed([month, Piece(f"day{value.day}", _ordinal_word(value.day))], last)


def _time(value: time, last: Place) -> tuple[Piece, ...]:
    """A time of day, such as "nine thirty a.m."; "noon" and "midnight" by their names."""
    hour, minute = value.hour, value.minute
    if not minute and hour in (0, 12):
        return placed([Piece("noon", "noon") if hour else Piece("midnight", "midnight")], last)
    pieces = [_small(hour % 12 or 12)]
    if minute:
        pieces += [Piece("oh", "oh")] if minute < 10 else []
        pieces.append(_small(minute))
    return placed([*pieces, Piece("am", "a.m.") if hour < 12 else Piece("pm", "p.m.")], last)


def _digits(value: str, last: Place) -> tuple[Piece, ...]:
    """A telephone or ID number, digit by digit."""
    return digit_pieces(value, _DIGIT_WORDS, last)


def _shown_money(amount: Decimal | int) -> str:
    """An amount as it is written."""
    return f"{Decimal(to_cents(amount)) / 100:,.2f} yuan"


def _shown_ordinal(value: int) -> str:
    """A place in a row as it is written."""
    if 11 <= value % 100 <= 13:
        return f"{value}th"
    return f"{value}{_ENDINGS.get(value % 10, 'th')}"


def _shown_date(value: date) -> str:
    """A date as it is written."""
    return f"{_shown_day(value)}, {value.year}"


def _shown_day(value: date) -> str:
    """A date without its year as it is written."""
    return f"{_MONTHS[value.month - 1]} {value.day}"


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


def _ordinal_word(value: int) -> str:
    head, hyphen, tail = _below_hundred(value).rpartition("-")
    regular = f"{tail[:-1]}ieth" if tail.endswith("y") else f"{tail}th"
    return f"{head}{hyphen}{_IRREGULAR_ORDINALS.get(tail, regular)}"


def _year(value: int) -> list[Piece]:
    century, rest = divmod(value, 100)
    if value in RECORDED_YEARS:
        return [Piece(f"year{value}", f"{_below_hundred(century)} {_below_hundred(rest)}")]
    if rest >= 10 and century >= 10:
        return [_small(century), _small(rest)]
    return _integer(value)


ENGLISH = SpokenRules(
    money=_money,
    number=_number,
    ordinal=_ordinal,
    percent=_percent,
    full_date=_date,
    day=_day,
    time_of_day=_time,
    digits=_digits,
    shown_money=_shown_money,
    shown_ordinal=_shown_ordinal,
    shown_date=_shown_date,
    shown_day=_shown_day,
)
