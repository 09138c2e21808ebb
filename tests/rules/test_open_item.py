"""What an open item takes: what its grammar lists, and free sentences beside it."""

from datetime import UTC, datetime

import pytest

from ivr.grammar.compiled import compile_source
from ivr.grammar.intents.example import Intent, IntentBook
from ivr.grammar.open_item import OpenSpeech, interpret_item
from ivr.grammar.result import Alternative, Hypothesis, Match, NoMatch

NOW = datetime(2030, 3, 10, 12, 0, tzinfo=UTC)
GRAMMAR = compile_source(
    "#ABNF 1.0 UTF-8;\nlanguage zh-CN;\nmode voice;\nroot $wish;\npublic $wish = 查 余额 {intent=balance};\n"
)
EXAMPLES = {
    "balance": "查余额 余额多少 我还欠多少钱 看一下欠款 还剩多少没还 欠你们多少",
    "early_settlement": "我想提前还清 提前结清怎么办 能不能一次还完 我想把剩下的都还了 提前还款 早点还清",
    "not_me": "不是我 不是本人 我不是他 不是的我不是 不是他的号码 没这个人",
    "agent": "转人工 我要人工 找客服 叫个真人来 人工服务 我要跟人说",
}


@pytest.fixture(scope="module")
def speech() -> OpenSpeech:
    intents = {
        name: Intent(
            name, name, ("date",) if name == "early_settlement" else (), name == "agent", tuple(said.split())
        )
        for name, said in EXAMPLES.items()
    }
    return OpenSpeech.learn(
        IntentBook("zh-CN", intents, ("今天天气怎么样", "给我讲个笑话", "帮我订一张机票"))
    )


def heard(*readings: tuple[str, float]) -> Hypothesis:
    return Hypothesis(tuple(Alternative(text, confidence) for text, confidence in readings))


def test_what_the_grammar_lists_is_taken_as_it_says(speech: OpenSpeech) -> None:
    found = interpret_item(heard(("查余额", 0.95)), GRAMMAR, speech, NOW)
    assert isinstance(found, Match)
    assert (found.meaning, found.text) == ({"intent": "balance"}, "查余额")


def test_a_sentence_that_no_grammar_lists_is_understood(speech: OpenSpeech) -> None:
    found = interpret_item(heard(("我想提前还清贷款", 0.8)), GRAMMAR, speech, NOW)
    assert isinstance(found, Match)
    assert found.meaning == {"intent": "early_settlement"}


def test_a_free_sentence_outweighs_a_listed_phrase_that_was_hardly_heard(speech: OpenSpeech) -> None:
    found = interpret_item(heard(("我想提前还清", 0.8), ("查余额", 0.22)), GRAMMAR, speech, NOW)
    assert isinstance(found, Match)
    assert found.meaning["intent"] == "early_settlement"


def test_values_of_the_same_breath_come_along_in_slots_of_their_own(speech: OpenSpeech) -> None:
    found = interpret_item(heard(("我想下个月五号提前还清", 0.9)), GRAMMAR, speech, NOW)
    assert isinstance(found, Match)
    assert found.meaning == {"intent": "early_settlement", "wish_date": "2030-04-05"}


def test_a_command_is_one_however_it_is_put(speech: OpenSpeech) -> None:
    found = interpret_item(heard(("我要找客服人工", 0.9)), GRAMMAR, speech, NOW)
    assert isinstance(found, Match)
    assert found.meaning == {"command": "agent"}


@pytest.mark.parametrize(("text", "reason"), [("", "empty"), ("阿弥陀佛", "out_of_grammar")])
def test_what_is_none_of_our_business_is_no_match(speech: OpenSpeech, text: str, reason: str) -> None:
    found = interpret_item(heard((text, 0.9)), GRAMMAR, speech, NOW)
    assert isinstance(found, NoMatch)
    assert found.reason == reason


@pytest.mark.parametrize("text", ["不是", "不是不是", "是的", "不对"])
def test_a_late_yes_or_no_is_no_wish(speech: OpenSpeech, text: str) -> None:
    assert isinstance(interpret_item(heard((text, 0.9)), GRAMMAR, speech, NOW), NoMatch)
    assert isinstance(interpret_item(heard(("不是他的号码啊", 0.9)), GRAMMAR, speech, NOW), Match)
