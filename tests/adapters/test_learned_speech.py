"""What was learned is kept: the next start has it at once, and never an older one than its examples."""

from dataclasses import replace
from pathlib import Path

import pytest

from ivr.adapters.learned_speech import learned_speech
from ivr.adapters.sentence_vectors import SentenceVectors
from ivr.grammar.intents.example import Intent, IntentBook

BALANCE = Intent("balance", "what is owed", (), False, ("how much do I owe", "what is my balance"))
LOST = Intent("lost", "a lost phone", (), False, ("my phone was stolen", "I lost my mobile"))
BOOK = IntentBook("en-US", {"balance": BALANCE, "lost": LOST}, ("tell me a joke",))


class Counted(SentenceVectors):
    """Counts how often something is learned."""

    learned = 0

    def remember(self, texts, progress=None) -> None:
        self.learned += 1
        super().remember(texts, progress)


@pytest.fixture
def vectors(tmp_path: Path) -> Counted:
    return Counted(tmp_path / "vectors")


def test_a_second_start_learns_nothing_and_understands_the_same(tmp_path: Path, vectors: Counted) -> None:
    first = learned_speech(BOOK, vectors, tmp_path / "learned")
    again = learned_speech(BOOK, vectors, tmp_path / "learned")
    assert vectors.learned == 1
    text = "somebody took my handset"
    assert again.model.confidences(text) == pytest.approx(first.model.confidences(text), abs=1e-3)


def test_changed_examples_are_learned_and_the_old_ones_go(tmp_path: Path, vectors: Counted) -> None:
    learned_speech(BOOK, vectors, tmp_path / "learned")
    changed = replace(BOOK, out_of_scope=("what is the weather",))
    assert learned_speech(changed, vectors, tmp_path / "learned").book == changed
    assert (vectors.learned, len(list((tmp_path / "learned").iterdir()))) == (2, 1)


@pytest.mark.parametrize("content", [b"", b"no pickle", b"\x80\x05N."])
def test_a_damaged_file_is_learned_anew(tmp_path: Path, vectors: Counted, content: bytes) -> None:
    learned_speech(BOOK, vectors, tmp_path / "learned")
    (file,) = (tmp_path / "learned").iterdir()
    file.write_bytes(content)
    assert learned_speech(BOOK, vectors, tmp_path / "learned").book == BOOK
    assert vectors.learned == 2


def test_nobody_else_can_write_what_will_be_read(tmp_path: Path, vectors: Counted) -> None:
    learned_speech(BOOK, vectors, tmp_path / "learned")
    assert (tmp_path / "learned").stat().st_mode & 0o077 == 0
