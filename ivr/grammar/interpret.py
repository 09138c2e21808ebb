"""Words and keys into meaning."""

from datetime import datetime

from ivr.grammar.compiled import CompiledGrammar
from ivr.grammar.errors import GrammarError
from ivr.grammar.meanings import READERS
from ivr.grammar.meanings.written import as_spoken
from ivr.grammar.nodes import Capture, walk
from ivr.grammar.result import Alternative, Hypothesis, Interpretation, Match, NoMatch

_Meaning = tuple[tuple[str, str], ...]


def interpret(hypothesis: Hypothesis, grammar: CompiledGrammar, now: datetime) -> Interpretation:
    """What the caller meant, over all of the recogniser's readings.

    Each reading is matched as it is written, with its written numbers in words, or else by its sound at a
    reduced confidence. Captured words become values by their readers, relative to `now` (aware, in the
    customer's zone); what a reader refuses is no match, and the next reading gets its chance. Readings that
    mean the same add up (to at most 1), for they are one wish in two wordings; of different meanings the
    heaviest wins, the better-ranked one on a tie. `NoMatch` is `empty` when nothing was heard,
    `ambiguous` when the heaviest readings have two meanings in the grammar, else `out_of_grammar`.

    Raises `KeyError` for a reader that `check_readers` would have refused.
    """
    heard = [alternative for alternative in hypothesis.alternatives if alternative.text.strip()]
    if not heard:
        return NoMatch("empty")
    weights: dict[_Meaning, float] = {}
    texts: dict[_Meaning, str] = {}
    ambiguous = 0.0
    for alternative in heard:
        meanings, confidence = _meanings(alternative, grammar, now)
        if len(meanings) > 1:
            ambiguous += confidence
        elif meanings:
            key = tuple(sorted(meanings[0].items()))
            weights[key] = weights.get(key, 0.0) + confidence
            texts.setdefault(key, alternative.text)
    best = max(weights, key=weights.__getitem__, default=None)
    if ambiguous and (best is None or ambiguous > weights[best]):
        return NoMatch("ambiguous", heard[0].text, heard[0].confidence)
    if best is None:
        return NoMatch("out_of_grammar", heard[0].text, heard[0].confidence)
    return Match(dict(best), min(weights[best], 1.0), texts[best])


def interpret_keys(keys: str, grammar: CompiledGrammar, now: datetime) -> Interpretation:
    """What the keys pressed mean; `NoMatch("bad_keys")` for a sequence without exactly one meaning."""
    meanings = _read(grammar.match_keys(keys), grammar, now)
    return Match(meanings[0], 1.0, keys) if len(meanings) == 1 else NoMatch("bad_keys", keys)


def meanings_as_written(text: str, grammar: CompiledGrammar, now: datetime) -> tuple[dict[str, str], ...]:
    """The distinct meanings of a text (or keys) by its letters, captured words read; empty without any."""
    if grammar.mode == "dtmf":
        return _read(grammar.match_keys(text), grammar, now)
    found = _read(grammar.match(text), grammar, now)
    spoken = as_spoken(text, grammar.language)
    return found or (_read(grammar.match(spoken), grammar, now) if spoken != text else ())


def check_readers(grammar: CompiledGrammar) -> None:
    """Raises `GrammarError`, with its place, for a capture tag that names an unknown reader."""
    for expansion in grammar.bundle.rules.values():
        for part in walk(expansion):
            if isinstance(part, Capture) and part.reader not in READERS:
                place = part.position
                raise GrammarError(
                    f"there is no reader `{part.reader}`",
                    f"name one of {', '.join(READERS)}",
                    file=place.file,
                    line=place.line,
                    column=place.column,
                )


def _meanings(
    alternative: Alternative, grammar: CompiledGrammar, now: datetime
) -> tuple[tuple[dict[str, str], ...], float]:
    as_written = meanings_as_written(alternative.text, grammar, now)
    if as_written:
        return as_written, alternative.confidence
    by_sound = grammar.match_sound(alternative.text)
    if by_sound is None:
        return (), 0.0
    return _read(by_sound.meanings, grammar, now), alternative.confidence * by_sound.certainty


def _read(
    meanings: tuple[dict[str, str], ...], grammar: CompiledGrammar, now: datetime
) -> tuple[dict[str, str], ...]:
    """The meanings with values for captured words, without those that a reader refuses, each once."""
    if not grammar.readers:
        return meanings
    read: list[dict[str, str]] = []
    for meaning in meanings:
        values = {
            slot: READERS[grammar.readers[slot]](text, grammar.language, now)
            if slot in grammar.readers
            else text
            for slot, text in meaning.items()
        }
        known = {slot: value for slot, value in values.items() if value is not None}
        if len(known) == len(values) and known not in read:
            read.append(known)
    return tuple(read)
