"""Intents: sentences never seen before, misheard ones, doubtful ones, and what is none of our business."""

import numpy as np
import pytest

from ivr.grammar.intents.example import IntentExample
from ivr.grammar.intents.homophones import mishear
from ivr.grammar.intents.measures import (
    Judged,
    accuracy,
    accuracy_interval,
    calibration_error,
    confusions,
    intent_scores,
    rejection,
)
from ivr.grammar.intents.open_question import interpret_open
from ivr.grammar.intents.training import train
from ivr.grammar.pinyin import pinyin_syllables
from ivr.grammar.result import Alternative, Hypothesis, Match, NoMatch

ZH = {
    "balance": "查余额 我还欠多少钱 余额还有多少 还剩多少没还 帮我查一下贷款余额 现在总共欠多少",
    "complaint": "我要投诉 你们态度太差了 投诉客服 催收骂我我要投诉 不满意你们的处理",
    "change_card": "换银行卡 我要改绑一张卡 扣款的卡换一张 怎么绑新的银行卡 银行卡丢了换卡",
    "agent": "转人工 我要找客服 人工服务 找个真人 帮我转人工客服",
}
EN = {
    "balance": ["what's my balance", "how much do I owe", "how much is left", "check my loan balance"],
    "complaint": ["I want to complain", "your service is terrible", "file a complaint", "I'm not happy"],
    "change_card": ["change my bank card", "use another card", "I have a new card", "link a new card"],
}
FOREIGN = ("今天天气怎么样", "帮我订一张机票", "放一首歌", "附近有什么好吃的", "明天会下雨吗")


def examples(listed: dict[str, list[str]], *foreign: str) -> list[IntentExample]:
    inside = [IntentExample(text, intent) for intent, texts in listed.items() for text in texts]
    return [*inside, *(IntentExample(text, None) for text in foreign)]


ZH_MODEL = train(
    examples({intent: texts.split() for intent, texts in ZH.items()}, *FOREIGN), language="zh-CN"
)
EN_MODEL = train(examples(EN), language="en-US")


def heard(*alternatives: tuple[str, float]) -> Hypothesis:
    return Hypothesis(tuple(Alternative(text, confidence) for text, confidence in alternatives))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("嗯那个我想查查还欠多少", "balance"),
        ("查鱼鹅", "balance"),
        ("与额还有多少啊", "balance"),
        ("我药头素", "complaint"),
        ("幻银航咖", "change_card"),
        ("传人工", "agent"),
    ],
)
def test_words_that_sound_right_are_understood(text: str, intent: str) -> None:
    assert ZH_MODEL.classify(text)[0].intent == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("um how much do i still owe you", "balance"),
        ("i would like to make a complant", "complaint"),
        ("changing my cards", "change_card"),
    ],
)
def test_other_forms_and_misspellings_of_english_words_are_understood(text: str, intent: str) -> None:
    assert EN_MODEL.classify(text)[0].intent == intent


def test_reasons_name_the_words_that_counted_and_the_nearest_example() -> None:
    best = ZH_MODEL.classify("喂我想要查一下余额")[0]
    assert any("余额" in word for word in best.reasons.words)
    assert best.reasons.nearest in ZH["balance"].split()
    assert 0.0 < best.reasons.likeness <= 1.0
    assert ZH_MODEL.classify("转人工")[0].reasons.likeness == pytest.approx(1.0, abs=1e-5)


def test_confidences_are_ranked_and_leave_room_for_none_of_them() -> None:
    ranked = ZH_MODEL.classify("我要投诉你们", n=10)
    confidences = [it.confidence for it in ranked]
    assert len(ranked) == len(ZH)
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) <= 1.0 + 1e-9
    assert [it.intent for it in ranked] == list(ZH_MODEL.confidences("我要投诉你们"))


def test_what_is_none_of_our_business_is_believed_less() -> None:
    foreign = max(
        ZH_MODEL.classify(text)[0].confidence for text in ("明天天气怎么样", "放首歌听听", "what a day")
    )
    wishes = min(ZH_MODEL.classify(text)[0].confidence for text in ("查一下余额", "我想转人工", "我要投诉"))
    assert foreign < wishes


def test_a_text_without_words_has_no_intent() -> None:
    assert ZH_MODEL.classify("，。！") == ()
    assert ZH_MODEL.confidences("") == {}


