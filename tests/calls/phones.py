"""Phones that are not ours: SIPp scenarios and baresip, each a process that a test starts and stops."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SCENARIOS = Path(__file__).parent / "sipp"
_BARESIP_CONFIG = """\
sip_listen 127.0.0.1:0
audio_player aufile,{directory}/nothing.wav
audio_source aufile,{speech}
audio_alert aufile,{directory}/nothing.wav
rtp_ports 34000-34200
cons_listen 127.0.0.1:{console_port}
snd_path {directory}
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module sndfile.so
module cons.so
module_app account.so
module_app menu.so
"""


def start_sipp(
    scenario: str, work_dir: Path, port: int, *arguments: str, local_ip: str = "127.0.0.1"
) -> "subprocess.Popen[bytes]":
    """Start SIPp calling `hotline` on this port; its exit code is 0 when every call went as written."""
    if shutil.which("sipp") is None:
        pytest.skip("needs SIPp: apt-get install sip-tester")
    command = ["sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-s", "hotline", "-i", local_ip, "-m", "1"]
    command += ["-nostdin", "-timeout", "60s", "-timeout_error", *arguments, f"127.0.0.1:{port}"]
    return subprocess.Popen(
        command,
        cwd=work_dir,
        env={**os.environ, "TERM": "dumb"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def sipp(scenario: str, work_dir: Path, port: int, *arguments: str, local_ip: str = "127.0.0.1") -> int:
    """Run a scenario to its end and give its exit code."""
    process = start_sipp(scenario, work_dir, port, *arguments, local_ip=local_ip)
    try:
        return process.wait(70)
    finally:
        process.kill()
        process.wait()


class Baresip:
    """A running baresip, told what to do by its console."""

    def __init__(self, directory: Path, console_port: int) -> None:
        self._directory = directory
        self._address = ("127.0.0.1", console_port)
        self._console = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def dial(self, uri: str) -> None:
        """Place a call."""
        self._type(f"/dial {uri}\n")

    def press(self, keys: str) -> None:
        """Press keys, each for 0.2 s."""
        for key in keys:
            self._type(key)
            time.sleep(0.2)
            self._type("\x04")
            time.sleep(0.2)

    def hang_up(self) -> None:
        """End the call."""
        self._type("/hangup\n")

    def heard(self) -> Path:
        """The file with what the far end said."""
        (dump,) = self._directory.glob("dump-*-dec.wav")
        return dump

    def close(self) -> None:
        """Put the console away."""
        self._console.close()

    def _type(self, text: str) -> None:
        self._console.sendto(text.encode(), self._address)


@contextmanager
def baresip(directory: Path, console_port: int, speech: Path) -> Iterator[Baresip]:
    """A baresip of its own that sends `speech`, an 8 kHz WAV file, on every call."""
    if shutil.which("baresip") is None:
        pytest.skip("needs baresip: apt-get install baresip")
    settings = _BARESIP_CONFIG.format(directory=directory, console_port=console_port, speech=speech)
    (directory / "config").write_text(settings, "utf-8")
    (directory / "accounts").write_text("<sip:+8613800000002@127.0.0.1>;regint=0\n", "utf-8")
    (directory / "contacts").touch()
    with (directory / "baresip.log").open("wb") as log:
        process = subprocess.Popen(
            ["baresip", "-f", str(directory)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    phone = Baresip(directory, console_port)
    try:
        time.sleep(1.5)
        assert process.poll() is None, (directory / "baresip.log").read_text("utf-8", "replace")
        yield phone
    finally:
        phone.close()
        process.terminate()
        process.wait(10)
