"""`/healthz` and `/metrics` of one process, served inside its own event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

log = structlog.get_logger(__name__)

CHECK_TIMEOUT_S = 1.5
"""Under the supervisor's own patience of 2 s: a check that hangs must not make the process look hung."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one part of the process is. `reason` may be given when all is well, too."""

    ok: bool
    reason: str = ""


Check = Callable[[], Awaitable[CheckResult]]


class HealthServer:
    """Answers on `host:port` while the context is open. Raises `OSError` on entry when the port is taken."""

    def __init__(
        self,
        *,
        process: str,
        host: str,
        port: int,
        checks: Mapping[str, Check],
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        self._process = process
        self._address = (host, port)
        self._checks = dict(checks)
        self._registry = registry
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        routes = [Route("/healthz", self._healthz), Route("/metrics", self._metrics)]
        config = uvicorn.Config(
            Starlette(routes=routes),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        listener = _listen(*self._address)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]), name="health server")
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

    async def _healthz(self, _request: Request) -> JSONResponse:
        results = await asyncio.gather(*(self._run(name, check) for name, check in self._checks.items()))
        well = all(result.ok for result in results)
        body = {
            "process": self._process,
            "status": "ok" if well else "failed",
            "checks": {
                name: {"ok": result.ok, "reason": result.reason}
                for name, result in zip(self._checks, results, strict=True)
            },
        }
        return JSONResponse(body, status_code=200 if well else 503)

    async def _run(self, name: str, check: Check) -> CheckResult:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                return await check()
        except TimeoutError:
            return CheckResult(ok=False, reason=f"no result within {CHECK_TIMEOUT_S} s")
        except Exception as error:  # a check that breaks is a failed check, and the others still count
            log.warning("health_check_broke", check=name, exc_info=True)
            return CheckResult(ok=False, reason=f"the check itself broke: {type(error).__name__}")

    async def _metrics(self, _request: Request) -> Response:
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)


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


def _listen(host: str, port: int) -> socket.socket:
    """Bound here and not by uvicorn, which would end the process when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"cannot serve /healthz at {host}:{port}: {error.strerror}") from None
    return listener
