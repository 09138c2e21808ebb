"""Numbers that say who or what: ID, card and telephone numbers, and the checks within them."""

import re
from datetime import date

from ivr.grammar.meanings.calendar import day_of

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_OLDEST_YEARS = 120
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})\d{7,8}")
_SERVICE = re.compile(r"[48]00\d{7}")
_COUNTRY_CODE = re.compile(r"^(?:0086|86)(?=1[3-9]\d{9}$)")


def luhn_holds(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, Annex B)."""
    if not digits.isdigit():
        return False
    doubled = (int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits)))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def id_check_holds(id_number: str) -> bool:
    """Whether the last character is the check of the other 17 (GB 11643-1999, ISO 7064 MOD 11-2)."""
    if not re.fullmatch(r"\d{17}[\dX]", id_number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(id_number, _ID_WEIGHTS, strict=False))
    return _ID_CHECKS[total % 11] == id_number[17]


def id_birth_date(id_number: str, today: date) -> date | None:
    """The birth date within an ID number of 18; None when nobody alive has it."""
    if not re.fullmatch(r"\d{17}[\dX]", id_number):
        return None
    born = day_of(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    return born if born and today.year - _OLDEST_YEARS <= born.year and born <= today else None


def id_faults(id_number: str, today: date) -> tuple[str, ...]:
    """What is wrong with an ID number: `length`, `region`, `birth_date`, `check`; else nothing."""
    if not re.fullmatch(r"\d{17}[\dX]", id_number):
        return ("length",)
    faults = {
        "region": not "11" <= id_number[:2] <= "83",
        "birth_date": id_birth_date(id_number, today) is None,
        "check": not id_check_holds(id_number),
    }
    return tuple(name for name, wrong in faults.items() if wrong)


def phone_shape(digits: str) -> str | None:
    """A mainland mobile, landline (with its area code) or 400 number without the country code; else None.

    Only the shape: whether a number is in use is for a telephone library to say.
    """
    national = _COUNTRY_CODE.sub("", digits)
    shapes = (_MOBILE, _LANDLINE, _SERVICE)
    return national if any(shape.fullmatch(national) for shape in shapes) else None


def card_shape(digits: str) -> str | None:
    """Bank cards have 16 to 19 digits.

    A wrong check digit is no reason not to have heard the words: `luhn_holds` tells.
    """
    return digits if digits.isdigit() and 16 <= len(digits) <= 19 else None


def id_shape(digits: str) -> str | None:
    """An ID number has 17 digits and a digit or X; `id_faults` tells whether it can be right."""
    return digits if re.fullmatch(r"\d{17}[\dX]", digits) else None
