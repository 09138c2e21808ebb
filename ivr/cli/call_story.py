"""The customer of a story as a caller: what `ivr call --story` needs before it dials."""

from collections.abc import Callable
from pathlib import Path

from ivr.adapters.script_files import load_script
from ivr.adapters.story_files import read_stories, story_paths
from ivr.adapters.voice.familiar_prompts import open_prompt_ear
from ivr.config import Settings
from ivr.dialogue.story import Story
from ivr.dialogue.story_caller import StoryCaller, situations
from ivr.runtime.customer.plan import Speak
from ivr.runtime.customer.story_listener import StoryListener, texts_of, why_not_callable

STORIES = Path("tests/stories")


def find_story(name: str, folder: Path = STORIES) -> Story:
    """The story of this name. Raises `ValueError` with the mend: no such story, or none for a call."""
    stories = read_stories(story_paths(folder))
    story = next((each for each in stories if each.name == name), None)
    if story is None:
        near = ", ".join(each.name for each in stories if name in each.name) or "see `ivr story run`"
        raise ValueError(f"there is no story {name} in {folder}; alike: {near}")
    if why := why_not_callable(story):
        raise ValueError(f"{name} cannot be told on a call: {why}")
    return story


def story_listener(story: Story, settings: Settings, say: Callable[[str], Speak]) -> StoryListener:
    """The story's customer, with all they may say made ready. Raises what `say` raises, and `OSError`."""
    caller = StoryCaller(story, situations(load_script(settings.scripts_dir / "hotline.yaml")))
    ear = open_prompt_ear(settings.prompts_dir, story.locale, settings.voice_cache_dir)
    return StoryListener(caller, ear.heard, {text: say(text) for text in texts_of(caller)})
