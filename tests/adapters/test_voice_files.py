"""The prompts of the repository are whole, and faulty files are told all at once."""

from pathlib import Path

import pytest
from voice_samples import LOCALES, PROMPTS_DIR

from ivr.adapters.script_files import load_script, survey_files
from ivr.adapters.voice.errors import PromptFilesError
from ivr.adapters.voice.prompt_files import load_prompt_texts
from ivr.adapters.voice.recordings import load_recordings
from ivr.adapters.voice.rendering import plan
from ivr.adapters.voice.samples import read_pcm, write_wav
from ivr.adapters.voice.voices import load_voices

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
    for path in (SCRIPTS_DIR / "hotline.yaml", *survey_files(SCRIPTS_DIR)):
        script = load_script(path)
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
    (studio / "goodbye.opus").write_bytes((rendered / "goodbye.opus").read_bytes())
    only_rendered = load_recordings(tmp_path, 8000)
    write_wav(studio / "goodbye.wav", read_pcm(rendered / "transferring.opus"))
    with_studio = load_recordings(tmp_path, 8000)
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
    assert faults == [
        "en-US: no text for hello",
        "told: the slots differ: en-US has {b:money}; zh-CN has {a:money}",
    ]


def test_no_prompts_at_all_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(PromptFilesError, match="no locale with prompts"):
        load_prompt_texts(tmp_path / "absent")


def test_a_broken_recording_is_named(tmp_path: Path) -> None:
    directory = tmp_path / "zh-CN" / "recordings"
    directory.mkdir(parents=True)
    (directory / "hello.opus").write_bytes(b"not audio")
    with pytest.raises(PromptFilesError, match=r"hello\.opus.*delete it"):
        load_recordings(tmp_path, 8000)


def test_a_prompt_may_have_several_wordings_and_each_may_have_a_language_of_its_own(tmp_path: Path) -> None:
    write(
        tmp_path,
        "zh-CN",
        "wish: {first: 您要办什么业务？, short: 请讲。}\n"
        "other: {first: 中文, repeated: {text: Press nine., spoken_in: en-US}}\n",
    )
    texts = load_prompt_texts(tmp_path)
    for variant, said in (
        ("first", "您要办什么业务？"),
        ("repeated", "您要办什么业务？"),
        ("short", "请讲。"),
    ):
        found = texts.find("zh-CN", "wish", variant)
        assert found is not None
        assert found.parts == (said,)
    again = texts.find("zh-CN", "other", "short")
    assert again is not None
    assert (again.name, again.spoken_in) == ("other.repeated", "en-US")
    assert [text.name for text in texts.wordings("zh-CN")] == [
        "wish",
        "wish.short",
        "other",
        "other.repeated",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: {repeated: 好}\n", "prompt a: `first` is missing"),
        ("a: {first: 好, later: 好}\n", "prompt a: later is no wording"),
        ("a: {first: 好, short: [好]}\n", "prompt a, short: write"),
        ("a: {first: 好, short: '{x:money}'}\n", r"\{x:money\} must be in `first` too, or go"),
        ("a: {first: '{x:money}', short: '{x:number}'}\n", r"\{x:number\} must be in `first` too"),
        ("a: 好\na: 坏\n", "a is there twice: remove one"),
    ],
)
def test_faulty_wordings_are_told_with_file_and_mend(tmp_path: Path, text: str, told: str) -> None:
    write(tmp_path, "zh-CN", text)
    with pytest.raises(PromptFilesError, match=rf"texts\.yaml: .*(?s:.*){told}"):
        load_prompt_texts(tmp_path)


def test_a_prompt_in_two_files_names_both(tmp_path: Path) -> None:
    write(tmp_path, "zh-CN", "a: 好\n")
    (tmp_path / "zh-CN" / "more.yaml").write_text("a: 好\n", encoding="utf-8")
    with pytest.raises(PromptFilesError, match=r"texts\.yaml: prompt a is there twice.* from more\.yaml"):
        load_prompt_texts(tmp_path)


def test_wordings_may_differ_between_locales_but_slots_may_not(tmp_path: Path) -> None:
    write(tmp_path, "zh-CN", "told: {first: '{a:money}', short: 好}\n")
    write(tmp_path, "en-US", "told: '{a:money}'\n")
    assert load_prompt_texts(tmp_path).differences() == []


def names(directory: Path, locale: str, text: str) -> None:
    write(directory, locale, "hello: Hello.\n")
    (directory / locale / "names.yaml").write_text(text, encoding="utf-8")


def test_names_are_found_by_every_value_that_the_data_may_hold(tmp_path: Path) -> None:
    names(tmp_path, "en-US", "cash: {text: Cash loan, also: [现金贷]}\ncar: car loan\n")
    found = load_prompt_texts(tmp_path).names["en-US"]
    assert {value: piece.text for value, piece in found.items()} == {
        "cash": "Cash loan", "cash loan": "Cash loan", "现金贷": "Cash loan", "car": "car loan",
        "car loan": "car loan",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cash: {text: a, also: [b]}\ncar: {text: c, also: [B]}\n", "name car: `b` belongs to two names"),
        ("Cash: a\n", "name Cash: write each name as"),
        ("cash: {text: a, or: [b]}\n", "name cash: write each name as"),
        ("cash: 5\n", "name cash: write each name as"),
        ("- cash\n", "write each name as"),
    ],
)
def test_faulty_names_are_told(tmp_path: Path, text: str, told: str) -> None:
    names(tmp_path, "en-US", text)
    with pytest.raises(PromptFilesError, match=rf"names\.yaml: {told}"):
        load_prompt_texts(tmp_path)


def test_a_name_that_another_locale_lacks_is_found(tmp_path: Path) -> None:
    names(tmp_path, "en-US", "cash: cash loan\n")
    names(tmp_path, "zh-CN", "car: 车贷\n")
    assert load_prompt_texts(tmp_path).differences() == [
        "en-US: no words for the name car in names.yaml",
        "zh-CN: no words for the name cash in names.yaml",
    ]
