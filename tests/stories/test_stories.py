"""Customers' stories, told as text: what they want is settled, and nothing else is."""

import io
import json
import time
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from rich.console import Console

from ivr.adapters.intent_files import read_intents
from ivr.adapters.story_customers import read_customers
from ivr.adapters.story_files import StoryFault, read_stories, story_paths
from ivr.bootstrap.stories import StoryTeller
from ivr.cli.story import print_score
from ivr.config import Settings
from ivr.dialogue.story import Score, Story
from ivr.grammar.text import normalise

HERE = Path(__file__).parent
STORIES = read_stories(story_paths(HERE))
LOCALES = ("zh-CN", "en-US")
LEAST_ROBOT_SHARE = 0.85
LONGEST_S = 5.0


class Telling:
    """All stories told once, and the CPU that took without compiling and training."""

    def __init__(self) -> None:
        self.teller = StoryTeller(Settings(), read_customers(HERE / "customers.yaml"))
        self.score = Score(())
        self.took_s = 0.0

    async def all(self) -> Score:
        if not self.score.verdicts:
            began_s = time.thread_time()
            self.score = Score(tuple([await self.teller.tell(story) for story in STORIES]))
            self.took_s = time.thread_time() - began_s
        return self.score

    @property
    def table(self) -> str:
        console = Console(file=io.StringIO(), width=180)
        print_score(self.score, console)
        return console.file.getvalue()  # type: ignore[attr-defined]  # the buffer above


@pytest.fixture(scope="module")
def telling() -> Telling:
    return Telling()


async def test_the_robot_settles_what_it_should_without_a_person(telling: Telling) -> None:
    score = await telling.all()
    assert score.robot_share >= LEAST_ROBOT_SHARE, telling.table


async def test_nothing_is_settled_that_was_not_wanted(telling: Telling) -> None:
    score = await telling.all()
    assert score.wrongly_settled == (), telling.table


async def test_whoever_needs_a_person_gets_one_and_third_parties_learn_nothing(telling: Telling) -> None:
    score = await telling.all()
    failed = [v for v in score.verdicts if v.problems and not v.story.is_for_the_robot]
    assert [(v.story.name, v.problems) for v in failed] == [], telling.table


async def test_no_prompt_lacks_its_text_or_a_value_and_no_service_fails(telling: Telling) -> None:
    score = await telling.all()
    assert [(v.story.name, v.told.faults) for v in score.verdicts if v.told.faults] == []


async def test_all_stories_are_told_in_seconds(telling: Telling) -> None:
    await telling.all()
    assert telling.took_s < LONGEST_S


@pytest.mark.parametrize("locale", LOCALES)
def test_there_are_thirty_stories_for_each_locale(locale: str) -> None:
    assert len([story for story in STORIES if story.locale == locale]) >= 30


@pytest.mark.parametrize("locale", LOCALES)
def test_no_wish_is_worded_as_the_intents_are_taught(locale: str) -> None:
    taught = {
        normalise(example.text, locale) for example in read_intents(Path("grammars"), locale).examples()
    }
    told = [turn.says for story in STORIES if story.locale == locale for turn in story.turns if turn.means]
    assert [text for text in told if text and normalise(text, locale) in taught] == []


@pytest.mark.parametrize("path", story_paths(HERE), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_files_are_as_the_schema_says(path: Path) -> None:
    schema = json.loads(Path("docs/story.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(yaml.safe_load(path.read_text("utf-8")))


GOOD = (
    "stories:\n  - story: a\n    wants: b\n    caller: lin\n    turns: [{says: hello}]\n    ends: completed\n"
)


@pytest.mark.parametrize(
    ("before", "after", "line", "reason"),
    [
        ("stories:", "tales:", 1, "there are no stories"),
        ("ends: completed", "ends: happily", 2, "happily is no ending"),
        ("    wants: b\n", "", 2, "a story needs wants"),
        ("says: hello", "says: no", 5, "says: cannot be False"),
        ("says: hello", "shouts: hello", 5, "a turn knows no shouts"),
        ("says: hello", "says: hello, keys: '1'", 5, "a turn does one thing, found says, keys"),
        ("says: hello", "keys: '12x'", 5, "there is no key x"),
        ("says: hello", "keys: '1', heard: hallo", 5, "heard belongs to what is said"),
        ("[{says: hello}]", "[]", 2, "the story has no turns"),
        ("wants: b", "wants: b: c", 3, "is not YAML"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line_and_the_mend(
    tmp_path: Path, before: str, after: str, line: int, reason: str
) -> None:
    file = tmp_path / "en-US" / "one.yaml"
    file.parent.mkdir()
    file.write_text(GOOD.replace(before, after), "utf-8")
    with pytest.raises(StoryFault) as caught:
        read_stories([file])
    first = caught.value.faults[0]
    assert first.startswith(f"{file}:{line}: "), first
    assert reason in first
    assert "Mend: " in first


def test_a_story_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "en-US" / "one.yaml"
    file.parent.mkdir()
    file.write_text(GOOD, "utf-8")
    (story,) = read_stories([file])
    assert isinstance(story, Story)
    assert (story.name, story.locale, story.agents, story.source) == ("a", "en-US", True, f"{file}:2")
