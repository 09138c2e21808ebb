"""`ivr script`: every slip of an author is told with file, line, column and mend; the flow can be drawn."""

import json
import shutil
from datetime import UTC
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from ivr.adapters.script_places import ScriptProblem
from ivr.adapters.script_schema import script_schema
from ivr.adapters.store_memory import MemoryLoanBook, MemoryTicketDesk
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.work_calendars import CountryWorkCalendars
from ivr.calls.opening_hours import OpeningHours, parse_spans
from ivr.cli.main import app
from ivr.runtime.services import HotlineServices
from ivr.runtime.services.catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
FRAME = """\
script: test
version: "1"
start: welcome
menu: wish
verification: {step: identify, pieces: [id_tail], light: 1, strong: 1}
steps:
  welcome: {say: hello, next: wish}
  wish:
    ask: which
    reprompt: which
    choice: which
    grammars: [yes_no]
    keys: {grammars: [keys_yes_no]}
    branch_on: answer
    branches: {"yes": wish, "no": bye}
    offers_services: true
  identify: {lookup: identify, branches: {known: prove, unknown: bye}}
  prove: {prove: goal, branches: {id_tail: bye, enough: back, locked: bye}}
  back: {return: goal}
  bye: {end: hello}
"""
SERVICE = """\
service: plan
about: {zh-CN: 计划, en-US: the plan}
intents: [plan]
verify: light
steps:
  find:
    lookup: loan_summary
    branches: {owing: told, overdue: told, all_overdue: bye, no_loans: bye}
  told:
    say: told
    next: file
  file: {ticket: plan, keep: [due_on], next: numbered}
  numbered: {say: numbered, next: wish}
"""
PROMPTS = """\
hello: ok
which: ok
confirm_plan: ok
told: "{due_on:date}"
numbered: "{ticket_number:digits}"
"""
STANDARD = (
    "transferring transfer_failed callback_promised trouble service_down confirm_choice language_switched "
    "empathy seat_words draining_goodbye max_duration_goodbye goodbye"
)


