"""Everything that can be wrong with texts and recordings, each with its mend."""

import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.voice.errors import PromptFilesError
from ivr.adapters.voice.loudness import measure
from ivr.adapters.voice.prompt_files import PromptTexts, load_prompt_texts
from ivr.adapters.voice.recordings import STUDIO, recording_paths
from ivr.adapters.voice.rendering import RenderPlan, plan
from ivr.adapters.voice.samples import MASTER_RATE_HZ, read_pcm
from ivr.adapters.voice.voices import load_voices
from ivr.runtime.filler import FILLER_PROMPT

_HANZI = re.compile(r"[\u4e00-\u9fff]")
_RENDER = "run `ivr prompts render`"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    kind: str
    """text, slots, missing, stale, unused, loudness, other_locale, broken or unspoken."""
    name: str
    """The prompt or the recording, such as `zh-CN/goodbye`."""
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}: {self.mend}"


def check(prompts_dir: Path, *, required: Sequence[str] = (FILLER_PROMPT,)) -> list[Fault]:
    """Compare texts, locales, recordings and their sound. Unreadable texts are faults too.

    `required` are prompts that no script names.
    """
    try:
        texts = load_prompt_texts(prompts_dir)
        plans = plan(prompts_dir, texts, load_voices(prompts_dir))
    except PromptFilesError as error:
        return [Fault("text", *_split(line), "mend the file") for line in str(error).splitlines()]
    faults = [*_missing_texts(texts, required), *_other_language(texts)]
    faults += [fault for each in plans for fault in _recording_faults(each)]
    return [*faults, *_audio_faults(prompts_dir, texts)]


def _split(line: str) -> tuple[str, str]:
    name, colon, problem = line.partition(": ")
    return (name, problem) if colon else ("prompts", line)


def _missing_texts(texts: PromptTexts, required: Sequence[str]) -> Iterator[Fault]:
    for line in texts.differences():
        kind = "slots" if "slots differ" in line else "text"
        yield Fault(kind, *_split(line), "give every locale the same prompts, names and slots")
    for prompt_id in required:
        for locale, prompts in sorted(texts.by_locale.items()):
            if prompt_id not in prompts:
                yield Fault(
                    "text",
                    f"{locale}/{prompt_id}",
                    "the robot itself needs this prompt",
                    "write a text for it",
                )


def _other_language(texts: PromptTexts) -> Iterator[Fault]:
    """Words in another script than their locale's: written without `spoken_in`, the wrong voice says them."""
    for locale in sorted(texts.by_locale):
        for text in texts.wordings(locale):
            words = "".join(part for part in text.parts if isinstance(part, str))
            chinese, mandarin = bool(_HANZI.search(words)), text.spoken_in.startswith("zh")
            if chinese != mandarin and any(c.isalpha() for c in words):
                yield Fault(
                    "other_locale",
                    f"{locale}/{text.name}",
                    f"its words are not in the language of {text.spoken_in}",
                    "translate it, or write {text: ..., spoken_in: the locale of its words}",
                )


def _recording_faults(each: RenderPlan) -> Iterator[Fault]:
    for name in each.missing:
        yield Fault("missing", name, "there is no recording", _RENDER)
    for name in each.stale:
        yield Fault("stale", name, "words, voice or pace have changed since it was spoken", _RENDER)
    for name in each.stale_studio:
        yield Fault(
            "stale",
            name,
            "the words have changed since people recorded it",
            "record it anew, or delete the .wav to have it rendered",
        )
    for name in each.new_studio:
        yield Fault("stale", name, "a new recording by people", f"{_RENDER} to note the words it says")
    for name in each.unused:
        yield Fault("unused", name, "nothing says this any more", f"{_RENDER} to remove it")


def _audio_faults(prompts_dir: Path, texts: PromptTexts) -> list[Fault]:
    paths = recording_paths(prompts_dir)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        heard = list(pool.map(_audio_fault, paths, paths.values()))
    return [fault for fault in heard if fault] + list(_borrowed(paths, texts))


def _audio_fault(name: str, path: Path) -> Fault | None:
    by_people = path.suffix == STUDIO
    try:
        problem = measure(read_pcm(path, MASTER_RATE_HZ), MASTER_RATE_HZ).fault
    except OSError as error:
        return Fault("broken", name, str(error), f"replace it, or delete it and {_RENDER}")
    if problem is None:
        return None
    mend = "bring the recording to the level and copy it again" if by_people else f"delete it and {_RENDER}"
    return Fault("loudness", name, problem, mend)


def _borrowed(paths: dict[str, Path], texts: PromptTexts) -> Iterator[Fault]:
    """The same sound under two locales says the wrong language in one of them, unless both mean it to."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for name, path in paths.items():
        alike[hashlib.sha256(path.read_bytes()).hexdigest()].append(name)
    spoken_in = {
        f"{locale}/{text.name}": text.spoken_in
        for locale in texts.by_locale
        for text in texts.wordings(locale)
    }
    for names in alike.values():
        languages = {
            spoken_in.get(name.rstrip("0123456789").rstrip("."), name.partition("/")[0]) for name in names
        }
        if len(languages) > 1:
            yield Fault(
                "other_locale",
                names[0],
                f"the same recording as {', '.join(names[1:])}, which is another language",
                f"delete the wrong one and {_RENDER}, or record it in its own language",
            )
