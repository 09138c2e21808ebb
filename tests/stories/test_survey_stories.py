"""Surveys told as text: what people really say to such calls, and what is noted of it."""

import io
import json
import time
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from rich.console import Console

from ivr.adapters.story_customers import read_customers
from ivr.adapters.story_files import StoryFault, read_stories, story_paths
from ivr.bootstrap.stories import StoryTeller
from ivr.cli.story import print_score
from ivr.config import Settings
from ivr.dialogue.story import Score

HERE = Path(__file__).parent
FOLDER = HERE / "surveys"
STORIES = read_stories(story_paths(FOLDER))
LONGEST_S = 2.0


@pytest.fixture(scope="module")
def teller() -> StoryTeller:
    return StoryTeller(Settings(), read_customers(HERE / "customers.yaml"))


async def test_every_call_goes_as_it_should_in_a_second_or_two(teller: StoryTeller) -> None:
    await teller.tell(STORIES[0])  # what is compiled when it is first met
    began_s = time.thread_time()
    score = Score(tuple([await teller.tell(story) for story in STORIES]))
    took_s = time.thread_time() - began_s
    console = Console(file=io.StringIO(), width=180)
    print_score(score, console)
    assert score.passed == len(STORIES), console.file.getvalue()  # type: ignore[attr-defined]  # the buffer above
    assert score.wrongly_settled == ()
    assert took_s < LONGEST_S


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_there_are_twelve_stories_and_more_for_each_locale_and_every_survey(locale: str) -> None:
    told = [story for story in STORIES if story.locale == locale]
    assert len(told) >= 12
    assert {story.survey for story in told} == {
        path.stem for path in Path("ivr/scripts/surveys").glob("*.yaml")
    }


@pytest.mark.parametrize("path", story_paths(FOLDER), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_files_are_as_the_schema_says(path: Path) -> None:
    schema = json.loads(Path("docs/story.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(yaml.safe_load(path.read_text("utf-8")))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ("survey: post_loan, result: happy", "result: happy is none"),
        ("result: completed", "result belongs to a survey"),
        ("survey: post_loan, answers: [a]", "answers: cannot be"),
    ],
)
def test_what_is_wrong_with_a_survey_story_is_told(tmp_path: Path, changed: str, reason: str) -> None:
    file = tmp_path / "en-US" / "one.yaml"
    file.parent.mkdir()
    file.write_text(
        "stories: [{story: a, wants: b, caller: lin, turns: [{says: hello}], ends: completed, "
        + changed
        + "}]\n",
        "utf-8",
    )
    with pytest.raises(StoryFault, match=reason):
        read_stories([file])


async def test_a_survey_that_there_is_not_is_told_with_those_that_there_are(
    teller: StoryTeller, tmp_path: Path
) -> None:
    file = tmp_path / "en-US" / "one.yaml"
    file.parent.mkdir()
    file.write_text(
        "stories: [{story: a, wants: b, caller: lin, survey: none, turns: [{says: hi}], ends: completed}]\n",
        "utf-8",
    )
    (story,) = read_stories([file])
    with pytest.raises(ValueError, match="known are agent_satisfaction"):
        await teller.tell(story)
