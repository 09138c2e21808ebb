"""The phrases of a grammar: all of them in the order they are written, or some by lot."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from ivr.grammar.errors import ExpansionTooLarge
from ivr.grammar.nodes import (
    Alternatives,
    Capture,
    Expansion,
    Option,
    Repeat,
    RuleRef,
    Sequence,
    Token,
    parts,
)

_UNLIMITED_EXTRA = 3
"""A sample of an unlimited repeat has at most so many above its lower limit."""
_LIKELY_EXTRA = 100
"""The same where the author gives a probability, which may be 1."""

Tokens = tuple[str, ...]
_Found = dict[Tokens, None]


class Rng(Protocol):
    """What is used of `random.Random`."""

    def random(self) -> float:
        """A number in [0, 1)."""
        ...


def list_phrases(rules: Mapping[str, Expansion], root: str, limit: int) -> tuple[Tokens, ...]:
    """Every phrase once, as tokens. Raises `ExpansionTooLarge` beyond `limit` phrases."""
    return tuple(_Lister(rules, limit).phrases(RuleRef(root)))


def draw_phrases(rules: Mapping[str, Expansion], root: str, rng: Rng, count: int) -> Iterator[Tokens]:
    """Phrases by lot: alternatives by their weights, repeats by their probability or else evenly.

    The grammar must match something.
    """
    drawing = _Drawing(rules, rng)
    return (drawing.draw(rules[root]) for _ in range(count))


class _Lister:
    """Lists from the inside outwards; no part can have more phrases than the whole that it stands in."""

    def __init__(self, rules: Mapping[str, Expansion], limit: int) -> None:
        self._rules = rules
        self._limit = limit
        self._known: dict[str, _Found] = {}

    def phrases(self, expansion: Expansion) -> _Found:
        found: _Found = {(): None}
        match expansion:
            case Token(text):
                found = {(text,): None}
            case Capture(item):
                found = self.phrases(item)
            case RuleRef(rule):
                if rule not in self._known:
                    self._known[rule] = self.phrases(self._rules[rule])
                found = self._known[rule]
            case Sequence(items):
                for item in items:
                    found = self._product(found, self.phrases(item))
            case Alternatives(options):
                found = self._within(phrase for option in options for phrase in self.phrases(option.item))
            case Repeat():
                found = self._repeated(expansion)
        return found

    def _repeated(self, repeat: Repeat) -> _Found:
        once = self.phrases(repeat.item)
        if repeat.high is None and any(once):
            raise ExpansionTooLarge(self._limit)
        times: _Found = {(): None}
        found: _Found = {} if repeat.low else {(): None}
        for count in range(1, (repeat.low if repeat.high is None else repeat.high) + 1):
            times = self._product(times, once)
            if count >= repeat.low:
                found = self._within((*found, *times))
        return found

    def _product(self, firsts: _Found, seconds: _Found) -> _Found:
        return self._within(first + second for first in firsts for second in seconds)

    def _within(self, phrases: Iterable[Tokens]) -> _Found:
        found: _Found = {}
        for phrase in phrases:
            found[phrase] = None
            if len(found) > self._limit:
                raise ExpansionTooLarge(self._limit)
        return found


class _Drawing:
    """Draws from the outside inwards, past whatever matches nothing."""

    def __init__(self, rules: Mapping[str, Expansion], rng: Rng) -> None:
        self._rules = rules
        self._rng = rng
        self._void_rules: dict[str, bool] = {}

    def draw(self, expansion: Expansion) -> Tokens:
        drawn: tuple[Expansion, ...] = ()
        match expansion:
            case Token(text):
                return (text,)
            case Capture(item):
                drawn = (item,)
            case RuleRef(rule):
                drawn = (self._rules[rule],)
            case Sequence(items):
                drawn = items
            case Alternatives(options):
                drawn = (self._option([o for o in options if not self._is_void(o.item)]),)
            case Repeat(item):
                drawn = (item,) * self._times(expansion)
        return tuple(token for part in drawn for token in self.draw(part))

    def _option(self, options: list[Option]) -> Expansion:
        point = self._rng.random() * sum(option.weight for option in options)
        for option in options:
            point -= option.weight
            if point < 0:
                return option.item
        return options[-1].item

    def _times(self, repeat: Repeat) -> int:
        if self._is_void(repeat.item):
            return repeat.low
        if repeat.probability is None:
            extra = _UNLIMITED_EXTRA if repeat.high is None else repeat.high - repeat.low
            return repeat.low + int(self._rng.random() * (extra + 1))
        most = repeat.low + _LIKELY_EXTRA if repeat.high is None else repeat.high
        times = repeat.low
        while times < most and self._rng.random() < repeat.probability:
            times += 1
        return times

    def _is_void(self, expansion: Expansion) -> bool:
        match expansion:
            case RuleRef(rule):
                if rule not in self._void_rules:
                    self._void_rules[rule] = self._is_void(self._rules[rule])
                return self._void_rules[rule]
            case Alternatives(options):
                return all(self._is_void(option.item) for option in options)
            case Repeat(item, low):
                return low > 0 and self._is_void(item)
        return any(self._is_void(part) for part in parts(expansion))
