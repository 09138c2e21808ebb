"""What is put to the judge: the labelled set in synthetic voices, people, an actress, and tones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ivr.adapters.codecs import CODECS, through_codec
from ivr.adapters.speech_corpus import Recording, read_corpus
from ivr.adapters.voice.samples import LINE_RATE_HZ
from ivr.cli.answerer_bench.answerers import HUMAN, Split, answerers, recordings
from ivr.cli.answerer_bench.scenes import Scene, Stage
from ivr.cli.turns_bench.sounds import hold_music, read_speech
from ivr.media.answerer.tone_plans import PLANS, SIT_BANDS, Signal, TonePlan
from ivr.media.level import Samples

_LABELS = {
    Signal.RINGBACK: "ringback",
    Signal.BUSY: "busy_tone",
    Signal.CONGESTION: "congestion_tone",
    Signal.UNOBTAINABLE: "unobtainable",
    Signal.FAX_CALLED: "fax",
    Signal.FAX_CALLING: "fax",
}
_PEOPLE_LOCALE = {"zh-CN": "zh-CN", "en": "en-US", "en-US": "en-US"}


@dataclass(frozen=True, slots=True)
class Trial:
    """A scene, before the answer or after it, and what should be found."""

    scene: Scene
    early: bool = False
    """Played as early media, to an attempt that nobody takes."""


@dataclass(frozen=True, slots=True)
class Material:
    """Where real voices are, and how many calls each answerer makes."""

    people: list[Path] = field(default_factory=list)
    messages: Path | None = None
    human_takes: int = 8
    machine_takes: int = 4


def synthetic(stage: Stage, split: Split, material: Material) -> Iterator[Trial]:
    """The labelled set; what networks say is played before the answer as well."""
    for answerer in answerers(split):
        is_human = answerer.label == HUMAN
        for take in range(material.human_takes if is_human else material.machine_takes):
            scene = stage.play(answerer, take)
            yield Trial(scene)
            if not is_human and answerer.label not in ("voicemail", "call_assistant") and take == 0:
                yield Trial(scene, early=True)


def people(stage: Stage, places: Sequence[Path]) -> Iterator[Trial]:
    """Each recording of somebody's word as all that they say; what they say again is the next one."""
    for place in places:
        found = read_corpus(place)[0]
        by_speaker: dict[str, list[Recording]] = {}
        for recording in found:
            by_speaker.setdefault(recording.speaker, []).append(recording)
        for own in by_speaker.values():
            spoken = list(read_speech([recording.path for recording in own]))
            for at, words in enumerate(spoken):
                again = spoken[(at + 1) % len(spoken)]
                locale = _PEOPLE_LOCALE.get(own[0].language, "en-US")
                yield Trial(stage.person_with(words.name, locale, words.samples, again.samples))


def messages(stage: Stage, place: Path, takes: int) -> Iterator[Trial]:
    """Prompts of a voicemail system joined into what a caller hears; parts that are missing are left out."""
    files = {path.stem.lower(): path for path in sorted(place.rglob("*.wav"))}
    digits = [files[name] for name in ("0", "1", "3", "5", "8") if name in files]
    rng = np.random.default_rng(1)
    for label, lists in recordings().items():
        for number, names in enumerate(lists):
            for take in range(takes):
                paths: list[Path] = []
                for name in names:
                    if name == "{digits}":
                        paths += [digits[int(rng.integers(len(digits)))] for _ in range(4)]
                    elif (path := files.get(name.lower())) is not None:
                        paths.append(path)
                parts = [spoken.samples for spoken in read_speech(paths)]
                if parts:
                    yield Trial(stage.machine_with(f"actress {label} {number} {take}", label, parts))


def networks(seed: int) -> Iterator[Trial]:
    """Signals and colour ring as early media, at several levels, over the hiss of the line."""
    rng = np.random.default_rng(seed)
    for plan in PLANS:
        label = _LABELS.get(plan.signal)
        if label is None:
            continue
        for level_db in (-14.0, -26.0, -38.0):
            yield _signal(
                f"{plan.country} {plan.cadence_ms} {label} {level_db}", label, _cadence(plan), level_db, rng
            )
    for level_db in (-14.0, -26.0, -38.0):
        parts = [((band.hz,), 330) for band in SIT_BANDS]
        yield _signal(f"SIT {level_db}", "sit", parts, level_db, rng)
    for number in range(10):
        tune = through_codec(hold_music(10.0, rng), CODECS["pcma"])
        yield Trial(Scene(f"music {number}", "music", "zh-CN", tune), early=True)


def _cadence(plan: TonePlan) -> list[tuple[tuple[float, ...], int]]:
    hz = tuple(band.hz for band in plan.tones)
    if not plan.cadence_ms:
        return [(hz, plan.needed + 1500)]
    once = [(hz if at % 2 == 0 else (), ms) for at, ms in enumerate(plan.cadence_ms)]
    return once * max(plan.needed + 1, 2)


def _signal(
    name: str,
    label: str,
    parts: Sequence[tuple[tuple[float, ...], int]],
    level_db: float,
    rng: np.random.Generator,
) -> Trial:
    pieces = [np.zeros(int(rng.integers(400, 8000)))]
    for hz, ms in parts:
        times = np.arange(ms * LINE_RATE_HZ // 1000) / LINE_RATE_HZ
        peak = 32768 * 10 ** (level_db / 20) * np.sqrt(2 / max(len(hz), 1))
        pieces.append(sum((peak * np.sin(2 * np.pi * f * times) for f in hz), np.zeros(times.size)))
    line = np.concatenate([*pieces, np.zeros(LINE_RATE_HZ)])
    noisy = line + rng.normal(0, 10.0, line.size)
    pcm: Samples = np.asarray(np.clip(np.rint(noisy), -32768, 32767), np.int16)
    return Trial(Scene(name, label, "zh-CN", through_codec(pcm, CODECS["pcma"])), early=True)
