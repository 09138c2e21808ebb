"""The JSON API keeps to docs/chat.openapi.yaml, lets in whom it should, and stands what is thrown at it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from chat_bench import PHONE, TAIL, Desk
from jsonschema import Draft202012Validator

from ivr.adapters.chat_http import ChatApiSettings, ChatTokens, chat_app
from ivr.adapters.http_server import HttpServer

DOCUMENT: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parents[2] / "docs" / "chat.openapi.yaml").read_text("utf-8")
)
TOKEN = "a token of the company"


def check(schema: str, value: object) -> None:
    Draft202012Validator({**DOCUMENT, "$ref": f"#/components/schemas/{schema}"}).validate(value)


def told(response: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """The problem, checked against the document."""
    body: dict[str, Any] = response.json()
    check("Problem", body)
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, body["status"], body["type"]) == (
        status,
        status,
        f"urn:ivr:problem:{kind}",
    )
    assert body["mend"]
    return body


class Api:
    """A running server and a client of it."""

    def __init__(self, client: httpx.AsyncClient, bench: Desk) -> None:
        self.client = client
        self.bench = bench

    async def open(self, **body: object) -> dict[str, Any]:
        response = await self.client.post("/v1/chats", json={"locale": "zh-CN", **body})
        assert response.status_code == 201, response.text
        opened: dict[str, Any] = response.json()
        check("Opened", opened)
        assert response.headers["location"] == f"/v1/chats/{opened['chat_id']}"
        return opened

    async def post(self, chat_id: str, **body: object) -> httpx.Response:
        return await self.client.post(f"/v1/chats/{chat_id}/messages", json=body)

    async def say(self, chat_id: str, **body: object) -> dict[str, Any]:
        response = await self.post(chat_id, **body)
        assert response.status_code == 200, response.text
        reply: dict[str, Any] = response.json()
        check("Reply", reply)
        return reply


Serve = Callable[..., Any]


@pytest.fixture
async def serve(free_port: Callable[[], int]) -> AsyncIterator[Serve]:
    async with AsyncExitStack() as stack:

        async def start(bench: Desk | None = None, **settings: Any) -> Api:
            desk = bench or Desk()
            port = free_port()
            api = ChatApiSettings(locales=("zh-CN", "en-US"), **settings)
            tokens = ChatTokens(b"key", timedelta(minutes=15))
            app = chat_app(
                desk.desk,
                tokens,
                desk.clock,
                api,
                lambda what, error: desk.faults.append(f"{what}: {error!r}"),
            )
            await stack.enter_async_context(HttpServer(app, host="127.0.0.1", port=port, what="chat"))
            client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20)
            await stack.enter_async_context(client)
            return Api(client, desk)

        yield start


async def test_a_chat_from_opening_to_end_as_the_document_has_it(serve: Serve) -> None:
    api = await serve()
    opened = await api.open(phone=PHONE, channel="wechat")
    chat = opened["chat_id"]
    assert [choice["choice"] for choice in opened["choices"]] == ["1", "2", "3", "4", "0", "9"]
    asked = await api.say(chat, choice="1")
    assert asked["secret"]
    assert "token" not in asked
    answer = await api.say(chat, text=TAIL)
    assert "2,021.00元" in answer["messages"][1]["text"]
    view = (await api.client.get(f"/v1/chats/{chat}")).json()
    check("Chat", view)
    assert TAIL not in [line["text"] for line in view["messages"]]
    end = await api.say(chat, text="转人工")
    assert end["ended"]
    assert end["ticket"]["kind"] == "callback"
    told(await api.post(chat, text="还有"), 409, "chat-ended")
    following = await api.open(token=answer["token"])
    assert "2,021.00元" in (await api.say(following["chat_id"], text="余额"))["messages"][0]["text"]
    assert api.bench.faults == []


async def test_a_token_that_is_forged_or_too_old_proves_nothing(serve: Serve) -> None:
    api = await serve()
    chat = (await api.open(phone=PHONE))["chat_id"]
    await api.say(chat, text="余额")
    token = (await api.say(chat, text=TAIL))["token"]
    packed, _, signature = token.partition(".")
    for forged in ("x", "ä.ö", f"{packed}.", f"{packed}.{signature[:-1]}", f"{packed}x.{signature}", "." * 9):
        other = (await api.open(token=forged, phone=PHONE))["chat_id"]
        assert (await api.say(other, text="余额"))["secret"], forged
    api.bench.clock.move(timedelta(minutes=16))
    old = (await api.open(token=token, phone=PHONE))["chat_id"]
    assert (await api.say(old, text="余额"))["secret"]


async def test_a_chat_is_closed_by_delete_and_unknown_ones_are_told(serve: Serve) -> None:
    api = await serve()
    chat = (await api.open())["chat_id"]
    for _ in range(2):
        assert (await api.client.delete(f"/v1/chats/{chat}")).status_code == 204
    for response in (
        await api.client.get("/v1/chats/nobody"),
        await api.client.delete("/v1/chats/nobody"),
        await api.post("nobody", text="余额"),
    ):
        told(response, 404, "unknown-chat")
    told(await api.client.get("/v2"), 404, "unknown-place")
    told(await api.client.put(f"/v1/chats/{chat}"), 405, "wrong-method")


async def test_only_who_has_the_token_gets_in(serve: Serve) -> None:
    api = await serve(token=TOKEN)
    body = {"locale": "zh-CN"}
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
        response = await api.client.post("/v1/chats", json=body, headers=headers)
        told(response, 401, "unauthorised")
        assert response.headers["www-authenticate"] == "Bearer"
    response = await api.client.post("/v1/chats", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 201


async def test_posts_that_are_sent_again_are_taken_once(serve: Serve) -> None:
    api = await serve()
    opened = await api.open(request_id="request-000000001")
    assert await api.open(request_id="request-000000001") == opened
    chat = opened["chat_id"]
    once = await api.say(chat, text="余额", message_id="message-1")
    assert await api.say(chat, text="余额", message_id="message-1") == once


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "locale"),
        ({"locale": "de-DE"}, "locale"),
        ({"locale": "zh-CN", "phone": "<script>"}, "phone"),
        ({"locale": "zh-CN", "channel": "../x"}, "channel"),
        ({"locale": "zh-CN", "more": 1}, "more"),
        ({"locale": "zh-CN", "request_id": "short"}, "request_id"),
    ],
)
async def test_wrong_values_are_named_with_their_field_and_never_repeated(
    serve: Serve, body: dict[str, object], field: str
) -> None:
    api = await serve()
    problem = told(await api.client.post("/v1/chats", json=body), 422, "bad-value")
    assert [error["field"] for error in problem["errors"]] == [field]
    assert "script>" not in json.dumps(problem)


async def test_what_is_no_message_is_refused_and_the_question_stands(serve: Serve) -> None:
    api = await serve()
    chat = (await api.open(phone=PHONE))["chat_id"]
    place = f"/v1/chats/{chat}/messages"
    json_type = {"content-type": "application/json"}
    told(await api.post(chat, text="查" * 2001), 422, "message-too-long")
    told(await api.post(chat, text="x" * 20_000), 413, "too-large")
    told(await api.post(chat), 422, "bad-value")
    told(await api.post(chat, text="余额", choice="1"), 422, "bad-value")
    told(await api.post(chat, text=7), 422, "bad-value")
    told(await api.client.post(place, content=b'{"text": ', headers=json_type), 400, "bad-request")
    told(await api.client.post(place, content=b"\xff\xfe", headers=json_type), 400, "bad-request")
    told(await api.client.post(place, data={"text": "余额"}), 415, "wrong-type")
    assert (await api.say(chat, text="余额"))["secret"]


@pytest.mark.parametrize(
    "raw",
    [rb'"\ud800\udfff"', rb'"\u0000\u0000"', rb'"\u202e\u2066"', b'"' + b"\xf0\x9f\x98\x80" * 1900 + b'"'],
)
async def test_texts_that_break_others_get_an_answer(serve: Serve, raw: bytes) -> None:
    api = await serve()
    chat = (await api.open(phone=PHONE))["chat_id"]
    response = await api.client.post(
        f"/v1/chats/{chat}/messages",
        content=b'{"text": ' + raw + b"}",
        headers={"content-type": "application/json"},
    )
    assert response.status_code in {200, 400}, response.text
    check("Reply" if response.status_code == 200 else "Problem", response.json())
    assert api.bench.faults == []


async def test_who_asks_too_often_is_told_how_long_to_wait_in_a_chat_and_from_an_address(
    serve: Serve,
) -> None:
    api = await serve(messages_per_minute=3, requests_per_minute=8)
    chat = (await api.open())["chat_id"]
    for _ in range(3):
        await api.say(chat, text="你好")
    refused = await api.post(chat, text="你好")
    told(refused, 429, "too-many-requests")
    assert 0 < int(refused.headers["retry-after"]) <= 20
    other = (await api.open())["chat_id"]
    await api.say(other, text="你好")
    await api.say(other, text="你好")
    told(await api.client.post("/v1/chats", json={"locale": "zh-CN"}), 429, "too-many-requests")
    api.bench.clock.move(timedelta(minutes=1))
    await api.say(chat, text="你好")


async def test_only_pages_of_named_origins_may_ask_from_a_browser(serve: Serve) -> None:
    asked = {"Origin": "https://www.example", "Access-Control-Request-Method": "POST"}
    closed = await serve()
    assert (
        "access-control-allow-origin" not in (await closed.client.options("/v1/chats", headers=asked)).headers
    )
    api = await serve(origins=("https://www.example",))
    answer = await api.client.options("/v1/chats", headers=asked)
    assert answer.headers["access-control-allow-origin"] == "https://www.example"
    stranger = {**asked, "Origin": "https://evil.example"}
    assert (await api.client.options("/v1/chats", headers=stranger)).status_code == 400


class AwayStore:
    async def find(self, _chat_id: str) -> None:
        raise ConnectionError("away")


class BrokenStore:
    async def find(self, _chat_id: str) -> None:
        raise RuntimeError("the customer said 1234")


async def test_faults_of_ours_are_told_without_what_they_say(serve: Serve) -> None:
    away = await serve(Desk(store=AwayStore()))
    response = await away.post("chat-1", text="余额")
    told(response, 503, "store-away")
    assert response.headers["retry-after"] == "5"
    broken = await serve(Desk(store=BrokenStore()))
    response = await broken.post("chat-1", text="余额")
    told(response, 500, "failed")
    assert "1234" not in response.text


async def test_chats_do_not_wait_for_one_another(serve: Serve) -> None:
    api = await serve()
    chats = [(await api.open(phone=PHONE))["chat_id"] for _ in range(8)]
    replies = await asyncio.gather(*(api.say(chat, text="余额") for chat in chats))
    assert all(reply["secret"] for reply in replies)
