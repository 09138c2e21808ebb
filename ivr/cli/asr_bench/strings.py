"""Digits in a row, joined from recordings of single digits."""

import random
from collections.abc import Sequence

from ivr.adapters.speech_corpus import Recording
from ivr.cli.asr_bench.trials import Task, Trial, primary, single
from ivr.grammar.compiled import CompiledGrammar, compile_source
from ivr.grammar.text import normalise

DIGIT_WORDS = {
    "zh": ("零 洞", "一 幺", "二 两", "三", "四", "五", "六", "七 拐", "八", "九"),
    "en": ("zero oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "ko": ("영 공", "일", "이", "삼", "사", "오", "육 륙", "칠", "팔", "구"),
}
"""The words of each digit from 0 to 9, by language, as numbers are read out digit by digit."""

_SELDOM = frozenset("两洞拐")
"""Words that a grammar takes, but hardly anybody says within a number: 两 counts, 洞 and 拐 are for radio."""

_GAPS_MS = (60, 250)


def digits_grammar(language: str, length: int) -> CompiledGrammar:
    """Exactly `length` digits in any of their words. Raises `KeyError` for a language without a table."""
    words = DIGIT_WORDS[primary(language)]
    spoken = " | ".join(f"{word} {{digits+={n}}}" for n, row in enumerate(words) for word in row.split())
    return compile_source(
        f"#ABNF 1.0 UTF-8;\nlanguage {language};\nmode voice;\nroot $digits;\n"
        f"tag-format <semantics/1.0-literals>;\npublic $digits = $digit<{length}>;\n$digit = {spoken};\n"
    )


def digit_recordings(recordings: Sequence[Recording], language: str) -> list[Recording]:
    """The recordings of one digit word."""
    words = {word for row in DIGIT_WORDS.get(primary(language), ()) for word in row.split()}
    return [r for r in recordings if r.language == language and normalise(r.transcript, language) in words]


def single_digits_task(recordings: Sequence[Recording], language: str) -> Task:
    """Each recorded digit alone, among all digit words."""
    spoken = digit_recordings(recordings, language)
    count = sum(len(row.split()) for row in DIGIT_WORDS[primary(language)])
    grammar = digits_grammar(language, 1)
    return Task("digits", language, grammar, count, tuple(single(recording) for recording in spoken))


def string_trials(
    recordings: Sequence[Recording], language: str, *, length: int, count: int, rng: random.Random
) -> tuple[Trial, ...]:
    """Strings by lot, each of one speaker, speakers in turn; each usual digit word is as likely as any other.

    `recordings` are of single digits. Gaps last 60 to 250 ms.
    """
    takes: dict[str, dict[str, list[Recording]]] = {}
    for recording in recordings:
        word = normalise(recording.transcript, language)
        if word not in _SELDOM:
            takes.setdefault(recording.speaker, {}).setdefault(word, []).append(recording)
    trials = []
    speakers = sorted(takes)
    for number in range(count if speakers else 0):
        speaker = speakers[number % len(speakers)]
        words = rng.choices(sorted(takes[speaker]), k=length)
        trials.append(
            Trial(
                f"{language}/{length} digits/{number}",
                ("" if primary(language) == "zh" else " ").join(words),
                language,
                speaker,
                f"{length} digits",
                tuple(rng.choice(takes[speaker][word]) for word in words),
                tuple(rng.randint(*_GAPS_MS) for _ in words[1:]),
            )
        )
    return tuple(trials)
