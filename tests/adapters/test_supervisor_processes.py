"""The supervisor with real processes: what dies or hangs is back, and nothing stays behind after a stop."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest

from ivr.adapters.supervisor import PortsTaken, ProcessSpec, StartFailed, Supervisor, WantedPort
from ivr.runtime.supervision import RestartPolicy

CHILD = Path(__file__).with_name("supervised_child.py")

SpecOf = Callable[..., ProcessSpec]


@pytest.fixture
def spec_of(tmp_path: Path, free_port: Callable[[], int]) -> SpecOf:
    def _spec(name: str, manner: str = "plain", *, stop_timeout_s: float = 3.0, port: int = 0) -> ProcessSpec:
        port = port or free_port()
        argv = (sys.executable, str(CHILD), str(port), str(tmp_path / name), manner)
        return ProcessSpec(
            name=name,
            argv=argv,
            health_url=f"http://127.0.0.1:{port}/healthz",
            ports=(WantedPort(name, "127.0.0.1", port, "tcp", f"{name}.port"),),
            start_timeout_s=10.0,
            stop_timeout_s=stop_timeout_s,
        )

    return _spec


def journal(tmp_path: Path, name: str) -> list[tuple[str, float]]:
    rows = [line.split() for line in (tmp_path / name).read_text(encoding="utf-8").splitlines()]
    return [(word, float(at)) for word, at in rows]


async def until(true: Callable[[], bool], within_s: float) -> None:
    for _ in range(int(within_s / 0.02)):
        if true():
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"did not come true within {within_s} s")


async def test_a_killed_process_is_back_within_two_seconds_and_the_other_is_untouched(
    spec_of: SpecOf,
) -> None:
    told: list[str] = []
    async with Supervisor([[spec_of("one"), spec_of("two")]], announce=told.append) as house:
        await house.start()
        before = house.pids
        victim = before["one"]
        assert victim
        os.kill(victim, signal.SIGKILL)
        await until(lambda: sum("one ready" in line for line in told) == 2, within_s=2.0)
        assert house.pids["one"] != victim
        assert house.pids["two"] == before["two"]
    assert any("signal SIGKILL" in line for line in told)


async def test_a_process_that_hangs_is_killed_and_started_again(spec_of: SpecOf) -> None:
    told: list[str] = []
    policy = RestartPolicy(unanswered_probes=1)
    async with Supervisor([[spec_of("one")]], announce=told.append, policy=policy) as house:
        await house.start()
        victim = house.pids["one"]
        assert victim
        os.kill(victim, signal.SIGSTOP)
        await until(lambda: house.pids["one"] not in {victim, None}, within_s=6.0)
    assert any("does not answer" in line for line in told)


async def test_a_process_that_reports_a_failed_check_serves_all_the_same_and_it_is_told(
    spec_of: SpecOf,
) -> None:
    told: list[str] = []
    async with Supervisor([[spec_of("one", "unwell")]], announce=told.append) as house:
        await house.start()
        assert house.pids["one"] is not None
    assert any("one ready" in line and "database: away" in line for line in told)


async def test_stages_start_in_order_and_stop_in_reverse(spec_of: SpecOf, tmp_path: Path) -> None:
    stages = [[spec_of("first")], [spec_of("second", "slow-stop")]]
    async with Supervisor(stages, announce=lambda _: None) as house:
        await house.start()
    first, second = dict(journal(tmp_path, "first")), dict(journal(tmp_path, "second"))
    assert first["start"] < second["start"]
    assert second["end"] < first["term"], "the second stage must have ended before the first is asked to"


async def test_a_process_deaf_to_the_request_is_ended_after_its_time(spec_of: SpecOf, tmp_path: Path) -> None:
    async with Supervisor([[spec_of("one", "deaf", stop_timeout_s=0.5)]], announce=lambda _: None) as house:
        await house.start()
        pid = house.pids["one"]
        began = time.monotonic()
    assert 0.5 <= time.monotonic() - began < 2.0
    assert pid
    assert not psutil.pid_exists(pid)
    assert [word for word, _ in journal(tmp_path, "one")] == ["start", "term"]


async def test_a_second_request_ends_everything_at_once(spec_of: SpecOf) -> None:
    async with Supervisor([[spec_of("one", "deaf", stop_timeout_s=30.0)]], announce=lambda _: None) as house:
        await house.start()
        began = time.monotonic()
        stopping = asyncio.create_task(house.stop())
        await asyncio.sleep(0.1)
        house.kill()
        await stopping
        assert time.monotonic() - began < 2.0


async def test_a_process_that_dies_before_it_is_ready_fails_the_start_with_its_exit_code(
    spec_of: SpecOf,
) -> None:
    async with Supervisor(
        [[spec_of("fine")], [spec_of("bad", "stillborn")]], announce=lambda _: None
    ) as house:
        with pytest.raises(StartFailed, match="bad ended with exit code 3"):
            await house.start()


async def test_a_program_that_is_not_there_fails_the_start_with_the_reason(
    free_port: Callable[[], int],
) -> None:
    spec = ProcessSpec(
        name="gone", argv=("/nonexistent/program",), health_url=f"tcp://127.0.0.1:{free_port()}"
    )
    async with Supervisor([[spec]], announce=lambda _: None) as house:
        with pytest.raises(StartFailed, match="No such file"):
            await house.start()


async def test_a_taken_port_is_told_with_its_holder_and_the_setting_before_anything_starts(
    spec_of: SpecOf, tmp_path: Path
) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        async with Supervisor(
            [[spec_of("one"), spec_of("two", port=port)]], announce=lambda _: None
        ) as house:
            with pytest.raises(PortsTaken) as caught:
                await house.start()
    assert f"port {port}/tcp, wanted by two" in str(caught.value)
    assert f"pid {os.getpid()}" in str(caught.value)
    assert "set two.port" in str(caught.value)
    assert not (tmp_path / "one").exists()


SUPERVISE = """
import asyncio, sys
from ivr.adapters.supervisor import ProcessSpec, Supervisor
async def main():
    spec = ProcessSpec(name="one", argv=tuple(sys.argv[2:]), health_url=sys.argv[1])
    async with Supervisor([[spec]], announce=lambda line: print(line, flush=True)) as house:
        await house.start()
        await asyncio.sleep(60)
