"""Chat stores keep the same promises, wherever they keep their chats."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.adapters.chat_memory import MemoryChatStore
from ivr.adapters.store_sqlalchemy import Database, SqlChatStore
from ivr.calls.ids import CallId
from ivr.runtime.chat.record import ChatRecord, ChatStore, StaleChat

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)

CHAT = ChatRecord(
    "chat-1",
    CallId("call-1"),
    "request-1",
    NOW,
    NOW,
    phone="+8613800000001",
    channel="wechat",
    locale="zh-CN",
    memory={"state": {"$": "DialogueState", "slots": {"a": [1, None, "余额\n"]}}},
    history=[{"who": "customer", "text": None, "locale": "zh-CN", "at": "2030"}],
    replies=[{"message_id": "m", "body": {"ended": False}}],
    choices=[{"choice": "1", "label": "查询"}],
    written=3,
)


@pytest.fixture
async def store(place: str | None) -> AsyncIterator[ChatStore]:
    if place is None:
        yield MemoryChatStore()
        return
    database = Database(place)
    yield SqlChatStore(database)
    await database.close()


async def test_a_chat_comes_back_as_it_was_kept(store: ChatStore) -> None:
    assert await store.open(CHAT) == CHAT
    assert await store.find("chat-1") == CHAT
    assert await store.find("chat-2") is None


async def test_the_same_request_opens_one_chat(store: ChatStore) -> None:
    rivals = [replace(CHAT, chat_id=f"chat-{n}", call_id=CallId(f"call-{n}")) for n in range(5)]
    opened = await asyncio.gather(*(store.open(rival) for rival in rivals))
    assert len({chat.chat_id for chat in opened}) == 1


async def test_chats_without_a_request_are_all_different(store: ChatStore) -> None:
    for n in range(3):
        chat = replace(CHAT, chat_id=f"chat-{n}", request_id=None)
        assert await store.open(chat) == chat


async def test_of_two_that_go_on_with_the_same_version_one_is_refused(store: ChatStore) -> None:
    await store.open(CHAT)
    await store.save(replace(CHAT, version=2, written=4))
    with pytest.raises(StaleChat):
        await store.save(replace(CHAT, version=2, written=5))
    kept = await store.find("chat-1")
    assert kept is not None
    assert (kept.version, kept.written) == (2, 4)
    with pytest.raises(StaleChat):
        await store.save(replace(CHAT, chat_id="chat-9", version=2))


async def test_idle_chats_are_found_longest_idle_first_and_ended_ones_are_not(store: ChatStore) -> None:
    for n, minutes in enumerate((5, 20, 10, 30)):
        at = NOW - timedelta(minutes=minutes)
        await store.open(replace(CHAT, chat_id=f"chat-{n}", request_id=None, last_at=at, ended=n == 3))
    assert list(await store.idle(NOW - timedelta(minutes=6), 10)) == ["chat-1", "chat-2"]
    assert list(await store.idle(NOW - timedelta(minutes=6), 1)) == ["chat-1"]


async def test_only_chats_that_ended_long_ago_are_forgotten(store: ChatStore) -> None:
    for n, ended in enumerate((True, False, True)):
        at = NOW - timedelta(hours=30 if n < 2 else 1)
        await store.open(replace(CHAT, chat_id=f"chat-{n}", request_id=None, last_at=at, ended=ended))
    assert await store.forget(NOW - timedelta(hours=24)) == 1
    assert await store.find("chat-0") is None
    assert await store.find("chat-1") is not None
    assert await store.find("chat-2") is not None


async def test_texts_that_databases_choke_on_are_kept_without_what_they_choke_on(store: ChatStore) -> None:
    await store.open(replace(CHAT, history=[{"text": "余\x00额\ud800"}]))
    kept = await store.find("chat-1")
    assert kept is not None
    assert "余" in kept.history[0]["text"]
