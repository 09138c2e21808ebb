"""Real calls on loopback: a small voice agent in one process, `ivr call` in another."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bursts import burst
from served import News

from ivr.adapters.throwaway_hotline import ThrowawayHotline, throwaway_hotline

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Agent:
    """A running `answering_bot.py`."""

    process: subprocess.Popen[str]
    uri: str

    def heard(self) -> dict[str, str]:
        """What the agent reports of its next finished call."""
        assert self.process.stdout is not None
        found: dict[str, str] = json.loads(next(line for line in self.process.stdout if line.startswith("{")))
        return found


@pytest.fixture
def agent(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Callable[..., Agent]]:
    """Starts agents that reply for 0.6 s, with the bot's further arguments."""
    burst(tmp_path / "reply.wav", 600, seed=2)
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, greeting_ms: int = 400) -> Agent:
        burst(tmp_path / "greeting.wav", greeting_ms, seed=1)
        script = Path(__file__).parent / "answering_bot.py"
        command = [sys.executable, str(script), str(free_port()), str(tmp_path), *arguments]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        started.append(process)
        assert process.stdout is not None
        ready = next((line for line in process.stdout if line.startswith("ready")), None)
        assert ready is not None, "the agent did not start"
        return Agent(process, f"sip:hotline@127.0.0.1:{ready.split()[1]}")

    yield start
    for process in started:
        process.kill()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()


@dataclass
class Placed:
    """A finished `ivr call`."""

    exit_code: int
    output: str
    report: dict[str, Any]


@pytest.fixture
def ivr_call(tmp_path: Path) -> Callable[..., Placed]:
    """Runs `ivr call` with these arguments to its end; the report is empty when none was written."""

    def place(*arguments: str) -> Placed:
        report = tmp_path / "report.json"
        report.unlink(missing_ok=True)
        command = [sys.executable, "-m", "ivr.cli.main", "call", "--json", str(report), *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        written = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
        return Placed(done.returncode, done.stdout + done.stderr, written)

    return place


@pytest.fixture(scope="session")
def callee_port() -> int:
    """Where the hotline rings people: a port that is free until somebody answers there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def hotline(callee_port: int) -> Iterator[ThrowawayHotline]:
    """A whole hotline with two workers, the demo loan book and a broker, for all tests of the run."""
    outbound = f'[outbound]\ntrunk = "sip:{{number}}@127.0.0.1:{callee_port}"\nring_s = 15\n'
    with throwaway_hotline(workers=2, settings=outbound) as started:
        yield started


@pytest.fixture(scope="session")
def news(hotline: ThrowawayHotline) -> Iterator[News]:
    """What that hotline's broker has carried since the first test that asked for it."""
    with News(hotline.broker_port).heard() as heard:
        yield heard
