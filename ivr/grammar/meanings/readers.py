"""The readers that a grammar's capture tags may name."""

from collections.abc import Callable, Mapping
from datetime import datetime

from ivr.grammar.meanings.amounts import AMOUNT
from ivr.grammar.meanings.birth_dates import read_birth_date
from ivr.grammar.meanings.commands import read_command
from ivr.grammar.meanings.dates import DATE
from ivr.grammar.meanings.keyed_days import read_keyed_day
from ivr.grammar.meanings.moments import MOMENT
from ivr.grammar.meanings.numbers import CARD, DIGITS, ID_NUMBER, PHONE, NumberKind
from ivr.grammar.meanings.ordinals import ORDINAL
from ivr.grammar.meanings.periods import PERIOD
from ivr.grammar.meanings.ratings import RATING_5, RATING_10
from ivr.grammar.meanings.times import TIME
from ivr.grammar.meanings.yes_no import read_yes_no

Reader = Callable[[str, str, datetime], str | None]
"""Text, language (BCP 47) and the present time in the customer's zone into a canonical value, or None."""


def _timeless(read: Callable[[str, str], str | None]) -> Reader:
    def reader(text: str, language: str, _now: datetime) -> str | None:
        return read(text, language)

    return reader


def _number(kind: NumberKind) -> Reader:
    return _timeless(kind.read)


READERS: Mapping[str, Reader] = {
    "amount": AMOUNT.read,
    "birth_date": read_birth_date,
    "card": _number(CARD),
    "command": _timeless(read_command),
    "date": DATE.read,
    "digits": _number(DIGITS),
    "id_number": _number(ID_NUMBER),
    "keyed_day": read_keyed_day,
    "moment": MOMENT.read,
    "ordinal": ORDINAL.read,
    "period": PERIOD.read,
    "phone": _number(PHONE),
    "rating_5": RATING_5.read,
    "rating_10": RATING_10.read,
    "time": TIME.read,
    "yes_no": _timeless(read_yes_no),
}
