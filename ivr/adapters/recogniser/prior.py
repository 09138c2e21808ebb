"""How likely Whisper finds a text when it hears nothing.

A language model likes common words. The log-probability of a phrase in silence is what it owes to that
liking; taken off, what is left is owed to the sound (contextual calibration: Zhao et al., 2021).
"""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np

from ivr.adapters.recogniser.audio import FRAMES_PER_S, WHISPER_RATE_HZ
from ivr.adapters.recogniser.whisper_model import Encoded, WhisperModel

_HUSH_FRAMES = FRAMES_PER_S
_KEPT = 50_000


class Priors:
    """Log-probabilities in silence, remembered. Safe to use from several threads."""

    def __init__(self, whisper: WhisperModel) -> None:
        """Listen to a second of silence."""
        self._whisper = whisper
        hush = np.zeros(_HUSH_FRAMES * WHISPER_RATE_HZ // FRAMES_PER_S, np.float32)
        self._hush: Encoded = whisper.encode(hush, frames=_HUSH_FRAMES)
        self._known: OrderedDict[tuple[str, tuple[int, ...]], float] = OrderedDict()
        self._lock = Lock()

    def of(self, language: str, texts: Sequence[tuple[int, ...]]) -> list[float]:
        """The natural logarithm of each text's probability; about 6 ms for a text not asked for before."""
        keys = [(language, text) for text in texts]
        with self._lock:
            found = {key: self._known[key] for key in keys if key in self._known}
        unknown = list(dict.fromkeys(key for key in keys if key not in found))
        if unknown:
            log_probs = self._whisper.log_probs(self._hush, language, [text for _, text in unknown])
            found.update(zip(unknown, log_probs, strict=True))
        with self._lock:
            for key in keys:
                self._known[key] = found[key]
                self._known.move_to_end(key)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return [found[key] for key in keys]
