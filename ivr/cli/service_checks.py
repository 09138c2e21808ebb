"""The doctor's look at what runs: database, broker, loan book, recogniser, workers and their ports."""

import asyncio
import os
from collections.abc import Awaitable, Sequence
from pathlib import Path

import httpx

from ivr.adapters.bus_mqtt import BusLost, MqttBus, MqttSettings
from ivr.adapters.sip_options import sip_options
from ivr.adapters.store_sqlalchemy import StoreError, current_revision, database_url, head_revision
from ivr.adapters.supervisor import TakenPort, WantedPort, probe, probe_client, taken_ports
from ivr.cli.finding import Finding, fail, ok, warn
from ivr.cli.loan_book_check import check_loan_book
from ivr.cli.processes import recogniser_health_url, stages, worker_health_url
from ivr.config import Settings
from ivr.config.sections import Transport
from ivr.config.settings import dialable

TIMEOUT_S = 3.0
START = "start the hotline with `ivr run`"


async def check_services(settings: Settings) -> list[Finding]:
    """Ask everything at once."""
    async with probe_client() as client:
        questions: list[Awaitable[Sequence[Finding]]] = [
            _database(settings),
            _broker(settings),
            check_loan_book(settings),
            _recogniser(settings, client),
            *(_worker(settings, client, index) for index in range(settings.workers.count)),
        ]
        findings = [finding for answer in await asyncio.gather(*questions) for finding in answer]
        running = await _running(settings, client)
    return [*findings, *await asyncio.to_thread(_ports, settings, running)]


async def _database(settings: Settings) -> list[Finding]:
    try:
        if missing := _missing_file(settings.database_url):
            return [fail("database", f"{missing} does not exist", "ivr db upgrade")]
        revision = await current_revision(settings.database_url, retry_s=TIMEOUT_S)
    except (StoreError, ValueError) as error:
        return [fail("database", str(error), "see that it runs, and check store.url or IVR_DATABASE_URL")]
    head = head_revision()
    if revision != head:
        return [
            fail("database", f"at revision {revision or 'none'}, this program needs {head}", "ivr db upgrade")
        ]
    return [ok("database", f"reachable, at revision {head}")]


def _missing_file(url: str) -> str | None:
    """The file of an SQLite store when it is not there; asking SQLite itself would create it."""
    address = database_url(url)
    absent = address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file()
    return address.database if absent else None


async def _broker(settings: Settings) -> list[Finding]:
    password = settings.bus.password.get_secret_value() if settings.bus.password else ""
    link = MqttSettings(
        url=settings.broker_url,
        client_id=f"ivr-doctor-{os.getpid()}",
        username=settings.bus.username,
        password=password,
        timeout_s=TIMEOUT_S,
    )
    try:
        async with MqttBus(link).connect("ivr/v1/doctor", {}):
            return [ok("broker", f"answers at {settings.broker_url}")]
    except BusLost as error:
        if settings.runs_broker:
            return [warn("broker", f"embedded, not running at {settings.broker_url}", START)]
        return [
            fail("broker", str(error), "see that it runs, and check bus.url, bus.username, IVR_MQTT_PASSWORD")
        ]


async def _recogniser(settings: Settings, client: httpx.AsyncClient) -> list[Finding]:
    answer = await probe(client, recogniser_health_url(settings), timeout_s=TIMEOUT_S)
    if answer.well:
        return [ok("recogniser", f"healthy at {settings.recogniser_url}")]
    if answer.answered:
        mend = "see the recogniser's log, and `ivr models list`"
        return [fail("recogniser", answer.reason, mend)]
    if settings.runs_recogniser:
        return [warn("recogniser", f"not running at {settings.recogniser_url}", START)]
    return [
        fail("recogniser", f"no answer at {settings.recogniser_url}", "start it, or check recogniser.url")
    ]


async def _worker(settings: Settings, client: httpx.AsyncClient, index: int) -> list[Finding]:
    what = f"worker-{index}"
    answer = await probe(client, worker_health_url(settings, index), timeout_s=TIMEOUT_S)
    if not answer.answered:
        return [warn(what, "not running", START)]
    found = [
        ok(what, "all checks well")
        if answer.well
        else fail(what, answer.reason, "mend what the check names; the worker's log says more")
    ]
    if Transport.UDP in settings.sip.transports:
        found.append(await _options(settings, index))
    return found


async def _options(settings: Settings, index: int) -> Finding:
    host, port = dialable(settings.sip.host).strip("[]"), settings.sip_port(index)
    what = f"sip {host}:{port}"
    try:
        code = await sip_options(host, port)
    except (OSError, TimeoutError) as error:
        reason = f"no answer to OPTIONS ({type(error).__name__})"
        return fail(what, reason, "see the worker's log; a firewall may drop UDP")
    if code == httpx.codes.OK:
        return ok(what, "answers OPTIONS with 200")
    return fail(what, f"answers OPTIONS with {code}", "add this machine to sip.peers")


async def _running(settings: Settings, client: httpx.AsyncClient) -> set[str]:
    specs = [spec for stage in stages(settings) for spec in stage]
    answers = await asyncio.gather(*(probe(client, spec.health_url, timeout_s=TIMEOUT_S) for spec in specs))
    return {spec.name for spec, answer in zip(specs, answers, strict=True) if answer.answered}


def _ports(settings: Settings, running: set[str]) -> list[Finding]:
    specs = [spec for stage in stages(settings) for spec in stage]
    wanted = [port for spec in specs if spec.name not in running for port in spec.ports]
    taken = taken_ports(wanted)
    found = [_taken(port) for port in taken]
    free = [port for port in wanted if port not in [t.wanted for t in taken]]
    if free:
        found.append(ok("ports", f"free: {_names(free)}"))
    held = [port for spec in specs if spec.name in running for port in spec.ports]
    if held:
        found.append(ok("ports", f"held by ours: {_names(held)}"))
    return found


def _taken(port: TakenPort) -> Finding:
    want = port.wanted
    return fail(
        f"port {want.port}/{want.protocol}",
        f"wanted by {want.process}, taken by {port.holder}",
        f"stop that process, or set {want.setting} to a free port",
    )


def _names(ports: Sequence[WantedPort]) -> str:
    return ", ".join(f"{port.port}/{port.protocol}" for port in ports)
