"""Who may call: an address that is listed, and the proxy that took our registration."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from phones import sipp
from served import ROOT, ended_call, ivr, until
from workers import WorkerBeside, worker_beside

from ivr.adapters.throwaway_hotline import ThrowawayHotline

pytestmark = pytest.mark.slow

PASSWORD = "throw-away-secret"
STRANGERS_ONLY = 'peers = ["192.0.2.0/24"]'


@dataclass(frozen=True)
class Proxy:
    """A running Kamailio and the worker port that it sends calls to."""

    port: int
    worker_port: int

    @property
    def account(self) -> str:
        return (
            f'[[sip.accounts]]\nname = "trunk"\nregistrar = "127.0.0.1:{self.port}"\nuser = "trunk"\n'
            "expires_s = 60\n"
        )


@pytest.fixture
def proxy(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Proxy]:
    """Kamailio as `deploy/kamailio.cfg` runs it, with one worker and one account."""
    if shutil.which("kamailio") is None:
        pytest.skip("needs Kamailio: apt-get install kamailio")
    port, worker_port = free_port(), free_port()
    workers = tmp_path / "dispatcher.list"
    workers.write_text(f"1 sip:127.0.0.1:{worker_port} 0 0 duid=w0;maxload=3\n", "utf-8")
    (tmp_path / "version").write_text("table_name(str) table_version(int)\nsubscriber:7\n", "utf-8")
    (tmp_path / "subscriber").write_text(
        "id(int,auto) username(str) domain(str) password(str)\n"
        f"1:trunk:127.0.0.1:{PASSWORD}\n2:13800000001:127.0.0.1:{PASSWORD}\n",
        "utf-8",
    )
    command = ["kamailio", "-DD", "-E", "-m", "32", "-M", "8", "-f", str(ROOT / "deploy" / "kamailio.cfg")]
    command += ["-A", f"LISTEN=udp:127.0.0.1:{port}", "-Y", str(tmp_path), "-P", str(tmp_path / "pid")]
    process = subprocess.Popen(
        command,
        env={**os.environ, "IVR_WORKERS_LIST": str(workers), "IVR_ACCOUNTS": f"text://{tmp_path}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Proxy(port, worker_port)
    finally:
        process.terminate()
        process.wait(15)


def health(worker: WorkerBeside) -> dict[str, Any]:
    answer = httpx.get(f"http://127.0.0.1:{worker.http_port}/healthz", timeout=5.0, trust_env=False)
    return {"code": answer.status_code, **answer.json()}


def test_a_call_comes_through_the_proxy_that_took_the_registration(
    hotline: ThrowawayHotline, proxy: Proxy, free_port: Callable[[], int], tmp_path: Path
) -> None:
    secret = {"IVR_SIP_PASSWORD_TRUNK": PASSWORD}
    with worker_beside(
        hotline,
        tmp_path,
        proxy.worker_port,
        free_port(),
        sip=STRANGERS_ONLY,
        settings=proxy.account,
        environ=secret,
    ) as worker:
        until(lambda: health(worker)["code"] == 200, timeout_s=15, what="the registration")
        known = ("-au", "13800000001", "-ap", PASSWORD, "-d", "1000")
        assert sipp("through_proxy", tmp_path, proxy.port, *known) == 0
        shown = ended_call(hotline, worker_id=f"{socket.gethostname()}:{worker.sip_port}")
        assert (shown["call"]["cause"], shown["call"]["dialled"]) == ("caller_hung_up", "hotline")
        assert shown["prompts_played"][0]["played_ms"] > 500
        assert PASSWORD not in worker.log.read_text("utf-8", "replace")


def test_a_call_from_an_address_that_is_not_listed_is_forbidden(
    hotline: ThrowawayHotline, free_port: Callable[[], int], tmp_path: Path
) -> None:
    listed = 'peers = ["127.0.0.1/32"]'
    with worker_beside(hotline, tmp_path, free_port(), free_port(), sip=listed) as worker:
        assert sipp("foreigner", tmp_path, worker.sip_port, local_ip="127.0.0.2") == 0
        assert sipp("quiet_call", tmp_path, worker.sip_port, "-d", "200") == 0


def test_a_wrong_password_shows_in_the_health_and_to_the_doctor(
    hotline: ThrowawayHotline, proxy: Proxy, free_port: Callable[[], int], tmp_path: Path
) -> None:
    wrong = {"IVR_SIP_PASSWORD_TRUNK": "wrong"}
    with worker_beside(
        hotline, tmp_path, proxy.worker_port, free_port(), settings=proxy.account, environ=wrong
    ) as worker:
        until(lambda: b"sip_registration" in worker.log.read_bytes(), timeout_s=15, what="the refusal")
        told = health(worker)
        assert told["code"] == 503
        assert "not registered" in str(told)
        assert "not registered" in " ".join(ivr(worker.environ, "doctor").split())
