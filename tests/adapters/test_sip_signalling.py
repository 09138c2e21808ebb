"""What callers of all kinds do to the endpoint, played by SIPp, and what hostile ones send."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sip_process import LOUD, SipProcess, connect, sip_process, sipp, start_sipp, tone_file

BARESIP_MODULES = Path("/usr/lib/baresip/modules")


@pytest.fixture(scope="module")
def shared_hotline() -> Iterator[SipProcess]:
    with sip_process(ack_timeout_s=1, transaction_timeout_s=4) as hotline:
        yield hotline


@pytest.fixture
def hotline(shared_hotline: SipProcess) -> SipProcess:
    shared_hotline.settle()
    return shared_hotline


@pytest.fixture(scope="module")
def ringing() -> Iterator[SipProcess]:
    with sip_process(answer=False) as hotline:
        yield hotline


@pytest.fixture(scope="module")
def aloof() -> Iterator[SipProcess]:
    with sip_process(allowed_peers=["192.0.2.0/24"]) as hotline:
        yield hotline


@pytest.fixture
def draining() -> Iterator[SipProcess]:
    with sip_process() as hotline:
        hotline.order("drain")
        yield hotline


def test_an_invite_without_sdp_is_answered_with_an_offer(hotline: SipProcess, tmp_path: Path) -> None:
    assert sipp("offerless", hotline.port, tmp_path) == 0
    assert hotline.expect("established")["codec"] == "PCMA/8000"
    assert hotline.expect("Disconnected")["audio_ms"] > 200


def test_a_call_by_tcp_is_taken_like_any_other(hotline: SipProcess, tmp_path: Path) -> None:
    assert sipp("short_call", hotline.port, tmp_path, "-t", "t1") == 0
    assert hotline.expect("Disconnected")["by_remote"] is True


def test_a_caller_may_cancel_while_it_rings(ringing: SipProcess, tmp_path: Path) -> None:
    assert sipp("cancel", ringing.port, tmp_path) == 0
    over = ringing.expect("Disconnected")
    assert (over["sip_code"], over["by_remote"]) == (487, True)
    assert ringing.order("state")["in_use"] == 0


def test_a_cancel_that_crosses_the_answer_ends_nothing(hotline: SipProcess, tmp_path: Path) -> None:
    assert sipp("cancel_late", hotline.port, tmp_path) == 0
    assert hotline.expect("Disconnected")["sip_code"] == 200


def test_a_caller_who_never_acknowledges_loses_the_line_and_others_get_it(
    hotline: SipProcess, tmp_path: Path
) -> None:
    assert sipp("no_ack", hotline.port, tmp_path) == 0
    assert hotline.expect("Disconnected")["sip_code"] == 408
    assert "caller went away" in hotline.expect("lost")["why"]
    assert hotline.order("state")["in_use"] == 0
    assert sipp("short_call", hotline.port, tmp_path, "-l", "1", calls=3) == 0


def test_hold_and_resume_by_reinvite_are_told_and_audio_time_goes_on(
    hotline: SipProcess, tmp_path: Path
) -> None:
    assert sipp("hold", hotline.port, tmp_path) == 0
    held, resumed = hotline.expect("HoldChanged"), hotline.expect("HoldChanged")
    assert (held["held"], resumed["held"]) == (True, False)
    over = hotline.expect("Disconnected")
    assert held["audio_ms"] < resumed["audio_ms"] < over["audio_ms"]


def test_a_session_timer_is_agreed_on_and_refreshed_while_the_call_goes_on(
    hotline: SipProcess, tmp_path: Path
) -> None:
    assert sipp("session_timer", hotline.port, tmp_path) == 0
    assert hotline.expect("Disconnected")["by_remote"] is True


def test_keys_by_info_count_in_both_common_shapes(hotline: SipProcess, tmp_path: Path) -> None:
    assert sipp("info_keys", hotline.port, tmp_path) == 0
    pressed = [hotline.expect("KeyPressed") for _ in range(2)]
    assert [(key["key"], key["source"]) for key in pressed] == [("5", "info"), ("7", "info")]


def test_a_caller_may_not_have_us_call_somebody(hotline: SipProcess, tmp_path: Path) -> None:
    assert sipp("refer", hotline.port, tmp_path) == 0
    assert hotline.expect("Disconnected")["sip_code"] == 200


def test_a_transfer_is_followed_to_its_end(hotline: SipProcess, tmp_path: Path) -> None:
    caller = start_sipp("referred", tmp_path, "-m", "1", f"127.0.0.1:{hotline.port}")
    hotline.expect("established")
    hotline.order("transfer", to="sip:agent@127.0.0.1:9")
    codes = []
    while 200 not in codes:
        codes.append(hotline.expect("TransferProgress")["sip_code"])
    assert 180 in codes
    hotline.order("hangup")
    assert caller.wait(10) == 0


def test_somebody_asking_whether_we_are_there_gets_200(hotline: SipProcess, tmp_path: Path) -> None:
    assert sipp("options", hotline.port, tmp_path) == 0


def test_strangers_get_403_with_and_without_sdp_and_keep_no_line(aloof: SipProcess, tmp_path: Path) -> None:
    assert sipp("refused", aloof.port, tmp_path, calls=8) == 0
    assert sipp("offerless_refused", aloof.port, tmp_path, calls=4) == 0
    assert aloof.order("state")["in_use"] == 0
    assert "foreign_peer" in aloof.log


def test_while_draining_every_call_gets_503_with_the_time_to_try_again(
    draining: SipProcess, tmp_path: Path
) -> None:
    assert sipp("surplus", draining.port, tmp_path, calls=8) == 0
    assert sipp("offerless_refused", draining.port, tmp_path) == 0


def test_with_all_lines_taken_callers_are_told_when_to_try_again(tmp_path: Path) -> None:
    with sip_process() as full, sip_process() as caller:
        for _ in range(full.capacity):
            connect(caller, full)
        assert sipp("surplus", full.port, tmp_path, calls=6) == 0
        assert full.order("state")["in_use"] == full.capacity


def test_a_trunk_that_took_our_registration_may_call_although_its_network_is_not_listed(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    port = free_port()
    trunk = start_sipp("registrar", tmp_path, "-m", "1", "-p", str(port))
    account = {"registrar": f"127.0.0.1:{port}", "user": "trunk-user", "password": "not-for-logs"}
    with sip_process(accounts=[account], allowed_peers=["192.0.2.0/24"]) as hotline:
        label = f"trunk-user@127.0.0.1:{port}"
        deadline_s = time.monotonic() + 8
        while not hotline.order("state")["registrations"][label] and time.monotonic() < deadline_s:
            time.sleep(0.1)
        assert hotline.order("state")["registrations"] == {label: True}
        assert trunk.wait(10) == 0
        assert sipp("short_call", hotline.port, tmp_path) == 0
        assert "not-for-logs" not in hotline.log


def test_malformed_and_tortuous_messages_do_not_end_the_endpoint(
    hotline: SipProcess, data_dir: Path, tmp_path: Path
) -> None:
    messages = sorted((data_dir / "sip" / "rfc4475").glob("*.dat"))
    assert len(messages) > 20
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        for message in messages:
            udp.sendto(message.read_bytes(), ("127.0.0.1", hotline.port))
            time.sleep(0.03)
        for length in (1, 200, 1400):
            udp.sendto(bytes(range(256)) * (length // 256 + 1), ("127.0.0.1", hotline.port))
    hotline.settle()
    assert sipp("short_call", hotline.port, tmp_path) == 0


def test_the_log_holds_no_number_of_any_caller(hotline: SipProcess, tmp_path: Path) -> None:
    assert sipp("short_call", hotline.port, tmp_path) == 0
    assert "13800000002" not in hotline.log


def test_a_baresip_telephone_is_answered_and_heard(hotline: SipProcess, tmp_path: Path) -> None:
    if shutil.which("baresip") is None or not BARESIP_MODULES.is_dir():
        pytest.skip(f"needs baresip with its modules in {BARESIP_MODULES}: apt-get install baresip")
    tone = tone_file(tmp_path / "tone.wav", seconds=1.5)
    (tmp_path / "accounts").write_text("<sip:13800000003@127.0.0.1>;regint=0\n")
    (tmp_path / "contacts").touch()
    (tmp_path / "config").write_text(
        f"module_path {BARESIP_MODULES}\nmodule g711.so\nmodule aufile.so\n"
        "module account.so\nmodule_app menu.so\nsip_listen 127.0.0.1:0\n"
        f"audio_source aufile,{tone}\naudio_player aufile,{tmp_path / 'heard.wav'}\n"
    )
    telephone = subprocess.Popen(
        ["baresip", "-f", str(tmp_path), "-e", f"/dial {hotline.uri}", "-t", "5"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        hotline.expect("established")
        time.sleep(0.3)
        assert hotline.order("listen", seconds=0.4)["caller"] > LOUD
        assert hotline.expect("Disconnected", timeout_s=6)["by_remote"] is True
    finally:
        telephone.kill()
        telephone.wait()
