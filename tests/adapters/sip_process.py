"""Starts SIP endpoints and SIPp callers in processes of their own, and tells them what to do."""

import itertools
import json
import math
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
import wave
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SCENARIOS = HERE / "sipp"
LOUD = 3000.0
QUIET = 60.0
_rtp_ports = itertools.count(36000, 40)


class SipProcessDied(Exception):
    """The process ended although nobody asked it to."""


class SipProcess:
    """A running `sip_peer.py`."""

    def __init__(self, settings: dict[str, Any], options: dict[str, Any]) -> None:
        first = next(_rtp_ports)
        settings = {"rtp_port_first": first, "rtp_port_last": first + 39, **settings}
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "sip_peer.py"), json.dumps({"settings": settings, **options})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        )
        self._told: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._kept: list[dict[str, Any]] = []
        self.log = ""
        self._readers = [threading.Thread(target=work) for work in (self._read, self._read_log)]
        for reader in self._readers:
            reader.start()

    def wait_ready(self) -> None:
        ready = self.expect("ready", timeout_s=15)
        self.port, self.capacity = ready["port"], ready["capacity"]
        self.uri = f"sip:hotline@127.0.0.1:{self.port}"

    def order(self, do: str, **fields: Any) -> dict[str, Any]:
        """Give an order and wait for what came of it; raises `RuntimeError` when it failed."""
        self.send(do, **fields)
        return self.outcome()

    def send(self, do: str, **fields: Any) -> None:
        """Give an order and go on."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **fields}) + "\n")
        self._process.stdin.flush()

    def outcome(self) -> dict[str, Any]:
        """What came of the order sent last."""
        while True:
            told = self._next(20)
            if told["what"] == "failed":
                raise RuntimeError(f"{told['error']}: {told['text']}")
            if told["what"] == "done":
                return told
            self._kept.append(told)

    def expect(self, what: str, *, timeout_s: float = 5, **fields: Any) -> dict[str, Any]:
        """Take the first thing told, or yet to be told, that is of this kind and has these fields."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            for index, told in enumerate(self._kept):
                if told["what"] == what and fields.items() <= told.items():
                    return self._kept.pop(index)
            self._kept.append(self._next(deadline_s - time.monotonic()))

    def settle(self) -> None:
        """Hang up everything, wait for the end of it, and forget what was told."""
        self.order("hangup_all")
        deadline_s = time.monotonic() + 5
        while self.order("state")["in_use"] and time.monotonic() < deadline_s:
            time.sleep(0.02)
        self._kept.clear()

    def shutdown(self) -> int:
        """Ask it to go; gives its exit code."""
        self.send("shutdown")
        self.expect("gone", timeout_s=10)
        return self._process.wait(5)

    def close(self) -> None:
        """Make sure that nothing is left of it."""
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            with suppress(BrokenPipeError):  # what it did not live to read
                pipe.close()

    def _next(self, timeout_s: float) -> dict[str, Any]:
        try:
            told = self._told.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            pytest.fail(f"nothing more was told in time; kept are {self._kept}; log: {self.log}")
        if told is None:
            raise SipProcessDied(
                f"exit code {self._process.wait()}; it had told {self._kept}; log: {self.log}"
            )
        return told

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._told.put(json.loads(line))
        self._told.put(None)

    def _read_log(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.log += line


@contextmanager
def sip_process(
    *, answer: bool = True, forget: bool = False, clip: Path | None = None, **settings: Any
) -> Iterator[SipProcess]:
    """An endpoint on a free loopback port. `clip`, three seconds of sound, is played to every caller."""
    options: dict[str, Any] = {"answer": answer, "forget": forget}
    if clip is not None:
        options["clip"] = {"path": str(clip), "duration_ms": 3000}
    peer = SipProcess(settings, options)
    try:
        peer.wait_ready()
        yield peer
        assert peer.shutdown() == 0, f"a clean leave-taking ends with code 0; log: {peer.log}"
    finally:
        peer.close()


def connect(caller: SipProcess, hotline: SipProcess, **dial: object) -> int:
    """Dial and wait until both ends are established; gives the caller's line."""
    line: int = caller.order("dial", to=hotline.uri, **dial)["line"]
    caller.expect("Answered", line=line)
    hotline.expect("established")
    return line


def sipp(scenario: str, port: int, work_dir: Path, *arguments: str, calls: int = 1) -> int:
    """Run a SIPp scenario against a port; gives 0 when every call went exactly as written."""
    process = start_sipp(scenario, work_dir, "-m", str(calls), *arguments, f"127.0.0.1:{port}")
    try:
        return process.wait(25)
    finally:
        process.kill()
        process.wait()


def start_sipp(scenario: str, work_dir: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start SIPp and let it run."""
    if shutil.which("sipp") is None:
        pytest.skip("needs SIPp: apt-get install sip-tester")
    path = str(SCENARIOS / f"{scenario}.xml")
    return subprocess.Popen(
        ["sipp", "-sf", path, "-nostdin", "-i", "127.0.0.1", "-timeout", "15s", "-timeout_error", *arguments],
        cwd=work_dir,
        env={**os.environ, "TERM": "dumb"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def tone_file(path: Path, *, seconds: float, rate_hz: int = 8000) -> Path:
    """A WAV file of a loud 440 Hz tone."""
    samples = (int(8000 * math.sin(2 * math.pi * 440 * n / rate_hz)) for n in range(int(seconds * rate_hz)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(array("h", samples).tobytes())
    return path
