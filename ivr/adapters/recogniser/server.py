"""The recogniser's WebSocket server, with `/healthz` over HTTP on the same port."""

import contextlib
import json
import logging
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from ivr.adapters.recogniser.conversation import Conversation
from ivr.adapters.recogniser.decoding_threads import DecodingThreads
from ivr.adapters.recogniser.engines import Engines
from ivr.adapters.recogniser.protocol import SERVER_NAME

_LARGEST_MESSAGE_BYTES = 8 << 20
"""Phrase lists of tens of thousands of phrases come in one message."""

_log = structlog.get_logger(__name__)


class RecogniserServer:
    """Serves any number of connections on a fixed number of decoding threads."""

    def __init__(self, engines: Engines, *, threads: int, locales: Sequence[str]) -> None:
        """`locales` are ready from the start, others when asked for; the first is that of stock clients."""
        self._engines = engines
        self._threads = DecodingThreads(threads)
        self._preferred = tuple(locales)
        self._connections = 0

    @contextlib.asynccontextmanager
    async def listen(self, host: str, port: int) -> AsyncIterator[int]:
        """Load models and serve until left; gives the port, a free one for 0. Raises `OSError`."""
        await self._threads.start(self._engines.load, self._preferred)
        server: Server
        try:
            async with serve(
                self._converse,
                host,
                port,
                process_request=self._process_request,
                server_header=SERVER_NAME,
                max_size=_LARGEST_MESSAGE_BYTES,
                compression=None,
                logger=_websockets_log,
            ) as server:
                yield next(iter(server.sockets)).getsockname()[1]
        finally:
            self._threads.close()

    def locales(self) -> dict[str, tuple[str, str]]:
        """Engine and model of each locale that is served."""
        return self._engines.locales()

    def health(self) -> dict[str, object]:
        """What the process can do and how busy it is."""
        locales = self.locales()
        return {
            "status": "ok" if locales else "failed",
            "reason": "" if locales else "no model is installed; run: ivr models pull --all-default",
            "locales": {
                locale: {"engine": engine, "model": model} for locale, (engine, model) in locales.items()
            },
            "connections": self._connections,
            "decoding_threads": self._threads.count,
            "decodings": self._threads.busy,
        }

    async def _converse(self, connection: ServerConnection) -> None:
        conversation = Conversation(self._engines, self._threads, self._preferred[0])
        self._connections += 1
        try:
            async for message in connection:
                reply = await conversation.answer(message)
                if reply is not None:
                    await connection.send(reply)
                if conversation.closed:
                    break
        except ConnectionClosed:
            _log.debug("client_gone")
        finally:
            self._connections -= 1
            await conversation.drop()

    def _process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer `/healthz` and `/metrics` over HTTP; let WebSocket handshakes pass."""
        if request.path == "/healthz":
            health = self.health()
            status = HTTPStatus.OK if health["status"] == "ok" else HTTPStatus.SERVICE_UNAVAILABLE
            return _page(connection, status, json.dumps(health), "application/json")
        if request.path == "/metrics":
            return _page(connection, HTTPStatus.OK, generate_latest().decode(), CONTENT_TYPE_LATEST)
        return None


def _page(connection: ServerConnection, status: HTTPStatus, body: str, content_type: str) -> Response:
    response = connection.respond(status, body)
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = content_type
    return response


def _worth_telling(record: logging.LogRecord) -> bool:
    """Whether somebody only tried the port, as probes do, is not worth an error with its whole stack."""
    return record.getMessage() != "opening handshake failed"


_websockets_log = logging.getLogger("websockets.server.recogniser")
_websockets_log.addFilter(_worth_telling)
