"""Free speech: sentences outside any grammar, with guards against what Whisper writes when nobody speaks."""

import math
import re

from ivr.adapters.recogniser.audio import FRAMES_PER_S, MAX_FRAMES, WHISPER_RATE_HZ, Samples
from ivr.adapters.recogniser.whisper_model import Encoded, WhisperModel
from ivr.grammar.result import Alternative

_PROMPTS = {"zh": "以下是普通话的句子。"}
"""Makes Whisper write simplified characters and punctuation."""

_TOPICS = {"zh": _PROMPTS["zh"] + "客户打电话咨询贷款，比如还款、提前还清、余额、逾期、扣款到账。"}
_LEAST_SENTENCE_S = 2.3
"""What sentences are about, told beforehand, keeps like-sounding words right (还清, not 环境): of 63 wishes
over 15 to 20 dB of office noise 43 were understood rather than 37. Odd words of half a second are drawn to
the topic as well (17 of 78 rather than 12; so 14), so only what is long enough for a sentence, with the
silence around it, is read so. In English it changed nothing."""
_ECHOES = ("以下是普通话", "客户打电话")
"""How the prompt begins when Whisper gives it back, as it does for noise."""

_BEAM = 5

TOKENS_PER_S, SPARE_TOKENS = 8, 3
"""Nobody speaks faster; without a limit a decoding may go round in circles."""

_MOST_TOKENS = 200
"""In one window of 30 s, where such circles would cost seconds."""

_GLIMPSE_TOKENS = 20
"""So much of a sentence tells it from a short answer."""

_NO_SPEECH_DOUBT, _LEAST_EVIDENCE = 3.0, -2.5
"""Mean log-probability less this much of the probability of no speech: words in telephone band came to -1.8
at the median, 21 stretches of noise to -2.7 or less."""

_LOOP = re.compile(r"(\D{2,20}?)\1{3,}|^(\D{2,}?)(?:\s*\2)+$")
"""What is said four times in a row, or twice and nothing else, is written once, but for digits: Whisper likes
to fill its window, and who does say it twice means no more by it."""


class FreeReader:
    """Reads whole sentences at temperature 0. Safe to use from several threads."""

    def __init__(self, whisper: WhisperModel) -> None:
        """Nothing is computed yet."""
        self._whisper = whisper

    def read(self, samples: Samples, language: str) -> Alternative | None:
        """Any length and about anything, in windows of 30 s; None when there is no speech that it can read.

        Who answers a call that we place, networks and mailboxes among them, says nothing of the topic.
        """
        window = MAX_FRAMES * WHISPER_RATE_HZ // FRAMES_PER_S
        found = []
        for begin in range(0, len(samples), window):
            piece = samples[begin : begin + window]
            encoded = self._whisper.encode(piece)
            no_speech = self._whisper.no_speech(encoded, language)
            heard_s = _seconds(piece)
            found.append(
                self.read_window(encoded, language, no_speech=no_speech, heard_s=heard_s, on_topic=False)
            )
        read = [alternative for alternative in found if alternative]
        if not read:
            return None
        text = ("" if language == "zh" else " ").join(alternative.text for alternative in read)
        confidence = math.prod(alternative.confidence for alternative in read) ** (1 / len(read))
        return Alternative(text, round(confidence, 3))

    def read_window(
        self, encoded: Encoded, language: str, *, no_speech: float, heard_s: float, on_topic: bool = True
    ) -> Alternative | None:
        """One window that is encoded already; `no_speech` is Whisper's probability (0..1) of just that."""
        plain = _PROMPTS.get(language, "")
        is_sentence = on_topic and heard_s >= _LEAST_SENTENCE_S
        prompt = _TOPICS.get(language, plain) if is_sentence else plain
        text, score = self._whisper.read(
            encoded,
            language,
            prompt=prompt,
            max_tokens=min(_MOST_TOKENS, SPARE_TOKENS + int(TOKENS_PER_S * heard_s)),
            beam=_BEAM,
        )
        written = _LOOP.sub(r"\1\2", text.strip())
        if not written or written.startswith(_ECHOES):
            return None
        if score - _NO_SPEECH_DOUBT * no_speech < _LEAST_EVIDENCE:
            return None
        return Alternative(written, round(math.exp(score), 3))

    def glimpse(self, encoded: Encoded, language: str, *, heard_s: float) -> str:
        """The likeliest words, read greedily and unprompted, to hold a phrase against; 20 to 60 ms."""
        limit = min(_GLIMPSE_TOKENS, SPARE_TOKENS + int(TOKENS_PER_S * heard_s))
        return self._whisper.read(encoded, language, prompt="", max_tokens=limit, beam=1)[0]


def _seconds(samples: Samples) -> float:
    return len(samples) / WHISPER_RATE_HZ
