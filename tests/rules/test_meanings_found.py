"""Values in the same breath as a wish, and what the numbers within them tell."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.grammar.meanings.find import FINDERS, find
from ivr.grammar.meanings.identity import id_birth_date, id_check_holds, id_faults, luhn_holds
from ivr.grammar.meanings.readers import READERS
from ivr.grammar.meanings.written import as_spoken

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=timezone(timedelta(hours=8)))
SLOTS = ("phone", "card", "id_number", "date", "time", "period", "amount", "ordinal")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("我想查一下这个月要还多少", {"period": "2026-11"}),
        ("我想五号还两千", {"date": "2026-12-05", "amount": "2000"}),
        ("我想 下个月 五号 还 两千块", {"date": "2026-12-05", "amount": "2000"}),
        ("我五号还，不对，六号还三千", {"date": "2026-12-06", "amount": "3000"}),
        ("第二笔贷款还1200.5元", {"ordinal": "2", "amount": "1200.5"}),
        ("2026-03-01还2,000元", {"date": "2026-03-01", "amount": "2000"}),
        ("我12月25号晚上八点还一千二", {"date": "2026-12-25", "time": "20:00", "amount": "1200"}),
        ("能不能延到十五号", {"date": "2026-12-15"}),
        ("请问三月份账单多少", {"period": "2027-03"}),
        ("幺三八零零零零零零零一这个号", {"phone": "13800000001"}),
        ("大后天下午三点给我打电话", {"date": "2026-11-26", "time": "15:00"}),
        ("我有两个贷款分三期", {}),
        ("我借了三万分十二期", {"amount": "30000"}),
        ("卡的尾号4321", {}),
        ("我今年三十五岁", {}),
        ("天气怎么样", {}),
        ("how much do I owe this month", {"period": "2026-11"}),
        ("I want to pay two thousand on the fifth", {"amount": "2000", "date": "2026-12-05"}),
        (
            "I'll pay 500 yuan next Friday at half past two",
            {"amount": "500", "date": "2026-12-04", "time": "14:30"},
        ),
        ("my number is one three eight double zero double zero double zero oh one", {"phone": "13800000001"}),
        ("I paid five hundred yesterday, no, six hundred", {"amount": "600", "date": "2026-11-22"}),
        ("the second one please", {"ordinal": "2"}),
        ("my card ends in 4321", {}),
        ("may I ask about my two loans", {}),
    ],
)
def test_values_are_found_within_a_sentence(text: str, found: dict[str, str]) -> None:
    language = "en-US" if text.isascii() else "zh-CN"
    assert {span.kind: span.value for span in find(text, SLOTS, language, NOW)} == found


def test_a_value_tells_where_it_stands_in_the_text_that_was_given() -> None:
    text = "我想，嗯，下个月 五号 还 两 千块！"
    assert [text[span.start : span.end] for span in find(text, SLOTS, "zh-CN", NOW)] == [
        "下个月 五号",
        "两 千块",
    ]
    text = "Um, TOMORROW at  three p.m., please."
    assert [text[span.start : span.end] for span in find(text, ["moment"], "en-US", NOW)] == [
        "TOMORROW at  three p.m"
    ]


def test_only_the_kinds_asked_for_are_found_and_an_unknown_kind_is_refused() -> None:
    assert [span.kind for span in find("五号还两千", ["amount"], "zh-CN", NOW)] == ["amount"]
    with pytest.raises(KeyError, match="no values of kind colour"):
        find("五号", ["colour"], "zh-CN", NOW)


@settings(max_examples=30, deadline=None)
@given(st.text("一二两三四五六七八九十百千万零点块毛分号月日年下个这周半第不对是,.:/-1230 嗯", max_size=24))
def test_values_never_overlap_and_stand_within_the_text(text: str) -> None:
    end = 0
    for span in find(text, tuple(FINDERS), "zh-CN", NOW):
        assert end <= span.start < span.end <= len(text)
        end = span.end


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 9_999_999), st.integers(0, 99), st.sampled_from(["zh-CN", "en-US"]))
def test_a_written_amount_has_the_value_of_the_same_amount_said(yuan: int, cents: int, language: str) -> None:
    unit = "元" if language == "zh-CN" else " yuan"
    written = f"{yuan:,}.{cents:02d}{unit}"
    value = f"{yuan}.{cents:02d}".rstrip("0").rstrip(".")
    assert READERS["amount"](written, language, NOW) == value
    assert READERS["amount"](as_spoken(written, language), language, NOW) == value


@settings(max_examples=25, deadline=None)
@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from(["zh-CN", "en-US"]))
def test_a_written_date_has_the_value_of_the_same_date_said(day: date, language: str) -> None:
    assert READERS["date"](day.isoformat(), language, NOW) == day.isoformat()
    assert READERS["date"](as_spoken(day.isoformat(), language), language, NOW) == day.isoformat()


@pytest.mark.parametrize(
    ("digits", "holds"),
    [
        ("4111111111111111", True),
        ("4111111111111112", False),
        ("79927398713", True),
        ("", False),
        ("41x1", False),
    ],
)
def test_the_check_digit_of_a_card_is_tested(digits: str, holds: bool) -> None:
    assert luhn_holds(digits) is holds


@settings(max_examples=15, deadline=None)
@given(st.text("0123456789", min_size=16, max_size=19), st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_of_a_card_is_always_noticed(digits: str, at: int, by: int) -> None:
    right = next(digits[:-1] + check for check in "0123456789" if luhn_holds(digits[:-1] + check))
    wrong = right[:at] + str((int(right[at]) + by) % 10) + right[at + 1 :]
    assert not luhn_holds(wrong)


@pytest.mark.parametrize(
    ("id_number", "faults"),
    [
        ("11010519491231002X", ()),
        ("440524188001010014", ("birth_date",)),
        ("110105194912310021", ("check",)),
        ("110105209912310025", ("birth_date", "check")),
        ("11010519490231002X", ("birth_date", "check")),
        ("990105194912310020", ("region", "check")),
        ("1101051949123100", ("length",)),
    ],
)
def test_an_id_number_tells_what_is_wrong_with_it(id_number: str, faults: tuple[str, ...]) -> None:
    assert id_faults(id_number, date(2026, 11, 23)) == faults


def test_an_id_number_tells_the_birth_date() -> None:
    assert id_check_holds("11010519491231002X")
    assert id_birth_date("11010519491231002X", date(2026, 11, 23)) == date(1949, 12, 31)
