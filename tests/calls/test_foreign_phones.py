"""Phones that are not ours can call: SIPp and baresip are answered, hear, press keys, hold, and leave."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from phones import baresip, sipp, start_sipp
from served import (
    ENGLISH_CALLER,
    calls,
    ended_call,
    lines_in_use,
    read_aloud,
    until,
)

from ivr.adapters.throwaway_hotline import ThrowawayHotline
from ivr.adapters.voice.samples import write_wav
from ivr.grammar.says import says

pytestmark = pytest.mark.slow

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="SIPp sends RTP events by raw sockets: run as root")
FROM_SIPP = "13800000001"


@pytest.fixture(autouse=True)
def all_lines_free(hotline: ThrowawayHotline) -> Iterator[None]:
    yield
    until(lambda: lines_in_use(hotline.http_port) == 0, timeout_s=10, what="all lines to be free again")


@pytest.mark.parametrize(
    "scenario", [pytest.param("keys", marks=needs_root, id="RFC 4733"), pytest.param("info_keys", id="INFO")]
)
def test_sipp_is_served_by_keys_alone(hotline: ThrowawayHotline, tmp_path: Path, scenario: str) -> None:
    assert sipp(scenario, tmp_path, hotline.sip_port, "-d", "2500") == 0
    shown = ended_call(hotline, remote=FROM_SIPP)
    assert [(turn["item"], turn["source"]) for turn in shown["turns"]] == [
        ("wish", "keys"),
        ("id_tail", "keys"),
    ]
    assert shown["call"]["verified"] is True
    assert [settled["wish"] for settled in shown["wishes_settled"]] == ["balance"]


def test_baresip_hears_the_greeting_and_presses_keys(
    hotline: ThrowawayHotline, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    silence = tmp_path / "silence.wav"
    write_wav(silence, np.zeros(60 * 8000, np.int16), 8000)
    with baresip(tmp_path, free_port(), silence) as phone:
        phone.dial(hotline.uri())
        time.sleep(8)
        phone.press("1")
        time.sleep(3)
        phone.press("1234")
        time.sleep(2)
        phone.hang_up()
        shown = ended_call(hotline, remote=ENGLISH_CALLER, locale="zh-CN")
        samples, rate_hz = soundfile.read(phone.heard(), dtype="int16")
    assert shown["legs"][0]["codec"] == "PCMU/8000"
    text = read_aloud(hotline, samples[: 8 * rate_hz], rate_hz)
    assert says(text, "这里是自动语音服务", "zh-CN"), text
    assert shown["call"]["verified"] is True


def test_hold_and_resume_in_mid_prompt_lose_nothing(hotline: ThrowawayHotline, tmp_path: Path) -> None:
    assert sipp("hold", tmp_path, hotline.sip_port, "-d", "1000") == 0
    shown = ended_call(hotline, remote=FROM_SIPP)
    assert (shown["call"]["cause"], shown["call"]["disposition"]) == ("caller_hung_up", "answered")
    assert shown["recordings"][0]["duration_ms"] == pytest.approx(shown["call"]["duration_ms"], abs=600)


def test_a_storm_of_re_invites_is_weathered(hotline: ThrowawayHotline, tmp_path: Path) -> None:
    worker = hotline.worker(0).pid
    assert sipp("reinvite_storm", tmp_path, hotline.sip_port, "-d", "800") == 0
    assert ended_call(hotline, remote=FROM_SIPP)["call"]["cause"] == "caller_hung_up"
    assert hotline.worker(0).pid == worker


@pytest.mark.parametrize("after_ms", [0, 20, 300, 2000])
def test_a_caller_may_hang_up_at_any_moment(hotline: ThrowawayHotline, tmp_path: Path, after_ms: int) -> None:
    before = len(calls(hotline))
    assert sipp("quiet_call", tmp_path, hotline.sip_port, "-d", str(after_ms)) == 0
    until(lambda: len(calls(hotline)) == before + 1, timeout_s=10, what="the record of the call")
    shown = ended_call(hotline, remote=FROM_SIPP)
    assert (shown["call"]["cause"], shown["call"]["outcome"]) == ("caller_hung_up", "abandoned")


def test_a_caller_who_cancels_at_once_leaves_a_free_line_and_no_open_call(hotline: ThrowawayHotline) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(5)
        own_port, far = udp.getsockname()[1], ("127.0.0.1", hotline.sip_port)
        udp.sendto(request("INVITE", own_port, hotline.sip_port), far)
        udp.sendto(request("CANCEL", own_port, hotline.sip_port), far)
        answer = ""
        while "CSeq: 1 INVITE" not in answer or answer.split()[1][0] == "1":
            answer = udp.recv(4000).decode()
        to = next(line for line in answer.splitlines() if line.startswith("To:"))
        udp.sendto(request("ACK", own_port, hotline.sip_port, to=to), far)
        # The answer may have crossed the CANCEL: then there is a call, and it is ours to end.
        if answer.split()[1] == "200":
            udp.sendto(request("BYE", own_port, hotline.sip_port, to=to), far)
    until(lambda: lines_in_use(hotline.http_port) == 0, timeout_s=5, what="the line to be free")
    until(lambda: not calls(hotline, ended_at=None), timeout_s=5, what="the end of the call in the record")
    ends = {call["cause"] for call in calls(hotline, remote="hasty")}
    assert ends <= {"caller_cancelled", "caller_hung_up"}


def request(method: str, own_port: int, port: int, *, to: str = "") -> bytes:
    """One message of the hasty caller's dialog."""
    sdp = (
        f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {own_port + 2} RTP/AVP 8\r\n"
    )
    body = sdp if method == "INVITE" else ""
    number, branch = (2, "z9hG4bKbye") if method == "BYE" else (1, "z9hG4bKhasty")
    return (
        f"{method} sip:hotline@127.0.0.1:{port} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{own_port};branch={branch if method != 'ACK' else 'z9hG4bKack'}\r\n"
        f"From: <sip:hasty@127.0.0.1:{own_port}>;tag=hasty-{own_port}\r\n"
        f"{to or f'To: <sip:hotline@127.0.0.1:{port}>'}\r\n"
        f"Call-ID: hasty-{own_port}\r\nCSeq: {number} {method}\r\nMax-Forwards: 70\r\n"
        f"Contact: <sip:hasty@127.0.0.1:{own_port}>\r\n"
        f"{'Content-Type: application/sdp' if body else 'User-Agent: test'}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def test_callers_beyond_the_last_line_are_told_when_to_try_again(
    hotline: ThrowawayHotline, tmp_path: Path
) -> None:
    held = [start_sipp("quiet_call", tmp_path, hotline.sip_port, "-d", "6000") for _ in range(3)]
    try:
        until(lambda: lines_in_use(hotline.http_port) == 3, timeout_s=10, what="three lines in use")
        assert sipp("no_free_line", tmp_path, hotline.sip_port) == 0
        assert [process.wait(20) for process in held] == [0, 0, 0]
    finally:
        for process in held:
            process.kill()
            process.wait()
