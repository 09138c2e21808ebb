"""`ivr prompts check` finds what is wrong with texts and recordings, and says how to mend it."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner
from voice_samples import PROMPTS_DIR

from ivr.adapters.voice.checking import Fault, check
from ivr.adapters.voice.prompt_files import load_prompt_texts
from ivr.adapters.voice.recordings import Manifest
from ivr.adapters.voice.render_jobs import Job
from ivr.adapters.voice.rendering import plan, render
from ivr.adapters.voice.samples import MASTER_RATE_HZ, CutSpeech, read_audio, to_pcm, write_opus, write_wav
from ivr.adapters.voice.voices import load_voices
from ivr.cli.prompts import app
from ivr.dialogue.spoken import Place

GREETING = PROMPTS_DIR / "en-US" / "recordings" / "greeting.opus"
TEXTS = {
    "zh-CN": "filler_checking: 请稍候。\nhello: 您好。\n",
    "en-US": "filler_checking: One moment.\nhello: Hello.\n",
}


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """Two prompts in two languages, spoken by nobody but held to be fresh; values are not looked at."""
    directory = tmp_path / "prompts"
    for locale, text in TEXTS.items():
        (directory / locale / "recordings").mkdir(parents=True)
        (directory / locale / "texts.yaml").write_text(text, encoding="utf-8")
    (directory / "voices").symlink_to(PROMPTS_DIR / "voices")
    speech, _ = read_audio(GREETING)
    shift = iter(range(1, 100))
    renew(directory, lambda: speech[next(shift) * 160 :])
    return directory


def renew(directory: Path, sound: Callable[[], np.ndarray]) -> None:
    """Give every prompt's recording that is due a sound of its own."""
    voices = load_voices(directory)
    for each in plan(directory, load_prompt_texts(directory), voices):
        for job in each.due:
            for index, name in job.take.recordings.items():
                if "/pieces/" not in name:
                    write_opus(path_of(directory, name), sound(), MASTER_RATE_HZ)
                    each.manifest.note(name, job.fingerprint(index))
        each.manifest.save()


def path_of(directory: Path, name: str, suffix: str = ".opus") -> Path:
    locale, _, rest = name.partition("/")
    return directory / locale / "recordings" / f"{rest}{suffix}"


def faults(directory: Path) -> list[tuple[str, str]]:
    """What is found about prompts; that the pieces of values are missing is known."""
    return [(f.kind, f.name) for f in check(directory) if "/pieces/" not in f.name]


def rewrite(directory: Path, locale: str, old: str, new: str) -> None:
    path = directory / locale / "texts.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_whole_prompts_have_no_faults(prompts: Path) -> None:
    assert faults(prompts) == []


def test_a_changed_text_makes_its_recording_stale(prompts: Path) -> None:
    rewrite(prompts, "en-US", "Hello.", "Good day.")
    assert faults(prompts) == [("stale", "en-US/hello")]


def test_a_missing_text_is_told_and_its_recording_has_become_useless(prompts: Path) -> None:
    rewrite(prompts, "en-US", "hello: Hello.\n", "")
    assert faults(prompts) == [("text", "en-US"), ("unused", "en-US/hello")]


def test_slots_that_differ_between_locales_are_told(prompts: Path) -> None:
    rewrite(prompts, "en-US", "Hello.", "Hello {name:text}.")
    assert ("slots", "hello") in faults(prompts)


def test_the_prompt_that_the_robot_itself_needs_must_be_there(prompts: Path) -> None:
    for locale, text in (
        ("en-US", "filler_checking: One moment.\n"),
        ("zh-CN", "filler_checking: 请稍候。\n"),
    ):
        rewrite(prompts, locale, text, "")
    assert {("text", "en-US/filler_checking"), ("text", "zh-CN/filler_checking")} <= set(faults(prompts))


def test_a_missing_recording_is_told(prompts: Path) -> None:
    path_of(prompts, "zh-CN/hello").unlink()
    assert faults(prompts) == [("missing", "zh-CN/hello")]


@pytest.mark.parametrize("gain", [0.4, 2.5, 30.0])
def test_recordings_off_the_level_are_told(prompts: Path, gain: float) -> None:
    speech, _ = read_audio(GREETING)
    write_opus(path_of(prompts, "en-US/hello"), np.clip(speech * gain, -1, 1), MASTER_RATE_HZ)
    assert faults(prompts) == [("loudness", "en-US/hello")]


def test_a_file_that_is_no_audio_is_told(prompts: Path) -> None:
    path_of(prompts, "en-US/hello").write_bytes(b"not audio")
    assert faults(prompts) == [("broken", "en-US/hello")]


def test_a_recording_copied_from_another_language_is_told(prompts: Path) -> None:
    path_of(prompts, "en-US/hello").write_bytes(path_of(prompts, "zh-CN/hello").read_bytes())
    assert [kind for kind, _ in faults(prompts)] == ["other_locale"]


