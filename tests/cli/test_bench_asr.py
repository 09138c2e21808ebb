"""`ivr bench asr` from corpus to report, at the end of a server that answers what the test tells it."""

import csv
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import typer
from typer.testing import CliRunner
from websockets.sync.server import ServerConnection, serve

from ivr.cli.bench_asr import asr

app = typer.Typer(add_completion=False)
app.command()(asr)

Bench = Callable[..., tuple[int, Any, str]]


class ToldServer:
    """A stock vosk-server that answers what it was told, one utterance after another."""

    def __init__(self) -> None:
        self.heard: list[list[str]] = []
        self.seconds: list[float] = []
        self.url = ""
        self.script: list[tuple[str, float]] = []

    def converse(self, connection: ServerConnection) -> None:
        sent = 0
        for message in connection:
            if isinstance(message, bytes):
                sent += len(message)
                connection.send('{"partial": ""}')
            elif "config" in message:
                config = json.loads(message)["config"]
                self.heard.append(config.get("phrase_list", []))
                rate_hz = config["sample_rate"]
            else:
                self.seconds.append(sent / 2 / rate_hz)
                text, confidence = self._next(sent / 2 / rate_hz)
                words = [{"word": word, "conf": confidence} for word in text.split()]
                connection.send(json.dumps({"text": text, "result": words}))
                return

    def _next(self, seconds: float) -> tuple[str, float]:
        # The bench warms up with half a second of silence.
        if seconds < 0.6 or not self.script:
            return "", 0.0
        return self.script.pop(0)


@pytest.fixture
def server() -> Iterator[ToldServer]:
    told = ToldServer()
    with serve(told.converse, "127.0.0.1", 0) as listening:
        told.url = f"ws://127.0.0.1:{listening.socket.getsockname()[1]}"
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield told
        listening.shutdown()
        thread.join()


@pytest.fixture
def bench(server: ToldServer, tmp_path: Path) -> Bench:
    def run(*arguments: str, answers: list[tuple[str, float]]) -> tuple[int, Any, str]:
        server.script = list(answers)
        result = tmp_path / "result.json"
        result.unlink(missing_ok=True)
        options = [*arguments, "--url", server.url, "--json", str(result)]
        done = CliRunner().invoke(app, options, env={"COLUMNS": "150"})
        found = json.loads(result.read_text("utf-8")) if result.exists() else None
        return done.exit_code, found, done.output

    return run


def write_corpus(folder: Path, rows: list[dict[str, str]]) -> Path:
    folder.mkdir()
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["file", "transcript", "language", "speaker", "category"])
        writer.writeheader()
        writer.writerows(rows)
    at = np.arange(8000) / 8000
    voice = 0.2 * np.sin(2 * np.pi * 200 * at) * np.sin(2 * np.pi * 3 * at) ** 2
    for row in rows:
        soundfile.write(folder / row["file"], voice.astype(np.float32), 8000)
    return folder


def row(file: str, transcript: str, category: str = "word", speaker: str = "anna") -> dict[str, str]:
    return {
        "file": file,
        "transcript": transcript,
        "language": "en",
        "speaker": speaker,
        "category": category,
    }


@pytest.fixture
def words(tmp_path: Path) -> str:
    rows = [
        row("a.wav", "Yes."),
        row("b.wav", "no", speaker="ben"),
        row("c.wav", "maybe"),
        row("d.wav", "no"),
    ]
    return str(write_corpus(tmp_path / "words", rows))


def test_accuracy_no_matches_and_speakers_are_told(bench: Bench, words: str, server: ToldServer) -> None:
    answers = [("yes", 0.9), ("yes", 0.6), ("", 0.0), ("no", 0.8)]
    code, told, output = bench("--corpus", words, "--errors", answers=answers)
    assert code == 0
    assert sorted(server.heard[-1]) == ["[unk]", "maybe", "no", "yes"]
    task = told["tasks"][0]
    assert (task["task"], task["utterances"]) == ("word (en-US)", 4)
    assert (task["accuracy"]["value"], task["wrong"], task["no_match"]) == (0.5, 0.25, 0.25)
    assert {name: mine["accuracy"]["value"] for name, mine in task["speakers"].items()} == {
        "anna": pytest.approx(0.6667),
        "ben": 0.0,
    }
    assert task["cpu_s_per_audio_s"] is None
    wrong = [line for line in output.splitlines() if "words/" in line]
    assert len(wrong) == 2
    assert wrong[0].split() == ["word", "(en-US)", "words/b.wav", "no", "yes", "0.60"]


