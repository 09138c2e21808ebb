"""The processes that the settings ask for, in the order they start."""

import sys

from ivr.adapters.supervisor import ProcessSpec, WantedPort
from ivr.config import Settings
from ivr.config.sections import Transport
from ivr.config.settings import dialable

_PROGRAM = (sys.executable, "-m", "ivr.cli.main")

MODELS_LOAD_S = 120.0
"""A recogniser on a slow disk loads its models this long at most."""

GRAMMARS_WARM_S = 60.0
"""A worker has its grammars compiled, here and in the recogniser, before it takes calls."""

IMPORT_ENDS_S = 20.0
"""An import that is broken off is undone and its upload, which holds numbers, removed: 7 s were measured."""

GOODBYES_S = 20.0
"""A stopping worker's time beyond `hotline.drain_s`: spoken goodbyes, events written, the library ended."""


def stages(settings: Settings) -> list[list[ProcessSpec]]:
    """Broker, then recogniser, then all workers, then the APIs; without those that run elsewhere."""
    wanted: list[list[ProcessSpec]] = []
    if settings.runs_broker:
        wanted.append([_broker(settings)])
    if settings.runs_recogniser:
        wanted.append([_recogniser(settings)])
    wanted.append([_worker(settings, index) for index in range(settings.workers.count)])
    apis = [_chat(settings)] if settings.chat.enabled else []
    if settings.campaign_api.enabled:
        apis.append(_campaign_api(settings))
    return [*wanted, apis] if apis else wanted


def worker_health_url(settings: Settings, index: int) -> str:
    """Where worker `index` tells its health."""
    return f"http://{dialable(settings.workers.http_host)}:{settings.http_port(index)}/healthz"


def recogniser_health_url(settings: Settings) -> str:
    """Where the recogniser, ours or theirs, tells its health: over HTTP on its WebSocket port."""
    scheme, _, place = settings.recogniser_url.partition("://")
    return f"{'https' if scheme == 'wss' else 'http'}://{place.rstrip('/')}/healthz"


def _broker(settings: Settings) -> ProcessSpec:
    port = settings.bus.embedded_port
    return _spec(
        "broker",
        ["broker", "--port", str(port)],
        health_url=f"tcp://127.0.0.1:{port}",
        ports=(WantedPort("broker", "127.0.0.1", port, "tcp", "bus.embedded_port"),),
    )


def _recogniser(settings: Settings) -> ProcessSpec:
    own = settings.recogniser
    arguments = ["recogniser", "--host", own.host, "--port", str(own.port), "--engine", own.engine.value]
    arguments += ["--threads", str(own.threads)]
    if settings.models_dir is not None:
        arguments += ["--models-dir", str(settings.models_dir)]
    return _spec(
        "recogniser",
        arguments,
        health_url=recogniser_health_url(settings),
        ports=(WantedPort("recogniser", own.host, own.port, "tcp", "recogniser.port"),),
        start_timeout_s=MODELS_LOAD_S,
    )


def _worker(settings: Settings, index: int) -> ProcessSpec:
    return _spec(
        f"worker-{index}",
        ["worker", "--index", str(index)],
        health_url=worker_health_url(settings, index),
        ports=worker_ports(settings, index),
        start_timeout_s=GRAMMARS_WARM_S,
        stop_timeout_s=settings.hotline.drain_s + GOODBYES_S + 1.0,
        cue=str(index),
    )


def _chat(settings: Settings) -> ProcessSpec:
    chat, host = settings.chat, settings.workers.http_host
    return _spec(
        "chat",
        ["chat-api"],
        health_url=f"http://{dialable(host)}:{chat.health_port}/healthz",
        ports=(
            WantedPort("chat", chat.host, chat.port, "tcp", "chat.port"),
            WantedPort("chat", host, chat.health_port, "tcp", "chat.health_port"),
        ),
        start_timeout_s=GRAMMARS_WARM_S,
    )


def _campaign_api(settings: Settings) -> ProcessSpec:
    api, host, name = settings.campaign_api, settings.workers.http_host, "campaign-api"
    return _spec(
        name,
        [name],
        health_url=f"http://{dialable(host)}:{api.health_port}/healthz",
        ports=(
            WantedPort(name, api.host, api.port, "tcp", "campaign_api.port"),
            WantedPort(name, host, api.health_port, "tcp", "campaign_api.health_port"),
        ),
        stop_timeout_s=IMPORT_ENDS_S,
    )


_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""For NumPy: threads that wait for each other in busy loops take the cores from the calls."""


def understudy() -> tuple[str, ...]:
    """The command of a spare that can take any worker's place."""
    return (*_PROGRAM, "worker", "--understudy")


def worker_ports(settings: Settings, index: int) -> tuple[WantedPort, ...]:
    """Every port that worker `index` listens on, RTP excepted: that range is shared."""
    name, sip, port = f"worker-{index}", settings.sip, settings.sip_port(index)
    found = [
        WantedPort(name, sip.host, port, transport.value, "sip.port")
        for transport in (Transport.UDP, Transport.TCP)
        if transport in sip.transports
    ]
    if Transport.TLS in sip.transports:
        found.append(WantedPort(name, sip.host, port + 1, "tcp", "sip.port"))
    http = WantedPort(name, settings.workers.http_host, settings.http_port(index), "tcp", "workers.http_port")
    return (*found, http)


def _spec(
    name: str,
    arguments: list[str],
    *,
    health_url: str,
    ports: tuple[WantedPort, ...],
    start_timeout_s: float = 30.0,
    stop_timeout_s: float = 5.0,
    cue: str = "",
) -> ProcessSpec:
    return ProcessSpec(
        name=name,
        argv=(*_PROGRAM, *arguments),
        environ={"IVR_PROCESS": name, **_ONE_THREAD},
        health_url=health_url,
        ports=ports,
        start_timeout_s=start_timeout_s,
        stop_timeout_s=stop_timeout_s,
        cue=cue,
    )
