"""Phrases of a grammar within freely read speech."""

from functools import cache
from pathlib import Path

import pytest

from ivr.adapters.grammar_files import read_grammar_texts
from ivr.grammar.compiled import compile_grammar, compile_source
from ivr.grammar.result import Alternative, Hypothesis, Match
from ivr.grammar.spotting import PhraseSpotter, count_words
from ivr.grammar.srgs import grammar_file

HEADER = "#ABNF 1.0 UTF-8;\nlanguage {};\nmode voice;\nroot $r;\ntag-format <semantics/1.0-literals>;\n"


def read(text: str, confidence: float = 0.7) -> Hypothesis:
    return Hypothesis((Alternative(text, confidence),))


@cache
def announcements(locale: str) -> PhraseSpotter:
    texts = read_grammar_texts(Path(__file__).parents[2] / "grammars")[locale]
    return PhraseSpotter(compile_grammar(texts, grammar_file(texts, "announcements")))


def kinds(spotter: PhraseSpotter, text: str) -> list[str]:
    return [found.meaning["kind"] for found in spotter.spot(read(text))]


def spotter(locale: str, phrases: str) -> PhraseSpotter:
    return PhraseSpotter(compile_source(HEADER.format(locale) + f"$r = {phrases};"))


def test_what_is_said_around_a_phrase_does_not_matter():
    said = read("Hey, it's Tom. Leave a message!")
    found = spotter("en-US", "leave a message {kind=machine}").spot(said)
    assert found == (Match({"kind": "machine"}, 0.7, "Hey, it's Tom. Leave a message!"),)


def test_phrases_come_the_longest_first_and_none_is_part_of_another():
    both = spotter("en-US", "leave a message {kind=a} | like to leave a message {kind=b} | you {kind=c}")
    assert kinds(both, "Would you like to leave a message?") == ["b", "c"]
    assert kinds(both, "Leave a message. You like to leave a message?") == ["b", "a", "c"]


def test_half_a_word_is_no_word():
    assert kinds(spotter("en-US", "mail box {kind=x}"), "a snail mail boxes game") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("您好我是基主的朋友", True),
        ("记住的", True),
        ("机组的", False),
        ("机组现在不方便", True),
        ("机主", False),
    ],
)
def test_short_chinese_must_have_its_own_sounds_and_longer_may_have_an_accent(text: str, found: bool):
    assert bool(kinds(spotter("zh-CN", "机主 的 {kind=x} | 机主 现在 不 {kind=x}"), text)) is found


def test_long_chinese_may_have_one_wrong_syllable_but_what_was_said_exactly_comes_first():
    both = spotter("zh-CN", "您 拨打 的 电话 已 关机 {kind=off} | 您 拨打 的 电话 已 停机 {kind=gone}")
    assert kinds(both, "您过大的电话已停机") == []
    assert kinds(both, "您过打的电话已停机") == ["gone"]
    assert kinds(both, "您拨打的电话已停机") == ["gone"]


def test_nothing_read_is_nothing_said():
    assert announcements("zh-CN").spot(Hypothesis()) == ()
    assert (count_words(Hypothesis(), "zh-CN"), count_words(read("喂，你好！"), "zh-CN")) == (0, 3)
    assert count_words(read("Hello, who's this?"), "en-US") == 3


@pytest.mark.parametrize(
    ("locale", "text", "count"),
    [
        ("zh-CN", "微轻得到吗?微轻得到吗?微", 5),
        ("zh-CN", "请问您是哪位家长请问您是哪位家", 8),
        ("zh-CN", "喂喂喂", 3),
        ("zh-CN", "你好你好我刚才没接到你是哪位", 14),
        ("en-US", "how can I help you how can I", 5),
        ("en-US", "hello hello is anyone there", 5),
    ],
)
def test_what_is_read_twice_was_said_once(locale: str, text: str, count: int):
    assert count_words(read(text), locale) == count


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("您拨打的电话已关机请稍后再拨", "switched_off"),
        ("对不起您所拨打的号码是空号", "invalid_number"),
        ("您拨打的用户已欠费停机", "out_of_service"),
        ("您拨打的用户正在通话中", "busy"),
        ("您拨打的用户暂时无法接通", "unreachable"),
        ("您拨打的电话暂时无人接听", "no_answer"),
        ("请在滴声后留言", "voicemail"),
        ("我现在不方便接听您的电话", "voicemail"),
        ("基主现在不方便你有什么事", "call_assistant"),
        ("您所拨打的用户", "machine"),
        ("查询业务请按", "machine"),
        ("喂你好我现在不方便接电话", None),
        ("您好欢迎致电宏远装饰请问您找哪位", None),
        ("他不在有什么事需要我转达吗", None),
        ("您好这里是金色阳光幼儿园请问您是哪位家长", None),
    ],
)
def test_chinese_announcements_are_told_from_what_people_say(text: str, found: str | None):
    assert (
        (found in kinds(announcements("zh-CN"), text)) if found else not kinds(announcements("zh-CN"), text)
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Sorry, the number you have dialed is switched off.", "switched_off"),
        ("The number you have dialed is not in service.", "invalid_number"),
        ("It has been disconnected or is no longer in service", "out_of_service"),
        ("The subscriber you dialed is busy now", "busy"),
        ("cannot be connected for the moment", "unreachable"),
        ("the person you are calling is not answering", "no_answer"),
        ("Hi, it's Ann, leave a message.", "voicemail"),
        ("Go ahead and say your name and why you're calling", "call_assistant"),
        ("Please press three", "machine"),
        ("Would you like to leave a message?", "person"),
        ("May I ask the reason for your call?", "person"),
        ("Good afternoon, Green Valley Dental, how may I direct your call?", None),
        ("Thank you for calling Baker and Sons, please hold", None),
    ],
)
def test_english_announcements_are_told_from_what_people_say(text: str, found: str | None):
    assert (
        (found in kinds(announcements("en-US"), text)) if found else not kinds(announcements("en-US"), text)
    )
