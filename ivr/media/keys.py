"""Key collection: inter-key timeout, terminator, and keys pressed ahead of the question."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyRules:
    """How many keys make an answer and what ends it early (VoiceXML 2.0 appendix D)."""

    max_keys: int = 1
    terminator: str = "#"
    inter_key_ms: int = 3000


class KeyCollector:
    """Feed keys and time, get the finished answer."""

    def __init__(self, rules: KeyRules) -> None:
        self._rules = rules
        self._keys = ""
        self._idle_ms = 0

    @property
    def collecting(self) -> bool:
        """At least one key of an unfinished answer was pressed."""
        return bool(self._keys)

    def press(self, key: str) -> str | None:
        """Take one key; the answer when it is complete.

        The terminator ends an answer of several keys; where one key is the whole answer, or where it
        comes first, it is a key like any other.
        """
        self._idle_ms = 0
        if self._keys and key == self._rules.terminator:
            return self._finish()
        self._keys += key
        return self._finish() if len(self._keys) >= self._rules.max_keys else None

    def pass_time(self, length_ms: int) -> str | None:
        """Let audio time pass; the answer as far as it got when no further key came."""
        if not self._keys:
            return None
        self._idle_ms += length_ms
        return self._finish() if self._idle_ms >= self._rules.inter_key_ms else None

    def _finish(self) -> str:
        keys, self._keys, self._idle_ms = self._keys, "", 0
        return keys
