"""`ivr prompts` tells what is wrong and speaks what it is given."""

import shutil
import wave
from pathlib import Path

import pytest
from typer.testing import CliRunner
from voice_samples import PROMPTS_DIR

from ivr.cli.prompts import app


def test_check_passes_on_whole_prompts() -> None:
    done = CliRunner().invoke(app, ["check", "--prompts-dir", str(PROMPTS_DIR)])
    assert (done.exit_code, "complete and up to date" in done.output) == (0, True)


def test_check_fails_on_a_missing_text_and_its_leftover_recording(tmp_path: Path) -> None:
    prompts = tmp_path / "prompts"
    shutil.copytree(PROMPTS_DIR, prompts)
    hotline = prompts / "en-US" / "hotline.yaml"
    lines = hotline.read_text(encoding="utf-8").splitlines(keepends=True)
    hotline.write_text("".join(line for line in lines if not line.startswith("no_loans:")), encoding="utf-8")
    done = CliRunner().invoke(app, ["check", "--prompts-dir", str(prompts)])
    assert done.exit_code == 1
    assert "en-US: no text for no_loans" in done.output
    assert "en-US/no_loans: nothing says this any more" in done.output


def test_render_has_nothing_to_do_when_nothing_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IVR_MODELS", str(tmp_path / "no-models"))
    prompts = tmp_path / "prompts"
    shutil.copytree(PROMPTS_DIR, prompts)
    done = CliRunner().invoke(app, ["render", "--prompts-dir", str(prompts)])
    assert (done.exit_code, done.output.strip()) == (0, "All recordings are up to date.")


def test_render_without_a_model_tells_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_MODELS", str(tmp_path / "no-models"))
    prompts = tmp_path / "prompts"
    shutil.copytree(PROMPTS_DIR, prompts)
    (prompts / "en-US" / "recordings" / "goodbye.opus").unlink()
    done = CliRunner().invoke(app, ["render", "--prompts-dir", str(prompts)])
    assert done.exit_code == 1
    assert "ivr models pull kokoro-82m" in done.output


def test_say_writes_a_file_that_any_player_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_MODELS", str(tmp_path / "no-models"))
    output = tmp_path / "hello.wav"
    done = CliRunner().invoke(app, ["say", f"Hello {tmp_path.name}.", "--locale", "en-US", "-o", str(output)])
    assert done.exit_code == 0, done.output
    with wave.open(str(output), "rb") as spoken:
        assert (spoken.getnchannels(), spoken.getframerate()) == (1, 8000)
        assert spoken.getnframes() > 4000


def test_say_names_the_voices_that_there_are(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["say", "Bonjour", "--locale", "fr-FR", "-o", str(tmp_path / "x.wav")])
    assert done.exit_code == 1
    assert "no voice for fr-FR, only for en-US, zh-CN" in done.output
