"""Whoever wants a person gets one by REFER, or the promise of a callback that the record keeps."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from phones import sipp
from served import CHINESE_CALLER, ended_call, place
from workers import WorkerBeside, worker_beside

from ivr.adapters.throwaway_hotline import ThrowawayHotline

pytestmark = pytest.mark.slow

AGENTS = "sip:agents@127.0.0.1:9"


@pytest.fixture(scope="module")
def staffed(hotline: ThrowawayHotline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerBeside]:
    """A worker that knows where the people are."""
    ports = [free_pair(), free_pair()]
    people = f'[hotline]\nagent_uri = "{AGENTS}"\n'
    with worker_beside(hotline, tmp_path_factory.mktemp("staffed"), *ports, settings=people) as worker:
        yield worker


def free_pair() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def transferred_call(hotline: ThrowawayHotline, worker: WorkerBeside, scenario: str, tmp_path: Path) -> Any:
    assert sipp(scenario, tmp_path, worker.sip_port) == 0
    return ended_call(hotline, worker_id=f"{socket.gethostname()}:{worker.sip_port}")


def test_a_caller_who_asks_for_a_person_is_referred_and_the_call_ends_as_transferred(
    hotline: ThrowawayHotline, staffed: WorkerBeside, tmp_path: Path
) -> None:
    shown = transferred_call(hotline, staffed, "transferred", tmp_path)
    assert (shown["call"]["cause"], shown["call"]["outcome"]) == ("transferred", "transferred")
    assert [(end["succeeded"], end["sip_code"]) for end in shown["transfers"]] == [(True, 200)]
    assert not shown["tickets"]


def test_a_busy_person_becomes_a_callback_ticket(
    hotline: ThrowawayHotline, staffed: WorkerBeside, tmp_path: Path
) -> None:
    shown = transferred_call(hotline, staffed, "agent_busy", tmp_path)
    assert [(end["succeeded"], end["sip_code"]) for end in shown["transfers"]] == [(False, 486)]
    (ticket,) = shown["tickets"]
    assert ticket["ticket_kind"] == "callback"
    assert shown["call"]["outcome"] == "ticket"


@pytest.mark.parametrize("wish", [("--keys", "0"), ("--say", "转人工")], ids=["key 0", "转人工"])
def test_where_no_people_are_known_a_callback_is_promised_aloud_and_kept(
    hotline: ThrowawayHotline, wish: tuple[str, str]
) -> None:
    promise = ("--barge-in", *wish, "--expect", "给您回电")
    outcome = place(hotline, hotline.uri(worker=1), *promise)
    assert outcome.exit_code == 0, outcome.said
    shown = ended_call(hotline, remote=CHINESE_CALLER)
    assert shown["call"]["outcome"] == "ticket"
    assert len(shown["tickets"]) == 1
    assert [step["to_rung"] for step in shown["rung_steps"]][-1] == "live_agent"
