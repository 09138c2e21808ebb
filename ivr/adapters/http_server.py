"""A web application served inside a process's own event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Generator, Sequence
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp


class HttpServer:
    """Answers on `host:port` while the context is open. Raises `OSError` on entry when the port is taken.

    `what` names the service for that error. `proxies` are the addresses whose X-Forwarded-For is believed.
    """

    def __init__(self, app: ASGIApp, *, host: str, port: int, what: str, proxies: Sequence[str] = ()) -> None:
        self._app = app
        self._address = (host, port)
        self._what = what
        self._proxies = list(proxies)
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            proxy_headers=bool(self._proxies),
            forwarded_allow_ips=self._proxies,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        listener = _listen(*self._address, self._what)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]), name=self._what)
        up = asyncio.create_task(self._server.up.wait())
        # A server told to stop before it is up would leave its socket open.
        await asyncio.wait({up, self._serving}, return_when=asyncio.FIRST_COMPLETED)
        up.cancel()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the process that we are a guest of has its own."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _listen(host: str, port: int, what: str) -> socket.socket:
    """Bound here and not by uvicorn, which would end the process when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"cannot serve {what} at {host}:{port}: {error.strerror}") from None
    return listener
