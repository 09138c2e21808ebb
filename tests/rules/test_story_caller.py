"""The customer of a story on a call: true answers to whatever is asked back."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.adapters.script_files import load_script
from ivr.dialogue.story import Ending, Story, StoryTurn
from ivr.dialogue.story_caller import Situations, StoryCaller, situations

WHERE = Situations(
    confirms={"confirm_balance": frozenset({"balance"}), "phone_confirm": frozenset()},
    asks_again=frozenset({"wish_reprompt", "id_choice"}),
    asks_what_else=frozenset({"wish_ask", "more_ask"}),
    asks_if_helped=frozenset({"helped_ask"}),
    asks_for_proof=frozenset({"id_ask"}),
    asks_for={"settle_day_ask": frozenset({"early_settlement"}), "plan_ask": frozenset({"balance", "plan"})},
)
STORY = Story(
    name="zh_example",
    locale="zh-CN",
    wants="",
    caller="lin",
    turns=(
        StoryTurn(says="还多少", means="balance", again=("余额", "查余额")),
        StoryTurn(keys="1234"),
        StoryTurn(says="没有了"),
    ),
    ends=Ending.COMPLETED,
)
YES, NO, FAREWELL = "对，是的", "不是", "没有了，再见"


def talk(*replies: Sequence[str], story: Story = STORY) -> list[str | None]:
    caller, did = StoryCaller(story, WHERE), []
    for heard in replies:
        caller, turn = caller.answer(heard)
        did.append(None if turn is None else turn.says or turn.keys)
    return did


@pytest.mark.parametrize(
    ("replies", "did"),
    [
        ((["wish_ask"], ["id_ask"], ["balance_told", "more_ask"]), ["还多少", "1234", "没有了"]),
        ((["wish_ask"], ["confirm_balance"], ["id_ask"]), ["还多少", YES, "1234"]),
        ((["wish_ask"], ["phone_confirm"], ["id_ask"]), ["还多少", YES, "1234"]),
        ((["wish_ask"], ["wish_reprompt"], ["wish_reprompt"]), ["还多少", "余额", "查余额"]),
        ((["wish_ask"], ["id_ask"], ["id_choice"]), ["还多少", "1234", "1234"]),
        ((["wish_ask"], ["faq_fees", "more_ask"]), ["还多少", "余额"]),
        ((["wish_ask"], ["faq_fees", "helped_ask"]), ["还多少", NO]),
        ((["wish_ask"], ["settle_day_ask"], ["id_ask"]), ["还多少", "余额", "1234"]),
        ((["wish_ask"], ["plan_ask"]), ["还多少", "1234"]),
        ((["wish_ask"], ["id_ask"], ["settle_day_ask"], ["told"]), ["还多少", "1234", "余额", "没有了"]),
        ((["wish_ask"], ["id_ask"], ["settle_day_ask"], ["id_ask"]), ["还多少", "1234", "余额", "1234"]),
        ((["wish_ask"], []), ["还多少", "1234"]),
    ],
    ids=[
        "as planned", "a wish said back", "a value said back", "asked again", "keys asked again",
        "something else was answered", "asked whether that helped", "another service asks",
        "their own service asks", "proved already", "proved once more", "a reply nobody knows",
    ],
)  # fmt: skip
def test_the_customer_answers_what_is_asked(replies: Sequence[Sequence[str]], did: Sequence[str]) -> None:
    assert talk(*replies) == did


def test_a_wish_that_was_misheard_is_not_confirmed() -> None:
    other = Situations({"confirm_settle": frozenset({"early_settlement"})}, *[frozenset()] * 3)
    caller, _ = StoryCaller(STORY, other).answer(["wish_ask"])
    assert caller.answer(["confirm_settle"])[1] == StoryTurn(says=NO)


def test_what_is_put_in_keys_is_pressed() -> None:
    caller = StoryCaller(replace(STORY, turns=(StoryTurn(says="三五七叉", again=("357*",)),)), WHERE)
    caller, _ = caller.answer(["id_ask"])
    assert caller.answer(["id_choice"])[1] == StoryTurn(keys="357*", again=("357*",))


def test_patience_ends() -> None:
    did = talk(["wish_ask"], *[["wish_reprompt"]] * 8)
    assert did[:5] == ["还多少", "余额", "查余额", "还多少", "余额"]
    assert did[5:] == ["1234", "1234", "1234", "1234"], "who is asked for a wish for ever tries what is left"


def test_once_the_story_is_told_the_customer_says_goodbye_twice_and_hangs_up() -> None:
    did = talk(["wish_ask"], ["id_ask"], ["more_ask"], ["more_ask"], ["more_ask"], ["more_ask"])
    assert did[2:] == ["没有了", FAREWELL, FAREWELL, None]


def test_the_situations_of_the_hotline_are_read_off_its_script() -> None:
    where = situations(load_script(Path("ivr/scripts/hotline.yaml")))
    assert where.confirms["confirm_balance"] == frozenset({"balance"})
    assert where.confirms["phone_confirm"] == frozenset()
    assert "id_tail_reprompt" in where.asks_again
    assert where.asks_what_else == {"wish_ask", "more_ask"}
    assert where.asks_if_helped == {"helped_ask"}
    assert "id_tail_ask" in where.asks_for_proof
    assert where.asks_for["settle_day_ask"] == {"early_settlement"}
    assert "id_tail_ask" not in where.asks_for, "any service may ask who is calling"
