"""What is measured: false and missed barge-ins, reaction, and the ends of utterances with pauses in them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ivr.adapters.voice.samples import LINE_RATE_HZ
from ivr.cli.turns_bench.sounds import Spoken, echo_of, in_a_row, on_the_line
from ivr.cli.turns_bench.stage import Heard, Stage
from ivr.grammar.outlook import Outlook
from ivr.media.endpointing import EndpointRules
from ivr.media.level import Samples
from ivr.media.listening import ListeningRules, PromptStopped, SpeechDropped, SpokenOver, UtteranceEnded

LONG_ENOUGH_MS = 600
"""Speech of this length must stop a question."""

_LEAD_MS, _TAIL_MS = 1500, 1600
"""The line is heard before the caller speaks, so that its noise is known."""
_DIGITS = (4, 6, 11)
_GAPS_MS = (200, 900)
_DIGIT_SILENCE_MS = 900
"""What an item of digits asks for."""
_WORDS_MS = 450
"""A recogniser that begins in the first pause has its words so long after speech ended."""


@dataclass(frozen=True, slots=True)
class FalseStops:
    """Prompts that were stopped though nobody wanted to speak."""

    sound: str
    snr_db: float | None
    audio_ms: int
    stopped: int
    asked: int
    """How often the recogniser was asked whether a sound meant something, the prompt going on."""
    kept: dict[str, int]
    """Sounds that were waved aside, by reason."""

    @property
    def per_hour(self) -> float:
        """False barge-ins in an hour of this sound."""
        return self.stopped * 3_600_000 / self.audio_ms


@dataclass(frozen=True, slots=True)
class Barge:
    """One caller who speaks over a question."""

    name: str
    snr_db: float | None
    speech_ms: int
    reaction_ms: int | None
    """From the start of speech to the prompt's stop; None when it was not stopped at once."""
    asked: bool
    """Whether the words were at least heard out: they stop the prompt when they mean something."""


@dataclass(frozen=True, slots=True)
class Ending:
    """One number with pauses in it, and where it was taken to be over."""

    digits: int
    words_known: bool
    premature: bool
    wait_ms: int | None
    """From the true end to the decision; None when it came too soon."""


def false_stops(
    sound: str,
    audio: Samples,
    *,
    snr_db: float | None = None,
    statement: bool = False,
    bot: Samples | None = None,
) -> FalseStops:
    """Play a sound to a line on which a prompt plays."""
    heard = Stage(ListeningRules(), confirm=True).play(audio, bot=bot, prompt=True, statement=statement)
    kept: dict[str, int] = {}
    for _, event in heard.events:
        if isinstance(event, SpeechDropped) and event.reason is not None:
            kept[event.reason.value] = kept.get(event.reason.value, 0) + 1
    asked = len(heard.times(SpokenOver))
    return FalseStops(sound, snr_db, heard.audio_ms, len(heard.times(PromptStopped)), asked, kept)


def back_channels(spoken: Sequence[Spoken], length_s: float, rng: np.random.Generator) -> Samples:
    """A caller who says one of these every four seconds or so and wants nothing."""
    row: list[Samples] = []
    gaps_ms: list[int] = []
    while sum(gaps_ms) < length_s * 1000:
        row.append(spoken[int(rng.integers(len(spoken)))].samples)
        gaps_ms.append(int(rng.integers(2500, 5000)))
    return on_the_line(in_a_row([np.zeros(0, np.int16), *row], [_LEAD_MS, *gaps_ms]), None, 0.0, rng)


def echo(spoken: Sequence[Spoken], rng: np.random.Generator) -> tuple[Samples, Samples]:
    """A long prompt, and the line on which it comes back."""
    prompt = in_a_row([s.samples for s in spoken], [int(rng.integers(60, 400)) for _ in spoken])
    return prompt, on_the_line(echo_of(prompt), None, 0.0, rng)


def barges(
    spoken: Sequence[Spoken],
    rooms: Sequence[Samples | None],
    snr_db: float | None,
    rng: np.random.Generator,
    *,
    over: Samples | None = None,
) -> Iterator[Barge]:
    """Each of these over a question, in a room drawn for it; `over` is the bot's own voice, echo and all."""
    for each in spoken:
        audio = in_a_row([np.zeros(0, np.int16), each.samples], [_LEAD_MS, _TAIL_MS])
        own = None
        if over is not None:
            own = np.resize(np.roll(over, -int(rng.integers(over.size))), audio.size)
            audio = np.asarray(np.clip(audio.astype(np.int32) + echo_of(own), -32768, 32767), np.int16)
        room = rooms[int(rng.integers(len(rooms)))] if rooms else None
        line = on_the_line(audio, room, snr_db or 0.0, rng)
        heard = Stage(ListeningRules(), confirm=True).play(line, bot=own, prompt=True)
        yield _barge(each, snr_db, heard)


def endings(
    digits: Sequence[Spoken], count: int, rng: np.random.Generator, *, words_known: bool
) -> Iterator[Ending]:
    """Numbers of several digits with gaps of 200 to 900 ms, on an item that waits 900 ms."""
    rules = ListeningRules(endpoint=EndpointRules(item_silence_ms=_DIGIT_SILENCE_MS))
    for number in range(count):
        length = _DIGITS[number % len(_DIGITS)]
        chosen = [digits[int(index)].samples for index in rng.integers(len(digits), size=length)]
        gaps_ms = [int(gap) for gap in rng.integers(*_GAPS_MS, size=length - 1)]
        audio = in_a_row([np.zeros(0, np.int16), *chosen], [_LEAD_MS, *gaps_ms, 2 * _TAIL_MS])
        end_ms = audio.size * 1000 // LINE_RATE_HZ - 2 * _TAIL_MS

        def words(at_ms: int, silence_ms: int, end_ms: int = end_ms) -> Outlook | None:
            if silence_ms < _WORDS_MS:
                return None
            # What the grammar of a number says of its digits; detectors end speech a little early.
            return Outlook.COMPLETE if at_ms - silence_ms >= end_ms - 150 else Outlook.INCOMPLETE

        line = on_the_line(audio, None, 0.0, rng)
        heard = Stage(rules, confirm=False).play(line, prompt=False, words=words if words_known else None)
        ended_ms = heard.times(UtteranceEnded)
        premature = not ended_ms or ended_ms[0] < end_ms
        yield Ending(length, words_known, premature, None if premature else ended_ms[0] - end_ms)


def long_enough(spoken: Iterable[Spoken], rng: np.random.Generator) -> list[Spoken]:
    """Recordings of 600 ms or more, and joined from two where they are shorter."""
    found: list[Spoken] = []
    short: list[Spoken] = []
    for each in spoken:
        (found if _ms(each.samples) >= LONG_ENOUGH_MS else short).append(each)
    for one, other in zip(short[::2], short[1::2], strict=False):
        pair = in_a_row([one.samples, other.samples], [int(rng.integers(30, 150)), 0])
        if _ms(pair) >= LONG_ENOUGH_MS:
            found.append(Spoken(f"{one.name}+{other.name}", pair))
    return found


def _barge(each: Spoken, snr_db: float | None, heard: Heard) -> Barge:
    stopped = [at_ms for at_ms in heard.times(PromptStopped) if at_ms >= _LEAD_MS]
    reaction_ms = stopped[0] - _LEAD_MS if stopped else None
    return Barge(each.name, snr_db, _ms(each.samples), reaction_ms, bool(heard.times(SpokenOver)))


def _ms(samples: Samples) -> int:
    return samples.size * 1000 // LINE_RATE_HZ