class House:
    """A small hotline in a folder of its own, and the command that looks at it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.frame = root / "ivr/scripts/hotline.yaml"
        self.service = root / "ivr/scripts/services/plan.yaml"
        self.service.parent.mkdir(parents=True)
        self.frame.write_text(FRAME, "utf-8")
        self.service.write_text(SERVICE, "utf-8")
        for locale in ("zh-CN", "en-US"):
            grammars = root / "grammars" / locale
            (grammars / "intents").mkdir(parents=True)
            for name in ("commands", "keys_commands", "yes_no", "keys_yes_no"):
                shutil.copy(ROOT / "grammars" / locale / f"{name}.gram", grammars)
            shutil.copy(ROOT / "grammars" / locale / "examples.yaml", grammars)
            examples = "".join(f"      - example {n}\n" for n in range(15))
            taught = f"intents:\n  plan:\n    about: it\n    examples:\n{examples}"
            (grammars / "intents/all.yaml").write_text(taught, "utf-8")
            self.prompts(locale).parent.mkdir(parents=True)
            standard = "".join(f"{name}: ok\n" for name in STANDARD.split())
            self.prompts(locale).write_text(PROMPTS + standard, "utf-8")
        (root / "ivr.toml").write_text(f'[paths]\nroot = "{root}"\n', "utf-8")

    def prompts(self, locale: str) -> Path:
        return self.root / "prompts" / locale / "all.yaml"

    def run(self, *arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["--config", str(self.root / "ivr.toml"), "script", *arguments])
        return result.exit_code, result.output

    def problems(self) -> list[ScriptProblem]:
        code, output = self.run("check", "--json")
        assert code == (1 if json.loads(output) else 0)
        return [ScriptProblem(**each) for each in json.loads(output)]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    # The command keeps its `--config` for processes that it starts: no later test may find it there.
    monkeypatch.setenv("IVR_CONFIG", str(tmp_path / "ivr.toml"))
    return House(tmp_path)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_right_script_has_no_problems(house: House) -> None:
    code, output = house.run("check")
    assert (code, output) == (0, "test: 1 services, 11 steps, nothing is wrong\n")


@pytest.mark.parametrize(
    ("old", "new", "place", "reason", "mend"),
    [
        ("next: file", "next: flie", "9:3", "leads to 'flie'", ""),
        ("say: told", "say: toldd", "10:5", "there is no prompt toldd", "write told"),
        ("lookup: loan_summary", "lookup: loan_sumary", "7:5", "no lookup loan_sumary", "write loan_summary"),
        (", no_loans: bye", "", "8:5", "the result no_loans of loan_summary leads", "add `no_loans: STEP`"),
        ("owing: told", "owin: told", "8:16", "loan_summary never answers owin", "write owing"),
        ("all_overdue: bye", "all_overdue: told", "10:5", "the prompt told speaks due_on", "fill it before"),
        ("keep: [due_on]", "keep: [due_onn]", "12:24", "nothing ever fills the slot due_onn", "write due_on"),
        ("intents: [plan]", "intents: [plans]", "3:1", "nobody teaches the intent plans", "with examples"),
        (", en-US: the plan", "", "2:1", "it has no name in en-US", "add `en-US: ...`"),
        ("verify: light", "verify: lite", "4:1", "'lite' is not one of", "What has to be proved first"),
        ("say: told", "sya: told", "9:3", "exactly one of say, answer", "docs/scripts.md"),
        ("say: told", "say: told\n    saing: x", "9:3", "'saing' was unexpected", "Speak, then go on"),
        ("  told:\n", "  find:\n", "9:3", "find is there twice", "its own name"),
        ("no_loans: bye", "no: bye", "8:62", "YAML takes no for a truth value", 'write "no" in quotes'),
        ("verify: light", "verify: [", "6:7", "this is not YAML", "leading bracket in quotes"),
    ],
)
def test_a_slip_in_a_service_is_told_with_its_place_and_mend(  # noqa: PLR0917
    house: House, old: str, new: str, place: str, reason: str, mend: str
) -> None:
    change(house.service, old, new)
    found = [p for p in house.problems() if reason in p.reason]
    assert found, house.problems()
    assert found[0].file == str(house.service)
    assert f"{found[0].line}:{found[0].column}" == place
    assert mend in found[0].mend


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("bye: {end", "lost: {end: hello}\n  bye: {end", 20, "nothing leads here"),
        (
            "bye: {end",
            "isle: {say: hello, next: isle2}\n  isle2: {lookup: identify, branches: isle}\n  bye: {end",
            20,
            "no caller ever gets here",
        ),
        ("say: hello, next: wish", "say: hello, next: welcome", 7, "without asking or looking up"),
        ("grammars: [yes_no]", "grammars: [yes_on]", 12, "there is no grammar yes_on in zh-CN"),
        ("pieces: [id_tail]", "pieces: [birth_date]", 18, "the result birth_date of the verification"),
        ("start: welcome", "start: hello", 3, "there is no step 'hello'"),
    ],
)
def test_a_slip_in_the_frame_is_told_with_its_line(
    house: House, old: str, new: str, line: int, reason: str
) -> None:
    change(house.frame, old, new)
    found = [p for p in house.problems() if reason in p.reason]
    assert found, house.problems()
    assert (found[0].file, found[0].line) == (str(house.frame), line)


def test_an_item_at_which_nobody_gets_a_person_is_named(house: House) -> None:
    grammar = house.root / "grammars/en-US/yes_no.gram"
    text = grammar.read_text("utf-8")
    root = next(line for line in text.splitlines() if line.startswith("public $answer"))
    grammar.write_text(text.replace(root, root.replace("=", "= agent {answer=no} |", 1)), "utf-8")
    [problem] = house.problems()
    assert "whoever says agent here in en-US gets no person" in problem.reason
    assert (problem.line, problem.column) == (12, 5)


def test_a_text_that_one_locale_lacks_is_named(house: House) -> None:
    change(house.prompts("en-US"), "numbered:", "nombered:")
    [problem] = house.problems()
    assert problem.reason == "there is no prompt numbered in en-US"


def test_one_file_can_be_checked_alone(house: House) -> None:
    change(house.frame, "ask: which", "ask: what")
    assert house.run("check", str(house.service))[0] == 0
    assert house.run("check", str(house.frame))[0] == 1


def test_scripts_are_checked_against_the_lookups_that_there_are() -> None:
    services = HotlineServices(
        MemoryLoanBook(),
        SystemClock(),
        UTC,
        desk=MemoryTicketDesk(),
        calendars=CountryWorkCalendars(),
        hours=OpeningHours(UTC, (parse_spans(["08:00-22:00"]),) * 7),
    )
    assert services.names | {"recent_context"} == set(CATALOGUE)


def test_the_shipped_scripts_name_the_published_schema_which_is_the_true_one() -> None:
    published = json.loads((ROOT / "docs/script.schema.json").read_text("utf-8"))
    assert published == json.loads(json.dumps(script_schema())), "ivr script schema > docs/script.schema.json"
    scripts = ROOT / "ivr/scripts"
    for path in [scripts / "hotline.yaml", *scripts.glob("services/*.yaml")]:
        first = path.read_text("utf-8").splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema="), path
        assert (path.parent / first.partition("=")[2]).resolve() == ROOT / "docs/script.schema.json"


needs_graphviz = pytest.mark.skipif(
    shutil.which("dot") is None, reason="needs Graphviz: apt-get install graphviz"
)


def drawn_words(path: Path) -> str:
    return "".join(ElementTree.parse(path).getroot().itertext())


def links(path: Path) -> set[str]:
    return {
        value
        for node in ElementTree.parse(path).iter()
        for name, value in node.attrib.items()
        if name.endswith("href")
    }


@needs_graphviz
def test_the_drawing_of_a_service_shows_what_is_said_and_where_it_leads(house: House, tmp_path: Path) -> None:
    out = tmp_path / "plan.svg"
    assert house.run("graph", "plan", "--out", str(out), "--locale", "en-US")[0] == 0
    drawn = drawn_words(out)
    for expected in ("the plan", "proof: one piece", "loan_summary", "all_overdue", "{ticket_number}", "bye"):
        assert expected in drawn
    assert not links(out)


@needs_graphviz
def test_the_overview_has_one_box_a_service_with_what_matters_of_it(house: House, tmp_path: Path) -> None:
    change(house.service, "say: told", "say: told\n    settles: plan")
    out = tmp_path / "all.svg"
    assert house.run("graph", "--out", str(out))[0] == 0
    drawn = drawn_words(out)
    for expected in ("welcome", "1 项业务", "计划", "验证：一项", "办结：plan", "工单：plan，1 个工作日"):
        assert expected in drawn
    assert "loan_summary" not in drawn


def test_services_that_hand_over_to_each_other_are_joined_by_arrows(house: House, tmp_path: Path) -> None:
    other = SERVICE.replace("plan", "other").replace("next: wish", "next: plan")
    (house.service.parent / "other.yaml").write_text(other, "utf-8")
    out = tmp_path / "all.dot"
    assert house.run("graph", "--out", str(out))[0] == 0
    assert '"other" -> "plan" [constraint=false' in out.read_text("utf-8")
    assert '"plan" -> "other" [constraint=false' not in out.read_text("utf-8")


@needs_graphviz
def test_drawings_in_a_folder_lead_to_each_other(house: House, tmp_path: Path) -> None:
    out = tmp_path / "drawings"
    assert house.run("graph", "--out", f"{out}/")[0] == 0
    assert {path.name for path in out.iterdir()} == {"overview.svg", "test.svg", "plan.svg"}
    assert links(out / "overview.svg") == {"test.svg", "plan.svg"}
    assert links(out / "plan.svg") == {"overview.svg", "test.svg"}
    assert all((out / link).exists() for path in out.iterdir() for link in links(path))


def test_a_drawing_that_cannot_be_made_says_the_mend(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "name one of plan" in house.run("graph", "plans")[1]
    assert "name one of en-US, zh-CN" in house.run("graph", "--locale", "fr-FR")[1]
    monkeypatch.setenv("PATH", "")
    assert "apt-get install graphviz" in house.run("graph")[1]
    out = house.root / "flow.dot"
    assert house.run("graph", "plan", "--out", str(out))[0] == 0
    assert out.read_text("utf-8").startswith("digraph")
