"""A recogniser understands the recordings, and the amounts, dates and digits joined from them.

Values are judged the way intelligibility is tested with people: what was heard must fit what was said better
than any of a dozen near misses. Free writing would test how Whisper spells figures instead.
"""

import random
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from voice_samples import LOCALES, PROMPTS_DIR

from ivr.adapters.models import default_models_dir, installed
from ivr.adapters.recogniser.whisper_model import Encoded, WhisperModel
from ivr.adapters.voice import RecordedPrompter, load_prompt_texts, open_prompter
from ivr.adapters.voice.prompter import fill_prompts
from ivr.adapters.voice.recordings import load_recordings, recording_paths
from ivr.adapters.voice.samples import read_audio, resample
from ivr.calls.speech import Say
from ivr.cli.prompt_hearing import HeardBook, digests, items, listen, verdict

pytestmark = pytest.mark.slow

NO_MODELS = Path("/nonexistent")
TEXTS = load_prompt_texts(PROMPTS_DIR)
NEAR_MISSES = 12
AMOUNTS = ("123456.78", "8000", "100205.06", "40318.30", "99999999.99", "715.50")
PHONES = ("13800138000", "15927364850", "18641957203")
DAYS = (date(2026, 11, 21), date(2027, 2, 3), date(2031, 7, 30))


@pytest.fixture(scope="module")
def whisper() -> WhisperModel:
    model_dir = installed("whisper-base", default_models_dir())
    if model_dir is None:
        pytest.skip("needs the model whisper-base: ivr models pull whisper-base")
    return WhisperModel(model_dir, threads=1)


@pytest.fixture
async def prompter(tmp_path: Path) -> AsyncIterator[RecordedPrompter]:
    async with open_prompter(PROMPTS_DIR, tmp_path, NO_MODELS) as opened:
        yield opened


def words_of(say: Say, locale: str) -> str:
    """What is said, in full words; 幺 in the spelling that Whisper knows for its sound."""
    [filled] = fill_prompts(TEXTS, [say], locale)
    between = "" if locale == "zh-CN" else " "
    return between.join(segment.text for segment in filled.segments).replace("幺", "要")


def amount(value: str) -> Say:
    return Say("balance_told", {"balance": Decimal(value)})


def phone(value: str) -> Say:
    return Say("phone_confirm", {"phone": value})


def day(value: date) -> Say:
    return Say("next_due_told", {"due_on": value, "due_amount": Decimal(1500)})


def other_figures(value: str, chance: random.Random) -> str:
    """The value with one figure changed."""
    at = chance.choice([index for index, figure in enumerate(value) if figure != "."])
    return value[:at] + chance.choice("123456789") + value[at + 1 :]


def other_day(value: str, chance: random.Random) -> str:
    return str(date.fromisoformat(value) + timedelta(days=chance.randrange(-400, 400)))


def near_misses(
    value: str, say: Callable[[str], Say], other: Callable[[str, random.Random], str], locale: str
) -> list[str]:
    """Texts that differ in a piece or a few, as long as the true one, for longer texts are less probable."""
    chance = random.Random(value)
    true = words_of(say(value), locale)
    texts = {words_of(say(other(value, chance)), locale) for _ in range(100)} - {true}
    fitting = sorted(text for text in texts if locale != "zh-CN" or len(text) == len(true))
    return chance.sample(fitting, min(NEAR_MISSES, len(fitting)))


VALUES = [
    *((value, amount, other_figures) for value in AMOUNTS),
    *((value, phone, other_figures) for value in PHONES),
    *((str(value), lambda text: day(date.fromisoformat(text)), other_day) for value in DAYS),
]


async def heard(prompter: RecordedPrompter, whisper: WhisperModel, say: Say, locale: str) -> Encoded:
    clip = await prompter.render([say], locale=locale)
    samples, rate_hz = read_audio(Path(clip.path))
    return whisper.encode(resample(samples, rate_hz, 16000))


@pytest.mark.parametrize(("locale", "allowed"), [("zh-CN", 2), ("en-US", 0)])
async def test_values_are_told_from_near_misses(
    prompter: RecordedPrompter, whisper: WhisperModel, locale: str, allowed: int
) -> None:
    misheard = []
    for value, say, other in VALUES:
        encoded = await heard(prompter, whisper, say(value), locale)
        texts = [words_of(say(value), locale), *near_misses(value, say, other, locale)]
        fits = whisper.log_probs(encoded, locale[:2], whisper.tokenise(texts))
        if fits.index(max(fits)) != 0:
            misheard.append((texts[0], texts[fits.index(max(fits))]))
    assert len(misheard) <= allowed, misheard


LOCALE_ITEMS = {locale: items(TEXTS, locale) for locale in LOCALES}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_recording_was_heard_as_it_is_now_and_understood_within_the_stated_error(locale: str) -> None:
    book, digest = HeardBook.load(PROMPTS_DIR, locale), digests(recording_paths(PROMPTS_DIR))
    errors = {item.name: book.error(item, digest(item)) for item in LOCALE_ITEMS[locale]}
    unheard = [name for name, error in errors.items() if error is None]
    assert unheard == [], "run `ivr prompts hear` and commit heard.json"
    free = {item.name for item in LOCALE_ITEMS[locale] if not item.rivals}
    assert verdict({name: error for name, error in errors.items() if error is not None}, free) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_fresh_ear_hears_what_was_heard_before(whisper: WhisperModel, locale: str) -> None:
    """A sample, another one whenever recordings change; `ivr prompts hear --all` hears everything again."""
    book, digest = HeardBook.load(PROMPTS_DIR, locale), digests(recording_paths(PROMPTS_DIR))
    recordings = load_recordings(PROMPTS_DIR, 8000)
    for item in random.Random(recordings.fingerprint).sample(LOCALE_ITEMS[locale], 20):
        hearing = listen(item, recordings, whisper)
        assert hearing.error == pytest.approx(book.error(item, digest(item)), abs=0.1), hearing