def test_the_same_examples_give_the_same_model_in_any_process() -> None:
    again = train(examples(EN), language="en-US")
    assert again.classify("check my balance please") == EN_MODEL.classify("check my balance please")


@pytest.mark.parametrize(
    ("given", "reason"),
    [([], "0 intents"), ([IntentExample("余额", "balance")], "1 intents")],
)
def test_training_needs_two_intents(given: list[IntentExample], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        train(given, language="zh-CN")


def test_training_refuses_what_would_not_fit_into_memory() -> None:
    with pytest.raises(ValueError, match="16001 examples are too many"):
        train([IntentExample("余额", "balance")] * 16_001, language="zh-CN")


def test_examples_twice_over_and_intents_of_one_example_can_be_trained_with() -> None:
    model = train(examples({"a": ["yes please", "yes please"], "b": ["no"]}), language="en-US")
    assert [model.classify(text)[0].intent for text in ("yes please", "no")] == ["a", "b"]


def test_readings_that_want_the_same_add_up_against_the_first() -> None:
    found = interpret_open(heard(("我要投诉", 0.4), ("查余额", 0.35), ("查一下余额", 0.25)), ZH_MODEL)
    assert isinstance(found, Match)
    assert (found.meaning, found.text) == ({"intent": "balance"}, "查余额")


def test_a_command_is_told_from_an_intent() -> None:
    found = interpret_open(heard(("转人工", 0.9)), ZH_MODEL, commands={"agent"})
    assert isinstance(found, Match)
    assert found.meaning == {"command": "agent"}


@pytest.mark.parametrize(
    ("hypothesis", "reason"),
    [
        (heard(), "empty"),
        (heard(("。", 0.9)), "empty"),
        (heard(("转人工", 0.1)), "low_confidence"),
        (heard(("明天天气怎么样", 0.9)), "out_of_grammar"),
    ],
)
def test_no_match_says_why(hypothesis: Hypothesis, reason: str) -> None:
    found = interpret_open(hypothesis, ZH_MODEL)
    assert isinstance(found, NoMatch)
    assert found.reason == reason


def test_two_wishes_in_two_readings_are_ambiguous_rather_than_guessed() -> None:
    found = interpret_open(heard(("我要投诉", 0.5), ("换银行卡", 0.5)), ZH_MODEL, least_confidence=0.6)
    assert isinstance(found, NoMatch)
    assert found.reason == "ambiguous"


def test_misheard_text_sounds_the_same_and_is_the_same_for_one_seed() -> None:
    text = "我想查一下余额OK"
    misheard = mishear(text, 1.0, np.random.default_rng(3))
    assert misheard == mishear(text, 1.0, np.random.default_rng(3))
    assert misheard != text
    assert misheard.endswith("OK")
    assert len(pinyin_syllables(misheard)) == len(pinyin_syllables(text))
    assert mishear(text, 0.0, np.random.default_rng(3)) == text


JUDGED = [
    Judged("a", "a", 0.9, ""),
    Judged("a", "b", 0.5, ""),
    Judged("b", "b", 0.8, ""),
    Judged("b", "b", 0.6, ""),
    Judged(None, "a", 0.55, ""),
    Judged(None, "b", 0.1, ""),
]


def test_measures_by_hand() -> None:
    assert accuracy(JUDGED) == 0.75
    low, high = accuracy_interval(JUDGED, np.random.default_rng(1))
    assert low < 0.75 < high
    assert confusions(JUDGED) == [("a", "b", 1)]
    by_name = {score.intent: score for score in intent_scores(JUDGED)}
    assert (by_name["a"].precision, by_name["a"].recall, by_name["a"].f1) == (1.0, 0.5, pytest.approx(2 / 3))
    assert (by_name["b"].precision, by_name["b"].recall) == (pytest.approx(2 / 3), 1.0)
    rejected = rejection(JUDGED)
    assert rejected is not None
    assert (rejected.texts, rejected.auroc) == (2, 7 / 8)
    assert calibration_error(JUDGED) == pytest.approx((0.1 + 0.2 + 0.4 + 1.05 + 0.1) / 6)


def test_without_texts_out_of_scope_there_is_no_rejection_figure() -> None:
    assert rejection(JUDGED[:4]) is None
