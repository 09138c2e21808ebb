"""The program's front door: quick to open, clear about what is wrong, silent about secrets."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.cli.main import COMMANDS

Ivr = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def ivr(tmp_path: Path) -> Ivr:
    def _run(*arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        clean = {key: value for key, value in os.environ.items() if not key.startswith("IVR_")}
        return subprocess.run(
            [sys.executable, "-m", "ivr.cli.main", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=tmp_path,
            env={**clean, "COLUMNS": "200", **environ},
        )

    return _run


def write(tmp_path: Path, text: str) -> None:
    (tmp_path / "ivr.toml").write_text(f'[paths]\nvar = "{tmp_path}/var"\n{text}', encoding="utf-8")


HELP = """
import sys
from typer.testing import CliRunner
from ivr.cli.main import app
print(CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output)
print("heavy:", *sorted({"pydantic", "sqlalchemy", "structlog", "numpy", "pjsua2"} & set(sys.modules)))
"""


def test_help_lists_every_command_and_imports_none() -> None:
    told = subprocess.run(
        [sys.executable, "-c", HELP], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    for name, command in COMMANDS.items():
        assert name in told
        assert command.summary in told
    assert told.splitlines()[-1] == "heavy:"


EXPLAIN_ALL = """
import json
from typer.testing import CliRunner
from ivr.cli.main import COMMANDS, app
told = {}
for name in COMMANDS:
    result = CliRunner().invoke(app, [name, "--help"], prog_name="ivr")
    told[name] = [result.exit_code, result.output, repr(result.exception)]
print(json.dumps(told))
"""


@pytest.mark.slow
def test_every_command_can_be_loaded_and_explains_itself() -> None:
    # In one process of its own: each command's imports take a second, and they reconfigure logging.
    done = subprocess.run(
        [sys.executable, "-c", EXPLAIN_ALL], capture_output=True, text=True, timeout=60, check=True
    )
    told = json.loads(done.stdout)
    for name in COMMANDS:
        code, output, error = told[name]
        assert code == 0, f"ivr {name} --help: {error}"
        assert f"ivr {name}" in output


def test_a_mistyped_command_is_corrected(ivr: Ivr) -> None:
    told = ivr("doktor")
    assert told.returncode == 2
    assert "Did you mean 'doctor'" in told.stderr


def test_version_is_told(ivr: Ivr) -> None:
    assert ivr("--version").stdout.startswith("ivr ")


def test_faulty_settings_stop_a_process_before_it_starts_with_all_faults(ivr: Ivr, tmp_path: Path) -> None:
    write(tmp_path, "[sip]\nport = 0\n[log]\nlevel = 'loud'\n")
    for command in (["config", "check"], ["run"]):
        told = ivr(*command)
        assert told.returncode == 2
        assert "sip.port" in told.stderr
        assert "log.level" in told.stderr
        assert "Traceback" not in told.stderr


def test_the_settings_in_force_are_shown_without_their_secrets(ivr: Ivr) -> None:
    told = ivr(
        "config",
        "show",
        "--json",
        IVR_DATABASE_URL="postgresql://ivr:hunter2@db/ivr",
        IVR_MQTT_PASSWORD="hunter2",
        IVR_LOAN_BOOK_TOKEN="hunter2",
        IVR_CHAT_TOKEN="hunter2",
        IVR_CAMPAIGN_TOKEN="hunter2",
    )
    shown = json.loads(told.stdout)
    assert shown["store"]["url"] == "postgresql://ivr:***@db/ivr"
    assert shown["bus"]["password"] == "***"
    assert shown["chat"]["token"] == "***"
    assert shown["campaign_api"]["token"] == "***"
    assert "hunter2" not in told.stdout + told.stderr
    assert shown["workers"]["count"] == 1


def test_run_names_the_taken_port_its_holder_and_the_mend(
    ivr: Ivr, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        taken = squatter.getsockname()[1]
        write(
            tmp_path,
            f"[bus]\nembedded_port = {taken}\n[sip]\nport = {free_port()}\n"
            f"[recogniser]\nport = {free_port()}\n[workers]\nhttp_port = {free_port()}\n",
        )
        told = ivr("run")
    assert told.returncode == 1
    assert f"port {taken}/tcp, wanted by broker, is taken by" in told.stdout
    assert "bus.embedded_port" in told.stdout


def test_doctor_tells_each_thing_with_its_mend_and_fails_when_one_fails(
    ivr: Ivr, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    write(
        tmp_path,
        f"[bus]\nembedded_port = {free_port()}\n[sip]\nport = {free_port()}\n"
        f'[recogniser]\nport = {free_port()}\n[workers]\nhttp_port = {free_port()}\n[models]\ndir = "none"\n',
    )
    told = ivr("doctor", "--json")
    findings = {finding["what"]: finding for finding in json.loads(told.stdout)}
    assert told.returncode == 1
    assert findings["settings"]["status"] == "ok"
    assert findings["database"]["status"] == "fail"
    assert findings["database"]["mend"] == "ivr db upgrade"
    assert findings["model whisper-base"]["mend"] == "ivr models pull whisper-base"
    assert findings["worker-0"]["status"] == "warn"
    assert not (tmp_path / "var" / "ivr.db").exists(), "looking must not create"


def test_doctor_lists_the_faults_of_the_settings(ivr: Ivr, tmp_path: Path) -> None:
    write(tmp_path, "[sip]\nport = 0\n")
    told = ivr("doctor", "--json")
    assert told.returncode == 1
    assert [finding["what"] for finding in json.loads(told.stdout)] == ["settings sip.port"]
