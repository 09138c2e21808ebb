"""Processes die in mid-call: what was is kept, what others do goes on, and the dead are back soon."""

import asyncio
import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import soundfile
from phones import sipp, start_sipp
from served import CHINESE_CALLER, IVR, ROOT, News, calls, ended_call, lines_in_use, record, until
from workers import worker_beside

from ivr.adapters.sip_options import sip_options
from ivr.adapters.throwaway_hotline import ThrowawayHotline

pytestmark = pytest.mark.slow

FROM_SIPP = "13800000001"
SIP_BACK_S = 60.0
"""On cores that tests share the understudy may not stand ready yet; with it, it takes half a second."""


@pytest.fixture
def away() -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Starts SIPp callers that nobody may leave behind."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: object) -> "subprocess.Popen[bytes]":
        started.append(start_sipp(*arguments))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    with contextlib.suppress(OSError, TimeoutError):
        return asyncio.run(sip_options("127.0.0.1", port, timeout_s=0.2)) == 200
    return False


def test_a_worker_killed_in_mid_call_is_back_soon_and_its_call_closed_with_nothing_earlier_lost(
    hotline: ThrowawayHotline, away: Callable[..., "subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    worker_id = f"{socket.gethostname()}:{hotline.sip_port}"
    away("info_keys", tmp_path, hotline.sip_port, "-d", "30000")
    other = away("quiet_call", tmp_path, hotline.sip_port + 2, "-d", "14000")
    (doomed,) = until(
        lambda: calls(hotline, worker_id=worker_id, ended_at=None, verified=True),
        timeout_s=20,
        what="a verified caller",
    )
    until(lambda: len(record(hotline, doomed["call_id"])["turns"]) == 2, timeout_s=20, what="both turns")
    time.sleep(1)
    hotline.worker(0).kill()
    until(lambda: answers(hotline.sip_port), timeout_s=SIP_BACK_S, what="the worker to answer again")
    shown = ended_call(hotline, worker_id=worker_id, cause="worker_died")
    assert [turn["item"] for turn in shown["turns"]] == ["wish", "id_tail"]
    assert shown["call"]["disposition"] == "answered"
    (kept,) = shown["recordings"]
    samples, rate_hz = soundfile.read(kept["path"], dtype="int16", always_2d=True)
    assert len(samples) / rate_hz > 6  # all but what was not yet on disk
    assert sipp("quiet_call", tmp_path, hotline.sip_port, "-d", "300") == 0
    assert other.wait(20) == 0, "the other worker's call was disturbed"


def test_a_worker_killed_with_tcp_callers_listens_on_tcp_again(
    hotline: ThrowawayHotline, away: Callable[..., "subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    away("quiet_call", tmp_path, hotline.sip_port, "-t", "t1", "-d", "20000")
    until(lambda: lines_in_use(hotline.http_port) == 1, timeout_s=10, what="the call by TCP")
    hotline.worker(0).kill()
    until(lambda: answers(hotline.sip_port), timeout_s=SIP_BACK_S, what="the worker to answer by UDP again")
    assert sipp("quiet_call", tmp_path, hotline.sip_port, "-t", "t1", "-d", "300") == 0


def test_a_recogniser_killed_in_mid_call_costs_an_apology_and_a_second_try(hotline: ThrowawayHotline) -> None:
    recogniser = hotline.process("recogniser")
    wish = ("--say", "我要查询贷款余额")
    # On busy cores the recogniser may take longer to come back than the next question does.
    steps = ("--barge-in", *wish, *wish, *wish, "--say", "一二三四")
    call = subprocess.Popen(
        [*IVR, "call", hotline.uri(worker=1), "--no-read", *steps, "--timeout", "90"],
        cwd=ROOT,
        env=dict(hotline.environ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        # The caller's sentences may have to be spoken first, once, on cores that are busy.
        until(lambda: lines_in_use(hotline.http_port + 1) == 1, timeout_s=90, what="the call")
        time.sleep(2.3)  # the caller, who speaks from 1.5 s on, is in the middle of a sentence
        recogniser.kill()
        recogniser.wait(5)
        call.wait(90)
    finally:
        call.kill()
        call.wait()
    shown = ended_call(hotline, remote=CHINESE_CALLER)
    spoken = [name for prompt in shown["prompts_played"] for name in prompt["prompts"]]
    assert "trouble" in spoken, spoken
    understood = [turn["item"] for turn in shown["turns"] if turn["result"] == "match"]
    assert "wish" in understood, (spoken, shown["turns"])


def test_news_of_calls_while_the_broker_is_away_come_later_and_none_is_lost(
    hotline: ThrowawayHotline, news: News, tmp_path: Path
) -> None:
    hotline.process("broker").kill()
    assert sipp("quiet_call", tmp_path, hotline.sip_port, "-d", "200") == 0
    call_id = ended_call(hotline, remote=FROM_SIPP)["call"]["call_id"]
    kinds = [message["kind"] for message in news.await_end(call_id)]
    assert list(dict.fromkeys(kinds)) == [
        "call_started",
        "call_answered",
        "prompt_played",
        "recording_saved",
        "call_ended",
    ]


def test_a_worker_asked_to_stop_refuses_new_calls_and_lets_the_one_in_hand_finish(
    hotline: ThrowawayHotline,
    away: Callable[..., "subprocess.Popen[bytes]"],
    free_port: Callable[[], int],
    tmp_path: Path,
) -> None:
    with worker_beside(hotline, tmp_path, free_port(), free_port()) as worker:
        in_hand = away("quiet_call", tmp_path, worker.sip_port, "-d", "5000")
        until(lambda: lines_in_use(worker.http_port) == 1, timeout_s=10, what="the call")
        worker.process.terminate()
        time.sleep(0.5)
        assert sipp("no_free_line", tmp_path, worker.sip_port) == 0
        assert in_hand.wait(20) == 0
        assert worker.process.wait(20) == 0


def test_a_call_that_outlasts_the_stop_gets_a_spoken_goodbye(
    hotline: ThrowawayHotline,
    away: Callable[..., "subprocess.Popen[bytes]"],
    free_port: Callable[[], int],
    tmp_path: Path,
) -> None:
    short = "[hotline]\ndrain_s = 1\n"
    with worker_beside(hotline, tmp_path, free_port(), free_port(), settings=short) as worker:
        patient = away("patient_call", tmp_path, worker.sip_port)
        until(lambda: lines_in_use(worker.http_port) == 1, timeout_s=10, what="the call")
        time.sleep(1)
        worker.process.terminate()
        assert patient.wait(20) == 0
        assert worker.process.wait(20) == 0
        shown = ended_call(hotline, worker_id=f"{socket.gethostname()}:{worker.sip_port}")
    assert shown["call"]["cause"] == "drained"
    assert "draining_goodbye" in [n for p in shown["prompts_played"] for n in p["prompts"]][-1]
