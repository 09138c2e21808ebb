"""`ivr chat` and the chat API as processes: what is typed at them, and what survives them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from chat_bench import FRAME

PROGRAM = [sys.executable, "-m", "ivr.cli.main"]
DEMO_PHONE = "13800000001"


def environ(tmp_path: Path, **more: str) -> dict[str, str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("IVR_")}
    return {**clean, "COLUMNS": "200", "PYTHONPATH": str(Path(__file__).parents[2]), **more}


def run(tmp_path: Path, *arguments: str, lines: str = "") -> "subprocess.CompletedProcess[str]":
    (tmp_path / "ivr.toml").write_text(f'[paths]\nvar = "{tmp_path}/var"\n', encoding="utf-8")
    return subprocess.run(
        [*PROGRAM, *arguments],
        input=lines,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=tmp_path,
        env=environ(tmp_path),
    )


@pytest.mark.slow
def test_a_piped_chat_reads_as_a_dialogue_hides_secrets_and_tells_how_answers_were_taken(
    tmp_path: Path,
) -> None:
    lines = "余额\n1234\n没有了\n"
    arguments = ["chat", "--demo", "--caller", DEMO_PHONE, "--explain", "--script", str(FRAME)]
    told = run(tmp_path, *arguments, lines=lines)
    assert told.returncode == 0, told.stderr
    assert "bot  您的贷款余额是" in told.stdout
    assert "[1] 查询贷款余额" in told.stdout
    assert "you  (secret)" in told.stdout
    assert "1234" not in told.stdout
    assert "item wish  form ask  by text  meaning intent=balance  band act" in told.stdout
    assert told.stderr == ""


@pytest.mark.slow
def test_for_programs_each_exchange_is_one_object_and_leaving_early_is_a_failure(tmp_path: Path) -> None:
    arguments = ["chat", "--demo", "--json", "--locale", "en-US", "--script", str(FRAME)]
    told = run(tmp_path, *arguments, lines="x" * 2001 + "\nhello\n")
    exchanges = [json.loads(line) for line in told.stdout.splitlines()]
    assert [sorted(exchange) for exchange in exchanges] == [
        ["choices", "ended", "messages", "secret"],
        ["refused"],
        ["choices", "ended", "messages", "secret"],
    ]
    assert told.returncode == 1


@pytest.mark.slow
def test_what_cannot_be_is_told_with_the_mend(tmp_path: Path) -> None:
    for arguments, mend in (
        (["chat"], "ivr demo seed"),
        (["chat", "--demo", "--locale", "de-DE"], "use one of zh-CN, en-US"),
    ):
        told = run(tmp_path, *arguments)
        assert told.returncode == 1
        assert mend in told.stderr
        assert "Traceback" not in told.stderr


@pytest.mark.slow
def test_a_recorded_chat_is_shown_among_the_calls(tmp_path: Path) -> None:
    assert run(tmp_path, "demo", "seed", "--customers", "5").returncode == 0
    arguments = ["chat", "--record", "--caller", DEMO_PHONE, "--script", str(FRAME)]
    assert run(tmp_path, *arguments, lines="余额\n1234\n没有了\n").returncode == 0
    [listed] = json.loads(run(tmp_path, "calls", "list", "--json").stdout)
    assert (listed["direction"], listed["dialled"], listed["outcome"]) == ("chat", "terminal", "settled")
    shown = run(tmp_path, "calls", "show", listed["call_id"]).stdout
    assert "余额 -> match intent=balance" in shown
    assert "(secret)" in shown
    assert "SIP" not in shown
    assert "1234" not in shown.replace(listed["call_id"], "")


@pytest.mark.slow
def test_a_chat_survives_the_death_of_the_process_that_serves_it(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    port, health, broker = free_port(), free_port(), free_port()
    assert run(tmp_path, "demo", "seed", "--customers", "5").returncode == 0
    (tmp_path / "ivr.toml").write_text(
        f'[paths]\nvar = "{tmp_path}/var"\n[bus]\nembedded_port = {broker}\n'
        f"[chat]\nenabled = true\nport = {port}\nhealth_port = {health}\n",
        encoding="utf-8",
    )
    process = _serve(tmp_path, health)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            chat = client.post("/v1/chats", json={"locale": "zh-CN", "phone": DEMO_PHONE}).json()["chat_id"]
            asked = client.post(f"/v1/chats/{chat}/messages", json={"choice": "1"}).json()
            assert asked["secret"]
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process = _serve(tmp_path, health)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            told = client.post(f"/v1/chats/{chat}/messages", json={"text": "1234"}).json()
            assert any("您的贷款余额是" in message["text"] for message in told["messages"])
            client.delete(f"/v1/chats/{chat}")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait(10)
    [listed] = json.loads(run(tmp_path, "calls", "list", "--json").stdout)
    assert (listed["direction"], listed["cause"], listed["outcome"]) == ("chat", "caller_hung_up", "settled")


def _serve(tmp_path: Path, health: int) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([*PROGRAM, "chat-api"], cwd=tmp_path, env=environ(tmp_path))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{health}/healthz", timeout=2).status_code == 200:
                return process
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the chat API is not well: exit code {process.poll()}")
