"""A grammar as a nondeterministic automaton over characters, so that matching never lists phrases."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NewType

from ivr.grammar.nodes import Tag

State = NewType("State", frozenset[int])
"""Where an acceptor stands: the places in the grammar that what was said so far can have led to."""

Meaning = tuple[tuple[str, str], ...]
"""Slots and values, ordered by slot."""

MAX_MEANINGS = 64
"""How many meanings of one text are followed at one place; more of them are all the same to a caller."""

END = 0
"""The place behind the last letter."""

_MAX_STEPS_KEPT = 50_000
"""Of the steps taken so far; they are learnt anew after that many. Each takes some 200 bytes."""

_MAX_STATES_COUNTED = 20_000
"""About a second of counting; grammars of callers have a few thousand."""


@dataclass(frozen=True, slots=True)
class Begin:
    """From here on the letters belong to a slot that is being captured."""

    slot: str


@dataclass(frozen=True, slots=True)
class Finish:
    """Here a slot gets the letters since its `Begin`."""

    slot: str


Mark = Tag | Begin | Finish
Branches = Mapping[int, Sequence[tuple[int, Mark | None]]]
"""The places that hold no letter, each with the places that one may go on to, past a mark or none."""

_Belief = tuple[Meaning, Meaning]
"""The slots so far, and those being captured with their letters so far."""


class Automaton:
    """Reads characters one by one. Equal inputs give equal answers; what it learns on the way is kept."""

    def __init__(self, letters: Sequence[str], targets: Sequence[int], branches: Branches) -> None:
        self._letters = letters
        self._targets = targets
        self._branches = branches
        self._leaves: dict[int, frozenset[int]] = {}
        self._tagged_leaves: dict[int, _TaggedLeaves] = {}
        self._steps: dict[tuple[State, str], State] = {}
        self._states: dict[State, State] = {}

    def entry(self, node: int) -> State:
        """The state before the first character."""
        return State(self._reach(node))

    def step(self, state: State, char: str) -> State:
        """The state after one more character; empty when nothing in the grammar goes on so."""
        after = self._steps.get((state, char))
        if after is None:
            if len(self._steps) >= _MAX_STEPS_KEPT:
                self._steps.clear()
                self._states.clear()
            letters, targets = self._letters, self._targets
            reached = [self._reach(targets[node]) for node in state if letters[node] == char]
            found = State(frozenset().union(*reached))
            # Different ways lead to equal states: one object for all of them keeps the memory small.
            after = self._steps[state, char] = self._states.setdefault(found, found)
        return after

    def next_chars(self, state: State) -> frozenset[str]:
        """The characters that may follow."""
        return frozenset(self._letters[node] for node in state if node != END)

    def is_final(self, state: State) -> bool:
        """Whether a phrase may end here."""
        return END in state

    def count(self, node: int) -> int | None:
        """How many different texts are read from here to the end; None for endlessly many, or too tangled."""
        counts: dict[State, int] = {}
        on_the_way: set[State] = set()
        open_ends = [self.entry(node)]
        while open_ends and len(counts) < _MAX_STATES_COUNTED:
            state = open_ends.pop()
            if state in counts:
                continue
            after = [self.step(state, char) for char in self.next_chars(state)]
            if state in on_the_way:
                on_the_way.discard(state)
                counts[state] = self.is_final(state) + sum(counts[reached] for reached in after)
            elif on_the_way.isdisjoint(after):
                on_the_way.add(state)
                open_ends += [state, *(reached for reached in after if reached not in counts)]
            else:
                return None
        return None if open_ends else counts[self.entry(node)]

    def meanings(
        self, node: int, heard: Sequence[str], same: Callable[[str, str], bool]
    ) -> tuple[Meaning, ...]:
        """The distinct meanings of what was heard, in a fixed order. `same(letter, heard)` compares."""
        beliefs = _arrive({}, self._reach_tagged(node), [((), ())])
        for places in self._lasting(node, heard, same):
            after: dict[int, dict[_Belief, None]] = {}
            for place in places:
                letter = self._letters[place]
                grown = [
                    (slots, tuple((slot, text + letter) for slot, text in taken))
                    for slots, taken in beliefs.get(place, ())
                ]
                _arrive(after, self._reach_tagged(self._targets[place]), grown)
            beliefs = after
        return tuple(sorted({slots for slots, _ in beliefs.get(END, ())}))

    def _lasting(
        self, node: int, heard: Sequence[str], same: Callable[[str, str], bool]
    ) -> Iterator[list[int]]:
        """For each thing heard the places that read it on a way to the end; only those are worth a belief."""
        letters, targets = self._letters, self._targets
        reading: list[list[int]] = []
        state: frozenset[int] = self._reach(node)
        for char in heard:
            reading.append([place for place in state if place != END and same(letters[place], char)])
            state = frozenset().union(*(self._reach(targets[place]) for place in reading[-1]))
        alive = state & {END}
        for index in reversed(range(len(reading))):
            reading[index] = [
                place for place in reading[index] if not alive.isdisjoint(self._reach(targets[place]))
            ]
            alive = frozenset(reading[index])
        return iter(reading if alive else [[]])

    def _reach(self, node: int) -> frozenset[int]:
        """The letters, and the end, that may stand next. Places without a letter never form a circle."""
        leaves, branches = self._leaves, self._branches
        open_ends = [node]
        while node not in leaves:
            place = open_ends[-1]
            ways = branches.get(place)
            unknown = [to for to, _ in ways if to not in leaves] if ways else []
            if unknown:
                open_ends += unknown
                continue
            leaves[place] = (
                frozenset().union(*(leaves[to] for to, _ in ways)) if ways else frozenset((place,))
            )
            open_ends.pop()
        return leaves[node]

    def _reach_tagged(self, node: int) -> "_TaggedLeaves":
        """The same, each with the marks that are passed on the way; once for each way of passing some."""
        known = self._tagged_leaves.get(node)
        if known is None:
            found: dict[int, dict[tuple[Mark, ...], None]] = {}
            open_ends: list[tuple[int, tuple[Mark, ...]]] = [(node, ())]
            while open_ends:
                place, marks = open_ends.pop()
                ways = found.setdefault(place, {})
                if marks not in ways and len(ways) < MAX_MEANINGS:
                    ways[marks] = None
                    onwards = reversed(self._branches.get(place, ()))
                    open_ends += [(to, (*marks, mark) if mark else marks) for to, mark in onwards]
            leaves = found.keys() - self._branches.keys()
            known = tuple(
                (place, marks) for place, ways in found.items() if place in leaves for marks in ways
            )
            self._tagged_leaves[node] = known
        return known


_TaggedLeaves = tuple[tuple[int, tuple[Mark, ...]], ...]


def _arrive(
    beliefs: dict[int, dict[_Belief, None]], leaves: _TaggedLeaves, arriving: Sequence[_Belief]
) -> dict[int, dict[_Belief, None]]:
    for leaf, marks in leaves:
        held = beliefs.setdefault(leaf, {})
        for belief in arriving[: MAX_MEANINGS - len(held)]:
            held[_past(belief, marks)] = None
    return beliefs


def _past(belief: _Belief, marks: tuple[Mark, ...]) -> _Belief:
    if not marks:
        return belief
    slots, taken = dict(belief[0]), dict(belief[1])
    for mark in marks:
        match mark:
            case Tag(slot, value, appends):
                slots[slot] = slots.get(slot, "") + value if appends else value
            case Begin(slot):
                taken[slot] = ""
            case Finish(slot):
                # Of captures of one slot within one another the inner one has it already.
                text = taken.pop(slot, "").strip()
                if text:
                    slots[slot] = text
    return tuple(sorted(slots.items())), tuple(sorted(taken.items()))
