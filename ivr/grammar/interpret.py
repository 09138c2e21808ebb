"""Words and keys into meaning."""

from ivr.grammar.compiled import CompiledGrammar
from ivr.grammar.result import Alternative, Hypothesis, Interpretation, Match, NoMatch

_Meaning = tuple[tuple[str, str], ...]


def interpret(hypothesis: Hypothesis, grammar: CompiledGrammar) -> Interpretation:
    """What the caller meant, over all of the recogniser's readings.

    Each reading is matched as it is written, or else by its sound at a reduced confidence. Readings that
    mean the same add up (to at most 1), for they are one wish in two wordings; of different meanings the
    heaviest wins, the better-ranked one on a tie. `NoMatch` is `empty` when nothing was heard,
    `ambiguous` when the heaviest readings have two meanings in the grammar, else `out_of_grammar`.
    """
    heard = [alternative for alternative in hypothesis.alternatives if alternative.text.strip()]
    if not heard:
        return NoMatch("empty")
    weights: dict[_Meaning, float] = {}
    texts: dict[_Meaning, str] = {}
    ambiguous = 0.0
    for alternative in heard:
        meanings, confidence = _meanings(alternative, grammar)
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


def interpret_keys(keys: str, grammar: CompiledGrammar) -> Interpretation:
    """What the keys pressed mean; `NoMatch("bad_keys")` for a sequence without exactly one meaning."""
    meanings = grammar.match_keys(keys)
    return Match(meanings[0], 1.0, keys) if len(meanings) == 1 else NoMatch("bad_keys", keys)


def _meanings(alternative: Alternative, grammar: CompiledGrammar) -> tuple[tuple[dict[str, str], ...], float]:
    as_written = grammar.match(alternative.text)
    if as_written:
        return as_written, alternative.confidence
    by_sound = grammar.match_sound(alternative.text)
    if by_sound is None:
        return (), 0.0
    return by_sound.meanings, alternative.confidence * by_sound.certainty
