"""The application: addresses, access, limits; what a chat is, the desk knows."""

import hmac
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ivr.adapters.chat_http.limits import RateLimit
from ivr.adapters.chat_http.problems import Problem
from ivr.adapters.chat_http.requests import OpenChat, PostMessage, read_body
from ivr.adapters.chat_http.tokens import ChatTokens
from ivr.runtime.chat.desk import ChatDesk, Told, UnknownChat
from ivr.runtime.chat.exchange import ChatOver, MessageTooLong
from ivr.runtime.chat.record import StaleChat
from ivr.runtime.ports import Clock

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class ChatApiSettings:
    """Who may ask, from where, and how often."""

    locales: Sequence[str]
    token: str = field(default="", repr=False)
    """The bearer token; empty lets everybody in, which only loopback may."""
    origins: Sequence[str] = ()
    """Of web pages that may ask directly (CORS)."""
    messages_per_minute: int = 30
    """In one chat."""
    requests_per_minute: int = 300
    """From one address."""


def chat_app(
    desk: ChatDesk,
    tokens: ChatTokens,
    clock: Clock,
    settings: ChatApiSettings,
    report: Callable[[str, Exception], None],
) -> Starlette:
    """The API on a desk. `report` hears of faults of ours."""
    api = _Api(desk, tokens, clock, settings, report)
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(settings.origins),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["Location", "Retry-After"],
    )
    return Starlette(
        routes=[
            Route("/v1/chats", api.guarded(api.open), methods=["POST"]),
            Route("/v1/chats/{chat_id}", api.guarded(api.view), methods=["GET"]),
            Route("/v1/chats/{chat_id}", api.guarded(api.end), methods=["DELETE"]),
            Route("/v1/chats/{chat_id}/messages", api.guarded(api.write), methods=["POST"]),
        ],
        middleware=[cors] if settings.origins else [],
        exception_handlers={HTTPException: _no_such_place},
    )


class _Api:
    def __init__(
        self,
        desk: ChatDesk,
        tokens: ChatTokens,
        clock: Clock,
        settings: ChatApiSettings,
        report: Callable[[str, Exception], None],
    ) -> None:
        self._desk = desk
        self._tokens = tokens
        self._clock = clock
        self._settings = settings
        self._report = report
        self._by_address = RateLimit(settings.requests_per_minute)
        self._by_chat = RateLimit(settings.messages_per_minute)

    def guarded(self, handler: Handler) -> Handler:
        """The handler behind limits and access, its faults told as problems."""

        async def handle(request: Request) -> Response:
            try:
                self._limit(self._by_address, request.client.host if request.client else "")
                self._admit(request)
                return await handler(request)
            except Problem as problem:
                return problem.response()
            except Exception as error:
                return self._told(error).response()

        return handle

    async def open(self, request: Request) -> Response:
        asked = await read_body(request, OpenChat)
        if asked.locale not in self._settings.locales:
            reason = f"there are {', '.join(self._settings.locales)}"
            raise Problem("bad-value", errors=[{"field": "locale", "reason": reason}])
        proved = self._tokens.read(asked.token, self._clock.now()) if asked.token else None
        told = await self._desk.open(
            asked.locale,
            phone=asked.phone or "",
            channel=asked.channel,
            request_id=asked.request_id,
            proved=proved,
        )
        address = {"Location": f"/v1/chats/{told.chat_id}"}
        return JSONResponse({"chat_id": told.chat_id, **self._body(told)}, 201, address)

    async def write(self, request: Request) -> Response:
        chat_id = request.path_params["chat_id"]
        self._limit(self._by_chat, chat_id)
        sent = await read_body(request, PostMessage)
        if sent.text is not None:
            told = await self._desk.write(chat_id, sent.text, message_id=sent.message_id)
        else:
            told = await self._desk.choose(chat_id, sent.choice or "", message_id=sent.message_id)
        return JSONResponse(self._body(told))

    async def view(self, request: Request) -> Response:
        chat_id = request.path_params["chat_id"]
        return JSONResponse({"chat_id": chat_id, **await self._desk.view(chat_id)})

    async def end(self, request: Request) -> Response:
        await self._desk.end(request.path_params["chat_id"])
        return Response(status_code=204)

    def _body(self, told: Told) -> dict[str, object]:
        if not told.proved:
            return told.body
        return {**told.body, "token": self._tokens.issue(told.proved, self._clock.now())}

    def _limit(self, limit: RateLimit, name: str) -> None:
        wait_s = limit.wait_s(name, self._clock.now().timestamp())
        if wait_s > 0:
            raise Problem("too-many-requests", headers={"Retry-After": str(math.ceil(wait_s))})

    def _admit(self, request: Request) -> None:
        wanted = self._settings.token
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode("utf-8", "replace"), wanted.encode())
        if wanted and not (scheme.lower() == "bearer" and right):
            raise Problem("unauthorised", headers={"WWW-Authenticate": "Bearer"})

    def _told(self, error: Exception) -> Problem:
        match error:
            case UnknownChat():
                return Problem("unknown-chat")
            case ChatOver():
                return Problem("chat-ended")
            case MessageTooLong():
                return Problem("message-too-long")
            case StaleChat():
                return Problem("chat-moved-on")
            case ConnectionError():
                self._report("chat store away", error)
                return Problem("store-away", headers={"Retry-After": "5"})
        self._report("chat request failed", error)
        return Problem("failed")


async def _no_such_place(_request: Request, error: Exception) -> Response:
    wrong_method = isinstance(error, HTTPException) and error.status_code == 405
    headers = error.headers if isinstance(error, HTTPException) else None
    return Problem("wrong-method" if wrong_method else "unknown-place", headers=headers).response()
