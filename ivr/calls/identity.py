"""What proves who is calling: the pieces a customer knows, how they are compared, and when that stops."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from ivr.calls.loans import Loan, Payment
from ivr.calls.payments import last_repayments, payments_or_paid

TAIL_LENGTH = 4
WRONG_TRIES = 5
WINDOW = timedelta(hours=24)
"""So many wrong tries within this time, over all calls, lock a customer's checks for as long again."""


class Piece(StrEnum):
    """Something that the customer knows."""

    ID_TAIL = "id_tail"
    """The last four characters of the ID number; an X counts in either case."""
    BIRTH_DATE = "birth_date"
    """Such as 1990-01-31, or the same as eight digits."""
    LAST_REPAYMENT = "last_repayment"
    """An amount, such as 1234.56; whole yuan do where the caller leaves the cents out."""


class Check(StrEnum):
    """What comes of checking a piece."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"
    """Too many wrong ones of late: nothing is compared."""
    UNAVAILABLE = "unavailable"
    """The customer has no such piece: ask for another."""


def is_tail(id_number: str, said: str) -> bool:
    """Whether these are the last four characters of the ID number; never for fewer or more."""
    return len(said) == TAIL_LENGTH and id_number.upper().endswith(said.upper())


def is_birth_date(born: date, said: str) -> bool:
    """Whether this is the day of birth: an ISO date, or eight digits from a keypad."""
    return said in {born.isoformat(), f"{born:%Y%m%d}"}


def is_repayment(amounts: Collection[Decimal], said: str) -> bool:
    """Whether this amount is one of them: to the cent, or in whole yuan, as people say amounts."""
    try:
        told = Decimal(said)
    except InvalidOperation:
        return False
    if not told.is_finite() or told <= 0:
        return False
    whole = told == told.to_integral_value()
    return any(told == amount or (whole and told == int(amount)) for amount in amounts)


def is_locked(wrong_at: Sequence[datetime], now: datetime) -> bool:
    """Whether these wrong tries, of the last 48 hours or more, keep the customer's checks locked now."""
    times = sorted(wrong_at)
    return any(
        last - first <= WINDOW and now < last + WINDOW
        for first, last in zip(times, times[WRONG_TRIES - 1 :], strict=False)
    )


@dataclass(frozen=True, slots=True)
class KnownPieces:
    """What the customer can be asked."""

    id_number: str = field(repr=False)
    birth_date: date = field(repr=False)
    repayments: frozenset[Decimal] = field(repr=False)


def known_pieces(
    id_number: str, birth_date: date, loans: Sequence[Loan], payments: Sequence[Payment]
) -> KnownPieces:
    """Gathered from the customer's file."""
    return KnownPieces(id_number, birth_date, last_repayments(payments_or_paid(payments, loans)))


def check_known(known: KnownPieces, piece: Piece, value: str) -> Check:
    """Compare one piece: right, wrong or unavailable."""
    match piece:
        case Piece.ID_TAIL:
            right = is_tail(known.id_number, value)
        case Piece.BIRTH_DATE:
            right = is_birth_date(known.birth_date, value)
        case Piece.LAST_REPAYMENT:
            if not known.repayments:
                return Check.UNAVAILABLE
            right = is_repayment(known.repayments, value)
    return Check.RIGHT if right else Check.WRONG
