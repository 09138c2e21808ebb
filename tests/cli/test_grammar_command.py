"""`ivr grammar`: what an author of grammars sees."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli.grammar import app

SHIPPED = str(Path(__file__).parents[2] / "grammars")


def run(*arguments: str, root: str = SHIPPED) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [*arguments, "--root", root])
    return done.exit_code, done.stdout, done.stderr


def test_check_passes_the_shipped_grammars_and_shows_their_size() -> None:
    code, out, _ = run("check")
    assert code == 0
    assert "wish" in out
    assert "over 100,000" in out


def test_check_names_every_fault_and_fails(tmp_path: Path) -> None:
    folder = tmp_path / "zh-CN"
    folder.mkdir()
    head = "#ABNF 1.0; language zh-CN; root $r;\n"
    (folder / "good.gram").write_text(head + "$r = 余额 {i=b};", "utf-8")
    (folder / "bad.gram").write_text(head + "$r = 余额 $s;", "utf-8")
    examples = "good:\n  accept: [[还款, {i: b}]]\n  refuse: [余额]\n"
    (folder / "examples.yaml").write_text(examples, "utf-8")
    code, out, _ = run("check", root=str(tmp_path))
    assert code == 1
    assert "zh-CN/bad.gram:2:9: rule $s is not defined" in out
    assert "`还款` means nothing and should mean i=b" in out
    assert "`余额` means i=b and should be refused" in out


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["wish+commands", "转人工"], "command=agent  confidence 1.00"),
        (["wish", "我要茶贷款鱼额"], "intent=balance  confidence 0.95"),
        (["keys_id_tail", "123*"], "id_tail=123X  confidence 1.00"),
    ],
)
def test_match_says_what_a_text_means(arguments: list[str], answer: str) -> None:
    assert run("match", *arguments)[:2] == (0, answer + "\n")


def test_match_fails_with_the_reason_when_there_is_no_meaning() -> None:
    assert run("match", "wish", "今天天气") == (1, "", "no match: out_of_grammar\n")


def test_expand_lists_and_sample_draws_phrases_of_the_grammar() -> None:
    listed = run("expand", "yes_no", "--locale", "en-US")[1].splitlines()
    drawn = run("sample", "yes_no", "--locale", "en-US", "-n", "5")[1].splitlines()
    assert len(drawn) == 5
    assert set(drawn) < set(listed)


def test_mistakes_end_with_a_message_and_the_mend() -> None:
    code, _, error = run("expand", "nothing")
    assert code == 1
    assert "there is no file nothing.gram. Mend: known files are commands.gram" in error
    assert "choose one of en-US, zh-CN" in run("sample", "wish", "--locale", "fr-FR")[2]
    assert "more than 50 phrases" in run("expand", "wish", "--limit", "50")[2]
