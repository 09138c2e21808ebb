"""A worker beside a running hotline: other settings, the same recogniser, broker and store."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from served import IVR, ROOT, until

from ivr.adapters.throwaway_hotline import ThrowawayHotline

_START_S = 60.0


@dataclass(frozen=True)
class WorkerBeside:
    """A running one."""

    process: "subprocess.Popen[bytes]"
    sip_port: int
    http_port: int
    environ: dict[str, str]
    log: Path

    @property
    def uri(self) -> str:
        return f"sip:hotline@127.0.0.1:{self.sip_port}"


@contextmanager
def worker_beside(
    hotline: ThrowawayHotline,
    directory: Path,
    sip_port: int,
    http_port: int,
    *,
    sip: str = "",
    settings: str = "",
    environ: dict[str, str] | None = None,
) -> Iterator[WorkerBeside]:
    """Start it, wait until it takes calls, stop it. `sip` are lines of that section."""
    rtp_port = 42_000 + sip_port % 100 * 100
    (directory / "ivr.toml").write_text(
        f'[paths]\nvar = "{hotline.directory / "var"}"\n'
        f"[sip]\nport = {sip_port}\nrtp_port_first = {rtp_port}\nrtp_port_last = {rtp_port + 99}\n{sip}\n"
        f"[workers]\nhttp_port = {http_port}\n"
        f'[recogniser]\nurl = "{hotline.recogniser_url}"\n'
        f'[bus]\nurl = "mqtt://127.0.0.1:{hotline.broker_port}"\n{settings}\n',
        "utf-8",
    )
    own = {**hotline.environ, **(environ or {}), "IVR_CONFIG": str(directory / "ivr.toml")}
    log = directory / "worker.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*IVR, "worker"],
            cwd=ROOT,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        until(
            lambda: b"worker_ready" in log.read_bytes() or process.poll() is not None,
            timeout_s=_START_S,
            what="the worker beside",
        )
        assert process.poll() is None, log.read_text("utf-8", "replace")
        yield WorkerBeside(process, sip_port, http_port, own, log)
    except BaseException:
        print(log.read_text("utf-8", "replace"))
        raise
    finally:
        process.terminate()
        try:
            process.wait(50)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
