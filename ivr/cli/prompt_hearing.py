"""Listening to the recordings as a caller would, on an 8 kHz line, with Whisper for an ear.

Whole prompts are written down freely and compared with their text: syllables without tones in Mandarin,
letters in English. Single words and values cannot be judged so, for free writing would test how Whisper
spells figures: they are heard the way intelligibility is tested with people, against near misses of the same
length.
"""

import hashlib
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np

from ivr.adapters.recogniser.whisper_model import WhisperModel
from ivr.adapters.voice.joining import join
from ivr.adapters.voice.prompt_files import PromptTexts
from ivr.adapters.voice.recordings import Recordings
from ivr.adapters.voice.samples import LINE_RATE_HZ, Pcm, Samples, resample
from ivr.adapters.voice.takes import filled_with_samples, sample_values
from ivr.calls.speech import SlotValue
from ivr.cli.heard_words import heard_error
from ivr.dialogue.prompt_filling import Segment, piece_recordings, say_value
from ivr.dialogue.prompt_text import SlotKind
from ivr.dialogue.spoken import Piece, Place

WORST_PROMPT = 0.25
"""The share of a prompt's syllables or letters that may be misheard; 1 of 4 in the shortest ones."""

MEAN_PROMPT = 0.05
"""The same over all prompts of a locale."""

VALUES_MISTAKEN = 0.1
"""The share of words and values of a locale that may be taken for a near miss."""

_HEARING_HZ = 16000
_NEAR_MISSES = 12
_LONGEST_READING = 120


@dataclass(frozen=True, slots=True)
class Item:
    """Something to listen to."""

    name: str
    locale: str
    """Of its words."""
    segments: tuple[Segment, ...]
    rivals: tuple[str, ...] = ()
    """Near misses of a value, a name or a short prompt; empty for what is written down freely."""

    @property
    def words(self) -> str:
        """What is said, in full words."""
        return _joined((segment.text for segment in self.segments), self.locale)

    @property
    def is_short(self) -> bool:
        """Whether it is too short for a recogniser to write down without expecting it."""
        return len(re.findall(r"\w", self.words)) < (6 if self.locale.startswith("zh") else 15)


@dataclass(frozen=True, slots=True)
class Hearing:
    """How an item was understood."""

    item: Item
    error: float
    """0 is all right. Of a value, 1 means that it was taken for a near miss."""
    heard: str

    @property
    def fits(self) -> bool:
        """Whether it is within what one item may lack."""
        return self.error <= (0.0 if self.item.rivals else WORST_PROMPT)


def items(texts: PromptTexts, locale: str) -> list[Item]:
    """Everything a locale can say: each wording, each name, and values that hold every piece."""
    names = texts.names.get(locale, {})
    found = _prompt_items(texts, locale)
    pieces = list(dict.fromkeys(names.values()))
    for piece in pieces:
        rivals = tuple(other.text for other in pieces if other != piece)
        found.append(
            Item(f"{locale}/{piece.name}", locale, _segments((piece.at(Place.FINAL),), locale), rivals)
        )
    return [*found, *_value_items(locale)]


def _prompt_items(texts: PromptTexts, locale: str) -> list[Item]:
    """Prompts of a few syllables, of which free writing makes nothing, are told from others as short."""
    found = []
    for prompt in texts.wordings(locale):
        segments = tuple(s for s in filled_with_samples(prompt).segments if s.recordings)
        if segments:
            found.append(Item(f"{locale}/{prompt.name}", prompt.spoken_in, segments))
    return [replace(item, rivals=_as_short(item, found)) if item.is_short else item for item in found]


def _as_short(item: Item, among: Sequence[Item]) -> tuple[str, ...]:
    others = {other.words for other in among if other.locale == item.locale} - {item.words}
    return tuple(sorted(others, key=lambda words: (abs(len(words) - len(item.words)), words))[:_NEAR_MISSES])


def _value_items(locale: str) -> Iterator[Item]:
    covered: set[str] = set()
    for kind, value, place in sample_values(locale.partition("-")[0], {}):
        segments = _segments(say_value(kind, value, locale, place)[0], locale)
        recordings = {segment.recordings[0] for segment in segments}
        if not recordings <= covered:
            covered |= recordings
            yield Item(f"{locale}/{kind} {value} {place}", locale, segments, _rivals(kind, value, locale))


def _rivals(kind: SlotKind, value: SlotValue, locale: str) -> tuple[str, ...]:
    """Texts that differ in a piece or a few, as long as the true one, for longer texts are less probable."""
    chance = random.Random(f"{kind}/{value}")
    true = _words(kind, value, locale)
    texts = {_words(kind, _other(kind, value, chance), locale) for _ in range(120)} - {true}
    fitting = sorted(text for text in texts if not locale.startswith("zh") or len(text) == len(true))
    return tuple(chance.sample(fitting, min(_NEAR_MISSES, len(fitting))))


