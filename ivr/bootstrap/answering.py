"""What listens on dialled lines until it is known who answered."""

from ivr.adapters.vad_webrtc import WebRtcSpeechDetector
from ivr.runtime.answering import AnswerSenses
from ivr.runtime.ports import GrammarBook, Recogniser, SpeechDetector

_STRICTEST = 3
"""Rooms behind people count as speech least: docs/adr/0016."""


def answer_detector() -> SpeechDetector:
    """A detector for one line."""
    return WebRtcSpeechDetector(_STRICTEST)


def answer_senses(recogniser: Recogniser, grammars: GrammarBook) -> AnswerSenses:
    """For one dialled line."""
    return AnswerSenses(answer_detector(), recogniser, grammars)
