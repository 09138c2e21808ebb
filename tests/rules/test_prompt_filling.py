"""A prompt becomes a row of segments, each with its recording and its place in the sentence."""

from decimal import Decimal

import pytest

from ivr.dialogue.prompt_filling import FilledPrompt, fill
from ivr.dialogue.prompt_text import PromptTextError, Slot, SlotKind, parse
from ivr.dialogue.spoken import Place


def first_choices(filled: FilledPrompt) -> list[tuple[str, str, Place]]:
    return [(next(iter(s.recordings), ""), s.text, s.place) for s in filled.segments]


def test_a_piece_without_a_recording_for_its_place_takes_the_nearest_one() -> None:
    filled = fill(parse("told", "{due:money}", "zh-CN"), {"due": 1})
    assert filled.segments[-1].recordings == (
        "zh-CN/pieces/yuan.final",
        "zh-CN/pieces/yuan.pause",
        "zh-CN/pieces/yuan.inner",
    )


def test_a_prompt_in_another_language_keeps_its_own_recordings_and_takes_that_languages_pieces() -> None:
    filled = fill(parse("told", "You owe {due:money}", "zh-CN", spoken_in="en-US"), {"due": 1})
    assert [s.recordings[0] for s in filled.segments] == [
        "zh-CN/told.0",
        "en-US/pieces/1.inner",
        "en-US/pieces/yuan.final",
    ]
    assert {s.locale for s in filled.segments} == {"en-US"}


def test_a_prompt_without_slots_is_one_recording() -> None:
    filled = fill(parse("goodbye", "再见。", "zh-CN"), {})
    assert first_choices(filled) == [("zh-CN/goodbye", "再见。", Place.FINAL)]
    assert filled.text == "再见。"


def test_words_and_pieces_follow_one_another_in_their_places() -> None:
    prompt = parse("told", "应还{due:money}，共{count:number}笔。", "zh-CN")
    filled = fill(prompt, {"due": Decimal("3000.50"), "count": 2})
    assert first_choices(filled) == [
        ("zh-CN/told.0", "应还", Place.PAUSE),
        ("zh-CN/pieces/3000.inner", "三千", Place.INNER),
        ("zh-CN/pieces/yuan.inner", "元", Place.INNER),
        ("zh-CN/pieces/5jiao.pause", "五角", Place.PAUSE),
        ("zh-CN/told.2", "共", Place.PAUSE),
        ("zh-CN/pieces/liang.inner", "两", Place.INNER),
        ("zh-CN/told.4", "笔。", Place.FINAL),
    ]
    assert filled.text == "应还3,000.50元，共2笔。"


def test_free_text_has_no_recording() -> None:
    filled = fill(parse("hello", "您好，{name:text}。", "zh-CN"), {"name": "王先生"})
    assert first_choices(filled) == [("zh-CN/hello.0", "您好，", Place.PAUSE), ("", "王先生", Place.FINAL)]


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
