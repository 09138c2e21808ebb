"""Amounts, dates and digits are said the way people say them."""

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.calls.speech import SlotValue
from ivr.dialogue.prompt_filling import say_value
from ivr.dialogue.prompt_text import SlotKind
from ivr.dialogue.spoken import Piece, Place, digit_groups


def said(kind: str, value: SlotValue, locale: str, between: str) -> str:
    pieces, _ = say_value(SlotKind(kind), value, locale, Place.FINAL)
    return between.join(piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元"),
        ("2", "两元"),
        ("10", "十元"),
        ("12.00", "十二元"),
        ("0.05", "五分"),
        ("0.50", "五角"),
        ("7.06", "七元零六分"),
        ("102", "一百零二元"),
        ("115", "一百一十五元"),
        ("1015", "一千零一十五元"),
        ("1005.20", "一千零五元两角"),
        ("2222.22", "两千两百二十二元两角二分"),
        ("10000", "一万元"),
        ("10500", "一万零五百元"),
        ("15015", "一万五千零一十五元"),
        ("20002", "两万零二元"),
        ("105000", "十万五千元"),
        ("120345.67", "十二万零三百四十五元六角七分"),
        ("99999999.99", "九千九百九十九万九千九百九十九元九角九分"),
        ("200000000", "两亿元"),
        ("1.005", "一元零一分"),
    ],
)
def test_an_amount_in_mandarin(amount: str, words: str) -> None:
    assert said("money", Decimal(amount), "zh-CN", "") == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "zero yuan"),
        ("1", "one yuan"),
        ("12.50", "twelve point five yuan"),
        ("0.05", "zero point zero five yuan"),
        ("115", "one hundred fifteen yuan"),
        ("12345.67", "twelve thousand three hundred forty-five point six seven yuan"),
        ("1000000", "one million yuan"),
        ("20300400.99", "twenty million three hundred thousand four hundred point nine nine yuan"),
    ],
)
def test_an_amount_in_english(amount: str, words: str) -> None:
    assert said("money", Decimal(amount), "en-US", " ") == words


@pytest.mark.parametrize(
    ("day", "mandarin", "english"),
    [
        (date(2026, 7, 15), "二零二六年七月十五号", "July fifteenth twenty twenty-six"),
        (date(2030, 12, 31), "二零三零年十二月三十一号", "December thirty-first twenty thirty"),
        (date(1985, 1, 2), "一九八五年一月二号", "January second nineteen eighty-five"),
        (date(2005, 10, 20), "二零零五年十月二十号", "October twentieth two thousand five"),
    ],
)
def test_a_date_in_both_languages(day: date, mandarin: str, english: str) -> None:
    assert said("date", day, "zh-CN", "") == mandarin
    assert said("date", day, "en-US", " ") == english


@pytest.mark.parametrize(
    ("digits", "groups"),
    [
        ("13800000001", ("138", "0000", "0001")),
        ("123X", ("123X",)),
        ("12345", ("12", "345")),
        ("010-123456", ("010", "123", "456")),
        ("62220212345678901", ("622", "202", "123", "4567", "8901")),
    ],
)
def test_digits_are_grouped_for_the_ear(digits: str, groups: tuple[str, ...]) -> None:
    assert digit_groups(digits) == groups


def test_digits_pause_between_groups_and_fall_at_the_end() -> None:
    pieces, _ = say_value(SlotKind.DIGITS, "138 0000", "zh-CN", Place.FINAL)
    assert "".join(piece.text for piece in pieces) == "幺三八零零零零"
    assert [piece.place for piece in pieces if piece.place is not Place.INNER] == [Place.PAUSE, Place.FINAL]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("money", Decimal("-1")),
        ("money", Decimal("1e12")),
        ("money", Decimal("NaN")),
        ("money", "12"),
        ("number", Decimal("1.5")),
        ("digits", "12a"),
        ("digits", ""),
        ("date", "15 July"),
    ],
)
def test_what_cannot_be_said_is_refused(kind: str, value: SlotValue) -> None:
    with pytest.raises((TypeError, ValueError)):
        say_value(SlotKind(kind), value, "zh-CN", Place.FINAL)


def test_a_language_without_rules_is_refused() -> None:
    with pytest.raises(ValueError, match="no rules for saying values in fr-FR"):
        say_value(SlotKind.NUMBER, 1, "fr-FR", Place.FINAL)