def test_other_words_are_refused_at_the_threshold_for_the_wished_false_rejects(
    bench: Bench, tmp_path: Path
) -> None:
    rows = [row(f"{n}.wav", "yes") for n in range(4)] + [
        row(f"x{n}.wav", "banana", "other") for n in range(4)
    ]
    rows.append(row("y.wav", "yes", "other"))  # the same words are in the grammar whatever their category
    corpus = str(write_corpus(tmp_path / "c", rows))
    answers = (
        [("yes", c) for c in (0.5, 0.7, 0.8, 0.9)] + [("yes", c) for c in (0.2, 0.65, 0.75)] + [("", 0.0)]
    )
    options = ("--corpus", corpus, "--out-of-grammar", "other", "--false-rejects", "25")
    _, told, _ = bench(*options, answers=answers)
    assert told["rejection"]["out_of_grammar"] == 4
    assert told["rejection"]["threshold"] == 0.7
    assert told["rejection"]["false_rejects"] == 0.25
    assert told["rejection"]["false_accepts"]["value"] == 0.25
    _, told, _ = bench(*options, "--threshold", "0.6", answers=answers)
    assert told["rejection"]["false_accepts"]["value"] == 0.5


def test_bad_rows_are_told_and_never_end_the_run(bench: Bench, tmp_path: Path) -> None:
    rows = [row("a.wav", "yes"), row("broken.wav", "yes"), row("silent.wav", "yes"), row("no_text.wav", "")]
    folder = write_corpus(tmp_path / "c", rows)
    (folder / "broken.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVEnonsense")
    soundfile.write(folder / "silent.wav", np.zeros(8000, np.float32), 8000)
    with (folder / "manifest.csv").open("a", encoding="utf-8") as file:
        file.write("absent.wav,yes,en,anna,word\nshort\n")
    code, told, output = bench("--corpus", str(folder), answers=[("yes", 0.9)])
    assert code == 0
    assert told["all"]["utterances"] == 1
    reasons = " ".join(told["skipped"])
    for reason in (
        "absent.wav",
        "no file short",
        "no_text.wav: no transcript",
        "broken.wav",
        "silent.wav is silent",
    ):
        assert reason in reasons
    assert "left out: 5" in output


@pytest.mark.parametrize(
    ("ending", "rate_hz"), [("flac", 44100), ("mp3", 44100), ("ogg", 48000), ("wav", 8000)]
)
def test_any_format_and_rate_is_brought_to_the_line(
    bench: Bench, tmp_path: Path, server: ToldServer, ending: str, rate_hz: int
) -> None:
    folder = write_corpus(tmp_path / "c", [row("a.wav", "yes")])
    at = np.arange(2 * rate_hz) / rate_hz
    stereo = np.stack([0.3 * np.sin(2 * np.pi * 300 * at), 0.1 * np.sin(2 * np.pi * 500 * at)], axis=1)
    soundfile.write(folder / f"b.{ending}", stereo, rate_hz)
    (folder / "manifest.csv").write_text(f"path,sentence,locale\nb.{ending},yes,en-US\n", "utf-8")
    code, told, _ = bench("--corpus", str(folder), "--codec", "pcmu", answers=[("yes", 0.9)])
    assert (code, told["all"]["accuracy"]["value"]) == (0, 1.0)
    assert server.seconds[-1] == pytest.approx(2.0 + 0.8, abs=0.1)


def test_strings_are_joined_of_one_speakers_digits(bench: Bench, tmp_path: Path, server: ToldServer) -> None:
    rows = [row("1.wav", "one", "digit"), row("2.wav", "2", "digit", "ben"), row("x.wav", "yes", "word")]
    corpus = str(write_corpus(tmp_path / "c", rows))
    answers = [("one one one", 0.9), ("two two two", 0.8), ("one one two", 0.7)]
    options = ("--corpus", corpus, "--strings", "3", "--strings-each", "3")
    code, told, _ = bench(*options, answers=answers)
    assert code == 0
    said = [(heard["speaker"], heard["said"], heard["verdict"]) for heard in told["utterances"]]
    assert said == [
        ("anna", "one one one", "right"),
        ("ben", "two two two", "right"),
        ("anna", "one one one", "wrong"),
    ]
    # Three takes of a second, trimmed, two gaps of 60 to 250 ms, 800 ms around.
    assert 3.3 < server.seconds[-1] < 4.4
    again = bench(*options, answers=answers)[1]
    assert again["utterances"][0]["audio_ms"] == told["utterances"][0]["audio_ms"]


