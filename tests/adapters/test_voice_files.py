"""The prompts of the repository are whole, and faulty files are told all at once."""

from pathlib import Path

import pytest
import yaml
from voice_samples import LOCALES, PROMPTS_DIR

from ivr.adapters.voice.errors import PromptFilesError
from ivr.adapters.voice.prompt_files import load_prompt_texts
from ivr.adapters.voice.recordings import load_recordings
from ivr.adapters.voice.rendering import plan
from ivr.adapters.voice.voices import load_voices
from ivr.dialogue.script_data import parse_script

SCRIPTS_DIR = PROMPTS_DIR.parent / "ivr" / "scripts"


def write(directory: Path, locale: str, text: str) -> None:
    (directory / locale).mkdir(exist_ok=True)
    (directory / locale / "texts.yaml").write_text(text, encoding="utf-8")


def test_every_prompt_exists_with_the_same_slots_in_every_locale() -> None:
    texts = load_prompt_texts(PROMPTS_DIR)
    assert set(texts.by_locale) == set(LOCALES)
    assert texts.differences() == []


def test_every_prompt_of_every_script_has_a_text() -> None:
    texts = load_prompt_texts(PROMPTS_DIR)
    scripts = sorted(SCRIPTS_DIR.glob("*.yaml"))
    assert scripts
    for path in scripts:
        script = parse_script(yaml.safe_load(path.read_text(encoding="utf-8")), path.name)
        for locale in LOCALES:
            assert script.prompt_ids() <= set(texts.by_locale[locale])


def test_every_recording_exists_and_says_the_present_text() -> None:
    plans = plan(PROMPTS_DIR, load_prompt_texts(PROMPTS_DIR), load_voices(PROMPTS_DIR))
    assert {p.locale: (p.missing, p.stale, p.unused) for p in plans} == dict.fromkeys(LOCALES, ((), (), ()))


def test_a_changed_text_makes_its_recordings_stale(tmp_path: Path) -> None:
    copy = tmp_path / "prompts"
    copy.mkdir()
    for locale in LOCALES:
        (copy / locale).mkdir()
        for path in (PROMPTS_DIR / locale).iterdir():
            if path.suffix == ".yaml":
                (copy / locale / path.name).write_bytes(path.read_bytes())
            else:
                (copy / locale / path.name).symlink_to(path)
    common = copy / "en-US" / "common.yaml"
    common.write_text(common.read_text(encoding="utf-8").replace("Thank you for calling.", "Thank you."))
    english, _ = plan(copy, load_prompt_texts(copy), load_voices(PROMPTS_DIR))
    assert (english.missing, english.stale) == ((), ("en-US/goodbye",))


def test_a_language_that_nobody_speaks_is_told(tmp_path: Path) -> None:
    write(tmp_path, "fr-FR", "hello: Bonjour.\n")
    with pytest.raises(PromptFilesError, match="no prompt voice for fr-FR"):
        plan(tmp_path, load_prompt_texts(tmp_path), load_voices(PROMPTS_DIR))


def test_a_recording_by_a_person_wins_over_a_rendered_one(tmp_path: Path) -> None:
    rendered = PROMPTS_DIR / "en-US" / "recordings"
    studio = tmp_path / "en-US" / "recordings"
    studio.mkdir(parents=True)
    (studio / "goodbye.flac").write_bytes((rendered / "goodbye.flac").read_bytes())
    only_rendered = load_recordings(tmp_path)
    (studio / "goodbye.wav").write_bytes((rendered / "transferring.flac").read_bytes())
    with_studio = load_recordings(tmp_path)
    assert len(with_studio) == len(only_rendered) == 1
    assert with_studio.fingerprint != only_rendered.fingerprint


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "zh-CN", "goodbye: 再见\nBad-Id: 好\nbalance: '{a:cash}'\n")
    write(tmp_path, "en-US", "goodbye: [not, a, text]\n")
    with pytest.raises(PromptFilesError) as caught:
        load_prompt_texts(tmp_path)
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize("text", ["- a list\n", "unclosed: [\n", ""])
def test_a_file_that_is_no_table_of_prompts_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path, "zh-CN", text)
    with pytest.raises(PromptFilesError, match=r"texts\.yaml"):
        load_prompt_texts(tmp_path)


def test_missing_prompts_and_differing_slots_are_found(tmp_path: Path) -> None:
    write(tmp_path, "zh-CN", "hello: 您好\ntold: '{a:money}'\n")
    write(tmp_path, "en-US", "told: '{b:money}'\n")
    faults = load_prompt_texts(tmp_path).differences()
    assert faults == ["en-US: no text for hello", "told: the slots differ between en-US, zh-CN"]


def test_no_prompts_at_all_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(PromptFilesError, match="no locale with prompts"):
        load_prompt_texts(tmp_path / "absent")


def test_a_broken_recording_is_named(tmp_path: Path) -> None:
    directory = tmp_path / "zh-CN" / "recordings"
    directory.mkdir(parents=True)
    (directory / "hello.flac").write_bytes(b"not audio")
    with pytest.raises(PromptFilesError, match=r"hello\.flac"):
        load_recordings(tmp_path)
