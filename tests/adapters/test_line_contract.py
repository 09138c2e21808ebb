"""The endpoint in memory and the real one keep the same promises."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from line_contract import STORIES, Story
from sip_process import tone_file

from ivr.adapters.line_memory import MemoryNetwork
from ivr.runtime.ports import NoFreeLine

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def told_on_the_real_endpoint() -> dict[str, str]:
    run = subprocess.run(
        [sys.executable, str(HERE / "line_contract.py")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
    )
    assert run.returncode == 0, run.stderr
    lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith('{"story"')]
    return {line["story"]: line["failure"] for line in lines}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_in_memory(story: Story, tmp_path: Path) -> None:
    endpoint = MemoryNetwork().endpoint("127.0.0.1")
    await story(endpoint, "sip:hotline@127.0.0.1", tone_file(tmp_path / "tone.wav", seconds=3))


async def test_in_memory_a_caller_without_a_free_line_is_told(tmp_path: Path) -> None:
    network = MemoryNetwork()
    caller, hotline = network.endpoint("192.0.2.1", capacity=1), network.endpoint("192.0.2.2")
    await caller.dial("sip:hotline@192.0.2.2")
    with pytest.raises(NoFreeLine):
        await caller.dial("sip:hotline@192.0.2.2")
    assert hotline.lines_in_use == 1


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_by_real_sip(story: Story, told_on_the_real_endpoint: dict[str, str]) -> None:
    assert told_on_the_real_endpoint[story.__name__] == ""
