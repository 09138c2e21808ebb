"""The words that a Vosk model knows."""

from collections.abc import Callable
from pathlib import Path


class VocabularyFault(RuntimeError):
    """A folder holds no Vosk model that could be asked."""


def read_vocabulary(model_dir: Path) -> Callable[[str], bool]:
    """Whether the model of a folder knows a word.

    Most models list their words in `graph/words.txt`; others keep them in their graph and are loaded, which
    takes seconds and half a gigabyte. Raises `VocabularyFault` when there is no such model.
    """
    listed = model_dir / "graph" / "words.txt"
    if listed.is_file():
        words = {line.split(maxsplit=1)[0] for line in listed.read_text("utf-8").splitlines() if line.strip()}
        return words.__contains__
    if not (model_dir / "am").is_dir():
        raise VocabularyFault(f"{model_dir} is no Vosk model: name the folder that holds am/ and graph/")
    import vosk  # noqa: PLC0415  a large library that the list does without

    vosk.SetLogLevel(-1)
    try:
        model = vosk.Model(str(model_dir))
    except Exception as error:
        raise VocabularyFault(f"{model_dir} is a damaged Vosk model; run: ivr models verify") from error
    return lambda word: bool(model.vosk_model_find_word(word) >= 0)
