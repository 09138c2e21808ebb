"""Rendering the recordings: which are missing or stale, and speaking the takes that hold them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ivr.adapters.voice.errors import PromptFilesError
from ivr.adapters.voice.joining import MARGIN_MS
from ivr.adapters.voice.prompt_files import PromptTexts
from ivr.adapters.voice.recordings import Manifest, fingerprint, recording_exists, rendered_path
from ivr.adapters.voice.samples import (
    LINE_RATE_HZ,
    CutSpeech,
    Pcm,
    Samples,
    level,
    resample,
    speech_span,
    to_pcm,
    write_flac,
)
from ivr.adapters.voice.takes import Take, takes
from ivr.adapters.voice.voices import Voices
from ivr.dialogue.spoken import Place

if TYPE_CHECKING:
    from ivr.adapters.voice.kokoro import KokoroVoice

_SMOOTHING = LINE_RATE_HZ * 15 // 1000
_BREAK_MS = 200


@dataclass(frozen=True, slots=True)
class RenderPlan:
    """What one locale's recordings need."""

    locale: str
    manifest: Manifest
    due: tuple[Take, ...]
    """Takes with a recording that is missing or stale."""
    missing: tuple[str, ...]
    """Recordings that do not exist in any form."""
    stale: tuple[str, ...]
    """Rendered recordings whose words, voice or pace have changed since."""
    unused: tuple[str, ...]
    """Rendered recordings that nothing asks for any more."""


def plan(prompts_dir: Path, texts: PromptTexts, voices: Voices) -> list[RenderPlan]:
    """Compare the texts with the recordings, locale by locale. Raises `PromptFilesError`."""
    spoken_in = {prompt.spoken_in for prompts in texts.by_locale.values() for prompt in prompts.values()}
    if mute := sorted(spoken_in - set(voices.prompts)):
        raise PromptFilesError(f"voices.yaml names no prompt voice for {', '.join(mute)}")
    return [_plan_locale(prompts_dir, locale, texts, voices) for locale in sorted(texts.by_locale)]


def _plan_locale(prompts_dir: Path, locale: str, texts: PromptTexts, voices: Voices) -> RenderPlan:
    manifest = Manifest.load(prompts_dir, locale)
    due, missing, stale, wanted = [], [], [], set()
    for take in takes(texts.by_locale[locale].values()):
        choice = voices.prompts[take.locale]
        fresh = True
        for index, name in take.recordings.items():
            wanted.add(name)
            rendered = rendered_path(prompts_dir, name).is_file()
            if not recording_exists(prompts_dir, name):
                missing.append(name)
            elif rendered and manifest.made_from.get(name) != fingerprint(
                take, index, choice, voices.readings
            ):
                stale.append(name)
            else:
                continue
            fresh = False
        due += [] if fresh else [take]
    unused = sorted(set(manifest.made_from) - wanted)
    return RenderPlan(locale, manifest, tuple(due), tuple(missing), tuple(stale), tuple(unused))


def render(
    prompts_dir: Path,
    plans: list[RenderPlan],
    voices: Voices,
    voice: "KokoroVoice",
    on_take: Callable[[Take], None],
) -> None:
    """Speak the takes that are due and cut them; what is done stays done when it is broken off."""
    for locale_plan in plans:
        manifest = locale_plan.manifest
        for name in locale_plan.unused:
            rendered_path(prompts_dir, name).unlink(missing_ok=True)
            del manifest.made_from[name]
        manifest.save()
        for take in locale_plan.due:
            choice = voices.prompts[take.locale]
            paced = replace(choice, speed=choice.speed * take.pace)
            spoken = voice.synthesise_parts(take.spoken_parts(), take.locale, paced)
            for index, pcm in cut(take, spoken):
                name = take.recordings[index]
                path = rendered_path(prompts_dir, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                write_flac(path, pcm)
                manifest.made_from[name] = fingerprint(take, index, choice, voices.readings)
            manifest.save()
            on_take(take)


def cut(take: Take, spoken: CutSpeech) -> Iterator[tuple[int, Pcm]]:
    """Cut the wanted parts out of a spoken take, at the line's rate and level.

    A side that touches its neighbour keeps `MARGIN_MS` of it to be cross-faded; a side at a break is trimmed.
    """
    line = level(resample(spoken.samples, spoken.rate_hz, LINE_RATE_HZ), LINE_RATE_HZ)
    rough = [cut * LINE_RATE_HZ // spoken.rate_hz for cut in spoken.cuts]
    broken = [True, *(segment.place is not Place.INNER for segment in take.segments)]
    cuts = [0, *(_quietest(line, *pair) for pair in zip(rough[1:-1], broken[1:-1], strict=True)), len(line)]
    margin = LINE_RATE_HZ * MARGIN_MS // 1000
    for index in take.recordings:
        start, end = cuts[index], cuts[index + 1]
        first, last = speech_span(line[start:end], LINE_RATE_HZ)
        head = start + first if broken[index] else max(0, start - margin)
        tail = start + last if broken[index + 1] else min(len(line), end + margin)
        yield index, to_pcm(line[head:tail])


def _quietest(line: Samples, rough: int, broken: bool) -> int:
    """The quietest moment about a cut: the predicted durations run up to 50 ms behind what is heard."""
    before_ms, after_ms = (_BREAK_MS, _BREAK_MS // 4) if broken else (50, 10)
    first = max(0, rough - before_ms * LINE_RATE_HZ // 1000)
    window = line[first : rough + after_ms * LINE_RATE_HZ // 1000].astype(np.float64)
    smoothed = np.convolve(window**2, np.ones(_SMOOTHING), "same")
    edge = _SMOOTHING // 2  # there the sum lacks samples and would seem quiet
    return first + edge + int(np.argmin(smoothed[edge:-edge]))
