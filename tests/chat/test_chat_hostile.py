"""Whatever is typed, the chat ends politely: nothing lost, nothing leaked, nothing broken, and soon."""

import time

import pytest
from chat_bench import PHONE, TAIL, Chat, Desk, texts

from ivr.calls.events import CallEnded, TicketOpened, TurnTaken
from ivr.runtime.chat.desk import ChatLimits
from ivr.runtime.chat.exchange import ChatOver, MessageTooLong
from ivr.runtime.chat.reading import MOST_CHARS

HOSTILE = {
    "emoji": "😀👨‍👩‍👧‍👦🏳️‍🌈" * 50,
    "sql": "'; DROP TABLE customers; -- ' OR '1'='1",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "template": "{balance:money} {0} %s ${jndi:ldap://x} {{7*7}}",
    "null bytes": "余\x00额\x00",
    "rtl": "\u202e\u2066余额\u2069\u202c",
    "surrogate": "\ud800余额\udfff",
    "combining": "余" + "\u0301" * 1500,
    "digits": "1234567890" * 200,
    "keys": "*#*#" * 10,
    "blanks": " \t\n\u3000" * 400,
    "empty": "",
    "one letter": "a" * MOST_CHARS,
    "mixed": "hello 你好 what is 我的 balance 余额 please 谢谢",
    "amounts": "一亿" * 1000,
    "dates": "2026年1月3号下午三点" * 140,
    "brackets": "(" * MOST_CHARS,
    "huge number": "9" * MOST_CHARS,
    "full width": "１" * MOST_CHARS,
    "ligature": "\ufdfa" * 1990,
    "newlines": "余额\r\n\r\nSet-Cookie: x=1",
}


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_messages_end_politely_at_every_item_without_fault_or_leak(
    name: str, locale: str
) -> None:
    wish = {"zh-CN": "余额", "en-US": "my balance"}[locale]
    number = {"zh-CN": "转人工", "en-US": "agent"}[locale]
    for way in ([], [wish], [wish, "13800000001"], [wish, "13800000001", TAIL], [number]):
        chat = Chat(locale=locale)
        exchange = await chat.talk(*way)
        said = ""
        for _ in range(12):
            if exchange.ended:
                break
            began = time.monotonic()
            exchange = await chat.session.write(HOSTILE[name])
            assert time.monotonic() - began < 5
            said += texts(exchange)
            assert exchange.messages, "never without a word"
        if not exchange.ended:
            chat.session.leave()
        assert chat.faults == []
        assert len(chat.of(CallEnded)) == 1
        outcome = chat.of(CallEnded)[0].outcome
        assert (outcome == "ticket") == bool(chat.of(TicketOpened))
        for private in ("110101199001011234", "测试"):
            assert private not in said
        if len(way) < 3:
            assert "2,021" not in said
        assert "<script>" not in said


async def test_ten_thousand_characters_and_three_thousand_digits_are_refused_whole() -> None:
    chat = Chat(PHONE)
    first = await chat.talk()
    for text in ("查" * 10_000, "1" * 3_000):
        with pytest.raises(MessageTooLong):
            await chat.session.write(text)
    assert chat.of(TurnTaken) == []
    assert (await chat.session.write("")).messages == first.messages


async def test_endless_messages_come_to_an_end_with_a_word() -> None:
    bench = Desk(limits=ChatLimits(most_messages=10))
    told = await bench.desk.open("zh-CN", phone=PHONE)
    for _ in range(9):
        assert not told.body["ended"]
        told = await bench.desk.write(told.chat_id, "你好")
    told = await bench.desk.write(told.chat_id, "你好")
    assert told.body["ended"]
    assert "这次对话已经很长了" in told.body["messages"][-1]["text"]
    with pytest.raises(ChatOver):
        await bench.desk.write(told.chat_id, "你好")
    assert bench.faults == []


async def test_guessing_the_secret_is_bounded_and_ends_at_a_person() -> None:
    chat = Chat(PHONE)
    exchange = await chat.talk("余额")
    tries = 0
    while not exchange.ended and tries < 20:
        exchange = await chat.session.write(f"{4000 + tries}")
        tries += 1
    assert tries <= 5
    assert "2,021" not in chat.record
    assert [each.ticket_kind for each in chat.of(TicketOpened)] == ["callback"]
