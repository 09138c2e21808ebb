"""The phrases of a grammar: all of them in the order they are written, or some by lot."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from ivr.grammar.errors import ExpansionTooLarge
from ivr.grammar.nodes import Alternatives, Capture, Expansion, Option, Repeat, RuleRef, Sequence, Token

_UNLIMITED_EXTRA = 3
"""A sample of an unlimited repeat has at most so many above its lower limit."""

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


def draw_phrase(rules: Mapping[str, Expansion], root: str, rng: Rng) -> Tokens:
    """One phrase by lot: alternatives by their weights, repeats evenly. The grammar must match something."""
    return _draw(rules, rules[root], rng)


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


def _draw(rules: Mapping[str, Expansion], expansion: Expansion, rng: Rng) -> Tokens:
    drawn: tuple[Expansion, ...] = ()
    match expansion:
        case Token(text):
            return (text,)
        case Capture(item):
            drawn = (item,)
        case RuleRef(rule):
            drawn = (rules[rule],)
        case Sequence(items):
            drawn = items
        case Alternatives(options):
            drawn = (_draw_option([o for o in options if not _is_void(rules, o.item)], rng),)
        case Repeat(item, low, high):
            most = low + _UNLIMITED_EXTRA if high is None else high
            drawn = (item,) * (low + int(rng.random() * (most - low + 1)))
    return tuple(token for part in drawn for token in _draw(rules, part, rng))


def _draw_option(options: list[Option], rng: Rng) -> Expansion:
    point = rng.random() * sum(option.weight for option in options)
    for option in options:
        point -= option.weight
        if point < 0:
            return option.item
    return options[-1].item


def _is_void(rules: Mapping[str, Expansion], expansion: Expansion) -> bool:
    match expansion:
        case RuleRef(rule):
            return _is_void(rules, rules[rule])
        case Capture(item):
            return _is_void(rules, item)
        case Sequence(items):
            return any(_is_void(rules, item) for item in items)
        case Alternatives(options):
            return all(_is_void(rules, option.item) for option in options)
        case Repeat(item, low):
            return low > 0 and _is_void(rules, item)
    return False
