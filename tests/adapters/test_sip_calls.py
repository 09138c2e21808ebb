"""Two endpoints in two processes, calling each other with real SIP and RTP on loopback."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sip_process import LOUD, QUIET, SipProcess, SipProcessDied, connect, sip_process, tone_file


@pytest.fixture(scope="module")
def processes() -> Iterator[tuple[SipProcess, SipProcess]]:
    with sip_process() as hotline, sip_process() as caller:
        yield hotline, caller


@pytest.fixture
def hotline(processes: tuple[SipProcess, SipProcess]) -> SipProcess:
    processes[0].settle()
    return processes[0]


@pytest.fixture
def caller(processes: tuple[SipProcess, SipProcess], hotline: SipProcess) -> SipProcess:
    processes[1].settle()
    return processes[1]


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tone_file(tmp_path_factory.mktemp("clips") / "tone.wav", seconds=3)


def test_what_one_end_plays_the_other_hears_and_both_ends_tell_the_channels_apart(
    hotline: SipProcess, caller: SipProcess, tone: Path
) -> None:
    connect(caller, hotline)
    hotline.order("play", path=str(tone), duration_ms=3000)
    time.sleep(0.2)
    heard = caller.order("listen", seconds=0.4)
    assert heard["caller"] > LOUD
    assert heard["bot"] < QUIET
    said = hotline.order("listen", seconds=0.4)
    assert said["bot"] > LOUD
    assert said["caller"] < QUIET


def test_a_stopped_clip_falls_silent_and_says_how_much_of_it_was_heard(
    hotline: SipProcess, caller: SipProcess, tone: Path
) -> None:
    connect(caller, hotline)
    hotline.order("play", path=str(tone), duration_ms=3000)
    time.sleep(0.6)
    hotline.order("stop")
    played_ms = hotline.order("played")["played_ms"]
    assert 500 <= played_ms <= 900
    time.sleep(0.3)
    assert caller.order("listen", seconds=0.3)["caller"] < QUIET
    assert hotline.order("played")["played_ms"] == played_ms


def test_a_new_clip_replaces_the_old_and_an_ended_one_counts_its_whole_length(
    hotline: SipProcess, caller: SipProcess, tone: Path, tmp_path: Path
) -> None:
    short = tone_file(tmp_path / "short.wav", seconds=0.3)
    connect(caller, hotline)
    hotline.order("play", path=str(tone), duration_ms=3000, name="long")
    time.sleep(0.2)
    hotline.order("play", path=str(short), duration_ms=300, name="short")
    time.sleep(0.7)
    assert caller.order("listen", seconds=0.3)["caller"] < QUIET
    assert hotline.order("played", name="long")["played_ms"] < 1000
    assert hotline.order("played", name="short")["played_ms"] == 300


def test_a_background_loops_under_and_after_a_clip(
    hotline: SipProcess, caller: SipProcess, tmp_path: Path
) -> None:
    room = tone_file(tmp_path / "room.wav", seconds=0.2)
    connect(caller, hotline)
    caller.order("play_background", path=str(room), duration_ms=200)
    time.sleep(0.6)
    assert hotline.order("listen", seconds=0.4)["caller"] > LOUD


def test_a_clip_that_is_no_audio_is_refused_in_words_and_the_call_goes_on(
    hotline: SipProcess, caller: SipProcess, tone: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"this is not a WAV file")
    connect(caller, hotline)
    for path in (broken, tmp_path / "absent.wav"):
        with pytest.raises(RuntimeError, match="OSError: cannot play"):
            hotline.order("play", path=str(path), duration_ms=1000)
    hotline.order("play", path=str(tone), duration_ms=3000)
    time.sleep(0.2)
    assert caller.order("listen", seconds=0.3)["caller"] > LOUD


def test_keys_arrive_once_each_and_in_order_both_ways(hotline: SipProcess, caller: SipProcess) -> None:
    connect(caller, hotline)
    caller.order("keys", keys="1199*0#D")
    hotline.order("keys", keys="42")
    pressed = [hotline.expect("KeyPressed") for _ in range(8)]
    assert "".join(key["key"] for key in pressed) == "1199*0#D"
    assert {key["source"] for key in pressed} == {"rfc4733"}
    assert [caller.expect("KeyPressed")["key"] for _ in range(2)] == ["4", "2"]
    with pytest.raises(RuntimeError, match="ValueError"):
        caller.order("keys", keys="1x")


def test_audio_time_goes_on_although_nobody_speaks(hotline: SipProcess, caller: SipProcess) -> None:
    connect(caller, hotline)
    time.sleep(1.0)
    caller.order("hangup")
    assert 900 <= hotline.expect("Disconnected")["audio_ms"] <= 1500


def test_each_side_learns_who_ended_the_call(hotline: SipProcess, caller: SipProcess) -> None:
    connect(caller, hotline)
    caller.order("hangup")
    assert caller.expect("Disconnected")["by_remote"] is False
    assert hotline.expect("Disconnected")["by_remote"] is True
    caller.order("hangup")
    with pytest.raises(RuntimeError, match="LineLost"):
        caller.order("keys", keys="1")
    assert hotline.order("state")["in_use"] == 0


def test_both_ends_may_hang_up_at_the_same_moment(hotline: SipProcess, caller: SipProcess) -> None:
    for _ in range(3):
        connect(caller, hotline)
        for end in (caller, hotline):
            end.send("hangup")
        for end in (caller, hotline):
            end.outcome()
            end.expect("Disconnected")


def test_forty_short_calls_leave_nothing_behind(hotline: SipProcess, caller: SipProcess, tone: Path) -> None:
    before = None
    for number in range(40):
        connect(caller, hotline)
        hotline.order("play", path=str(tone), duration_ms=3000)
        caller.order("hangup")
        hotline.expect("Disconnected")
        if number == 9:
            before = hotline.order("state")
    after = hotline.order("state")
    assert before is not None
    assert after["in_use"] == 0
    assert after["threads"] == before["threads"]
    assert after["tasks"] == before["tasks"]


def test_the_invite_tells_who_calls_whom_from_where_and_in_which_language(
    hotline: SipProcess, caller: SipProcess
) -> None:
    language = "zh-CN, en;q=0.5"
    number = "+8613800000001"
    dialled = caller.order("dial", to=hotline.uri, from_user=number, headers=[["Accept-Language", language]])
    invite = hotline.expect("incoming")["invite"]
    assert invite["remote_user"] == number
    assert invite["dialled_user"] == "hotline"
    assert invite["source_address"] == f"127.0.0.1:{caller.port}"
    assert invite["accept_language"] == language
    assert invite["sip_call_id"] == dialled["invite"]["sip_call_id"] != ""
    caller.order("dial", to=hotline.uri)
    assert hotline.expect("incoming")["invite"]["remote_user"] == "ivr"


def test_a_transfer_that_the_far_end_refuses_is_told(hotline: SipProcess, caller: SipProcess) -> None:
    connect(caller, hotline)
    hotline.order("transfer", to="sip:agent@127.0.0.1:9")
    assert hotline.expect("TransferProgress")["sip_code"] == 603
    with pytest.raises(RuntimeError, match="ValueError: the target is no SIP URI"):
        hotline.order("transfer", to="agent seven")


def test_a_target_that_is_no_uri_is_refused_in_words(caller: SipProcess) -> None:
    with pytest.raises(RuntimeError, match="ValueError: the target is no SIP URI"):
        caller.order("dial", to="hotline")


@pytest.mark.parametrize(
    ("codec", "rate_hz", "named"), [("PCMU", 8000, "PCMU/8000"), ("G722", 16000, "G722/16000")]
)
def test_other_codecs_carry_speech_too(codec: str, rate_hz: int, named: str, tmp_path: Path) -> None:
    tone = tone_file(tmp_path / "tone.wav", seconds=3, rate_hz=rate_hz)
    with sip_process(clip=tone, clock_rate_hz=rate_hz) as hotline, sip_process(codecs=[codec]) as caller:
        caller.order("dial", to=hotline.uri)
        assert caller.expect("Answered")["codec"] == named
        time.sleep(0.2)
        assert caller.order("listen", seconds=0.4)["caller"] > LOUD


def test_the_call_after_the_last_line_gets_503_until_one_ends(caller: SipProcess) -> None:
    with sip_process(max_lines=2) as small:
        first = connect(caller, small)
        connect(caller, small)
        third = caller.order("dial", to=small.uri)["line"]
        assert caller.expect("Disconnected", line=third)["sip_code"] == 503
        caller.order("hangup", line=first)
        small.expect("Disconnected")
        connect(caller, small)


def test_without_a_refusal_slot_the_library_itself_says_486(hotline: SipProcess) -> None:
    with sip_process(refusal_slots=0) as full, sip_process(refusal_slots=0) as caller:
        assert full.capacity == hotline.capacity + 1
        for _ in range(full.capacity):
            connect(caller, full)
        hotline.order("dial", to=full.uri)
        assert hotline.expect("Disconnected")["sip_code"] == 486
        full.order("state")
        assert "reason=library" in full.log
        with pytest.raises(RuntimeError, match="NoFreeLine"):
            caller.order("dial", to=hotline.uri)


def test_an_unanswered_call_can_be_refused_taken_back_or_never_heard(caller: SipProcess) -> None:
    with sip_process(answer=False, ack_timeout_s=1, transaction_timeout_s=2) as ringing:
        line = caller.order("dial", to=ringing.uri)["line"]
        ringing.expect("incoming")
        ringing.order("reject", code=480, retry_after_s=60)
        assert caller.expect("Disconnected", line=line)["sip_code"] == 480
        line = caller.order("dial", to=ringing.uri)["line"]
        ringing.expect("incoming")
        caller.order("hangup", line=line)
        over = ringing.expect("Disconnected", line=2)
        assert (over["sip_code"], over["by_remote"]) == (487, True)
        with pytest.raises(RuntimeError, match="LineLost"):
            ringing.order("answer", line=2)
        ringing.order("dial", to="sip:nobody@127.0.0.1:9")
        assert ringing.expect("Disconnected", line=3)["sip_code"] in {408, 503}


def test_calls_over_tcp_and_over_tls_with_srtp_carry_speech(
    tmp_path: Path, tone: Path, free_port: Callable[[], int]
) -> None:
    certificate, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=127.0.0.1",
    ]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    secure = {
        "transports": ["udp", "tcp", "tls"],
        "tls_certificate_path": certificate,
        "tls_private_key_path": key,
        "srtp": "mandatory",
    }
    tls_port = free_port()
    with (
        sip_process(clip=tone, tls_port=tls_port, **secure) as hotline,
        sip_process(tls_port=free_port(), **secure) as caller,
    ):
        line = caller.order("dial", to=f"{hotline.uri};transport=tcp")["line"]
        caller.expect("Answered", line=line)
        caller.order("hangup", line=line)
        caller.order("dial", to=f"sip:hotline@127.0.0.1:{tls_port};transport=tls")
        caller.expect("Answered")
        time.sleep(0.2)
        assert caller.order("listen", seconds=0.4)["caller"] > LOUD


def test_a_port_in_use_is_told_with_the_mend(hotline: SipProcess) -> None:
    with (
        pytest.raises(SipProcessDied, match=r"cannot listen on udp 127.0.0.1:.*Choose another port"),
        sip_process(port=hotline.port),
    ):
        pass
