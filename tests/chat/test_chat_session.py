"""The same dialogue in writing: what customers get, what is kept of it, and what never is."""

import json
from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest
from chat_bench import PHONE, TAIL, BrokenServices, Chat, texts

from ivr.adapters.voice import load_prompt_texts
from ivr.calls.disposition import HangupCause
from ivr.calls.events import (
    CallAnswered,
    CallEnded,
    CallStarted,
    PromptPlayed,
    TicketOpened,
    TurnTaken,
    WishSettled,
)
from ivr.config import Settings
from ivr.dialogue.state import Waiting
from ivr.dialogue.steps import EndStep, LookupStep
from ivr.runtime.chat.carried import carried
from ivr.runtime.chat.exchange import ChatOver, MessageTooLong
from ivr.runtime.chat.reading import MOST_CHARS
from ivr.runtime.chat.record import memory_from_json, memory_to_json


async def test_a_known_customer_settles_a_wish_in_three_messages_and_says_goodbye() -> None:
    chat = Chat(PHONE)
    told = await chat.talk("我想查一下贷款余额", TAIL)
    assert "2,021.00元" in texts(told)
    assert not told.ended
    assert (await chat.session.write("没有了")).ended
    [ended] = chat.of(CallEnded)
    assert (ended.cause, ended.outcome) == (HangupCause.COMPLETED, "settled")
    assert [each.wish for each in chat.of(WishSettled)] == ["balance"]


async def test_in_english_too_and_the_language_can_be_changed_on_the_way() -> None:
    chat = Chat(PHONE, locale="en-US")
    assert "2,021.00" in texts(await chat.talk("what is my balance", TAIL))
    told = await chat.session.write("9")
    assert told.messages[-1].locale == "zh-CN"


async def test_the_record_of_a_chat_reads_like_that_of_a_call() -> None:
    chat = Chat(PHONE)
    await chat.talk("余额", TAIL, "没有了")
    [started] = chat.of(CallStarted)
    assert (started.direction, started.remote, started.dialled) == ("chat", PHONE, "web")
    assert [each.codec for each in chat.of(CallAnswered)] == ["text"]
    assert [(each.item, each.source) for each in chat.of(TurnTaken)] == [
        ("wish", "text"),
        ("id_tail", "keys"),
        ("done", "text"),
    ]
    assert chat.of(TurnTaken)[0].hypothesis == "余额"
    assert any("2,021.00元" in each.text for each in chat.of(PromptPlayed))


@pytest.mark.parametrize(
    "answer", [TAIL, "5678", "一二三四", "我的后四位是1234", "随便 1234 什么", "12349876"]
)
async def test_what_proves_identity_is_neither_recorded_nor_kept_nor_echoed(answer: str) -> None:
    chat = Chat(PHONE)
    asked = await chat.talk("余额")
    assert asked.secret
    told = await chat.session.write(answer)
    kept = json.dumps(memory_to_json(chat.session.memory), ensure_ascii=False)
    for place in (chat.record, kept, texts(told), repr(chat.faults)):
        assert "1234" not in place.replace("110101199001011234", "")
        assert answer not in place
    turn = chat.of(TurnTaken)[-1]
    assert (turn.secret, turn.hypothesis, turn.meaning) == (True, None, None)


async def test_identity_and_card_numbers_are_masked_wherever_they_are_written() -> None:
    chat = Chat(PHONE)
    await chat.talk("我的身份证是11010119900101123X，卡号6222 0212 3456 7890 123")
    assert "11010119900101" not in chat.record
    assert "7890" not in chat.record


async def test_keys_become_choices_with_words_for_people() -> None:
    told = await Chat().talk()
    offered = {choice.key: (choice.label, dict(choice.meaning)) for choice in told.choices}
    assert (
        offered.items()
        >= {
            "1": ("查询贷款余额", {"intent": "balance"}),
            "2": ("查询下期还款", {"intent": "next_due"}),
            "0": ("人工客服", {"command": "agent"}),
            "9": ("English", {"command": "language"}),
        }.items()
    )


async def test_a_choice_is_taken_by_its_key_and_one_that_is_not_offered_is_not_understood() -> None:
    chat = Chat(PHONE)
    await chat.talk()
    assert (await chat.session.choose("1")).secret
    other = Chat(PHONE)
    await other.talk()
    told = await other.session.choose("77")
    assert told.taken is not None
    assert told.taken.result == "no_match"


