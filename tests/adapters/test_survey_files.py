"""Surveys as files: what is wrong with one is told with file, line, column and mend; they can be drawn."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from ivr.adapters.script_checking import read_checked
from ivr.adapters.script_files import survey_file, survey_files
from ivr.adapters.script_places import ScriptProblem
from ivr.adapters.survey_schema import survey_schema
from ivr.adapters.voice import load_prompt_texts
from ivr.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "ivr" / "scripts"
SURVEY = """\
survey: trial
version: "1"
about: {zh-CN: 试, en-US: a trial}
facts:
  customer_name: {text: 林晓雨}
purpose: post_loan_purpose
thanks: post_loan_thanks
items:
  clear:
    csat: post_loan_clear_ask
    branches: {low: why}
    next: finished
  why:
    open: post_loan_why_ask
"""


class House:
    """The shipped frame with a survey of its own."""

    def __init__(self, root: Path) -> None:
        self.frame = root / "dialled.yaml"
        self.frame.write_text((SCRIPTS / "dialled.yaml").read_text("utf-8"), "utf-8")
        self.survey = root / "surveys" / "trial.yaml"
        self.survey.parent.mkdir()
        self.survey.write_text(SURVEY, "utf-8")

    def problems(self) -> list[ScriptProblem]:
        return read_checked(self.survey)[1]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_right_survey_has_no_problems(house: House) -> None:
    assert house.problems() == []


@pytest.mark.parametrize(
    ("old", "new", "place", "reason", "mend"),
    [
        ("csat: post", "csta: post", "9:3", "an item has exactly one of csat", "An item has exactly one of"),
        ("next: finished", "next: finsihed", "9:3", "leads to 'finsihed'", ""),
        ("branches: {low", "branches: {lwo", "9:3", "no answer is lwo", ""),
        ("branches: {low: why}", "branches: why", "11:5", "is not of type 'object'", "Answer to the item"),
        (
            "    next: finished",
            "    quota: none",
            "12:5",
            "'none' is not of type 'integer'",
            "How many answers",
        ),
        ("{text: 林晓雨}", "{words: 林晓雨}", "5:3", "'words' was unexpected", "One kind and a sample"),
        ("{text: 林晓雨}", "{money: 林晓雨}", "5:3", "its sample is no money", ""),
        ('version: "1"', "", "1:1", "'version' is a required property", ""),
        ("purpose: post_loan_purpose", "porpoise: x", "1:1", "'porpoise' was unexpected", ""),
        ("  why:\n", "  clear:\n", "13:3", "clear is there twice", "its own name"),
        ("items:", "items: [", "10:9", "this is not YAML", "leading bracket in quotes"),
    ],
)
def test_a_slip_is_told_with_its_place_and_mend(  # noqa: PLR0917
    house: House, old: str, new: str, place: str, reason: str, mend: str
) -> None:
    change(house.survey, old, new)
    found = [problem for problem in house.problems() if reason in problem.reason]
    assert found, house.problems()
    assert found[0].file == str(house.survey)
    assert f"{found[0].line}:{found[0].column}" == place
    assert mend in found[0].mend


def test_a_slip_in_the_frame_is_told_at_the_frame(house: House) -> None:
    change(house.frame, "next: party", "next: partyy")
    (problem, *_) = [each for each in house.problems() if "partyy" in each.reason]
    assert problem.file == str(house.frame)
    assert "hello:" in house.frame.read_text("utf-8").splitlines()[problem.line - 1]


def test_the_schema_is_published_and_holds_for_what_is_shipped() -> None:
    assert json.loads((ROOT / "docs" / "survey.schema.json").read_text("utf-8")) == survey_schema()
    Draft202012Validator.check_schema(survey_schema())
    for file in survey_files(SCRIPTS):
        Draft202012Validator(survey_schema()).validate(yaml.safe_load(file.read_text("utf-8")))


def test_every_survey_says_how_editors_find_the_schema() -> None:
    for file in survey_files(SCRIPTS):
        first = file.read_text("utf-8").splitlines()[0]
        schema = first.removeprefix("# yaml-language-server: $schema=")
        assert (file.parent / schema).resolve() == ROOT / "docs" / "survey.schema.json"


def test_a_survey_is_checked_against_prompts_and_grammars_by_the_command() -> None:
    file = survey_file(SCRIPTS, "agent_satisfaction")
    told = CliRunner().invoke(app, ["script", "check", str(file)])
    assert (told.exit_code, told.output) == (0, "agent_satisfaction: 7 items, 92 steps, nothing is wrong\n")


def test_what_a_survey_lacks_is_told_by_the_command(tmp_path: Path) -> None:
    house = House(tmp_path)
    change(house.survey, "post_loan_why_ask", "post_loan_wy_ask")
    told = CliRunner().invoke(app, ["script", "check", "--json", str(house.survey)])
    assert told.exit_code == 1
    (problem,) = [ScriptProblem(**each) for each in json.loads(told.output)]
    assert asdict(problem) == {
        "file": str(house.survey),
        "line": 14,
        "column": 5,
        "reason": "there is no prompt post_loan_wy_ask in en-US, zh-CN",
        "mend": "write post_loan_why_ask, if that is meant",
    }


def test_a_survey_is_drawn_with_its_questions(tmp_path: Path) -> None:
    out = tmp_path / "survey.dot"
    told = CliRunner().invoke(app, ["script", "graph", "repayment_reminder", "--out", str(out)])
    assert told.exit_code == 0, told.output
    drawn = out.read_text("utf-8")
    prompt = load_prompt_texts(ROOT / "prompts").by_locale["zh-CN"]["reminder_call_can_pay_ask"]
    assert str(prompt.wording("first").parts[0]) in drawn
    assert "还款提醒" in drawn
