"""The numbers that the judge goes by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """Lengths in ms of audio. A person who waits must be spoken to; a machine may be found out later."""

    nobody_speaks_ms: int = 1500
    """Silence since the answer after which we speak first."""
    brief_ms: int = 1200
    """A shorter answer is somebody's hello; a longer one may be a machine's first sentence."""
    after_brief_ms: int = 240
    """Silence after a brief answer that leaves the turn to us."""
    after_long_ms: int = 600
    words_wait_ms: int = 1000
    """Silence after which we speak even though the words asked for have not come."""
    longest_greeting_ms: int = 6000
    """Speech without any pause: by now it is decided one way or the other."""
    watch_ms: int = 15_000
    """Since the answer: so long machines are looked for, while our introduction plays."""
    least_asked_ms: int = 1000
    """A shorter stretch holds no announcement."""
    ask_after_ms: int = 300
    """Silence after which a stretch is asked for."""
    ask_at_ms: int = 4500
    """A stretch of this length is asked for while it goes on."""
    longest_ask_ms: int = 7000
    lead_in_ms: int = 200
    most_asks: int = 6
    words_confidence: float = 0.4
    """From here on words are believed: see docs/adr/0016."""
    most_words: int = 24
    """Characters or words that no person says before they wait for us: 22 at most in the train part."""
    unbroken_ms: int = 5000
    unbroken_words: int = 16
    """So many without a pause, for so long, are a recording; a noisy room is as long, but has no words."""
    machine_speech_ms: int = 600
    """A beep after less speech than this is no machine's."""
    beepless_ms: int = 2500
    """Silence after a machine's speech from which on it is taken to record, though no beep was heard."""
    beep_below_speech_db: float = 15.0
    """A beep fainter than that beside the speech is in the room behind somebody."""
    beep_above_rest_db: float = 6.0
    """Over what is heard just before and after it: in the train part machines' beeps stand out by 11 dB and
    more, pure tones within a voice by 1."""
