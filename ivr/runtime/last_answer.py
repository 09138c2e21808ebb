"""The answer before the present question, kept as long as the caller may still be at it."""

from ivr.grammar.result import Interpretation, NoMatch
from ivr.media.listening import Prompt
from ivr.runtime.spoken import Answered

_FOLLOWS_MS = 2500
"""Speech that begins so soon after the end of an answer may belong to it, if the reply allows: the silence
that ended it, the recogniser's time, and the first words of the reply."""

_FIRST_WORDS_MS = 1000
"""Who has heard so much of the reply speaks to it."""


class LastAnswer:
    """Forgets by itself, in audio time, and with the answer its audio."""

    def __init__(self) -> None:
        self._answered: Answered | None = None
        self._reply_began = False

    def keep(self, answered: Answered) -> None:
        """An answer has been given."""
        self._answered, self._reply_began = answered, False

    def meant(self, interpretation: Interpretation | None) -> None:
        """It has been interpreted. What had no words was no answer, so that nothing can belong to it."""
        if interpretation is None or (isinstance(interpretation, NoMatch) and interpretation.is_wordless):
            self._answered = None
        elif self._answered is not None:
            self._answered.interpretation = interpretation

    def forget(self) -> None:
        """Another answer, by keys, has taken its place."""
        self._answered = None

    def hear(self, pcm: bytes, now_ms: int, prompt: Prompt | None, *, in_use: bool) -> None:
        """Add audio; `in_use` while speech that began in time goes on."""
        if self._answered is None:
            return
        replied = self._reply_began if prompt is None else prompt.played_ms > _FIRST_WORDS_MS
        self._reply_began = self._reply_began or prompt is not None
        if not in_use and (replied or now_ms - self._answered.ended_ms > _FOLLOWS_MS):
            self._answered = None
        else:
            self._answered.pcm += pcm

    @property
    def recent(self) -> Answered | None:
        """What speech that begins now may belong to."""
        return self._answered
