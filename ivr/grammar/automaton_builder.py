"""From rule trees to the automaton that reads them."""

from collections.abc import Callable, Mapping, Sequence

from ivr.grammar.automaton import END, Automaton, Begin, Finish, Mark
from ivr.grammar.errors import GrammarError
from ivr.grammar.nodes import Alternatives, Capture, Expansion, Position, Repeat, RuleRef, Tag, Token
from ivr.grammar.nodes import Sequence as SequenceNode

MAX_NODES = 20_000
"""The largest sensible grammar, such as a spoken telephone number with its doubles, has a few thousand."""


class AutomatonBuilder:
    """Builds from the end backwards, so that rules in equal surroundings share their nodes."""

    def __init__(self, rules: Mapping[str, Expansion], spell: Callable[[str], str]) -> None:
        self._rules = rules
        self._spell = spell
        self._letters = [""]
        self._targets = [END]
        self._branches: dict[int, list[tuple[int, Mark | None]]] = {}
        self._shared_letters: dict[tuple[str, int], int] = {}
        self._shared_rules: dict[tuple[str, int], int | None] = {}

    def build(self, root: str) -> tuple[Automaton, int | None]:
        """The automaton and its entry node, None when the root matches nothing at all.

        Raises `GrammarError` when the rules unfold to too many nodes, or repeat silence without end.
        """
        entry = self._rule(RuleRef(root), END)
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
        inner = self._before(capture.item, self._branch([(following, Finish(capture.slot))]))
        return None if inner is None else self._branch([(inner, Begin(capture.slot))])

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

    def _branch(self, ways: list[tuple[int, Mark | None]]) -> int:
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
        self._targets.append(END)
        return len(self._letters) - 1
