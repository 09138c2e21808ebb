"""Numbers: spoken and written, in Chinese and English."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.grammar.numbers_en import read_number_en
from ivr.grammar.numbers_zh import read_number_zh, say_digits_zh, say_number_zh
from ivr.grammar.pinyin import pinyin_distance, pinyin_syllables


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("0", "零"),
        ("2", "二"),
        ("10", "十"),
        ("12", "十二"),
        ("20", "二十"),
        ("105", "一百零五"),
        ("110", "一百一十"),
        ("200", "两百"),
        ("1010", "一千零一十"),
        ("2002", "两千零二"),
        ("10010", "一万零一十"),
        ("12,345.67", "一万两千三百四十五点六七"),
        ("20000", "两万"),
        ("101000", "十万一千"),
        ("600007738", "六亿零七千七百三十八"),
        ("100010001", "一亿零一万零一"),
        ("0.50", "零点五零"),
    ],
)
def test_a_quantity_is_said_as_chinese_people_say_it(written: str, spoken: str) -> None:
    assert say_number_zh(written) == spoken


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**12 - 1), st.integers(0, 99))
def test_what_is_said_is_read_back_as_the_same_number(whole: int, cents: int) -> None:
    exact = f"{whole}.{cents:02d}".rstrip("0").rstrip(".")
    assert read_number_zh(say_number_zh(f"{whole:,}.{cents:02d}")) == exact


@pytest.mark.parametrize(
    ("spoken", "number"),
    [
        ("一千二", "1200"),
        ("一万五", "15000"),
        ("一百二", "120"),
        ("二百五", "250"),
        ("两千零五", "2005"),
        ("三点五万", "35000"),
        ("1.5亿", "150000000"),
        ("1万2", "12000"),
        ("12,345.60", "12345.6"),
        ("零零一二", "0012"),
        ("幺三八", "138"),
        ("十", "10"),
        ("八九千", None),
        ("百", None),
        ("", None),
        ("元", None),
    ],
)
def test_spoken_chinese_numbers_are_read(spoken: str, number: str | None) -> None:
    assert read_number_zh(spoken) == number


@pytest.mark.parametrize(
    ("words", "digits", "count"),
    [
        ("twelve thousand three hundred and forty five point six seven yuan", "12345.67", 10),
        ("one million two hundred thousand", "1200000", 5),
        ("one two three four", "1234", 4),
        ("double oh seven", "007", 3),
        ("triple five", "555", 2),
        ("twelve thirty four", "1234", 3),
        ("twenty twenty six", "2026", 3),
        ("two thousand twenty six", "2026", 4),
        ("nineteen hundred", "1900", 2),
        ("fifteenth twenty twenty six", "15", 1),
        ("twenty first of may", "21", 2),
        ("thirtieth", "30", 1),
        ("15th", "15", 1),
        ("12,345.60 yuan", "12345.6", 1),
        ("1.5 million", "1500000", 2),
        ("one point five million", "1500000", 4),
        ("four o five", "405", 3),
        ("0012", "0012", 1),
        ("one thousand and then", "1000", 2),
        ("three point", "3", 1),
    ],
)
def test_spoken_english_numbers_are_read_as_far_as_they_go(words: str, digits: str, count: int) -> None:
    found = read_number_en(words.split())
    assert found is not None
    assert (found.digits, found.words) == (digits, count)


@pytest.mark.parametrize("words", ["march", "hundred", "point five", "and", ""])
def test_words_that_begin_with_no_number_give_none(words: str) -> None:
    assert read_number_en(words.split()) is None


def test_digits_are_said_one_by_one() -> None:
    assert say_digits_zh("1204") == "一二零四"


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("重复一遍，银行", "chong fu yi bian yin hang"),
        ("尾号1204", "wei hao yi er ling si"),
        ("12,345.67元", "yi wan liang qian san bai si shi wu dian liu qi yuan"),
        ("100元", "yi bai yuan"),
        ("Hello，你好", "hello ni hao"),
        ("", ""),
    ],
)
def test_mixed_text_is_read_as_syllables(text: str, syllables: str) -> None:
    assert " ".join(pinyin_syllables(text)) == syllables


def test_distance_counts_syllables_not_characters() -> None:
    assert pinyin_distance("贷款余额", "带宽鱼鹅") == 0
    assert pinyin_distance("我要还款", "我要退款吗") == 2
    assert pinyin_distance("", "余额") == 2


def test_published_pairs_of_written_and_spoken_numbers_agree(data_dir: Path) -> None:
    path = data_dir / "text_itn_numbers" / "tn" / "chinese" / "number.txt"
    pairs = [line.split(" => ") for line in path.read_text("utf-8").splitlines() if " => " in line]
    unsigned = [(written, spoken) for written, spoken in pairs if not written.startswith("-")]
    assert len(unsigned) > 20
    for written, spoken in unsigned:
        assert read_number_zh(spoken) == read_number_zh(written), spoken
