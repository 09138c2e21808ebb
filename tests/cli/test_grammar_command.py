"""`ivr grammar`: what an author of grammars sees."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.adapters.models import default_models_dir, find_engine_model
from ivr.cli.grammar import app

SHIPPED = str(Path(__file__).parents[2] / "grammars")


def run(*arguments: str, root: str = SHIPPED) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [*arguments, "--root", root])
    return done.exit_code, done.stdout, done.stderr


def test_check_passes_grammars_that_hold_their_examples_and_shows_their_size() -> None:
    code, out, _ = run(
        "check", *(f"{SHIPPED}/zh-CN/{name}.gram" for name in ("yes_no", "wish", "keys_phone"))
    )
    assert code == 0
    assert "wish" in out
    assert "7.0e+9" in out


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
    assert "zh-CN/examples.yaml:2:1: `还款` means nothing and should mean i=b" in out
    assert "zh-CN/examples.yaml:3:1: `余额` means i=b and should be refused" in out


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


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["wish", "我要查余额吗"], ["out_of_grammar", "up to `我要查余额` (a whole phrase), not `吗`"]),
        (["wish", "我要查"], ["up to `我要查`\n", "could go on with: ", "余额"]),
        (["wish", "天气"], ["not even the beginning", "could go on with: "]),
        (["keys_id_tail", "1#"], ["bad_keys", "up to `1`, not `#`", "could go on with: 0 | 1 | 2"]),
    ],
)
def test_match_tells_where_a_text_left_the_grammar_and_what_could_have_followed(
    arguments: list[str], told: list[str]
) -> None:
    code, out, error = run("match", *arguments)
    assert (code, out) == (1, "")
    for part in told:
        assert part in error


def test_match_counts_dates_from_the_time_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "due.gram"
    path.write_text("#ABNF 1.0; language zh-CN; root $r; $r = [我] (明天 | 后天) {date:=date} 还;", "utf-8")
    assert run("match", str(path), "我后天还", "--now", "2026-12-30T09:00") == (
        0,
        "date=2027-01-01  confidence 1.00\n",
        "",
    )


def test_expand_lists_and_sample_draws_phrases_of_the_grammar() -> None:
    listed = run("expand", "yes_no", "--locale", "en-US")[1].splitlines()
    drawn = run("sample", "yes_no", "--locale", "en-US", "-n", "5")[1].splitlines()
    assert len(drawn) == 5
    assert set(drawn) < set(listed)


def test_mistakes_end_with_a_message_and_the_mend() -> None:
    code, _, error = run("expand", "nothing")
    assert code == 1
    assert "there is no file nothing.gram. Mend: known files are " in error
    assert "choose one of en-US, zh-CN" in run("sample", "wish", "--locale", "fr-FR")[2]
    assert "more than 50 phrases" in run("expand", "wish", "--limit", "50")[2]


def test_files_are_checked_wherever_they_lie_with_those_beside_them_and_all_faults_told(
    tmp_path: Path,
) -> None:
    head = "#ABNF 1.0;\nlanguage zh-CN;\nroot $r;\n"
    (tmp_path / "good.gram").write_text(head + "$r = 好 $<parts.grxml#a>; $spare = 不;", "utf-8")
    (tmp_path / "parts.grxml").write_text(
        '<grammar version="1.0" xml:lang="zh-CN"><rule id="a" scope="public">的</rule></grammar>', "utf-8"
    )
    (tmp_path / "bad.gram").write_text(head + "$r = 余额 (好;", "utf-8")
    (tmp_path / "bytes.gram").write_bytes(head.encode() + "$r = 余额;".encode("gbk"))
    (tmp_path / "reader.gram").write_text(head + "$r = 好 {a:=nobody};", "utf-8")
    code, out, _ = run("check", str(tmp_path))
    assert code == 1
    assert f"{tmp_path}/bad.gram:4:11: a bracket is open. Mend: close it before the semicolon.\n" in out
    assert "  $r = 余额 (好;\n               ^\n" in out
    assert f"{tmp_path}/bytes.gram:4:6: the file is not UTF-8" in out
    assert "there is no reader `nobody`" in out
    assert f"{tmp_path}/good.gram: rule $spare is never used" in out
    assert "no root" in out
    code, out, _ = run("check", str(tmp_path / "good.gram"), str(tmp_path / "parts.grxml"), "--json")
    found = json.loads(out)
    assert code == 0
    assert found["faults"] == []
    assert [(Path(c["file"]).name, c["phrases"], c["unused"]) for c in found["checked"]] == [
        ("good.gram", 1, ["spare"]),
        ("parts.grxml", None, []),
    ]


def test_check_finds_phrases_with_two_meanings(tmp_path: Path) -> None:
    path = tmp_path / "two.gram"
    path.write_text("#ABNF 1.0; language zh-CN; root $r;\n$r = 好 {a=1} | 好 {a=2};", "utf-8")
    code, out, _ = run("check", str(path))
    assert code == 1
    assert "two.gram:2:1: `好` means a=1 or a=2. Mend: let only one alternative take it." in out


def test_a_declared_encoding_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.gram"
    path.write_bytes("#ABNF 1.0 GBK; language zh-CN; root $r; $r = 余额;".encode("gbk"))
    assert run("expand", str(path))[:2] == (0, "余额\n")


def test_answers_come_as_json_too() -> None:
    assert json.loads(run("match", "wish", "余额", "--json")[1])["meaning"] == {"intent": "balance"}
    assert json.loads(run("match", "wish", "余额吗", "--json")[1])["rest"] == "吗"
    assert len(json.loads(run("sample", "phone", "-n", "3", "--json")[1])["phrases"]) == 3
    assert "余额" in json.loads(run("expand", "wish", "--json")[1])["phrases"]
    fault = json.loads(run("expand", "absent", "--json")[1])["fault"]
    assert "no file absent.gram" in fault["reason"]


def test_a_converted_grammar_means_the_same_and_converts_back(tmp_path: Path) -> None:
    shipped = Path(SHIPPED) / "zh-CN" / "id_tail.gram"
    xml, again = tmp_path / "id_tail.grxml", tmp_path / "again.gram"
    xml.write_text(convert(shipped, "grxml"), "utf-8")
    again.write_text(convert(xml, "abnf"), "utf-8")
    assert convert(again, "grxml") == xml.read_text("utf-8")
    assert run("match", str(xml), "一二三叉")[:2] == (0, "id_tail=123X  confidence 1.00\n")


def convert(path: Path, form: str) -> str:
    done = CliRunner().invoke(app, ["convert", str(path), "--to", form])
    assert done.exit_code == 0
    return done.stdout


def test_words_that_a_model_lacks_are_reported_and_fail(tmp_path: Path) -> None:
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / "words.txt").write_text("<eps> 0\nyes 1\nno 2\n", "utf-8")
    grammar = tmp_path / "a.gram"
    grammar.write_text("#ABNF 1.0; language en; root $r; $r = Yes | no thanks;", "utf-8")
    code, out, _ = run("words", str(grammar), "--model", str(tmp_path), "--json")
    assert code == 1
    assert json.loads(out) == {"known": {"Yes": ["yes"], "no": ["no"]}, "missing": ["thanks"]}
    code, _, error = run("words", str(grammar), "--model", str(tmp_path / "absent"))
    assert code == 1
    assert "is no Vosk model" in error


@pytest.mark.slow
def test_a_model_without_a_list_of_words_is_asked_itself(tmp_path: Path) -> None:
    model = find_engine_model("vosk", "ko-KR", default_models_dir())
    if model is None:
        pytest.skip("the Korean Vosk model is not installed")
    grammar = tmp_path / "a.gram"
    grammar.write_text("#ABNF 1.0; language ko-KR; root $r; $r = 상담원 연결 | 삐뚤빼뚤쿵야;", "utf-8")
    code, out, _ = run("words", str(grammar), "--model", str(model), "--json")
    assert code == 1
    assert json.loads(out) == {"known": {"상담원": ["상담원"], "연결": ["연결"]}, "missing": ["삐뚤빼뚤쿵야"]}