@given(st.integers(0, 10**14 - 1), st.sampled_from(["zh-CN", "en-US"]))
def test_every_name_stands_for_one_text(cents: int, locale: str) -> None:
    pieces, _ = say_value(SlotKind.MONEY, Decimal(cents) / 100, locale, Place.FINAL)
    assert pieces[-1].place is Place.FINAL
    assert all(piece.name.isascii() for piece in pieces)
    assert _one_text_a_name(pieces)


def _one_text_a_name(pieces: tuple[Piece, ...]) -> bool:
    names: dict[str, str] = {}
    return all(names.setdefault(piece.name, piece.text) == piece.text for piece in pieces)


@given(st.integers(0, 10**8 - 1))
def test_a_mandarin_amount_reads_back_as_itself(value: int) -> None:
    assert _read_mandarin(said("number", value, "zh-CN", "")) == value


def _read_mandarin(words: str) -> int:
    units = {"十": 10, "百": 100, "千": 1000}
    total = group = digit = 0
    for character in words:
        if character == "万":
            total, group, digit = (total + group + digit) * 10000, 0, 0
        elif character in units:
            group += (digit or 1) * units[character]
            digit = 0
        else:
            digit = "零一二三四五六七八九".find(character.replace("两", "二"))
    return total + group + digit


@pytest.mark.parametrize(
    ("kind", "value", "mandarin", "english"),
    [
        ("day", date(2026, 7, 15), "七月十五号", "July fifteenth"),
        ("time", time(9), "上午九点", "nine a.m."),
        ("time", "09:30", "上午九点半", "nine thirty a.m."),
        ("time", time(21), "晚上九点", "nine p.m."),
        ("time", time(17, 30), "下午五点半", "five thirty p.m."),
        ("time", time(8, 5), "早上八点零五分", "eight oh five a.m."),
        ("time", time(12), "中午十二点", "noon"),
        ("time", time(0), "凌晨零点", "midnight"),
        ("time", time(14, 45), "下午两点四十五分", "two forty-five p.m."),
        ("ordinal", 1, "一", "first"),
        ("ordinal", 2, "二", "second"),
        ("ordinal", 12, "十二", "twelfth"),
        ("ordinal", 20, "二十", "twentieth"),
        ("ordinal", 36, "三十六", "thirty sixth"),
        ("ordinal", 40, "四十", "fortieth"),
        ("percent", Decimal("0.05"), "百分之零点零五", "zero point zero five percent"),
        ("percent", Decimal("15.60"), "百分之十五点六", "fifteen point six percent"),
        ("percent", 24, "百分之二十四", "twenty-four percent"),
        ("percent", 2, "百分之二", "two percent"),
        ("percent", Decimal("0.00004"), "百分之零", "zero percent"),
    ],
)
def test_days_times_places_in_a_row_and_rates(
    kind: str, value: SlotValue, mandarin: str, english: str
) -> None:
    assert said(kind, value, "zh-CN", "") == mandarin
    assert said(kind, value, "en-US", " ") == english


@pytest.mark.parametrize(
    ("kind", "value", "mandarin", "english"),
    [
        ("day", date(2026, 7, 15), "7月15日", "July 15"),
        ("date", date(2026, 7, 15), "2026年7月15日", "July 15, 2026"),
        ("time", time(17, 30), "17:30", "17:30"),
        ("day", "2026-07-15", "7月15日", "July 15"),
        ("date", "2026-07-15", "2026年7月15日", "July 15, 2026"),
        ("ordinal", 2, "2", "2nd"),
        ("ordinal", 13, "13", "13th"),
        ("percent", Decimal("0.050"), "0.05%", "0.05%"),
        ("percent", 24, "24%", "24%"),
    ],
)
def test_they_are_written_as_people_write_them(
    kind: str, value: SlotValue, mandarin: str, english: str
) -> None:
    for locale, written in (("zh-CN", mandarin), ("en-US", english)):
        assert say_value(SlotKind(kind), value, locale, Place.FINAL)[1] == written


@pytest.mark.parametrize(
    ("kind", "value"),
    [("time", "morning"), ("ordinal", 0), ("ordinal", 101), ("percent", -1), ("percent", Decimal("NaN"))],
)
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_what_no_caller_should_hear_is_refused(kind: str, value: SlotValue, locale: str) -> None:
    with pytest.raises(ValueError, match="must"):
        say_value(SlotKind(kind), value, locale, Place.FINAL)
