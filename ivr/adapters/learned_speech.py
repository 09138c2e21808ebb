"""What was learned from the examples of a locale, kept from one start to the next."""

import hashlib
import os
import pickle
from contextlib import suppress
from pathlib import Path

import structlog

from ivr.adapters.models import default_models_dir
from ivr.adapters.sentence_vectors import SentenceVectors
from ivr.grammar.intents.example import IntentBook
from ivr.grammar.open_item import OpenSpeech

_SOURCES = Path(__file__).parents[1] / "grammar"
_log = structlog.get_logger(__name__)


def learned_speech(book: IntentBook, vectors: SentenceVectors, directory: Path | None = None) -> OpenSpeech:
    """What free sentences mean in this locale: from the file of an earlier start, else learned and kept.

    Learning takes a few seconds of CPU, which every worker would spend while callers wait for it. The file is
    named after the examples and the program that learns, and lies where only its owner writes. Raises
    `ValueError` for examples that cannot be learned from.
    """
    folder = directory or default_models_dir().parent / "learned"
    file = folder / f"{book.locale}-{_digest(book)}.pickle"
    with suppress(FileNotFoundError):
        try:
            kept = pickle.loads(file.read_bytes())
            if isinstance(kept, OpenSpeech):
                return kept
        except (pickle.UnpicklingError, AttributeError, ImportError, EOFError, IndexError) as error:
            _log.warning("learned_speech_unreadable", file=str(file), error=type(error).__name__)
    vectors.remember([example.text for example in book.examples()])
    speech = OpenSpeech.learn(book, vectors)
    _keep(speech, file)
    return speech


def _keep(speech: OpenSpeech, file: Path) -> None:
    """Whole or not at all; what was learned from earlier examples of the locale goes."""
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.write_bytes(pickle.dumps(speech, pickle.HIGHEST_PROTOCOL))
        part.replace(file)
        for old in file.parent.glob(f"{speech.book.locale}-*.pickle"):
            if old != file:
                old.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("learned_speech_not_kept", file=str(file), error=str(error))
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _digest(book: IntentBook) -> str:
    """Changes with the examples and with the modules that read and learn them."""
    digest = hashlib.sha256(repr(book).encode())
    for source in sorted(_SOURCES.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
