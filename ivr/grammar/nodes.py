"""A rule expansion as a tree (SRGS 1.0 section 2), in a form that is equal when it is written the same."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands in a grammar file. Lines and columns count from 1."""

    file: str = ""
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Token:
    """A terminal as the author wrote it: a word, a run of Chinese characters, or a key."""

    text: str
    language: str = ""
    """The language it is pronounced in, where the author says that it is not the grammar's."""
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Tag:
    """`{slot=value}` sets a slot, `{slot+=value}` appends to it."""

    slot: str
    value: str
    appends: bool = False


@dataclass(frozen=True, slots=True)
class Capture:
    """`item {slot:=reader}`: the slot gets the text that was matched by `item`, for the named reader."""

    item: "Expansion"
    slot: str
    reader: str
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class RuleRef:
    """`$rule` (whose `file` is empty), `$<file#rule>`, or `$<file>` for that file's root."""

    rule: str
    file: str = ""
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other. Empty for `$NULL`."""

    items: tuple["Expansion", ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One of several, with its relative weight."""

    item: "Expansion"
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One of these. Empty for `$VOID`, which nothing matches."""

    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`low` to `high` times; `high` None for any number from `low` on."""

    item: "Expansion"
    low: int
    high: int | None
    probability: float | None = None
    """How likely each time beyond `low` is, 0..1; None when the author does not say."""
    position: Position = field(default=Position(), compare=False)


Expansion = Token | Tag | Capture | RuleRef | Sequence | Alternatives | Repeat

NULL = Sequence(())
VOID = Alternatives(())


@dataclass(frozen=True, slots=True)
class Rule:
    """A named expansion; only a public one may be referred to from another file."""

    name: str
    expansion: Expansion
    public: bool
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Meta:
    """A remark on the whole file, `meta` or, with `http`, `http-equiv`. Nothing is read from it."""

    name: str
    content: str
    http: bool = False


@dataclass(frozen=True, slots=True)
class GrammarFile:
    """One parsed file. References in it are resolved: they name files as its folder lists them."""

    name: str
    language: str
    """BCP 47; empty in a `dtmf` grammar that names none."""
    mode: str
    """`voice` or `dtmf`."""
    root: str
    rules: Mapping[str, Rule]
    lexicons: tuple[str, ...] = ()
    """URIs of pronunciations, kept but not used: recognisers bring their own."""
    metas: tuple[Meta, ...] = ()


def sequence(items: Iterable[Expansion]) -> Expansion:
    """A sequence without needless nesting."""
    flat: list[Expansion] = []
    for item in items:
        flat.extend(item.items if isinstance(item, Sequence) else (item,))
    return flat[0] if len(flat) == 1 else Sequence(tuple(flat))


def alternatives(options: Iterable[Option]) -> Expansion:
    """Alternatives, or the only one where a choice has one member."""
    all_options = tuple(options)
    return all_options[0].item if len(all_options) == 1 else Alternatives(all_options)


def parts(expansion: Expansion) -> tuple[Expansion, ...]:
    """What an expansion is directly made of; references are not followed."""
    match expansion:
        case Sequence(items):
            return items
        case Alternatives(options):
            return tuple(option.item for option in options)
        case Repeat(item) | Capture(item):
            return (item,)
    return ()


def walk(expansion: Expansion) -> Iterator[Expansion]:
    """An expansion and all that it is made of, in the order they are written; references are not followed."""
    yield expansion
    for part in parts(expansion):
        yield from walk(part)


def references(expansion: Expansion) -> tuple[RuleRef, ...]:
    """All rule references of an expansion in the order they are written."""
    return tuple(part for part in walk(expansion) if isinstance(part, RuleRef))


def tokens(expansion: Expansion) -> tuple[Token, ...]:
    """All terminals of an expansion in the order they are written."""
    return tuple(part for part in walk(expansion) if isinstance(part, Token))


def with_references(expansion: Expansion, renamed: Mapping[RuleRef, str]) -> Expansion:
    """The same expansion with each reference replaced by a local one of the given name."""
    match expansion:
        case RuleRef():
            return RuleRef(renamed[expansion], position=expansion.position)
        case Sequence(items):
            return Sequence(tuple(with_references(item, renamed) for item in items))
        case Alternatives(options):
            return Alternatives(tuple(Option(with_references(o.item, renamed), o.weight) for o in options))
        case Repeat(item) | Capture(item):
            return replace(expansion, item=with_references(item, renamed))
    return expansion


def with_language(expansion: Expansion, language: str) -> Expansion:
    """The same expansion with every word in this language that has none of its own."""
    match expansion:
        case Token(text, "", position):
            return Token(text, language, position)
        case Sequence(items):
            return Sequence(tuple(with_language(item, language) for item in items))
        case Alternatives(options):
            return Alternatives(tuple(Option(with_language(o.item, language), o.weight) for o in options))
        case Repeat(item) | Capture(item):
            return replace(expansion, item=with_language(item, language))
    return expansion


def depth(expansion: Expansion, of_rules: Mapping[str, int]) -> int:
    """How deep an expansion nests, given the depth of each rule it refers to."""
    if isinstance(expansion, RuleRef):
        return 1 + of_rules[expansion.rule]
    return 1 + max((depth(part, of_rules) for part in parts(expansion)), default=0)