@pytest.mark.parametrize("written", ["１", " 1 ", "1#", "1\u200b"])
async def test_a_typed_digit_is_a_key_however_it_is_written(written: str) -> None:
    told = await Chat(PHONE).talk(written)
    assert told.taken is not None
    assert (told.taken.source, told.taken.intent) == ("keys", "balance")


@pytest.mark.parametrize(
    "number", ["13800000001", "138 0000 0001", "138-0000-0001", "一三八零零零零零零零一"]
)
async def test_a_number_may_be_typed_in_any_common_way(number: str) -> None:
    assert (await Chat().talk("余额", number)).secret


async def test_a_half_understood_message_gets_the_next_easier_form_and_then_a_person() -> None:
    chat = Chat(PHONE)
    told = await chat.talk("呱呱呱呱", "呱呱呱呱")
    assert "请回复1" in texts(told)
    assert (await chat.session.write("呱呱呱呱")).ended
    assert chat.of(CallEnded)[0].outcome == "ticket"


async def test_an_empty_message_costs_nothing_at_first_and_gets_the_question_again() -> None:
    chat = Chat(PHONE)
    first = await chat.talk()
    again = await chat.session.write("")
    assert again.messages == first.messages
    assert again.choices == first.choices


async def test_a_wish_for_a_person_gets_a_ticket_for_the_number_that_is_known() -> None:
    chat = Chat(PHONE)
    told = await chat.talk("转人工")
    assert told.ended
    [ticket] = chat.of(TicketOpened)
    assert (ticket.ticket_kind, ticket.phone) == ("callback", PHONE)
    assert [(each.number, each.kind) for each in told.tickets] == [(ticket.ticket_id, "callback")]


async def test_without_a_number_a_callback_is_only_promised_once_there_is_one() -> None:
    chat = Chat()
    asked = await chat.talk("转人工")
    assert not asked.ended
    assert "手机号码" in texts(asked)
    assert "登记" not in texts(asked)
    told = await chat.session.write("+86 138-0000-0002")
    assert told.ended
    assert "已经为您登记" in texts(told)
    assert chat.of(TicketOpened)[0].phone == "13800000002"


@pytest.mark.parametrize("answers", [["不用了"], ["你猜", "就不告诉你"]])
async def test_who_gives_no_number_is_promised_nothing_but_the_ticket_is_kept(answers: list[str]) -> None:
    chat = Chat()
    told = await chat.talk("转人工", *answers)
    assert told.ended
    assert "已经为您登记" not in texts(told)
    assert [each.ticket_kind for each in chat.of(TicketOpened)] == ["callback"]


async def test_a_chat_that_is_left_while_its_number_is_asked_for_keeps_the_ticket() -> None:
    for leave in ("leave", "idle"):
        chat = Chat()
        await chat.talk("转人工")
        assert getattr(chat.session, leave)().ended
        assert len(chat.of(TicketOpened)) == 1
        assert len(chat.of(CallEnded)) == 1


async def test_an_idle_chat_is_closed_in_words_and_counts_as_abandoned() -> None:
    chat = Chat(PHONE)
    await chat.talk()
    assert "没有回复" in texts(chat.session.idle())
    [ended] = chat.of(CallEnded)
    assert (ended.cause, ended.outcome) == (HangupCause.IDLE, "abandoned")
    with pytest.raises(ChatOver):
        await chat.session.write("余额")


async def test_a_message_that_is_too_long_is_refused_and_the_question_stands() -> None:
    chat = Chat(PHONE)
    await chat.talk()
    with pytest.raises(MessageTooLong):
        await chat.session.write("查" * (MOST_CHARS + 1))
    assert (await chat.session.write("余额")).secret


async def test_when_a_service_is_away_the_customer_is_told_and_gets_a_ticket() -> None:
    chat = Chat(PHONE, services=BrokenServices())
    told = await chat.talk("余额")
    assert told.ended
    assert "暂时无法查询" in texts(told)
    assert len(chat.of(TicketOpened)) == 1


async def test_a_fault_of_ours_ends_the_chat_with_an_apology_and_a_record() -> None:
    chat = Chat(PHONE)
    asks_on = LookupStep("identify", "identify", {"known": "identify"})
    script = replace(chat.kit.script, steps={**chat.kit.script.steps, "identify": asks_on})
    broken = Chat(PHONE, kit=replace(chat.kit, script=script))
    told = await broken.talk("余额")
    assert told.ended
    assert "系统出了故障" in texts(told)
    assert [each.cause for each in broken.of(CallEnded)] == [HangupCause.SESSION_ERROR]
    assert len(broken.faults) == 1


