"""What is put to the recogniser: utterances, each with the grammar it is heard in and what it means there."""

import hashlib
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ivr.adapters.speech_corpus import Recording
from ivr.cli.asr_bench.options import Split
from ivr.grammar.compiled import CompiledGrammar, compile_source
from ivr.grammar.sound import toneless_syllables
from ivr.grammar.text import is_chinese, normalise

NOBODY_S = 3.0
"""So long the ear would take a noise for speech before it gives up."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One utterance: one recording, or several of one speaker in a row."""

    name: str
    """The same in every run, by which runs are compared."""
    said: str
    language: str
    speaker: str
    category: str
    recordings: tuple[Recording, ...]
    gaps_ms: tuple[int, ...] = ()
    """Silence between the recordings, one fewer than there are."""
    start_s: float = 0.0
    """Where in the (first) recording it begins."""


@dataclass(frozen=True, slots=True)
class Task:
    """Utterances with one grammar; None for free speech."""

    name: str
    language: str
    grammar: CompiledGrammar | None
    candidates: int | None
    """How many phrases the grammar has, where they were listed."""
    trials: tuple[Trial, ...]
    outside: tuple[Trial, ...] = ()
    """Utterances that the grammar does not hold, which should be refused."""


def in_split(recording: Recording, split: Split) -> bool:
    """Halves by a hash of the file's name (its last part), so that a file stays in its half for ever."""
    if split is Split.ALL:
        return True
    even = hashlib.sha256(recording.path.name.encode()).digest()[0] % 2 == 0
    return even == (split is Split.DEV)


def limited(recordings: Iterable[Recording], limit: int, rng: random.Random) -> list[Recording]:
    """At most `limit` recordings of each language's category, by lot; all of them for 0."""
    kept = list(recordings)
    if not limit:
        return kept
    groups: dict[tuple[str, str], list[Recording]] = {}
    for recording in kept:
        groups.setdefault((recording.language, recording.category), []).append(recording)
    chosen = {
        recording.name for group in groups.values() for recording in rng.sample(group, min(limit, len(group)))
    }
    return [recording for recording in kept if recording.name in chosen]


def single(recording: Recording, language: str = "") -> Trial:
    """A recording as an utterance of its own."""
    return Trial(
        recording.name,
        recording.transcript,
        language or recording.language,
        recording.speaker,
        recording.category,
        (recording,),
    )


def category_tasks(
    spoken: Sequence[Recording], corpus: Sequence[Recording], categories: Sequence[str]
) -> list[Task]:
    """One task for each language that has these categories.

    Candidates are all their transcripts in the `corpus`, however few of its recordings are `spoken`.
    """
    tasks = []
    for language in sorted({r.language for r in spoken if r.category in categories}):
        phrases = {
            phrase: None
            for r in corpus
            if r.category in categories and r.language == language
            if (phrase := normalise(r.transcript, language))
        }
        grammar = phrase_grammar(tuple(phrases), language)
        trials = tuple(single(r) for r in spoken if r.category in categories and r.language == language)
        tasks.append(Task("+".join(categories), language, grammar, len(phrases), trials))
    return tasks


def phrase_grammar(phrases: Sequence[str], language: str) -> CompiledGrammar:
    """A grammar of these normalised phrases, each with a meaning of its own."""
    spoken = " | ".join(
        " ".join(f'"{word}"' for word in phrase.split()) + f" {{phrase={number}}}"
        for number, phrase in enumerate(phrases)
    )
    return compile_source(
        f"#ABNF 1.0 UTF-8;\nlanguage {language};\nmode voice;\nroot $any;\n"
        f"tag-format <semantics/1.0-literals>;\npublic $any = {spoken};\n"
    )


def grammar_task(
    name: str, grammar: CompiledGrammar, recordings: Sequence[Recording]
) -> tuple[Task, list[Recording]]:
    """The recordings of the grammar's language that it holds, and those that it does not hold."""
    inside: list[Recording] = []
    outside: list[Recording] = []
    for recording in recordings:
        if recording.transcript and primary(recording.language) == primary(grammar.language):
            (inside if grammar.match(recording.transcript) else outside).append(recording)
    trials = tuple(single(recording, grammar.language) for recording in inside)
    return Task(name, grammar.language, grammar, None, trials), outside


def free_task(recordings: Sequence[Recording], language: str) -> Task:
    """Everything said in one language, without a grammar."""
    return Task("free", language, None, None, tuple(single(r) for r in recordings if r.language == language))


def out_of_grammar(task: Task, recordings: Sequence[Recording]) -> tuple[Trial, ...]:
    """What is no phrase of the task's grammar, neither by letters nor by sound.

    A recording without words is cut into pieces as long as the ear would wait.
    """
    if task.grammar is None:
        return ()
    found: list[Trial] = []
    for recording in recordings:
        if recording.transcript:
            found += [] if _holds(task.grammar, recording) else [single(recording, task.language)]
        else:
            found += nobody(recording, task.language)
    return tuple(found)


def nobody(recording: Recording, language: str) -> list[Trial]:
    """Pieces of a recording without words: whole ones of 3 s, or all of a shorter one."""
    whole = single(recording, language)
    pieces = int(recording.duration_s() / NOBODY_S)
    return [
        replace(whole, name=f"{whole.name}@{NOBODY_S * number:g}s", start_s=NOBODY_S * number)
        for number in range(pieces)
    ] or [whole]


def same_words(language: str, *, by_sound: bool) -> Callable[[str, str], bool]:
    """How two texts are compared: by their normalised letters, Chinese by toneless sound if asked for."""

    def compare(one: str, other: str) -> bool:
        if by_sound and is_chinese(language):
            return toneless_syllables(one) == toneless_syllables(other)
        return normalise(one, language) == normalise(other, language)

    return compare


def primary(language: str) -> str:
    """The language itself, without region and script."""
    return language.split("-", maxsplit=1)[0].lower()


def _holds(grammar: CompiledGrammar, recording: Recording) -> bool:
    if not recording.transcript or primary(recording.language) != primary(grammar.language):
        return False
    text = recording.transcript
    return bool(grammar.match(text)) or grammar.match_sound(text) is not None
