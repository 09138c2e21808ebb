"""A process tells over HTTP whether each of its parts is well, and leaves the process its signals."""

import asyncio
import signal
import socket
from collections.abc import Callable

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from ivr.adapters.http_health import CHECK_TIMEOUT_S, CheckResult, HealthServer


async def well() -> CheckResult:
    return CheckResult(ok=True)


async def away() -> CheckResult:
    return CheckResult(ok=False, reason="no answer from the database")


async def broken() -> CheckResult:
    raise RuntimeError("138 0000 0001")


async def hanging() -> CheckResult:
    await asyncio.sleep(60)
    return CheckResult(ok=True)


async def get(port: int, path: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://127.0.0.1:{port}{path}", timeout=5.0)


async def test_all_checks_well_is_200(free_port: Callable[[], int]) -> None:
    port = free_port()
    async with HealthServer(process="worker-0", host="127.0.0.1", port=port, checks={"sip": well}):
        response = await get(port, "/healthz")
    assert response.status_code == 200
    assert response.json() == {
        "process": "worker-0",
        "status": "ok",
        "checks": {"sip": {"ok": True, "reason": ""}},
    }


async def test_failed_broken_and_hanging_checks_are_503_each_with_its_reason(
    free_port: Callable[[], int],
) -> None:
    port = free_port()
    checks = {"sip": well, "database": away, "bus": broken, "recogniser": hanging}
    async with HealthServer(process="worker-0", host="127.0.0.1", port=port, checks=checks):
        response = await get(port, "/healthz")
    told = response.json()["checks"]
    assert response.status_code == 503
    assert told["sip"]["ok"]
    assert told["database"] == {"ok": False, "reason": "no answer from the database"}
    assert told["bus"]["reason"] == "the check itself broke: RuntimeError"
    assert str(CHECK_TIMEOUT_S) in told["recogniser"]["reason"]


async def test_figures_are_given_in_prometheus_form(free_port: Callable[[], int]) -> None:
    registry = CollectorRegistry()
    Counter("apples", "Apples eaten.", registry=registry).inc(3)
    port = free_port()
    async with HealthServer(process="x", host="127.0.0.1", port=port, checks={}, registry=registry):
        response = await get(port, "/metrics")
    assert "apples_total 3.0" in response.text
    assert response.headers["content-type"].startswith("text/plain")


async def test_a_taken_port_is_an_error_that_names_it_and_does_not_end_the_process() -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        with pytest.raises(OSError, match=f"127.0.0.1:{port}"):
            await HealthServer(process="x", host="127.0.0.1", port=port, checks={}).__aenter__()


async def test_the_signals_stay_with_the_process(free_port: Callable[[], int]) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    async with HealthServer(process="x", host="127.0.0.1", port=(port := free_port()), checks={}):
        await get(port, "/healthz")
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


async def test_it_answers_as_soon_as_it_is_entered_and_frees_the_port_when_left(
    free_port: Callable[[], int],
) -> None:
    port = free_port()
    for _ in range(3):
        async with HealthServer(process="x", host="127.0.0.1", port=port, checks={}):
            assert (await get(port, "/healthz")).status_code == 200
        async with HealthServer(process="x", host="127.0.0.1", port=port, checks={}):
            pass
