"""`/healthz` and `/metrics` of one process, served inside its own event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ivr.adapters.http_server import HttpServer

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
        self._checks = dict(checks)
        self._registry = registry
        routes = [Route("/healthz", self._healthz), Route("/metrics", self._metrics)]
        self._server = HttpServer(Starlette(routes=routes), host=host, port=port, what="/healthz")

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.__aexit__(kind, error, trace)

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