@pytest.mark.parametrize(
    ("locale", "old", "new"), [("zh-CN", "您好。", "Hello."), ("en-US", "Hello.", "您好。")]
)
def test_a_text_in_another_language_must_say_so(prompts: Path, locale: str, old: str, new: str) -> None:
    rewrite(prompts, locale, old, new)
    assert ("other_locale", f"{locale}/hello") in faults(prompts)
    other = "en-US" if locale == "zh-CN" else "zh-CN"
    rewrite(prompts, locale, new, f"{{text: {new}, spoken_in: {other}}}")
    assert faults(prompts) == [("stale", f"{locale}/hello")]


def test_every_fault_of_an_unreadable_file_is_told(prompts: Path) -> None:
    rewrite(prompts, "en-US", "Hello.", "'{x:cash}'")
    (fault,) = check(prompts)
    assert (fault.kind, "texts.yaml" in fault.name, "the kind one of" in fault.problem) == (
        "text",
        True,
        True,
    )


# --- recordings by people ----------------------------------------------------------------------------


def record(prompts: Path, samples_of: Path = GREETING) -> None:
    write_wav(path_of(prompts, "en-US/hello", ".wav"), to_pcm(read_audio(samples_of)[0]), MASTER_RATE_HZ)


def note(prompts: Path) -> None:
    render(
        prompts, plan(prompts, load_prompt_texts(prompts), load_voices(prompts)), lambda _: iter(()), print
    )


def test_a_recording_by_people_is_noted_once_and_then_held_to_its_words(prompts: Path) -> None:
    record(prompts)
    assert faults(prompts) == [("stale", "en-US/hello")]
    note(prompts)
    assert faults(prompts) == []
    rewrite(prompts, "en-US", "Hello.", "Hello!")
    assert faults(prompts) == []
    rewrite(prompts, "en-US", "Hello!", "Good day.")
    assert faults(prompts) == [("stale", "en-US/hello")]
    record(prompts, PROMPTS_DIR / "en-US" / "recordings" / "goodbye.opus")
    note(prompts)
    assert faults(prompts) == []


def test_a_broken_note_tells_how_to_mend_it(prompts: Path) -> None:
    (prompts / "en-US" / "recordings" / "studio.json").write_text("{", encoding="utf-8")
    (fault,) = check(prompts)
    assert "delete it and run `ivr prompts render`" in fault.problem


# --- rendering ---------------------------------------------------------------------------------------


def tone_of(job: Job) -> CutSpeech:
    parts = len(job.take.spoken_parts())
    second = np.sin(np.arange(24000 * parts) * 0.1).astype(np.float32) * 0.3
    return CutSpeech(second, 24000, (*(24000 * at for at in range(parts)), len(second)))


def test_rendering_that_is_broken_off_keeps_what_was_spoken(prompts: Path) -> None:
    def breaks_off(jobs):
        for count, job in enumerate(jobs):
            if count == 5:
                raise KeyboardInterrupt
            yield job, tone_of(job)

    def due() -> int:
        return sum(len(p.due) for p in plan(prompts, load_prompt_texts(prompts), load_voices(prompts)))

    before = due()
    with pytest.raises(KeyboardInterrupt):
        render(
            prompts,
            plan(prompts, load_prompt_texts(prompts), load_voices(prompts)),
            breaks_off,
            lambda _: None,
        )
    assert due() == before - 5
    assert all(path.suffix in (".opus", ".json") for path in prompts.glob("*/recordings/**/*.*"))


def test_what_was_rendered_can_be_told_from_what_it_was_made_of(prompts: Path) -> None:
    manifest = Manifest.load(prompts, "en-US")
    assert set(manifest.made_from) == {"en-US/hello", "en-US/filler_checking"}


def test_two_renderings_at_once_keep_what_the_other_has_done(prompts: Path) -> None:
    one, other = Manifest.load(prompts, "en-US"), Manifest.load(prompts, "en-US")
    one.note("en-US/one", "1")
    one.save()
    other.note("en-US/other", "2")
    other.forget("en-US/hello")
    other.save()
    assert set(Manifest.load(prompts, "en-US").made_from) == {
        "en-US/filler_checking", "en-US/one", "en-US/other",
    }  # fmt: skip


def test_faults_come_as_json_with_their_mends(prompts: Path) -> None:
    path_of(prompts, "zh-CN/hello").unlink()
    done = CliRunner().invoke(app, ["check", "--json", "--prompts-dir", str(prompts)])
    rows = [row for row in json.loads(done.output) if "/pieces/" not in row["name"]]
    assert done.exit_code == 1
    assert rows == [
        {
            "kind": "missing",
            "name": "zh-CN/hello",
            "problem": "there is no recording",
            "mend": "run `ivr prompts render`",
        }
    ]


def test_a_fault_reads_as_a_sentence() -> None:
    fault = Fault("missing", "zh-CN/hello", "there is no recording", "run `ivr prompts render`")
    assert str(fault) == "zh-CN/hello: there is no recording: run `ivr prompts render`"


def test_a_piece_is_cut_with_the_place_it_stands_in(prompts: Path) -> None:
    (english, _) = plan(prompts, load_prompt_texts(prompts), load_voices(prompts))
    places = {name.rpartition(".")[2] for name in english.missing if "/pieces/" in name}
    assert places == {place.value for place in Place}
