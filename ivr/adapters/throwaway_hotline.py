"""A whole hotline of its own on free loopback ports, in a directory that goes away: for tests, benches."""

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

_START_S = 120.0
_STOP_S = 60.0


class HotlineNotStarted(Exception):
    """The hotline did not come up. The message ends with what it printed last."""


@dataclass(frozen=True, slots=True)
class ThrowawayHotline:
    """A running one. `environ` is what further `ivr` commands need to mean this one."""

    directory: Path
    sip_port: int
    http_port: int
    recogniser_port: int
    broker_port: int
    environ: Mapping[str, str]
    supervisor: "subprocess.Popen[bytes]"

    def uri(self, *, number: str = "hotline", worker: int = 0) -> str:
        """What to dial."""
        return f"sip:{number}@127.0.0.1:{self.sip_port + 2 * worker}"

    @property
    def recogniser_url(self) -> str:
        """Its recogniser, for reading what was said."""
        return f"ws://127.0.0.1:{self.recogniser_port}"

    @property
    def database_url(self) -> str:
        """Its store."""
        return f"sqlite:///{self.directory / 'var' / 'ivr.db'}"

    @property
    def output(self) -> str:
        """Everything its processes have printed."""
        return (self.directory / "output.log").read_text("utf-8", "replace")

    def process(self, command: str) -> psutil.Process:
        """The process that runs `ivr COMMAND` now. Raises `LookupError` when there is none."""
        for child in self._children():
            with suppress(psutil.Error):
                if command in child.cmdline():
                    return child
        raise LookupError(f"no process runs `ivr {command}`")

    def worker(self, index: int) -> psutil.Process:
        """The process that is worker `index` now, by its health address: an understudy's command hides it.

        Raises `LookupError` when there is none.
        """
        port = self.http_port + index
        for child in self._children():
            with suppress(psutil.Error):
                sockets = child.net_connections("tcp")
                if any(s.status == psutil.CONN_LISTEN and s.laddr.port == port for s in sockets):
                    return child
        raise LookupError(f"no process is worker {index}")

    def _children(self) -> list[psutil.Process]:
        return psutil.Process(self.supervisor.pid).children(recursive=True)

    def metrics(self, worker: int = 0) -> str:
        """What a worker tells Prometheus."""
        url = f"http://127.0.0.1:{self.http_port + worker}/metrics"
        return httpx.get(url, timeout=5.0, trust_env=False).raise_for_status().text


@contextmanager
def throwaway_hotline(
    *, workers: int = 1, settings: str = "", environ: Mapping[str, str] | None = None
) -> Iterator[ThrowawayHotline]:
    """Start one with the demo loan book, and stop it by its process id. Raises `HotlineNotStarted`.

    `settings` is TOML that is appended to its settings file: whole sections that are not `sip`, `workers`,
    `recogniser`, `bus`, `hours` or `paths`.
    """
    with tempfile.TemporaryDirectory(prefix="ivr-") as name:
        hotline = _start(Path(name), workers, settings, environ or {})
        try:
            _await_ready(hotline)
            yield hotline
        finally:
            hotline.supervisor.send_signal(signal.SIGINT)
            try:
                hotline.supervisor.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                hotline.supervisor.kill()
                hotline.supervisor.wait()


_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "holidays")
_ALWAYS = "\n".join(f'{day} = ["00:00-24:00"]' for day in _DAYS)
"""People answer at whatever time of day somebody tries it out."""


def _start(directory: Path, workers: int, settings: str, environ: Mapping[str, str]) -> ThrowawayHotline:
    sip_port = _free_ports(2 * workers, pairs=True)
    http_port, recogniser_port, broker_port = _free_ports(workers), _free_ports(1), _free_ports(1)
    rtp_port = 40_000 + sip_port % 200 * 100
    (directory / "ivr.toml").write_text(
        f'[paths]\nvar = "{directory / "var"}"\n'
        f"[sip]\nport = {sip_port}\nrtp_port_first = {rtp_port}\nrtp_port_last = {rtp_port + 99}\n"
        f"[workers]\ncount = {workers}\nhttp_port = {http_port}\n"
        f"[recogniser]\nport = {recogniser_port}\n"
        f"[bus]\nembedded_port = {broker_port}\n[hours]\n{_ALWAYS}\n{settings}\n",
        "utf-8",
    )
    own = {**os.environ, **environ, "IVR_CONFIG": str(directory / "ivr.toml")}
    ivr = [sys.executable, "-m", "ivr.cli.main"]
    subprocess.run([*ivr, "demo", "seed"], env=own, check=True, stdout=subprocess.DEVNULL)
    with (directory / "output.log").open("wb") as output:
        supervisor = subprocess.Popen(
            [*ivr, "run"], env=own, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
    return ThrowawayHotline(directory, sip_port, http_port, recogniser_port, broker_port, own, supervisor)


def _await_ready(hotline: ThrowawayHotline) -> None:
    given_up_at = time.monotonic() + _START_S
    while "\nready\n" not in hotline.output:
        if hotline.supervisor.poll() is not None or time.monotonic() > given_up_at:
            raise HotlineNotStarted(f"the hotline is not ready; it printed:\n{hotline.output[-2000:]}")
        time.sleep(0.1)


def _free_ports(count: int, *, pairs: bool = False) -> int:
    """The first of `count` neighbouring ports that are free for TCP and UDP; even when they go in pairs.

    They lie below the range from which the kernel takes ports for outgoing connections: one of those could
    take a port between this look and the start of the process that wants it.
    """
    while True:
        first = random.randrange(10_000, 32_000, 2 if pairs else 1)
        if all(_is_free(first + n) for n in range(count)):
            return first


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
