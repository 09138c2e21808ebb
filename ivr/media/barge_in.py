"""Barge-in: whether what is heard over a prompt stops it. One pure function that gives its reason."""

from dataclasses import dataclass
from enum import StrEnum


class BargeIn(StrEnum):
    """What to do with the prompt that plays; the last two are VoiceXML 2.0's barge-in types (4.1.5.1)."""

    KEEP = "keep"
    SPEECH = "speech"
    """Stop it now: somebody speaks."""
    HOTWORD = "hotword"
    """Stop it when what is said turns out to mean something."""


class Reason(StrEnum):
    """Why a prompt is kept or stopped."""

    FORBIDDEN = "forbidden"
    """The prompt must be heard."""
    PROMPT_BEGINS = "prompt_begins"
    TOO_SHORT = "too_short"
    ECHO = "echo"
    """The bot's own voice comes back."""
    MUSIC = "music"
    """A steady sound that is no voice: hold music, a tone."""
    NOISE = "noise"
    """A sound of the room that is no voice."""
    BACK_CHANNEL = "back_channel"
    """So short under a statement that it may only mean "I am listening"."""
    NOISY_LINE = "noisy_line"
    """A voice, but the room is full of them."""
    SPEECH = "speech"


@dataclass(frozen=True, slots=True)
class Overheard:
    """A sound that began while a prompt plays, as far as it has come."""

    speech_ms: int
    played_ms: int
    floor_db: float
    """The line's noise in dBov."""
    confirmed_ms: int | None = None
    """How much of it a second detector took for a voice; None where there is no such detector."""
    echo: float = 0.0
    """Likeness to what the bot said; see `EchoGauge`."""
    spread_db: float = 20.0
    """Between its loudest and its softest frames: speech falls 15 dB and more between syllables."""
    statement: bool = False
    """Whether the prompt tells something at this moment, rather than asking."""


@dataclass(frozen=True, slots=True)
class BargeInRules:
    """Thresholds. The lengths are those of real answers and back-channels, see `ivr bench turns`."""

    least_speech_ms: int = 240
    """Shorter sounds are no answer."""
    least_confirmed_ms: int = 96
    """Three chunks of the second detector: noises that fool it do so for one."""
    statement_ms: int = 1000
    """Under a statement, speech up to this length may be a back-channel: a drawn-out 好的, or "okay"."""
    first_ms: int = 400
    """A prompt that has just begun is not stopped: what is heard still answers the one before it."""
    echo_likeness: float = 0.85
    steady_db: float = 6.0
    """A sound whose level varies less is a tone or music."""
    noisy_db: float = -50.0
    """A line whose noise lies above this (dBov) is noisy: there, voices in the room sound like the caller."""
    sure_ms: int = 200
    """So much of a confirmed voice is the caller's on a noisy line too: others stand out for less."""
    hotword_confidence: float = 0.6


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, and why."""

    barge_in: BargeIn
    reason: Reason


def decide(heard: Overheard, rules: BargeInRules, *, allowed: bool) -> Verdict:
    """Judge a sound over a prompt: objections first, then doubts."""
    if not allowed:
        return Verdict(BargeIn.KEEP, Reason.FORBIDDEN)
    objection = _objection(heard, rules)
    if objection is not None:
        return Verdict(BargeIn.KEEP, objection)
    if heard.statement and heard.speech_ms < rules.statement_ms:
        return Verdict(BargeIn.HOTWORD, Reason.BACK_CHANNEL)
    if heard.floor_db > rules.noisy_db and (heard.confirmed_ms or 0) < rules.sure_ms:
        return Verdict(BargeIn.HOTWORD, Reason.NOISY_LINE)
    return Verdict(BargeIn.SPEECH, Reason.SPEECH)


def _objection(heard: Overheard, rules: BargeInRules) -> Reason | None:
    """Why this is nobody who wants to speak; None when it may be."""
    if heard.played_ms < rules.first_ms:
        return Reason.PROMPT_BEGINS
    if heard.speech_ms < rules.least_speech_ms:
        return Reason.TOO_SHORT
    if heard.echo >= rules.echo_likeness:
        return Reason.ECHO
    if heard.confirmed_ms is not None and heard.confirmed_ms < rules.least_confirmed_ms:
        return Reason.MUSIC if heard.spread_db < rules.steady_db else Reason.NOISE
    return None