def test_words_that_nobody_says_within_a_number_are_left_out_of_strings(bench: Bench, tmp_path: Path) -> None:
    rows = [row("2.wav", "二", "digit"), row("2b.wav", "两", "digit"), row("7.wav", "拐", "digit")]
    corpus = str(write_corpus(tmp_path / "c", [{**spoken, "language": "zh"} for spoken in rows]))
    options = ("--corpus", corpus, "--strings", "4", "--strings-each", "2")
    _, told, _ = bench(*options, answers=[("二二二二", 0.9), ("两两两两", 0.9)])
    assert [(heard["said"], heard["verdict"]) for heard in told["utterances"]] == [("二二二二", "right")] * 2


def test_a_grammar_file_judges_by_meaning(bench: Bench, words: str, tmp_path: Path) -> None:
    grammar = tmp_path / "agree.gram"
    grammar.write_text(
        "#ABNF 1.0 UTF-8;\nlanguage en-US;\nmode voice;\nroot $a;\n"
        "public $a = (yes | sure) {agree=yes} | no {agree=no};\n",
        "utf-8",
    )
    answers = [("sure", 0.9), ("no", 0.8), ("yes", 0.8), ("yes", 0.7)]
    options = ("--corpus", words, "--grammar", str(grammar), "--out-of-grammar", "others")
    _, told, _ = bench(*options, answers=answers)
    assert told["all"]["utterances"] == 3
    assert told["all"]["accuracy"]["value"] == pytest.approx(0.6667)
    assert told["rejection"]["out_of_grammar"] == 1
    assert "1 recordings hold what agree.gram does not" in told["skipped"]


def test_two_runs_are_compared_utterance_by_utterance(bench: Bench, words: str, tmp_path: Path) -> None:
    first = [("yes", 0.9), ("yes", 0.9), ("no", 0.9), ("no", 0.9)]
    second = [("yes", 0.9), ("no", 0.9), ("maybe", 0.9), ("no", 0.9)]
    bench("--corpus", words, answers=first)
    (tmp_path / "result.json").rename(tmp_path / "old.json")
    options = ("--corpus", words, "--loss", "5", "--compare", str(tmp_path / "old.json"))
    _, _, output = bench(*options, answers=second)
    assert "differs: loss_percent was 0.0 and is 5.0" in output
    changed = next(line for line in output.splitlines() if "+50.0" in line)
    assert changed.split()[2:6] == ["4", "50.0", "100.0", "+50.0"]


def test_halves_do_not_overlap_and_limits_hold(bench: Bench, tmp_path: Path) -> None:
    corpus = str(write_corpus(tmp_path / "c", [row(f"{n}.wav", "yes") for n in range(12)]))
    heard: dict[str, set[str]] = {}
    for split in ("dev", "held-out"):
        _, told, _ = bench("--corpus", corpus, "--split", split, answers=[("yes", 0.9)] * 12)
        heard[split] = {utterance["name"] for utterance in told["utterances"]}
    assert not heard["dev"] & heard["held-out"]
    assert len(heard["dev"] | heard["held-out"]) == 12
    _, told, _ = bench("--corpus", corpus, "--limit", "3", answers=[("yes", 0.9)] * 3)
    assert told["all"]["utterances"] == 3


@pytest.mark.parametrize(
    ("options", "mend"),
    [
        (["--grammar", "wrod"], "no category 'wrod'; there are: word"),
        (["--strings", "4,x"], "lengths such as 4,6,11"),
        (["--strings", "4"], "nothing of these corpora fits"),
        (["--grammar", "absent.gram"], "absent.gram"),
        (["--compare", "WORDS/manifest.csv"], "is no result of this bench"),
        (["--noise", "WORDS"], "no noise file lasts 3 s"),
    ],
)
def test_mistakes_end_with_a_message_and_the_mend(
    bench: Bench, words: str, options: list[str], mend: str
) -> None:
    options = [option.replace("WORDS", words) for option in options]
    code, told, output = bench("--corpus", words, *options, answers=[])
    assert code != 0
    assert told is None
    assert mend in " ".join(output.split())
    assert "Traceback" not in output


def test_a_folder_that_is_no_corpus_is_told(bench: Bench, tmp_path: Path) -> None:
    code, _, output = bench("--corpus", str(tmp_path), answers=[])
    assert code == 1
    assert "a corpus is a folder with manifest.csv, whose columns are file" in output
