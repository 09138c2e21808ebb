"""Rendering the recordings: which are missing or stale, and cutting them out of the takes that hold them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ivr.adapters.voice.errors import PromptFilesError
from ivr.adapters.voice.joining import MARGIN_MS
from ivr.adapters.voice.prompt_files import PromptTexts
from ivr.adapters.voice.recordings import Manifest, rendered_names, rendered_path, studio_path
from ivr.adapters.voice.render_jobs import Job, Speak
from ivr.adapters.voice.samples import (
    MASTER_RATE_HZ,
    CutSpeech,
    Samples,
    level,
    raise_faint,
    resample,
    speech_span,
    write_opus,
)
from ivr.adapters.voice.studio import StudioNotes, StudioState
from ivr.adapters.voice.takes import Take, takes
from ivr.adapters.voice.voices import Voices
from ivr.dialogue.spoken import Place

_SMOOTHING = MASTER_RATE_HZ * 15 // 1000
_BREAK_MS = 200


@dataclass(frozen=True, slots=True)
class RenderPlan:
    """What one locale's recordings need."""

    locale: str
    manifest: Manifest
    due: tuple[Job, ...]
    """Takes with a recording that is missing or stale."""
    missing: tuple[str, ...]
    """Recordings that do not exist in any form."""
    stale: tuple[str, ...]
    """Rendered recordings whose words, voice or pace have changed since."""
    unused: tuple[str, ...]
    """Rendered recordings that nothing asks for any more."""
    notes: StudioNotes
    new_studio: Mapping[str, str]
    """The words of recordings by people that have not been noted yet, by name."""
    stale_studio: tuple[str, ...]
    """Recordings by people for words that have changed since."""


def plan(prompts_dir: Path, texts: PromptTexts, voices: Voices) -> list[RenderPlan]:
    """Compare the texts with the recordings, locale by locale. Raises `PromptFilesError`."""
    spoken_in = {text.spoken_in for locale in texts.by_locale for text in texts.wordings(locale)}
    if mute := sorted(spoken_in - set(voices.prompts)):
        raise PromptFilesError(
            f"voices.yaml names no prompt voice for {', '.join(mute)}: add one under `prompts`"
        )
    return [_plan_locale(prompts_dir, locale, texts, voices) for locale in sorted(texts.by_locale)]


def _plan_locale(prompts_dir: Path, locale: str, texts: PromptTexts, voices: Voices) -> RenderPlan:
    manifest, notes = Manifest.load(prompts_dir, locale), StudioNotes.load(prompts_dir, locale)
    jobs, missing, stale, stale_studio, new_studio, wanted = [], [], [], [], {}, set()
    for take in takes(texts, locale):
        job = Job(take, voices)
        fresh = True
        for index, name in take.recordings.items():
            wanted.add(name)
            by_people = studio_path(prompts_dir, name)
            if by_people.is_file():
                state = notes.state(name, by_people, take.segments[index].text)
                if state is StudioState.NEW:
                    new_studio[name] = take.segments[index].text
                elif state is StudioState.STALE:
                    stale_studio.append(name)
            elif not rendered_path(prompts_dir, name).is_file():
                missing.append(name)
                fresh = False
            elif manifest.made_from.get(name) != job.fingerprint(index):
                stale.append(name)
                fresh = False
        jobs += [] if fresh else [job]
    return RenderPlan(
        locale=locale,
        manifest=manifest,
        due=tuple(jobs),
        missing=tuple(missing),
        stale=tuple(stale),
        unused=tuple(sorted(set(rendered_names(prompts_dir, locale)) - wanted)),
        notes=notes,
        new_studio=new_studio,
        stale_studio=tuple(stale_studio),
    )


def render(
    prompts_dir: Path, plans: Sequence[RenderPlan], speak: Speak, on_done: Callable[[Job], None]
) -> None:
    """Speak what is due, and cut it; what is done stays done when it is broken off.

    What people recorded is noted, and left alone.
    """
    manifest_of: dict[Job, Manifest] = {}
    for locale_plan in plans:
        manifest = locale_plan.manifest
        for name in locale_plan.unused:
            rendered_path(prompts_dir, name).unlink(missing_ok=True)
            manifest.forget(name)
        manifest.save()
        for name, words in locale_plan.new_studio.items():
            locale_plan.notes.note(name, studio_path(prompts_dir, name), words)
        locale_plan.notes.save()
        manifest_of |= dict.fromkeys(locale_plan.due, manifest)
    for job, spoken in speak(list(manifest_of)):
        manifest = manifest_of[job]
        for index, samples in cut(job.take, spoken):
            name = job.take.recordings[index]
            path = rendered_path(prompts_dir, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_opus(path, samples, MASTER_RATE_HZ)
            manifest.note(name, job.fingerprint(index))
        manifest.save()
        on_done(job)


def cut(take: Take, spoken: CutSpeech) -> Iterator[tuple[int, Samples]]:
    """Cut the wanted parts out of a spoken take, at `MASTER_RATE_HZ` and at the level of all recordings.

    A side that touches its neighbour keeps `MARGIN_MS` of it to be cross-faded; a side at a break is trimmed.
    """
    speech = level(resample(spoken.samples, spoken.rate_hz, MASTER_RATE_HZ), MASTER_RATE_HZ)
    rough = [cut * MASTER_RATE_HZ // spoken.rate_hz for cut in spoken.cuts]
    broken = [True, *(segment.place is not Place.INNER for segment in take.segments)]
    cuts = [
        0,
        *(_quietest(speech, *pair) for pair in zip(rough[1:-1], broken[1:-1], strict=True)),
        len(speech),
    ]
    margin = MASTER_RATE_HZ * MARGIN_MS // 1000
    for index in take.recordings:
        start, end = cuts[index], cuts[index + 1]
        first, last = speech_span(speech[start:end], MASTER_RATE_HZ)
        head = start + first if broken[index] else max(0, start - margin)
        tail = start + last if broken[index + 1] else min(len(speech), end + margin)
        yield index, raise_faint(speech[head:tail], MASTER_RATE_HZ)


def _quietest(speech: Samples, rough: int, broken: bool) -> int:
    """The quietest moment about a cut: the predicted durations run up to 50 ms behind what is heard."""
    before_ms, after_ms = (_BREAK_MS, _BREAK_MS // 4) if broken else (50, 10)
    first = max(0, rough - before_ms * MASTER_RATE_HZ // 1000)
    window = speech[first : rough + after_ms * MASTER_RATE_HZ // 1000].astype(np.float64)
    smoothed = np.convolve(window**2, np.ones(_SMOOTHING), "same")
    edge = _SMOOTHING // 2  # there the sum lacks samples and would seem quiet
    return first + edge + int(np.argmin(smoothed[edge:-edge]))
