"""A grammar as a nondeterministic automaton over characters, so that matching never lists phrases."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NewType

from ivr.grammar.errors import GrammarError
from ivr.grammar.nodes import Alternatives, Capture, Expansion, Position, Repeat, RuleRef, Tag, Token
from ivr.grammar.nodes import Sequence as SequenceNode

MAX_NODES = 20_000
"""The largest sensible grammar, such as a spoken telephone number with its doubles, has a few thousand."""

State = NewType("State", frozenset[int])
"""Where an acceptor stands: the places in the grammar that what was said so far can have led to."""

Meaning = tuple[tuple[str, str], ...]
"""Slots and values, ordered by slot."""

MAX_MEANINGS = 64
"""How many meanings of one text are followed at one place; more of them are all the same to a caller."""

_MAX_STEPS_KEPT = 200_000
_END = 0


@dataclass(frozen=True, slots=True)
class _Begin:
    """From here on the letters belong to a slot."""

    slot: str


@dataclass(frozen=True, slots=True)
class _Finish:
    """Here a slot gets the letters since its `_Begin`."""

    slot: str


_Mark = Tag | _Begin | _Finish
_Belief = tuple[Meaning, Meaning]
"""The slots so far, and those being captured with their letters so far."""


class Automaton:
    """Reads characters one by one. Equal inputs give equal answers; what it learns on the way is kept."""

    def __init__(self, letters: Sequence[str], targets: Sequence[int], branches: "_Branches") -> None:
        self._letters = letters
        self._targets = targets
        self._branches = branches
        self._leaves: dict[int, frozenset[int]] = {}
        self._tagged_leaves: dict[int, _TaggedLeaves] = {}
        self._steps: dict[tuple[State, str], State] = {}

    def entry(self, node: int) -> State:
        """The state before the first character."""
        return State(self._reach(node))

    def step(self, state: State, char: str) -> State:
        """The state after one more character; empty when nothing in the grammar goes on so."""
        after = self._steps.get((state, char))
        if after is None:
            if len(self._steps) >= _MAX_STEPS_KEPT:
                self._steps.clear()
            letters, targets = self._letters, self._targets
            reached = [self._reach(targets[node]) for node in state if letters[node] == char]
            after = State(frozenset().union(*reached))
            self._steps[state, char] = after
        return after

    def next_chars(self, state: State) -> frozenset[str]:
        """The characters that may follow."""
        return frozenset(self._letters[node] for node in state if node != _END)

    def is_final(self, state: State) -> bool:
        """Whether a phrase may end here."""
        return _END in state

    def meanings(
        self, node: int, heard: Sequence[str], same: Callable[[str, str], bool]
    ) -> tuple[Meaning, ...]:
        """The distinct meanings of what was heard, in a fixed order. `same(letter, heard)` compares."""
        beliefs = _arrive({}, self._reach_tagged(node), [((), ())])
        for char in heard:
            after: dict[int, dict[_Belief, None]] = {}
            for place, held in beliefs.items():
                letter = self._letters[place]
                if place != _END and same(letter, char):
                    grown = [
                        (slots, tuple((slot, text + letter) for slot, text in taken)) for slots, taken in held
                    ]
                    _arrive(after, self._reach_tagged(self._targets[place]), grown)
            beliefs = after
        return tuple(sorted({slots for slots, _ in beliefs.get(_END, ())}))

    def _reach(self, node: int) -> frozenset[int]:
        """The letters, and the end, that may stand next."""
        known = self._leaves.get(node)
        if known is None:
            seen, open_ends = {node}, [node]
            while open_ends:
                fresh = {to for to, _ in self._branches.get(open_ends.pop(), ())} - seen
                seen |= fresh
                open_ends += fresh
            known = self._leaves[node] = frozenset(seen - self._branches.keys())
        return known

    def _reach_tagged(self, node: int) -> "_TaggedLeaves":
        """The same, each with the marks that are passed on the way; once for every way of passing some."""
        known = self._tagged_leaves.get(node)
        if known is None:
            found: dict[tuple[int, tuple[_Mark, ...]], None] = {}
            open_ends: list[tuple[int, tuple[_Mark, ...]]] = [(node, ())]
            while open_ends:
                place, marks = way = open_ends.pop()
                if way in found:
                    continue
                found[way] = None
                onwards = reversed(self._branches.get(place, ()))
                open_ends += [(to, (*marks, mark) if mark else marks) for to, mark in onwards]
            known = tuple(way for way in found if way[0] not in self._branches)
            self._tagged_leaves[node] = known
        return known


_Branches = dict[int, list[tuple[int, _Mark | None]]]
_TaggedLeaves = tuple[tuple[int, tuple[_Mark, ...]], ...]


def _arrive(
    beliefs: dict[int, dict[_Belief, None]], leaves: _TaggedLeaves, arriving: Sequence[_Belief]
) -> dict[int, dict[_Belief, None]]:
    for leaf, marks in leaves:
        held = beliefs.setdefault(leaf, {})
        for belief in arriving[: MAX_MEANINGS - len(held)]:
            held[_past(belief, marks)] = None
    return beliefs


def _past(belief: _Belief, marks: tuple[_Mark, ...]) -> _Belief:
    if not marks:
        return belief
    slots, taken = dict(belief[0]), dict(belief[1])
    for mark in marks:
        match mark:
            case Tag(slot, value, appends):
                slots[slot] = slots.get(slot, "") + value if appends else value
            case _Begin(slot):
                taken[slot] = ""
            case _Finish(slot):
                # Of captures of one slot within one another the inner one has it already.
                text = taken.pop(slot, "").strip()
                if text:
                    slots[slot] = text
    return tuple(sorted(slots.items())), tuple(sorted(taken.items()))


class AutomatonBuilder:
    """Builds from the end backwards, so that rules in equal surroundings share their nodes."""

    def __init__(self, rules: Mapping[str, Expansion], spell: Callable[[str], str]) -> None:
        self._rules = rules
        self._spell = spell
        self._letters = [""]
        self._targets = [_END]
        self._branches: _Branches = {}
        self._shared_letters: dict[tuple[str, int], int] = {}
        self._shared_rules: dict[tuple[str, int], int | None] = {}

    def build(self, root: str) -> tuple[Automaton, int | None]:
        """The automaton and its entry node, None when the root matches nothing at all.

        Raises `GrammarError` when the rules unfold to too many nodes, or repeat silence without end.
        """
        entry = self._rule(RuleRef(root), _END)
        return Automaton(self._letters, self._targets, self._branches), entry

    def _before(self, expansion: Expansion, following: int) -> int | None:
        """The node that reads `expansion` and goes on at `following`; None when nothing can match."""
        node: int | None
        match expansion:
            case Token():
                node = self._token(expansion, following)
            case Tag():
                node = self._branch([(following, expansion)])
            case Capture():
                node = self._capture(expansion, following)
            case RuleRef():
                node = self._rule(expansion, following)
            case SequenceNode(items):
                node = self._sequence(items, following)
            case Alternatives(options):
                node = self._fork([self._before(option.item, following) for option in options])
            case Repeat():
                node = self._repeat(expansion, following)
        return node

    def _capture(self, capture: Capture, following: int) -> int | None:
        inner = self._before(capture.item, self._branch([(following, _Finish(capture.slot))]))
        return None if inner is None else self._branch([(inner, _Begin(capture.slot))])

    def _token(self, token: Token, following: int) -> int:
        node = following
        for char in reversed(self._spell(token.text)):
            known = self._shared_letters.get((char, node))
            if known is None:
                known = self._shared_letters[char, node] = self._new(token)
                self._letters[known], self._targets[known] = char, node
            node = known
        return node

    def _rule(self, ref: RuleRef, following: int) -> int | None:
        key = (ref.rule, following)
        if key not in self._shared_rules:
            self._shared_rules[key] = self._before(self._rules[ref.rule], following)
        return self._shared_rules[key]

    def _sequence(self, items: Sequence[Expansion], following: int | None) -> int | None:
        node = following
        for item in reversed(items):
            if node is not None:
                node = self._before(item, node)
        return node

    def _repeat(self, repeat: Repeat, following: int) -> int | None:
        node: int | None = following
        if repeat.high is None:
            node = self._loop(repeat, following)
        else:
            for _ in range(repeat.high - repeat.low):
                before, node = node, self._fork([following, self._sequence((repeat.item,), node)])
                if node == before:
                    break  # what is repeated is silent or impossible: once more adds nothing
        for _ in range(repeat.low):
            before, node = node, self._sequence((repeat.item,), node)
            if node == before:
                break
        return node

    def _loop(self, repeat: Repeat, following: int) -> int:
        loop = self._branch([(following, None)])
        again = self._before(repeat.item, loop)
        if again is not None:
            if self._silently_reaches(again, loop):
                place = repeat.position
                raise GrammarError(
                    "a repeat without limit holds something that may be silent",
                    "make what is repeated say at least one word",
                    file=place.file,
                    line=place.line,
                    column=place.column,
                )
            self._branches[loop].append((again, None))
        return loop

    def _silently_reaches(self, node: int, goal: int) -> bool:
        seen, open_ends = {node}, [node]
        while open_ends:
            place = open_ends.pop()
            if place == goal:
                return True
            fresh = {to for to, _ in self._branches.get(place, ())} - seen
            seen |= fresh
            open_ends += fresh
        return False

    def _fork(self, entries: Sequence[int | None]) -> int | None:
        ways = list(dict.fromkeys(entry for entry in entries if entry is not None))
        if len(ways) < 2:
            return ways[0] if ways else None
        return self._branch([(way, None) for way in ways])

    def _branch(self, ways: list[tuple[int, _Mark | None]]) -> int:
        node = self._new(None)
        self._branches[node] = ways
        return node

    def _new(self, token: Token | None) -> int:
        if len(self._letters) >= MAX_NODES:
            place = token.position if token else Position()
            raise GrammarError(
                f"the rules unfold to more than {MAX_NODES} places",
                "lower the limits of repeats within repeats",
                file=place.file,
                line=place.line,
                column=place.column,
            )
        self._letters.append("")
        self._targets.append(_END)
        return len(self._letters) - 1
