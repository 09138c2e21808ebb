"""Whether the reply that was heard says what was expected."""

import pytest

from ivr.grammar.says import said_likeness, says

ZH, EN = "zh-CN", "en-US"


@pytest.mark.parametrize(
    ("locale", "heard", "expected"),
    [
        (ZH, "您的贷款余额是12,345.67元。", "一万两千三百四十五元六角七分"),
        (ZH, "您的带宽鱼额是一万二千三百四十五点六七元", "贷款余额是12345.67元"),
        (ZH, "您的貸款餘額是兩萬三千四百五十六元", "余额是23456元"),
        (ZH, "12345块6毛", "12345.6元"),
        (ZH, "应还100.00元", "一百元"),
        (ZH, "下一期还款日是3月15号", "三月十五日"),
        (ZH, "二〇二六年三月十五日", "2026年3月15日"),
        (ZH, "二零二六年三月五日", "2026-03-05"),
        (ZH, "2026年03月05日", "二〇二六年三月五号"),
        (ZH, "一百元人民币", "100元"),
        (ZH, "尾号是幺二三四", "尾号是1234"),
        (ZH, "请问还需要别的服务么谢谢", "请问还需要别的服务吗"),
        (ZH, "什么都行", ""),
        (
            EN,
            "Your loan balance is 12,345.67 yuan.",
            "twelve thousand three hundred forty five point six seven yuan",
        ),
        (EN, "twelve thousand three hundred and forty-five yuan and sixty-seven cents", "12,345.67 yuan"),
        (EN, "Your balance is RMB 12,345.", "12345 yuan"),
        (EN, "It is due on March 15th, 2026.", "March fifteenth twenty twenty-six"),
        (ZH, "余额是两万四千三百七十三元六角咱粉", "24373.63元"),
        (ZH, "应还一千五百二十三元三角股份", "1523.35元"),
        (EN, "It's ¥100.00 in all", "100 yuan"),
        (EN, "Thank you. Goodbye!", "goodbye"),
    ],
)
def test_other_spellings_of_the_same_are_said(locale: str, heard: str, expected: str) -> None:
    assert says(heard, expected, locale)


@pytest.mark.parametrize(
    ("locale", "heard", "expected"),
    [
        (ZH, "您的贷款余额是12,845.67元", "贷款余额是12,345.67元"),
        (ZH, "余额是12345元", "345元"),
        (ZH, "余额是23456.78元", "23456元"),
        (ZH, "余额是两万四千三百七十三元六角咱粉", "24373.64元"),
        (ZH, "应还一千五百二十三元三角十分", "1523.34元"),
        (ZH, "3月15日", "3月5日"),
        (ZH, "好的再见", "贷款余额"),
        (ZH, "", "余额"),
        (EN, "your balance is 12,445.67 yuan", "your loan balance is 12,345.67 yuan"),
        (EN, "nine hundred yuan", "nine thousand yuan"),
        (EN, "thank you", "goodbye"),
    ],
)
def test_a_wrong_number_or_other_words_are_not_said(locale: str, heard: str, expected: str) -> None:
    assert not says(heard, expected, locale)


def test_likeness_falls_with_each_wrong_syllable() -> None:
    assert said_likeness("为您查询贷款余额", "查询贷款余额", ZH) == 1
    assert said_likeness("为您查询贷款数额", "查询贷款余额", ZH) == pytest.approx(5 / 6)
    assert said_likeness("为您查询贷款", "查询贷款余额", ZH) == pytest.approx(4 / 6)
