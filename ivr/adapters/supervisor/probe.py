"""Asking a process whether it is well."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `reason` is empty when all is well."""

    answered: bool
    well: bool
    reason: str = ""


def probe_client() -> httpx.AsyncClient:
    """The HTTP client to probe with: straight to the address, whatever proxy the environment names."""
    return httpx.AsyncClient(trust_env=False)


async def probe(client: httpx.AsyncClient, url: str, *, timeout_s: float) -> Answer:
    """Ask `http://.../healthz`, or see whether anything listens at `tcp://host:port`. Never raises."""
    if urlsplit(url).scheme == "tcp":
        return await _probe_tcp(url, timeout_s)
    try:
        response = await client.get(url, timeout=timeout_s)
    except (httpx.HTTPError, OSError) as error:
        return Answer(answered=False, well=False, reason=f"no answer ({type(error).__name__})")
    if response.status_code == httpx.codes.OK:
        return Answer(answered=True, well=True)
    return Answer(answered=True, well=False, reason=_failed_checks(response))


async def _probe_tcp(url: str, timeout_s: float) -> Answer:
    place = urlsplit(url)
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(place.hostname, place.port)
    except (OSError, TimeoutError) as error:
        return Answer(answered=False, well=False, reason=f"no answer ({type(error).__name__})")
    writer.close()
    return Answer(answered=True, well=True)


def _failed_checks(response: httpx.Response) -> str:
    try:
        checks = response.json()["checks"].items()
        failed = [f"{name}: {check['reason']}" for name, check in checks if not check["ok"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        failed = []
    return "; ".join(failed) or f"HTTP {response.status_code}"