def _other(kind: SlotKind, value: SlotValue, chance: random.Random) -> SlotValue:
    match value:
        case date():
            return value + timedelta(days=chance.randrange(-400, 400))
        case time():
            return (
                datetime.combine(date(2026, 1, 1), value) + timedelta(minutes=chance.randrange(1440))
            ).time()
        case int() if kind is SlotKind.ORDINAL:
            return chance.randint(1, 100)
        case int():
            return chance.randint(0, 99)
    figures = str(value)
    at = chance.choice([index for index, figure in enumerate(figures) if figure.isdigit()])
    other = figures[:at] + chance.choice("123456789") + figures[at + 1 :]
    return Decimal(other) if isinstance(value, Decimal) else other


def _words(kind: SlotKind, value: SlotValue, locale: str) -> str:
    return _joined((piece.text for piece in say_value(kind, value, locale, Place.FINAL)[0]), locale)


def _segments(pieces: Iterable[Piece], locale: str) -> tuple[Segment, ...]:
    return tuple(Segment(piece_recordings(p, locale), p.text, p.place, locale) for p in pieces)


def _joined(words: Iterable[str], locale: str) -> str:
    """Whisper knows 幺 by the spelling of its sound."""
    return ("" if locale.startswith("zh") else " ").join(words).replace("幺", "要")


def listen(item: Item, recordings: Recordings, whisper: WhisperModel) -> Hearing:
    """Hear one item. Raises `KeyError` naming it where a recording is missing."""
    samples = _audio(item, recordings)
    encoded, language = whisper.encode(samples), item.locale[:2]
    if item.rivals:
        texts = [item.words, *item.rivals]
        fits = whisper.log_probs(encoded, language, whisper.tokenise(texts))
        best = fits.index(max(fits))
        return Hearing(item, float(best != 0), texts[best])
    hint = "以下是普通话的句子。" if language == "zh" else ""
    heard, _ = whisper.read(encoded, language, prompt=hint, max_tokens=_LONGEST_READING, beam=5)
    return Hearing(item, heard_error(item.words, heard, item.locale), heard)


def _audio(item: Item, recordings: Recordings) -> Samples:
    parts: list[tuple[Pcm, Place]] = []
    for segment in item.segments:
        pcm = recordings.find(segment.recordings)
        if pcm is None:
            raise KeyError(f"{segment.recordings[0]} has no recording: run `ivr prompts render`")
        parts.append((pcm, segment.place))
    samples = (join(parts, LINE_RATE_HZ) / 32768).astype(np.float32)
    return resample(samples, LINE_RATE_HZ, _HEARING_HZ)


@dataclass(slots=True)
class HeardBook:
    """What was heard when, so that only what has changed since is heard again: `recordings/heard.json`."""

    path: Path
    errors: dict[str, tuple[str, float]] = field(default_factory=dict)
    """The hash of sound and words, and the error, by the item's name."""

    @classmethod
    def load(cls, prompts_dir: Path, locale: str) -> "HeardBook":
        """Read it; an absent or broken one knows nothing, and everything is heard anew."""
        path = prompts_dir / locale / "recordings" / "heard.json"
        try:
            rows: Mapping[str, Sequence[str | float]] = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, {name: (str(digest), float(error)) for name, (digest, error) in rows.items()})
        except (OSError, ValueError, TypeError, AttributeError):
            return cls(path)

    def error(self, item: Item, digest: str) -> float | None:
        """The error when this very sound was heard, else None."""
        known, error = self.errors.get(item.name, ("", 0.0))
        return error if known == digest else None

    def note(self, hearing: Hearing, digest: str) -> None:
        """Remember how it was heard."""
        self.errors[hearing.item.name] = (digest, round(hearing.error, 3))

    def save(self, present: Iterable[str]) -> None:
        """Write it, without items that are there no more."""
        kept = {name: self.errors[name] for name in sorted(set(present) & set(self.errors))}
        rows = ",\n".join(
            f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(kept[name])}" for name in kept
        )
        self.path.write_text(f"{{\n{rows}\n}}\n", encoding="utf-8")


def digests(recordings: Mapping[str, Path]) -> Callable[[Item], str]:
    """A function that gives the hash of an item's sound and words."""
    files = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in recordings.items()}

    def digest(item: Item) -> str:
        used = [next((files[n] for n in s.recordings if n in files), "") for s in item.segments]
        return hashlib.sha256(json.dumps([item.words, used]).encode()).hexdigest()[:16]

    return digest


def verdict(errors: Mapping[str, float], prompts: set[str]) -> list[str]:
    """What exceeds the stated errors, in words; `prompts` are the names that were written down freely."""
    faults = [
        f"{name}: {error:.0%} misheard, more than {WORST_PROMPT:.0%}"
        for name, error in sorted(errors.items())
        if name in prompts and error > WORST_PROMPT
    ]
    free = [error for name, error in errors.items() if name in prompts]
    told = [error for name, error in errors.items() if name not in prompts]
    if free and (mean := sum(free) / len(free)) > MEAN_PROMPT:
        faults.append(f"prompts: {mean:.1%} misheard on average, more than {MEAN_PROMPT:.0%}")
    if told and (share := sum(told) / len(told)) > VALUES_MISTAKEN:
        faults.append(f"words and values: {share:.1%} mistaken, more than {VALUES_MISTAKEN:.0%}")
    return faults
