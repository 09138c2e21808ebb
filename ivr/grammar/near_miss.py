"""Where a text left a grammar, for the author who wonders why it does not match."""

from collections import deque
from dataclasses import dataclass

from ivr.grammar.automaton import State
from ivr.grammar.compiled import CompiledGrammar
from ivr.grammar.text import lead_in, normalise, normalise_keys

_LONGEST_PIECE = 8
"""Characters, or keys, of a continuation that is shown, where nothing separates words."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """How far a text went."""

    understood: str
    """The longest beginning, in whole words, that some phrase of the grammar has; normalised."""
    rest: str
    """What follows it; empty when the text merely ends too early."""
    could_end: bool
    """Whether what was understood is a whole phrase by itself."""
    expected: tuple[str, ...]
    """Words, characters or keys that could have come next, the shortest first."""


def near_miss(grammar: CompiledGrammar, text: str, *, most: int = 10) -> NearMiss:
    """Follow a text that the grammar does not take, by its letters, and say what up to `most` ways go on."""
    lead = lead_in(grammar.language, grammar.mode)
    said = (normalise_keys(text) or "") if grammar.mode == "dtmf" else normalise(text, grammar.language)
    words = said.split() if lead else list(said)
    state, taken = grammar.start(), 0
    for word in words:
        after = grammar.advance(state, (lead if taken else "") + word)
        # In languages with spaces the beginning of a longer word is not that word.
        if after is None or (lead and not grammar.is_final(after) and lead not in grammar.next_chars(after)):
            break
        state, taken = after, taken + 1
    return NearMiss(
        understood=lead.join(words[:taken]),
        rest=lead.join(words[taken:]),
        could_end=taken > 0 and grammar.is_final(state),
        expected=_ways_on(grammar, state, lead, most),
    )


def _ways_on(grammar: CompiledGrammar, state: State, lead: str, most: int) -> tuple[str, ...]:
    """Up to the next space, or in Chinese and keys up to where ways part, phrases end or it gets long."""
    found: list[str] = []
    open_ends = deque([("", state)])
    while open_ends and len(found) < most:
        text, at = open_ends.popleft()
        onward = sorted(grammar.next_chars(at))
        if text.strip():
            ends = grammar.is_final(at) or lead in onward
            if not lead:
                ends = grammar.is_final(at) or len(onward) > 1 or len(text) == _LONGEST_PIECE
                onward = [] if ends else onward
            if ends:
                found.append(text.strip())
            onward = [char for char in onward if char != lead]
        for char in onward:
            after = grammar.advance(at, char)
            if after is not None:
                open_ends.append((text + char, after))
    return tuple(found)
