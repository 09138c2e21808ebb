"""Every prompter keeps the port's promises; the real one keeps its audio, its speed and its secrets."""

import os
import stat
import time
import wave
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from voice_samples import BALANCE, LOCALES, NEXT_DUE, PROMPTS_DIR

from ivr.adapters.voice import InMemoryPrompter, RecordedPrompter, load_prompt_texts, open_prompter
from ivr.adapters.voice.clip_cache import PRIVATE_KEPT_S, ClipCache
from ivr.adapters.voice.errors import VoiceError
from ivr.adapters.voice.prompter import fill_prompts
from ivr.adapters.voice.recordings import load_recordings
from ivr.adapters.voice.samples import read_audio
from ivr.adapters.voice.synthesis import Synthesis
from ivr.calls.speech import Say
from ivr.runtime.ports import Prompter, PromptMissing

NO_MODELS = Path("/nonexistent")


@pytest.fixture
async def recorded(tmp_path: Path) -> AsyncIterator[RecordedPrompter]:
    async with open_prompter(PROMPTS_DIR, tmp_path / "cache", NO_MODELS) as prompter:
        yield prompter


@pytest.fixture(params=["recorded", "memory"])
def prompter(request: pytest.FixtureRequest, recorded: RecordedPrompter) -> Prompter:
    return recorded if request.param == "recorded" else InMemoryPrompter(load_prompt_texts(PROMPTS_DIR))


def wav(path: str) -> tuple[int, int, int, int]:
    with wave.open(path, "rb") as clip:
        return clip.getnchannels(), clip.getsampwidth(), clip.getframerate(), clip.getnframes()


def inode(path: str) -> tuple[int, int]:
    found = Path(path).stat()
    return found.st_ino, found.st_size


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def empty(path: str) -> None:
    Path(path).write_bytes(b"")


@pytest.mark.parametrize(
    ("locale", "text"),
    [("zh-CN", "您的贷款余额是123,456.78元。"), ("en-US", "Your loan balance is 123,456.78 yuan.")],
)
async def test_a_clip_tells_its_text_and_a_plausible_length(
    prompter: Prompter, locale: str, text: str
) -> None:
    clip = await prompter.render([BALANCE], locale=locale)
    assert clip.text == text
    assert 2000 < clip.duration_ms < 12000


async def test_prompts_are_joined_in_order(prompter: Prompter) -> None:
    alone = [await prompter.render([say], locale="zh-CN") for say in (BALANCE, NEXT_DUE)]
    both = await prompter.render([BALANCE, NEXT_DUE], locale="zh-CN")
    assert both.text == " ".join(clip.text for clip in alone)
    assert both.duration_ms >= sum(clip.duration_ms for clip in alone)


@pytest.mark.parametrize(
    ("say", "locale"),
    [
        (Say("no_such_prompt"), "zh-CN"),
        (Say("goodbye"), "fr-FR"),
        (Say("balance_told"), "zh-CN"),
        (Say("balance_told", {"balance": "4711"}), "zh-CN"),
        (Say("balance_told", {"balance": Decimal("-4711")}), "zh-CN"),
    ],
)
async def test_what_cannot_be_said_is_told_without_the_value(
    prompter: Prompter, say: Say, locale: str
) -> None:
    with pytest.raises(PromptMissing) as caught:
        await prompter.render([say], locale=locale)
    assert say.prompt_id in str(caught.value)
    assert "4711" not in str(caught.value)


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_prompt_without_slots_plays_from_recordings(
    recorded: RecordedPrompter, locale: str
) -> None:
    for prompt_id, prompt in load_prompt_texts(PROMPTS_DIR).by_locale[locale].items():
        if not prompt.slots:
            clip = await recorded.render([Say(prompt_id)], locale=locale)
            assert wav(clip.path) == (1, 2, 8000, clip.duration_ms * 8 + wav(clip.path)[3] % 8)
            assert 300 < clip.duration_ms < 20000


async def test_saying_it_again_takes_the_clip_from_before(recorded: RecordedPrompter) -> None:
    first = await recorded.render([BALANCE], locale="zh-CN")
    written = inode(first.path)
    assert await recorded.render([BALANCE], locale="zh-CN") == first
    assert inode(first.path) == written


async def test_a_broken_clip_is_made_anew(recorded: RecordedPrompter) -> None:
    first = await recorded.render([BALANCE], locale="zh-CN")
    empty(first.path)
    assert await recorded.render([BALANCE], locale="zh-CN") == first
    assert wav(first.path)[3] > 0


