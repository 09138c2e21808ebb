"""Every prompter keeps the port's promises; the real one keeps its audio, its speed and its secrets."""

import os
import stat
import time
import wave
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from voice_samples import BALANCE, LOCALES, NEXT_DUE, PROMPTS_DIR

from ivr.adapters.voice import InMemoryPrompter, RecordedPrompter, load_prompt_texts, open_prompter
from ivr.adapters.voice.clip_cache import PRIVATE_KEPT_S, ClipCache
from ivr.adapters.voice.errors import VoiceError
from ivr.adapters.voice.prompter import fill_prompts
from ivr.adapters.voice.recordings import load_recordings
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
    pcm = load_recordings(PROMPTS_DIR).find(["zh-CN/goodbye"])
    assert pcm is not None
    private, common = cache.path("amount", private=True), cache.path("goodbye", private=False)
    recent = cache.path("other amount", private=True)
    for path in (private, common, recent):
        cache.store(path, pcm)
    for path in (private, common):
        old = path.stat().st_mtime - PRIVATE_KEPT_S - 10
        os.utime(path, (old, old))
    cache.store(cache.path("third amount", private=True), pcm)
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
