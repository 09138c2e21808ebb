"""The voices of the customers whose stories are told as calls.

They are kept beside the stories, since speaking them anew takes minutes. What has changed is spoken anew, by
the test too; `python tests/calls/story_voices.py` brings the files up to date.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.progress import track

from ivr.adapters.callee_voices import TEXTS
from ivr.adapters.models import default_models_dir
from ivr.adapters.script_files import load_script, survey_file
from ivr.adapters.story_files import read_stories, story_paths
from ivr.adapters.voice.samples import read_audio, read_pcm, write_opus, write_wav
from ivr.adapters.voice.speaking import speak
from ivr.dialogue.story import Story
from ivr.dialogue.story_caller import StoryCaller, situations
from ivr.runtime.callee.mind import all_words
from ivr.runtime.callee.population import PEOPLE
from ivr.runtime.customer.story_listener import texts_of

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "tests" / "stories" / "voices"
TOLD = (
    "balance_by_keys", "overdue_cost", "payment_on_its_way", "settle_early_with_day_in_one_breath",
    "application_status", "complaint_dictated", "fraud", "mother_has_died", "person_at_once", "two_questions",
)  # fmt: skip


def told_as_calls() -> list[Story]:
    """A third of the stories."""
    return [each for each in read_stories(story_paths(ROOT / "tests" / "stories")) if each.name[3:] in TOLD]


def lay_out(cache_dir: Path) -> None:
    """Put the kept voices where `ivr call` looks for them."""
    cache_dir.mkdir(parents=True, exist_ok=True)
    for path in KEPT.glob("*.opus"):
        write_wav(cache_dir / f"{path.stem}.wav", read_pcm(path))


def spoken(stories: Sequence[Story], cache_dir: Path) -> list[Path]:
    """All that their customers may say."""
    where = situations(load_script(ROOT / "ivr" / "scripts" / "hotline.yaml"))
    texts = {(text, story.locale): None for story in stories for text in texts_of(StoryCaller(story, where))}
    shown = track(texts, "speaking", disable=not sys.stderr.isatty())
    return [_spoken(text, locale, cache_dir) for text, locale in shown]


def callees_spoken(cache_dir: Path) -> list[Path]:
    """All that the town of the trial campaign may say and play."""
    survey = load_script(survey_file(ROOT / "ivr" / "scripts", "post_loan")).survey
    assert survey is not None
    texts = [*all_words("zh-CN", survey, sorted(PEOPLE)), *TEXTS["zh-CN"].values()]
    return [_spoken(text, "zh-CN", cache_dir) for text in texts]


def _spoken(text: str, locale: str, cache_dir: Path) -> Path:
    return speak(
        text, locale, cache_dir=cache_dir, prompts_dir=ROOT / "prompts", models_dir=default_models_dir()
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        lay_out(Path(name))
        wanted = [*spoken(told_as_calls(), Path(name)), *callees_spoken(Path(name))]
        for path in wanted:
            if not (target := KEPT / f"{path.stem}.opus").exists():
                KEPT.mkdir(exist_ok=True)
                write_opus(target, *read_audio(path))
        for left in set(KEPT.glob("*.opus")) - {KEPT / f"{path.stem}.opus" for path in wanted}:
            left.unlink()