async def test_a_ticket_that_a_service_files_is_told_with_its_number() -> None:
    chat = Chat(PHONE)
    told = await chat.talk("我要提前结清", TAIL)
    [opened] = chat.of(TicketOpened)
    assert [(each.number, each.kind) for each in told.tickets] == [(opened.number, "early_settlement")]


async def test_what_was_proved_in_one_chat_opens_the_next_one_and_nothing_else_does() -> None:
    chat = Chat(PHONE)
    await chat.talk("余额")
    assert carried(chat.session.memory.state, chat.kit.script) == {}
    await chat.session.write(TAIL)
    proved = json.loads(json.dumps(carried(chat.session.memory.state, chat.kit.script)))
    assert "1234" not in str(proved)
    assert "2,021.00元" in texts(await Chat(proved=proved).talk("余额"))
    with pytest.raises(ValueError, match="no proof"):
        await Chat(proved={"slots": {"proof_level": "strong"}}).talk()


# --- going on in another process ----------------------------------------------------------------------


async def test_a_chat_goes_on_in_another_process_from_every_point() -> None:
    lines = ["余额", TAIL, "下期还款是什么时候", "没有了"]
    whole = Chat(PHONE)
    expected = [texts(await whole.talk())]
    expected += [texts(await whole.session.write(line)) for line in lines]
    chat = Chat(PHONE)
    told = [texts(await chat.talk())]
    for line in lines:
        kept = json.loads(json.dumps(memory_to_json(chat.session.memory)))
        after = Chat(PHONE, events=chat.events)
        after.session.take_up(memory_from_json(kept), chat.clock.now())
        assert after.session.memory == chat.session.memory
        told.append(texts(await after.session.write(line)))
        chat = after
    assert told == expected


async def test_tickets_of_one_chat_have_different_numbers_over_a_restart() -> None:
    chat = Chat()
    await chat.talk("转人工")
    after = Chat(events=chat.events)
    after.session.take_up(memory_from_json(memory_to_json(chat.session.memory)), chat.clock.now())
    await after.session.write("13800000002")
    assert [each.ticket_id for each in after.of(TicketOpened)] == ["call-1-1"]
    assert after.session.memory.tickets == 1


async def test_values_of_every_kind_come_back_as_they_were() -> None:
    chat = Chat(PHONE)
    await chat.talk()
    state = chat.session.memory.state
    slots = {"a": Decimal("1.10"), "b": date(2030, 1, 2), "c": 3, "d": "四", "e": time(9, 30)}
    changed = replace(chat.session.memory, state=replace(state, slots=slots, secrets={"id_tail": TAIL}))
    kept = memory_from_json(json.loads(json.dumps(memory_to_json(changed))))
    assert kept.state.slots == slots
    assert kept.state.secrets == {}
    assert kept.listen == chat.session.memory.listen


async def test_a_chat_whose_step_is_gone_from_the_script_starts_anew_and_keeps_who_it_is() -> None:
    chat = Chat(PHONE)
    await chat.talk("余额", TAIL)
    memory = chat.session.memory
    gone = replace(memory, state=replace(memory.state, step="no_such_step"))
    after = Chat(PHONE)
    after.session.take_up(gone, chat.clock.now())
    assert "请问您要办理什么业务" in texts(await after.session.write("余额"))
    assert "2,021.00元" in texts(await after.session.write("余额"))


async def test_a_chat_that_is_over_stays_over_in_another_process() -> None:
    chat = Chat(PHONE)
    await chat.talk("再见")
    assert chat.session.memory.state.waiting is Waiting.OVER
    after = Chat(PHONE)
    after.session.take_up(memory_from_json(memory_to_json(chat.session.memory)), chat.clock.now())
    with pytest.raises(ChatOver):
        await after.session.write("余额")


def test_every_prompt_written_for_chats_is_there_in_every_locale_with_the_slots_of_the_spoken_one() -> None:
    spoken = load_prompt_texts(Settings().prompts_dir)
    written = load_prompt_texts(Settings().prompts_dir / "text")
    assert written.differences() == []
    for locale, prompts in written.by_locale.items():
        for prompt_id, prompt in prompts.items():
            other = spoken.find(locale, prompt_id)
            if other is None:
                assert prompt_id.startswith(("chat_", "choice_")), prompt_id
            else:
                assert set(prompt.slots) <= set(other.slots)


def test_no_step_of_the_script_ends_without_a_word() -> None:
    ends = [step for step in Chat().kit.script.steps.values() if isinstance(step, EndStep)]
    assert all(step.prompts for step in ends)