async def test_clips_with_customer_data_are_closed_to_others_and_named_by_no_guessable_hash(
    tmp_path: Path,
) -> None:
    names = []
    for installation in ("one", "two"):
        async with open_prompter(PROMPTS_DIR, tmp_path / installation, NO_MODELS) as prompter:
            path = Path((await prompter.render([BALANCE], locale="zh-CN")).path)
            names.append(path.name)
            assert mode(path.parent) == 0o700
            assert mode(path) == 0o600
            common = Path((await prompter.render([Say("goodbye")], locale="zh-CN")).path)
            assert common.parent != path.parent
    assert names[0] != names[1]


def test_old_clips_with_customer_data_are_removed(tmp_path: Path) -> None:
    cache = ClipCache(tmp_path)
    pcm = load_recordings(PROMPTS_DIR, 8000).find(["zh-CN/goodbye"])
    assert pcm is not None
    private, common = cache.path("amount", private=True), cache.path("goodbye", private=False)
    recent = cache.path("other amount", private=True)
    for path in (private, common, recent):
        cache.store(path, pcm, 8000)
    for path in (private, common):
        old = path.stat().st_mtime - PRIVATE_KEPT_S - 10
        os.utime(path, (old, old))
    cache.store(cache.path("third amount", private=True), pcm, 8000)
    assert [path.exists() for path in (private, common, recent)] == [False, True, True]


def test_workers_that_start_together_share_one_key(tmp_path: Path) -> None:
    assert ClipCache(tmp_path).path("x", private=True) == ClipCache(tmp_path).path("x", private=True)


