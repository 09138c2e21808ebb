"""How a value is said aloud: an amount, a date or a string of digits as a row of short pieces.

Pieces are chosen so that a few hundred recordings join into every amount, date and number. The two languages
differ in everything but the shape, so each has its own module; this one holds the shape.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class Place(StrEnum):
    """Where a piece stands in its sentence, which decides its melody and what follows it."""

    INNER = "inner"
    """More follows without a break."""
    PAUSE = "pause"
    """A comma or the end of a digit group: a short gap follows, the voice does not fall."""
    FINAL = "final"
    """The end of a sentence: the voice falls."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A few syllables with a recording of their own."""

    name: str
    """ASCII, unique in its language; the recording's name."""
    text: str
    """What is said, in full words."""
    place: Place = Place.INNER

    def at(self, place: Place) -> "Piece":
        """The same piece elsewhere in a sentence."""
        return Piece(self.name, self.text, place)


@dataclass(frozen=True, slots=True)
class SpokenRules:
    """How one language says values (as pieces, the last one at the given place) and writes them."""

    money: Callable[[Decimal | int, Place], tuple[Piece, ...]]
    number: Callable[[int, Place], tuple[Piece, ...]]
    ordinal: Callable[[int, Place], tuple[Piece, ...]]
    percent: Callable[[Decimal | int, Place], tuple[Piece, ...]]
    full_date: Callable[[date, Place], tuple[Piece, ...]]
    day: Callable[[date, Place], tuple[Piece, ...]]
    """A date without its year."""
    time_of_day: Callable[[time, Place], tuple[Piece, ...]]
    digits: Callable[[str, Place], tuple[Piece, ...]]
    shown_money: Callable[[Decimal | int], str]
    shown_ordinal: Callable[[int], str]
    shown_date: Callable[[date], str]
    shown_day: Callable[[date], str]


RECORDED_YEARS = range(2020, 2050)
"""Years said as one piece; other years are joined from smaller ones."""

MAX_AMOUNT = Decimal("999999999999.99")
"""The largest amount or number that can be said."""

MAX_ORDINAL = 100
"""The last of a row that can be said; a loan has at most 60 instalments."""

_PERCENT_DECIMALS = 4


def placed(pieces: list[Piece], last: Place) -> tuple[Piece, ...]:
    """The pieces with the last one standing at `last`, the others as they are."""
    return (*pieces[:-1], pieces[-1].at(last))


def to_cents(amount: Decimal | int) -> int:
    """An amount in hundredths, halves rounded up. Raises `ValueError` outside 0..`MAX_AMOUNT`."""
    exact = Decimal(amount)
    if not exact.is_finite() or not 0 <= exact <= MAX_AMOUNT:
        raise ValueError(f"an amount to be said must lie between 0 and {MAX_AMOUNT}")
    return int((exact * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_ordinal(number: int) -> int:
    """A place in a row. Raises `ValueError` outside 1..`MAX_ORDINAL`."""
    if not 1 <= number <= MAX_ORDINAL:
        raise ValueError(f"a place in a row must lie between 1 and {MAX_ORDINAL}")
    return number


def to_percent(rate: Decimal | int) -> tuple[int, str]:
    """A rate in percent as its whole part and its decimals, four at most. Raises `ValueError`."""
    exact = Decimal(rate)
    if not exact.is_finite() or not 0 <= exact < 10_000:
        raise ValueError("a rate to be said must lie between 0 and 9999 percent")
    rounded = exact.quantize(Decimal(1).scaleb(-_PERCENT_DECIMALS), rounding=ROUND_HALF_UP)
    whole, _, decimals = f"{rounded:f}".partition(".")
    return int(whole), decimals.rstrip("0")


def shown_percent(rate: Decimal | int) -> str:
    """A rate as it is written."""
    whole, decimals = to_percent(rate)
    return f"{whole}.{decimals}%" if decimals else f"{whole}%"


def to_time(written: str) -> time:
    """A time of day such as 09:30. Raises `ValueError`, which does not repeat it."""
    try:
        return time.fromisoformat(written)
    except ValueError:
        raise ValueError("a time to be said must be written like 09:30") from None


def to_date(written: str) -> date:
    """A day such as 2026-12-05. Raises `ValueError`, which does not repeat it."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ValueError("a day to be said must be written like 2026-12-05") from None


def shown_time(value: time) -> str:
    """A time of day as it is written."""
    return f"{value:%H:%M}"


def digit_groups(digits: str) -> tuple[str, ...]:
    """Cut digits the way people say them: groups of at most four, nearly equal, longer ones last.

    Eleven digits become 3-4-4, seven 3-4, six 3-3. Spaces and hyphens are dropped. Raises `ValueError` for
    anything but digits and X, which ends some Chinese ID numbers.
    """
    plain = digits.replace(" ", "").replace("-", "").upper()
    if not plain or set(plain) - set("0123456789X"):
        raise ValueError("digits to be said must be 0-9 or X")
    count = -(-len(plain) // 4)
    short, longer = divmod(len(plain), count)
    sizes = [short] * (count - longer) + [short + 1] * longer
    groups, start = [], 0
    for size in sizes:
        groups.append(plain[start : start + size])
        start += size
    return tuple(groups)


def digit_pieces(digits: str, words: dict[str, str], last: Place) -> tuple[Piece, ...]:
    """Digits one by one, with a short pause after each group. `words` maps each character to its word."""
    pieces: list[Piece] = []
    for group in digit_groups(digits):
        row = [Piece(f"digit{character}", words[character]) for character in group]
        pieces += placed(row, Place.PAUSE)
    return placed(pieces, last)
