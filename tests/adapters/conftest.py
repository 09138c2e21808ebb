"""Databases and brokers for the adapters' tests: real servers on loopback, thrown away afterwards."""

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from campaign_rig import Rig, opened
from core_system_client import Trial

from ivr.adapters.store_sqlalchemy import upgrade


def wait_for_port(port: int, process: subprocess.Popen[bytes], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode} before it listened")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing listened on port {port} within {timeout_s} s")


def stop(process: subprocess.Popen[bytes], signal_number: int = signal.SIGTERM) -> None:
    if process.poll() is None:
        process.send_signal(signal_number)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _postgres_binaries() -> Path:
    on_path = shutil.which("initdb")
    found = [Path(on_path)] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("needs a PostgreSQL server's binaries: apt-get install postgresql")
    return found[-1].parent


@pytest.fixture(scope="session")
def postgres_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A throw-away PostgreSQL cluster with an upgraded database to copy."""
    binaries = _postgres_binaries()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    home = Path(tempfile.mkdtemp(prefix="ivr-pg-"))
    # PostgreSQL refuses to run as root; Debian's package brings a user for it.
    identity: dict[str, object] = {}
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(home, account.pw_uid, account.pw_gid)
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    data = str(home / "data")
    initdb = [
        str(binaries / "initdb"),
        "-D",
        data,
        "-U",
        "ivr",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "-N",
    ]
    try:
        subprocess.run(initdb, check=True, capture_output=True, cwd=home, **identity)
        options = ["-k", str(home), "-h", "127.0.0.1", "-p", str(port), "-c", "fsync=off"]
        server = subprocess.Popen(
            [str(binaries / "postgres"), "-D", data, *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=home,
            **identity,
        )
        try:
            wait_for_port(port, server)
            asyncio.run(_postgres_template(port))
            yield port
        finally:
            # At once, without writing out what is thrown away next.
            stop(server, signal.SIGQUIT)
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def _postgres_template(port: int) -> None:
    await _postgres_execute(port, "CREATE DATABASE ivr_upgraded")
    await upgrade(f"postgresql://ivr@127.0.0.1:{port}/ivr_upgraded")


async def _postgres_execute(port: int, statement: str) -> None:
    for _ in range(50):
        try:
            connection = await asyncpg.connect(f"postgresql://ivr@127.0.0.1:{port}/postgres")
            break
        except asyncpg.CannotConnectNowError:
            await asyncio.sleep(0.1)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
def empty_postgres_url(postgres_port: int) -> str:
    name = f"empty_{uuid4().hex}"
    asyncio.run(_postgres_execute(postgres_port, f"CREATE DATABASE {name}"))
    return f"postgresql://ivr@127.0.0.1:{postgres_port}/{name}"


@pytest.fixture
def postgres_url(postgres_port: int) -> str:
    name = f"copy_{uuid4().hex}"
    asyncio.run(_postgres_execute(postgres_port, f"CREATE DATABASE {name} TEMPLATE ivr_upgraded"))
    return f"postgresql://ivr@127.0.0.1:{postgres_port}/{name}"


@pytest.fixture(scope="session")
def upgraded_sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("store") / "upgraded.db"
    asyncio.run(upgrade(f"sqlite:///{file}"))
    return file


@pytest.fixture
def sqlite_url(upgraded_sqlite_file: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(upgraded_sqlite_file, tmp_path / 'store.db')}"


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of an upgraded, empty store, once on each database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@contextmanager
def running_core_system(port: int, *tls_files: str) -> Iterator[Trial]:
    """A core system of the company, in a process of its own; with certificate and key over TLS."""
    program = str(Path(__file__).with_name("core_system.py"))
    process = subprocess.Popen([sys.executable, program, str(port), *tls_files])
    try:
        wait_for_port(port, process)
        yield Trial(port)
    finally:
        stop(process)


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with running_core_system(port) as running:
        yield running


StartBroker = Callable[[int], "subprocess.Popen[bytes]"]


@pytest.fixture
def start_mosquitto(tmp_path: Path) -> StartBroker:
    """Starts Debian's broker on a port. The test stops it."""
    binary = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if binary is None:
        pytest.skip("needs the Mosquitto broker: apt-get install mosquitto")

    def start(port: int) -> "subprocess.Popen[bytes]":
        config = tmp_path / "mosquitto.conf"
        config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        # As a daemon's user it could not read the file; it stays who we are.
        config.write_text(config.read_text() + f"user {pwd.getpwuid(os.geteuid()).pw_name}\n")
        process = subprocess.Popen([binary, "-c", str(config)], stderr=subprocess.DEVNULL)
        wait_for_port(port, process)
        return process

    return start


@pytest.fixture
def start_embedded() -> StartBroker:
    """Starts our own broker in a process of its own. The test stops it."""
    code = "import asyncio, sys; from ivr.adapters.broker_embedded import run_broker; "
    code += "asyncio.run(run_broker('127.0.0.1', int(sys.argv[1])))"

    def start(port: int) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen([sys.executable, "-W", "error::DeprecationWarning", "-c", code, str(port)])
        wait_for_port(port, process)
        return process

    return start


@pytest.fixture(params=["mosquitto", "embedded"])
def start_broker(request: pytest.FixtureRequest) -> StartBroker:
    """Starts a broker on a port, once of each kind."""
    start: StartBroker = request.getfixturevalue(f"start_{request.param}")
    return start


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> str | None:
    """The database's address; None for a store in memory."""
    return None if request.param == "memory" else request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
async def rig(place: str | None) -> AsyncIterator[Rig]:
    """Campaigns in each of these places."""
    async with opened(place) as made:
        yield made
