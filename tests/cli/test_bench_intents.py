"""`ivr bench intents` and `ivr intents`, as a person or a program types them."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli.main import app

RUNNER = CliRunner()
WISHES = {
    "balance": ["my balance", "check my balance", "balance please", "what is my balance now"],
    "card": ["change my card", "a new card", "use another card", "my card is new"],
    "oos": ["sing a song", "will it rain", "tell a joke", "pizza tonight"],
}


def written(path: Path, texts: dict[str, list[str]]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "intent"])
        rows.writerows((text, label) for label, listed in texts.items() for text in listed)
    return str(path)


def bench(*options: str) -> dict:
    result = RUNNER.invoke(app, ["bench", "intents", *options, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_training_and_a_test_file_give_all_figures_and_the_errors(tmp_path: Path) -> None:
    train = written(tmp_path / "a.csv", WISHES)
    test = written(
        tmp_path / "b.csv",
        {"balance": ["the balance", "new card balance card card"], "card": ["card"], "oos": ["rain"]},
    )
    report = bench("--train", train, "--test", test, "--errors")
    assert report["texts"] == 3
    assert report["accuracy"] == pytest.approx(2 / 3, abs=1e-3)
    assert [error["text"] for error in report["errors"]] == ["new card balance card card"]
    assert report["confusions"] == [{"intent": "balance", "found": "card", "count": 1}]
    assert report["out_of_scope"]["texts"] == 1
    assert {row["intent"] for row in report["intents"]} == {"balance", "card"}
    assert set(report["classify_cpu_us"]) == {"p50", "p95"}


def test_one_file_is_cross_validated_alike_for_one_seed(tmp_path: Path) -> None:
    train = written(tmp_path / "a.csv", WISHES)
    first, second = (bench("--train", train, "--folds", "4") for _ in range(2))
    assert first["texts"] == 8
    assert first["intents"] == second["intents"]
    assert "errors" not in first


def test_the_table_is_for_people(tmp_path: Path) -> None:
    train = written(tmp_path / "a.csv", WISHES)
    shown = RUNNER.invoke(app, ["bench", "intents", "--train", train, "--folds", "2"]).output
    assert "accuracy" in shown
    assert "out of scope, AUROC" in shown


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--train", "missing.csv"], "Mend: name a CSV file"),
        (["--locale", "xx-XX"], "there are no intents"),
        (["--train", "{one}"], "give examples of two or more"),
    ],
)
def test_what_cannot_be_used_ends_with_a_mend(tmp_path: Path, options: list[str], complaint: str) -> None:
    one = written(tmp_path / "one.csv", {"balance": ["my balance", "a balance"]})
    result = RUNNER.invoke(app, ["bench", "intents", *(option.format(one=one) for option in options)])
    assert result.exit_code == 1
    assert complaint in result.output


def test_a_sentence_is_classified_with_its_reasons() -> None:
    result = RUNNER.invoke(app, ["intents", "classify", "我想查一下这个月要还多少", "--json"])
    best = json.loads(result.stdout)[0]
    assert best["intent"] == "next_due"
    assert best["words"]
    assert "date" in best["slots"]


def test_faulty_intents_fail_the_check_and_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "en-US" / "intents"
    folder.mkdir(parents=True)
    (folder / "loan.yaml").write_text("intents:\n  balance: {about: owed, examples: [one]}\n", "utf-8")
    result = RUNNER.invoke(app, ["intents", "check", "--root", str(tmp_path)])
    assert result.exit_code == 1
    assert "loan.yaml:2: intent `balance` has 1 examples" in result.output
