"""A prompt becomes a row of segments, each with its recording and its place in the sentence."""

from decimal import Decimal

import pytest

from ivr.dialogue.prompt_filling import fill
from ivr.dialogue.prompt_text import PromptTextError, Slot, SlotKind, parse
from ivr.dialogue.spoken import Place


def test_a_prompt_without_slots_is_one_recording() -> None:
    filled = fill(parse("goodbye", "再见。", "zh-CN"), {})
    assert [(s.recording, s.text, s.place) for s in filled.segments] == [("goodbye", "再见。", Place.FINAL)]
    assert filled.text == "再见。"


def test_words_and_pieces_follow_one_another_in_their_places() -> None:
    prompt = parse("told", "应还{due:money}，共{count:number}笔。", "zh-CN")
    filled = fill(prompt, {"due": Decimal("3000.50"), "count": 2})
    assert [(s.recording, s.text, s.place) for s in filled.segments] == [
        ("told.0", "应还", Place.INNER),
        ("pieces/3000.inner", "三千", Place.INNER),
        ("pieces/yuan.inner", "元", Place.INNER),
        ("pieces/5jiao.pause", "五角", Place.PAUSE),
        ("told.2", "共", Place.INNER),
        ("pieces/liang.inner", "两", Place.INNER),
        ("told.4", "笔。", Place.FINAL),
    ]
    assert filled.text == "应还3,000.50元，共2笔。"


def test_free_text_has_no_recording() -> None:
    filled = fill(parse("hello", "您好，{name:text}。", "zh-CN"), {"name": "王先生"})
    assert [(s.recording, s.place) for s in filled.segments] == [
        ("hello.0", Place.PAUSE),
        (None, Place.FINAL),
    ]


def test_slots_are_listed_in_order() -> None:
    prompt = parse("p", "{a:money} and {b:date}", "en-US")
    assert prompt.slots == (Slot("a", SlotKind.MONEY), Slot("b", SlotKind.DATE))


@pytest.mark.parametrize(
    "text", ["", "   ", "{balance}", "{balance:cash}", "{Balance:money}", "{a:money", "a:money}", "{}"]
)
def test_a_broken_template_is_refused(text: str) -> None:
    with pytest.raises(PromptTextError, match="prompt broken"):
        parse("broken", text, "zh-CN")


def test_a_missing_or_wrong_value_names_prompt_and_slot_but_never_the_value() -> None:
    prompt = parse("told", "{balance:money}", "zh-CN")
    with pytest.raises(PromptTextError, match="prompt told: no value for the slot balance"):
        fill(prompt, {})
    with pytest.raises(PromptTextError, match="prompt told, slot balance") as caught:
        fill(prompt, {"balance": "4711"})
    assert "4711" not in str(caught.value)
