"""Chinese numbers, spoken and written: 一万两千三百四十五点六七 and 12345.67."""

import re
from decimal import Decimal

_DIGITS = "零一二三四五六七八九"
_SPOKEN_TO_WRITTEN = str.maketrans("零〇一幺二两三四五六七八九点兩點萬億", "0011223456789.2.万亿")
_PLACES = ("千", "百", "十", "")
_GROUPS = ("", "万", "亿")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_BELOW_10_000 = re.compile(
    r"(?:0?(?P<thousands>\d)千)?(?:0?(?P<hundreds>\d)百)?(?:0?(?P<tens>\d?)(?P<ten>十))?"
    r"(?P<gap>0?)(?P<ones>\d)?(?P<decimals>\.\d+)?"
)


def read_number_zh(spoken: str) -> str | None:
    """A spoken or written number in digits; None when it is none.

    Digits said one by one keep their leading zeros (零零一二 is `0012`); a quantity has no grouping and no
    trailing decimal zeros (一万两千三百点五零 is `12300.5`). 一千二 and 一万五 are 1200 and 15000.
    """
    plain = spoken.replace(",", "").translate(_SPOKEN_TO_WRITTEN)
    if _PLAIN.fullmatch(plain):
        return _without_trailing_zeros(plain)
    value = _quantity(plain)
    return None if value is None else _without_trailing_zeros(f"{value:f}")


def say_number_zh(written: str) -> str:
    """A number in digits as a quantity: `12,345.67` is 一万两千三百四十五点六七.

    Takes digits with optional grouping commas and decimals, up to twelve digits before the point.
    """
    whole, _, decimals = written.replace(",", "").partition(".")
    digits = whole.lstrip("0") or "0"
    groups = [digits[max(0, end - 4) : end] for end in range(len(digits), 0, -4)]
    spoken = ""
    for group, name in reversed(list(zip(groups, _GROUPS, strict=False))):
        said = _say_group(group.zfill(4))
        if said:
            needs_zero = spoken and (group.startswith("0") or spoken.endswith("零"))
            said = "两" if said == "二" and name else said
            spoken = spoken.rstrip("零") + ("零" if needs_zero else "") + said + name
        elif spoken:
            spoken = spoken.rstrip("零") + "零"
    spoken = spoken.rstrip("零") or "零"
    spoken = re.sub("^一十", "十", re.sub("^二百", "两百", spoken))
    return spoken + ("点" + say_digits_zh(decimals) if decimals else "")


def say_digits_zh(digits: str) -> str:
    """Digits one by one: `120` is 一二零."""
    return "".join(_DIGITS[int(digit)] for digit in digits)


def _say_group(group: str) -> str:
    """Up to four digits without the zeros before and after: `0205` is 二百零五."""
    said = ""
    for digit, place in zip(group, _PLACES, strict=True):
        if digit != "0":
            said += ("两" if digit == "2" and place == "千" else _DIGITS[int(digit)]) + place
        elif said and not said.endswith("零"):
            said += "零"
    return said.rstrip("零")


def _quantity(plain: str) -> Decimal | None:
    for unit, size in (("亿", 100_000_000), ("万", 10_000)):
        head, found, tail = plain.partition(unit)
        if found:
            many = _quantity(head)
            if many is None:
                return None
            if len(tail) == 1 and tail.isdigit():
                return many * size + int(tail) * size // 10
            rest = _quantity(tail) if tail else Decimal(0)
            return None if rest is None else many * size + rest
    return Decimal(plain) if _PLAIN.fullmatch(plain) else _below_10_000(plain)


def _below_10_000(plain: str) -> Decimal | None:
    found = _BELOW_10_000.fullmatch(plain)
    if not plain or not found:
        return None
    ones = int(found["ones"] or 0)
    if ones and not found["gap"] and not found["ten"]:
        ones *= 10 if found["hundreds"] else 100 if found["thousands"] else 1
    tens = int(found["tens"] or 1) if found["ten"] else 0
    whole = int(found["thousands"] or 0) * 1000 + int(found["hundreds"] or 0) * 100 + tens * 10 + ones
    return whole + Decimal("0" + (found["decimals"] or ""))


def _without_trailing_zeros(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
