"""Sentence vectors: what they are good for, what is kept of them, and what never is."""

from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.sentence_vectors import SentenceVectors
from ivr.grammar.intents.example import IntentExample
from ivr.grammar.intents.training import train

EXAMPLES = [
    IntentExample(text, intent)
    for intent, texts in {
        "balance": ["how much do I owe", "what is my balance", "what's left on my loan"],
        "lost_phone": ["my phone was stolen", "I lost my mobile", "somebody took my phone"],
    }.items()
    for text in texts
]
UNSEEN = {"tell me the outstanding debt": "balance", "a thief ran off with my handset": "lost_phone"}


@pytest.fixture
def vectors(tmp_path: Path) -> SentenceVectors:
    return SentenceVectors(tmp_path)


def kept(directory: Path) -> int:
    (file,) = directory.iterdir()
    with np.load(file) as held:
        return len(held["vectors"])


def test_each_text_has_a_row_of_unit_length_in_order(vectors: SentenceVectors) -> None:
    rows = vectors(["还欠多少钱", "投诉", "还欠多少钱"])
    assert rows.shape == (3, 384)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0, abs=1e-3)
    assert np.array_equal(rows[0], rows[2])
    assert vectors([]).shape == (0, 384)


def test_sentences_without_a_word_in_common_are_sorted_by_what_they_mean(vectors: SentenceVectors) -> None:
    model = train(EXAMPLES, language="en-US", vectorise=vectors)
    assert {text: model.classify(text, 1)[0].intent for text in UNSEEN} == UNSEEN


def test_only_examples_are_written_down_never_what_callers_say(
    tmp_path: Path, vectors: SentenceVectors
) -> None:
    vectors.remember(["how much do I owe", "I lost my mobile"])
    vectors(["my secret is 1234"])
    vectors.remember(["what is my balance"])
    assert kept(tmp_path) == 3
    assert "secret" not in "".join(path.read_bytes().decode("latin-1") for path in tmp_path.iterdir())


def test_a_second_start_computes_nothing_anew(tmp_path: Path, vectors: SentenceVectors) -> None:
    texts = [example.text for example in EXAMPLES]
    done: list[tuple[int, int]] = []
    vectors.remember(texts, lambda *progress: done.append(progress))
    again = SentenceVectors(tmp_path)
    again.remember(texts, lambda *progress: done.append(progress))
    assert done == [(6, 6)]
    assert again(texts) == pytest.approx(vectors(texts), abs=1e-3)


@pytest.mark.parametrize("content", [b"", b"PK not an archive", b"\x93NUMPY"])
def test_a_file_that_was_damaged_is_made_again(tmp_path: Path, content: bytes) -> None:
    SentenceVectors(tmp_path).remember(["one"])
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    SentenceVectors(tmp_path).remember(["one", "two"])
    assert kept(tmp_path) == 2


def test_where_nothing_can_be_written_it_only_takes_longer(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    vectors = SentenceVectors(blocked)
    vectors.remember(["one"])
    assert vectors(["one"]).shape == (1, 384)
