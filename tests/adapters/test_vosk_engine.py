"""The Vosk engine on real models. Korean speech is espeak-ng's: no person's Korean is at hand."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
import typer
from korean_corpus import write_korean_corpus
from structlog.testing import capture_logs
from typer.testing import CliRunner

from ivr.adapters.codecs import CODECS, through_codec
from ivr.adapters.models import default_models_dir, find_engine_model
from ivr.adapters.recogniser.engine import BadRequest, Request
from ivr.adapters.recogniser.vosk_engine import VoskEngine
from ivr.adapters.voice.samples import read_pcm
from ivr.cli.bench_asr import asr

pytestmark = pytest.mark.slow

ANSWERS = ("네", "아니요", "아닙니다", "좋아요", "몰라요")
_PIECE = 960
"""60 ms, as calls send audio."""


def engine_for(locale: str) -> VoskEngine:
    directory = find_engine_model("vosk", locale, default_models_dir())
    if directory is None:
        pytest.skip(f"needs a Vosk model for {locale}; see: ivr models list")
    return VoskEngine(directory, locale=locale)


@pytest.fixture(scope="module")
def korean() -> VoskEngine:
    return engine_for("ko-KR")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_korean_corpus(tmp_path_factory.mktemp("korean") / "corpus", ("yesno", "other"))


def telephone(path: Path) -> bytes:
    lead, tail = np.zeros(2400, np.int16), np.zeros(4000, np.int16)
    samples = np.concatenate([lead, read_pcm(path), tail])
    return through_codec(samples, CODECS["pcma"]).astype("<i2").tobytes()


@pytest.fixture(scope="module")
def spoken(corpus: Path) -> Callable[[str], bytes]:
    with (corpus / "manifest.csv").open(encoding="utf-8") as file:
        files = {row["transcript"]: row["file"] for row in csv.DictReader(file) if row["speaker"] == "plain"}
    return lambda text: telephone(corpus / files[text])


def test_answers_are_told_before_the_end_and_stay(korean: VoskEngine, spoken: Callable[[str], bytes]) -> None:
    for answer in ("아니요", "좋아요", "네"):
        pcm = spoken(answer)
        decoding = korean.open(Request("ko-KR", 8000, phrases=ANSWERS))
        partials = [decoding.feed(pcm[start : start + _PIECE]) for start in range(0, len(pcm), _PIECE)]
        last_ms = 60 * (len(partials) - max(n for n, text in enumerate(partials) if text != answer) - 1)
        assert last_ms >= 300, f"the words were steady for {last_ms} ms only"
        best = decoding.finish().hypothesis.best
        assert best is not None
        assert best.text == answer


def test_readings_share_the_confidence_and_one_reading_has_words_with_theirs(
    korean: VoskEngine, spoken: Callable[[str], bytes]
) -> None:
    pcm = spoken("좋아요")
    several = korean.open(Request("ko-KR", 8000, phrases=ANSWERS, n_best=5))
    several.feed(pcm)
    heard = several.finish().hypothesis.alternatives
    assert heard[0].text == "좋아요"
    assert sum(alternative.confidence for alternative in heard) <= 1.01
    single = korean.open(Request("ko-KR", 8000, phrases=ANSWERS, n_best=1))
    single.feed(pcm)
    words = single.finish().words
    assert [word["word"] for word in words] == ["좋아요"]
    assert words[0]["conf"] > 0.5
    assert 0.2 < words[0]["start"] < words[0]["end"] < 2.0


def test_words_outside_the_vocabulary_are_told_once_with_the_mend(korean: VoskEngine) -> None:
    phrases = ("네", "낱말아닌낱말")
    with capture_logs() as logs:
        korean.open(Request("ko-KR", 8000, phrases=phrases)).finish()
        korean.open(Request("ko-KR", 8000, phrases=(*phrases, "아니요"))).finish()
    assert [(entry["words"], entry["count"]) for entry in logs] == [(["낱말아닌낱말"], 1)]
    assert "other words" in logs[0]["mend"]
    with pytest.raises(BadRequest, match="knows no phrase"):
        korean.open(Request("ko-KR", 8000, phrases=("낱말아닌낱말",)))


def test_a_grammar_of_more_phrases_than_can_be_listed_is_heard_word_by_word(
    korean: VoskEngine, spoken: Callable[[str], bytes]
) -> None:
    grammar = (
        "#ABNF 1.0 UTF-8;\nlanguage ko-KR;\nmode voice;\nroot $answers;\n"
        f"public $answers = ({' | '.join(ANSWERS)})<1-11>;\n"
    )
    decoding = korean.open(Request("ko-KR", 8000, grammar=grammar))
    decoding.feed(spoken("좋아요"))
    best = decoding.finish().hypothesis.best
    assert best is not None
    assert best.text == "좋아요"


def test_memory_does_not_grow_with_grammars_and_calls(korean: VoskEngine) -> None:
    words = ("영", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구")
    process = psutil.Process()

    def serve(first: int, last: int) -> int:
        for number in range(first, last):
            phrases = tuple(f"{word} {words[number % 10]} {words[number // 10 % 10]}" for word in words)
            decoding = korean.open(Request("ko-KR", 8000, phrases=phrases))
            decoding.feed(bytes(4000))
            if number % 2:  # every other caller hangs up in the middle
                decoding.finish()
        return process.memory_info().rss

    warm = serve(0, 40)
    assert (serve(40, 140) - warm) / 2**20 < 15


@pytest.mark.usefixtures("korean")
def test_the_bench_measures_it_and_most_other_speech_is_refused(corpus: Path, tmp_path: Path) -> None:
    app = typer.Typer(add_completion=False)
    app.command()(asr)
    result = tmp_path / "vosk.json"
    options = [
        "--corpus",
        str(corpus),
        "--engine",
        "vosk",
        "--grammar",
        "yesno",
        "--out-of-grammar",
        "other",
    ]
    done = CliRunner().invoke(app, [*options, "--limit", "14", "--threshold", "0.7", "--json", str(result)])
    assert done.exit_code == 0, done.output
    told = json.loads(result.read_text("utf-8"))
    assert told["recognisers"] == {"ko-KR": {"engine": "vosk", "model": "vosk-ko"}}
    assert told["all"]["accuracy"]["value"] > 0.4
    assert told["rejection"]["false_accepts"]["value"] < 0.3
    # It decodes while audio comes in, so that little is left to do at the end.
    assert told["all"]["cpu_s_per_audio_s"] < 0.2


@pytest.mark.parametrize(
    ("locale", "folder", "words"),
    [
        ("zh-CN", "zh_audio_cmn", ("重复", "取消", "人工", "修改", "电话", "不要")),
        ("en-US", "en_fsdd_digits", ("one", "two", "three", "four", "six", "seven")),
    ],
)
def test_people_are_understood_where_the_models_are(
    data_dir: Path, locale: str, folder: str, words: tuple[str, ...]
) -> None:
    engine = engine_for(locale)
    with (data_dir / folder / "manifest.csv").open(encoding="utf-8") as file:
        files = {row["transcript"]: row["file"] for row in csv.DictReader(file)}
    right = 0
    for word in words:
        decoding = engine.open(Request(locale, 8000, phrases=words))
        decoding.feed(telephone(data_dir / folder / files[word]))
        best = decoding.finish().hypothesis.best
        right += best is not None and best.text == word
    assert right >= len(words) - 1
