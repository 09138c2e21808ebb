"""What words promise: whether they are all that will be said, and what stands beside an answer."""

import pytest

from ivr.grammar.asides import corrected, hangs, is_back_channel
from ivr.grammar.compiled import CompiledGrammar, compile_source
from ivr.grammar.outlook import Outlook, outlook
from ivr.grammar.result import Alternative, Hypothesis

HEADER = "#ABNF 1.0 UTF-8;\nlanguage {};\nmode voice;\nroot $a;\ntag-format <semantics/1.0-literals>;\n"


def grammar(language: str, rule: str) -> CompiledGrammar:
    return compile_source(HEADER.format(language) + f"public $a = {rule};\n")


WISH = grammar("zh-CN", "我 想 查 余额 {w=balance} [是 多少] | 转 人工 {w=agent}")
TAIL = grammar("zh-CN", "(一 | 二 | 三 | 四)<4> {t=x}")
EXTENSION = grammar("en-US", "(one | two | three)<2-4> {e=x}")


@pytest.mark.parametrize(
    ("rules", "text", "confidence", "expected"),
    [
        (WISH, "转人工", 0.9, Outlook.COMPLETE),
        (WISH, "我想查余额", 0.9, Outlook.EXTENDABLE),
        (WISH, "我想查余额是多少", 0.9, Outlook.COMPLETE),
        (WISH, "我想", 0.9, Outlook.INCOMPLETE),
        (WISH, "嗯", 0.9, Outlook.INCOMPLETE),
        (WISH, "", 0.0, Outlook.INCOMPLETE),
        (WISH, "转人工", 0.5, Outlook.UNSURE),
        (WISH, "今天天气", 0.9, Outlook.UNSURE),
        (WISH, "转仁公", 0.9, Outlook.EXTENDABLE),
        (TAIL, "一二三", 0.9, Outlook.INCOMPLETE),
        (TAIL, "一二三四", 0.9, Outlook.COMPLETE),
        (EXTENSION, "one", 0.9, Outlook.INCOMPLETE),
        (EXTENSION, "one two", 0.9, Outlook.EXTENDABLE),
        (EXTENSION, "one two three one", 0.9, Outlook.COMPLETE),
    ],
)
def test_outlook(rules, text, confidence, expected):
    assert outlook(Hypothesis((Alternative(text, confidence),)), rules) is expected


def test_readings_that_mean_the_same_make_sure_together():
    halves = (Alternative("我想查余额是多少", 0.4), Alternative("我想查余额", 0.4))
    assert outlook(Hypothesis(halves), WISH) is Outlook.COMPLETE
    assert outlook(Hypothesis(halves[:1]), WISH) is Outlook.UNSURE


def test_on_an_open_item_a_free_sentence_may_be_all():
    free = Hypothesis((Alternative("我的卡丢了", 0.9),))
    assert outlook(free, WISH, is_open=True) is Outlook.EXTENDABLE
    hanging = Hypothesis((Alternative("我的卡就是那个", 0.9),))
    assert outlook(hanging, WISH, is_open=True) is Outlook.INCOMPLETE


@pytest.mark.parametrize(
    "text", ["嗯", "嗯嗯。", "哦，好的", "是的是的", "uh-huh", "OK", "Oh, I see.", "yeah right"]
)
def test_back_channels(text):
    assert is_back_channel(text, "en-US" if text.isascii() else "zh-CN")


@pytest.mark.parametrize("text", ["人工", "好的转人工", "不是", "", "no", "okay, an agent please", "repeat"])
def test_words_that_want_something_are_no_back_channels(text):
    assert not is_back_channel(text, "en-US" if text.isascii() else "zh-CN")


@pytest.mark.parametrize(
    ("text", "hanging"),
    [
        ("我想", True),
        ("呃", True),
        ("我想查余额", False),
        ("I'd like to", True),
        ("my balance", False),
        ("um", True),
    ],
)
def test_sentences_that_hang(text, hanging):
    assert hangs(text, "en-US" if text.isascii() else "zh-CN") is hanging


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("不对，是五号", "五号"),
        ("四号，不对，应该是五号", "五号"),
        ("说错了，我要转人工", "我要转人工"),
        ("五号", None),
        ("不对", ""),
        ("查余额，部队下期还款", "下期还款"),
        ("no, it's five", "five"),
        ("the fourth, no wait, I mean the fifth", "the fifth"),
        ("the fifth", None),
        ("no", ""),
        ("nothing", None),
    ],
)
def test_what_is_put_in_place_of_what_was_taken_back(text, instead):
    assert corrected(text, "en-US" if text.isascii() else "zh-CN") == instead