asyncio.run(main())
"""


async def test_the_processes_end_when_the_supervisor_is_killed(spec_of: SpecOf, tmp_path: Path) -> None:
    spec = spec_of("one")
    argv = [sys.executable, "-c", SUPERVISE, spec.health_url, *spec.argv]
    parent = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout
    async with asyncio.timeout(15.0):
        while b"one ready" not in await parent.stdout.readline():
            pass
    parent.kill()
    await parent.communicate()
    await until(lambda: journal(tmp_path, "one")[-1][0] == "end", within_s=2.0)


async def test_an_understudy_takes_a_dead_process_place_and_is_replaced(
    spec_of: SpecOf, tmp_path: Path
) -> None:
    plain = spec_of("one")
    spec = replace(plain, cue="\t".join(plain.argv[2:]))
    told: list[str] = []
    spare = (sys.executable, str(CHILD), "understudy", str(tmp_path / "spare"))
    async with Supervisor([[spec]], announce=told.append, understudy=spare) as house:
        await house.start()
        for life in (1, 2):
            await until(partial(_lived, tmp_path, "spare", "wait", life), within_s=6.0)
            victim = house.pids["one"]
            assert victim
            os.kill(victim, signal.SIGKILL)
            await until(partial(_told, told, "one ready", life + 1), within_s=4.0)
        await until(partial(_lived, tmp_path, "spare", "wait", 3), within_s=6.0)
    assert _lived(tmp_path, "one", "start", 3)
    words = [word for word, _ in journal(tmp_path, "spare")]
    assert words == ["wait", "cue", "wait", "cue", "wait"]


def _lived(tmp_path: Path, name: str, word: str, times: int) -> bool:
    path = tmp_path / name
    return path.exists() and sum(w == word for w, _ in journal(tmp_path, name)) == times


def _told(told: list[str], words: str, times: int) -> bool:
    return sum(words in line for line in told) == times
