"""A prompt becomes a row of segments, each with its recording and its place in the sentence."""

from decimal import Decimal

import pytest

from ivr.dialogue.prompt_filling import FilledPrompt, fill
from ivr.dialogue.prompt_text import Prompt, PromptTextError, Slot, SlotKind, parse
from ivr.dialogue.spoken import Piece, Place


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


NAMES = {"cash": Piece("name_cash", "现金贷"), "现金贷": Piece("name_cash", "现金贷")}


@pytest.mark.parametrize("value", ["现金贷", "cash", " CASH "])
def test_a_known_name_is_said_by_its_recording_whatever_way_the_data_writes_it(value: str) -> None:
    filled = fill(parse("told", "您的{product:name}。", "zh-CN"), {"product": value}, NAMES)
    assert first_choices(filled)[1] == ("zh-CN/pieces/name_cash.final", "现金贷", Place.FINAL)
    assert filled.text == "您的现金贷。"


def test_an_unknown_name_is_free_text() -> None:
    filled = fill(parse("told", "您的{product:name}。", "zh-CN"), {"product": "火星贷"}, NAMES)
    assert first_choices(filled)[1] == ("", "火星贷", Place.FINAL)


def test_each_wording_has_recordings_of_its_own() -> None:
    again = parse("told", "应还{due:money}。", "zh-CN", variant="repeated")
    assert fill(again, {"due": 1}).segments[0].recordings == ("zh-CN/told.repeated.0",)
    short = parse("told", "好的。", "zh-CN", variant="short")
    assert fill(short, {}).segments[0].recordings == ("zh-CN/told.short",)


@pytest.mark.parametrize(
    ("there", "wanted", "said"),
    [
        (("first", "repeated", "short"), "short", "short"),
        (("first", "repeated"), "short", "repeated"),
        (("first", "short"), "repeated", "first"),
        (("first",), "short", "first"),
        (("first", "repeated", "short"), "first", "first"),
    ],
)
def test_a_wording_that_is_not_there_is_said_in_the_next_longer_one(there, wanted, said) -> None:
    prompt = Prompt({variant: parse("told", "好。", "zh-CN", variant=variant) for variant in there})
    assert prompt.wording(wanted).variant == said
