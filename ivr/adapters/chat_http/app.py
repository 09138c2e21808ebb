"""The application: addresses, access, limits; what a chat is, the desk knows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ivr.adapters.chat_http.problems import CHAT_ENDED, CHAT_MOVED_ON, MESSAGE_TOO_LONG, UNKNOWN_CHAT
from ivr.adapters.chat_http.requests import OpenChat, PostMessage
from ivr.adapters.chat_http.tokens import ChatTokens
from ivr.adapters.http_api import Gate, Problem, RateLimit, no_such_place, read_json
from ivr.adapters.http_api.problems import BAD_VALUE
from ivr.runtime.chat.desk import ChatDesk, Told, UnknownChat
from ivr.runtime.chat.exchange import ChatOver, MessageTooLong
from ivr.runtime.chat.record import StaleChat
from ivr.runtime.ports import Clock

_DOCUMENT = "docs/chat.openapi.yaml"


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
    gate = Gate(
        clock,
        report,
        token=settings.token,
        requests_per_minute=settings.requests_per_minute,
        what="chat",
        document=_DOCUMENT,
        again="with the same message_id",
        tell=_tell,
    )
    api = _Api(desk, tokens, clock, settings, gate)
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(settings.origins),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["Location", "Retry-After"],
    )
    return Starlette(
        routes=[
            Route("/v1/chats", gate.guarded(api.open), methods=["POST"]),
            Route("/v1/chats/{chat_id}", gate.guarded(api.view), methods=["GET"]),
            Route("/v1/chats/{chat_id}", gate.guarded(api.end), methods=["DELETE"]),
            Route("/v1/chats/{chat_id}/messages", gate.guarded(api.write), methods=["POST"]),
        ],
        middleware=[cors] if settings.origins else [],
        exception_handlers={HTTPException: no_such_place(_DOCUMENT)},
    )


class _Api:
    def __init__(
        self,
        desk: ChatDesk,
        tokens: ChatTokens,
        clock: Clock,
        settings: ChatApiSettings,
        gate: Gate,
    ) -> None:
        self._desk = desk
        self._tokens = tokens
        self._clock = clock
        self._settings = settings
        self._gate = gate
        self._by_chat = RateLimit(settings.messages_per_minute)

    async def open(self, request: Request) -> Response:
        asked = await read_json(request, OpenChat)
        if asked.locale not in self._settings.locales:
            reason = f"there are {', '.join(self._settings.locales)}"
            raise Problem(BAD_VALUE, errors=[{"field": "locale", "reason": reason}])
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
        self._gate.limit(self._by_chat, chat_id)
        sent = await read_json(request, PostMessage)
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


def _tell(error: Exception) -> Problem | None:
    match error:
        case UnknownChat():
            return Problem(UNKNOWN_CHAT)
        case ChatOver():
            return Problem(CHAT_ENDED)
        case MessageTooLong():
            return Problem(MESSAGE_TOO_LONG)
        case StaleChat():
            return Problem(CHAT_MOVED_ON)
    return None
