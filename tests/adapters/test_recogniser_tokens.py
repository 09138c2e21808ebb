"""Whisper's tokeniser, as we load it, against the model's own vocabulary."""

import json
from pathlib import Path

import pytest

from ivr.adapters.models import default_models_dir, installed
from ivr.adapters.recogniser.whisper_model import load_tokenizer


@pytest.fixture(scope="module")
def tokenizer_file() -> Path:
    model = installed("whisper-base", default_models_dir())
    if model is None:
        pytest.skip("needs the model whisper-base: ivr models pull whisper-base")
    return model / "tokenizer.json"


def test_every_word_of_the_vocabulary_is_written_as_its_one_token(tokenizer_file: Path) -> None:
    vocabulary = json.loads(tokenizer_file.read_text("utf-8"))["model"]["vocab"]
    tokenizer = load_tokenizer(tokenizer_file)
    words = {
        token[1:]: number
        for token, number in vocabulary.items()
        if token.startswith("\u0120") and token[1:].isascii() and token[1:].isalpha()
    }
    assert {"to", "the", "two", "three"} <= words.keys()
    texts = [" " + word for word in words]
    encoded = tokenizer.encode_batch(texts, add_special_tokens=False)
    assert [e.ids for e in encoded] == [[number] for number in words.values()]


def test_a_damaged_tokenizer_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(RuntimeError, match=r"tokenizer\.json"):
        load_tokenizer(tmp_path / "tokenizer.json")