async def test_joining_takes_less_than_ten_milliseconds(recorded: RecordedPrompter) -> None:
    await recorded.render([Say("goodbye")], locale="zh-CN")
    took_ms = []
    for cents in range(20):
        say = Say("balance_told", {"balance": Decimal(12345678 + cents) / 100})
        started = time.perf_counter()
        await recorded.render([say, NEXT_DUE], locale="zh-CN")
        took_ms.append((time.perf_counter() - started) * 1000)
    assert sorted(took_ms)[len(took_ms) // 2] < 10


async def test_words_without_a_recording_are_synthesised_and_kept(tmp_path: Path) -> None:
    prompts = tmp_path / "prompts"
    (prompts / "en-US").mkdir(parents=True)
    (prompts / "en-US" / "texts.yaml").write_text("hello: 'Hello {name:text}.'\n")
    (prompts / "voices").symlink_to(PROMPTS_DIR / "voices")
    async with open_prompter(prompts, tmp_path / "cache", NO_MODELS) as prompter:
        say = Say("hello", {"name": "Mister Wang"})
        clip = await prompter.render([say], locale="en-US")
        assert clip.text == "Hello Mister Wang."
        assert 500 < clip.duration_ms < 4000
        started = time.perf_counter()
        await prompter.render([say], locale="en-US")
        assert time.perf_counter() - started < 0.1


async def test_a_broken_natural_voice_leaves_the_poor_one(tmp_path: Path) -> None:
    model = tmp_path / "models" / "kokoro-82m"
    model.mkdir(parents=True)
    (model / "model.onnx").write_bytes(b"broken")
    (model / "vocab.json").write_text("{}")
    synthesis = Synthesis(PROMPTS_DIR, tmp_path / "models")
    try:
        await synthesis.speak("Hello.", "en-US", tmp_path / "one.wav")
    finally:
        await synthesis.close()
    assert wav(str(tmp_path / "one.wav"))[2:] > (16000, 4000)


async def test_a_synthesis_process_that_dies_costs_one_text(tmp_path: Path) -> None:
    synthesis = Synthesis(PROMPTS_DIR, NO_MODELS)
    try:
        await synthesis.speak("Hello.", "en-US", tmp_path / "one.wav")
        assert synthesis._child is not None
        synthesis._child.kill()
        with pytest.raises(VoiceError, match="ended with code -9"):
            await synthesis.speak("Hello.", "en-US", tmp_path / "two.wav")
        await synthesis.speak("Hello.", "en-US", tmp_path / "three.wav")
    finally:
        await synthesis.close()
    assert names_in(tmp_path) == ["one.wav", "three.wav"]


async def test_synthesis_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    synthesis = Synthesis(PROMPTS_DIR, NO_MODELS, timeout_s=0.05)
    try:
        with pytest.raises(VoiceError, match=r"longer than 0\.05 s"):
            await synthesis.speak("Hello.", "en-US", tmp_path / "one.wav")
    finally:
        await synthesis.close()


async def test_a_language_without_a_voice_is_told(tmp_path: Path) -> None:
    synthesis = Synthesis(PROMPTS_DIR, NO_MODELS)
    try:
        with pytest.raises(VoiceError, match="no voice for fr-FR"):
            await synthesis.speak("Bonjour.", "fr-FR", tmp_path / "one.wav")
    finally:
        await synthesis.close()


def test_filling_gives_one_row_for_each_prompt() -> None:
    filled = fill_prompts(load_prompt_texts(PROMPTS_DIR), [BALANCE, NEXT_DUE], "en-US")
    assert [len(prompt.segments) > 1 for prompt in filled] == [True, True]


WORDINGS = {
    "en-US": (
        "hello: {first: 'Hello {name:text}.', repeated: 'Hello again {name:text}.', short: Hi.}\n"
        "loan: 'You have {product:name}.'\n"
    )
}


def prompts_with(directory: Path, texts: dict[str, str], names: str = "") -> Path:
    for locale, content in texts.items():
        (directory / locale).mkdir(parents=True)
        (directory / locale / "texts.yaml").write_text(content, encoding="utf-8")
        if names:
            (directory / locale / "names.yaml").write_text(names, encoding="utf-8")
    (directory / "voices").symlink_to(PROMPTS_DIR / "voices")
    return directory


async def test_a_prompt_is_said_in_the_wording_that_is_asked_for(tmp_path: Path) -> None:
    prompts = prompts_with(tmp_path / "prompts", WORDINGS, "cash: {text: cash loan, also: [现金贷]}\n")
    prompter = InMemoryPrompter(load_prompt_texts(prompts))
    name = {"name": "Emma"}
    says = [Say("hello", name), Say("hello", name, "repeated"), Say("hello", name, "short")]
    assert (await prompter.render(says, locale="en-US")).text == "Hello Emma. Hello again Emma. Hi."
    clip = await prompter.render([Say("loan", {"product": "现金贷"}, "short")], locale="en-US")
    assert clip.text == "You have cash loan."


async def test_a_slower_pace_makes_the_clip_longer_by_as_much(prompter: Prompter) -> None:
    usual = await prompter.render([BALANCE], locale="zh-CN")
    slow = await prompter.render([BALANCE], locale="zh-CN", pace=0.8)
    assert slow.duration_ms == pytest.approx(usual.duration_ms / 0.8, abs=2)
    assert (slow.text, slow.path != usual.path or "memory" in slow.path) == (usual.text, True)


async def test_a_pace_that_nobody_could_follow_is_refused(prompter: Prompter) -> None:
    with pytest.raises(ValueError, match="the pace must lie between"):
        await prompter.render([BALANCE], locale="zh-CN", pace=0.1)


async def test_slow_speech_is_kept_and_made_quickly(recorded: RecordedPrompter) -> None:
    await recorded.render([BALANCE], locale="zh-CN")
    started = time.perf_counter()
    first = await recorded.render([BALANCE], locale="zh-CN", pace=0.8)
    assert time.perf_counter() - started < 0.3
    written = inode(first.path)
    assert await recorded.render([BALANCE], locale="zh-CN", pace=0.8) == first
    assert inode(first.path) == written


async def test_lines_with_the_wide_band_get_all_of_it(tmp_path: Path) -> None:
    async with open_prompter(PROMPTS_DIR, tmp_path, NO_MODELS, 16000) as prompter:
        clip = await prompter.render([Say("goodbye")], locale="zh-CN")
    assert wav(clip.path)[2] == 16000
    samples, _ = read_audio(Path(clip.path))
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    above = spectrum[len(spectrum) // 2 :].sum() / spectrum.sum()
    assert 10 * np.log10(above) > -45


async def test_a_recording_that_vanishes_is_synthesised_rather_than_missing(tmp_path: Path) -> None:
    prompts = prompts_with(tmp_path / "prompts", {"en-US": "hello: Hello there.\n"})
    recording = prompts / "en-US" / "recordings" / "hello.opus"
    recording.parent.mkdir()
    recording.write_bytes((PROMPTS_DIR / "en-US" / "recordings" / "goodbye.opus").read_bytes())
    async with open_prompter(prompts, tmp_path / "cache", NO_MODELS) as prompter:
        vanish(recording)
        clip = await prompter.render([Say("hello")], locale="en-US")
    assert 300 < clip.duration_ms < 2000


def vanish(path: Path) -> None:
    path.unlink()
