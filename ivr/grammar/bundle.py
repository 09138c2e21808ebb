"""Several grammar files into one self-contained set of rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ivr.grammar.abnf_writer import write_abnf
from ivr.grammar.errors import GrammarError
from ivr.grammar.nodes import (
    Alternatives,
    Expansion,
    GrammarFile,
    Option,
    Position,
    Rule,
    RuleRef,
    depth,
    references,
    tokens,
    with_references,
)
from ivr.grammar.reading import refuse
from ivr.grammar.srgs import parse_grammar
from ivr.grammar.text import spell

MAX_RULE_DEPTH = 40
"""Rules that refer to rules that refer to rules: deeper is taken for a mistake."""
MAX_TREE_DEPTH = 200
"""Brackets, repeats and references within one another, all rules unfolded; keeps recursive walks safe."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Rules that refer to nothing outside, the root first."""

    language: str
    mode: str
    root: str
    rules: Mapping[str, Expansion]
    place: Position = field(default=Position(), compare=False)
    """Where the root is defined."""


def bundle_files(texts: Mapping[str, str], file: str) -> Bundle:
    """Gather the root rule of `file` and everything it refers to. `texts` holds all files by name.

    Raises `GrammarError` for an unknown file or rule, a private rule of another file, files that differ in
    language or mode, and recursion.
    """
    return _Gatherer(texts, file).gather()


def unused_rules(texts: Mapping[str, str], file: str) -> tuple[str, ...]:
    """The private rules of `file` to which neither its root nor a public rule leads, as they are written.

    Raises `GrammarError` like `bundle_files`, for every rule of the file.
    """
    gatherer = _Gatherer(texts, file)
    main = gatherer.main
    wanted = [rule for rule in main.rules.values() if rule.public or rule.name == main.root]
    used = gatherer.follow(wanted)
    gatherer.follow(main.rules.values())
    return tuple(name for name in main.rules if (main.name, name) not in used)


def bundle_choice(bundles: tuple[Bundle, ...]) -> Bundle:
    """One set of rules that takes whatever any of the given ones takes, in the same language and mode."""
    rules: dict[str, Expansion] = {}
    root = _free_name("any", {name for bundle in bundles for name in bundle.rules})
    options: list[Option] = []
    rules[root] = Alternatives(())
    for bundle in bundles:
        names = {name: "" for name in bundle.rules}
        for name in names:
            names[name] = _free_name(name, set(rules) | set(names.values()))
        for name, expansion in bundle.rules.items():
            renamed = {ref: names[ref.rule] for ref in references(expansion)}
            rules[names[name]] = with_references(expansion, renamed)
        options.append(Option(RuleRef(names[bundle.root])))
    rules[root] = Alternatives(tuple(options))
    return Bundle(bundles[0].language, bundles[0].mode, root, rules)


def write_bundle(bundle: Bundle) -> str:
    """The bundle as one ABNF text; parsing and bundling that text gives an equal bundle."""
    rules = {name: Rule(name, expansion, public=False) for name, expansion in bundle.rules.items()}
    return write_abnf(GrammarFile("", bundle.language, bundle.mode, bundle.root, rules))


class _Gatherer:
    def __init__(self, texts: Mapping[str, str], file: str) -> None:
        self._texts = texts
        self._files: dict[str, GrammarFile] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._rules: dict[str, Expansion] = {}
        self._depths: dict[str, int] = {}
        self.main = self._file(RuleRef("", file), GrammarFile("", "", "", "", {}))

    def gather(self) -> Bundle:
        main = self.main
        root = self._find(RuleRef("", main.name), main)
        self._add(main, root, ())
        return Bundle(main.language, main.mode, self._names[main.name, root.name], self._rules, root.position)

    def follow(self, rules: Iterable[Rule]) -> frozenset[tuple[str, str]]:
        """Add these rules of the main file; all rules that were met so far, each with its file."""
        for rule in rules:
            if (self.main.name, rule.name) not in self._names:
                self._add(self.main, rule, ())
        return frozenset(self._names)

    def _file(self, ref: RuleRef, referrer: GrammarFile) -> GrammarFile:
        if ref.file not in self._texts:
            known = ", ".join(sorted(self._texts)) or "none"
            raise self._error(referrer, ref, f"there is no file {ref.file}", f"known files are {known}")
        if ref.file not in self._files:
            self._files[ref.file] = file = parse_grammar(self._texts[ref.file], ref.file)
            _check_tokens(file)
        return self._files[ref.file]

    def _find(self, ref: RuleRef, referrer: GrammarFile) -> Rule:
        file = self._file(ref, referrer) if ref.file else referrer
        if not _go_together(file, self.main):
            reason = f"{file.name} is {file.mode} {file.language}, not {self.main.mode} {self.main.language}"
            raise self._error(referrer, ref, reason, "refer only to files of the same language and mode")
        name = ref.rule or file.root
        if not name:
            raise self._error(
                referrer, ref, f"{file.name} declares no root", "add `root $rule;` to its header"
            )
        rule = file.rules.get(name)
        if rule is None:
            known = ", ".join(f"${known}" for known in file.rules)
            raise self._error(referrer, ref, f"rule ${name} is not defined", f"define it; there are {known}")
        if file is not referrer and ref.rule and not rule.public:
            reason = f"rule ${name} of {file.name} is private"
            raise self._error(referrer, ref, reason, "put `public` before its definition")
        return rule

    def _add(self, file: GrammarFile, rule: Rule, path: tuple[tuple[str, str], ...]) -> None:
        key = (file.name, rule.name)
        self._names[key] = name = _free_name(rule.name, set(self._names.values()))
        self._rules[name] = rule.expansion
        renamed: dict[RuleRef, str] = {}
        for ref in references(rule.expansion):
            target_file = self._file(ref, file) if ref.file else file
            target = self._find(ref, file)
            target_key = (target_file.name, target.name)
            if target_key in (*path, key):
                circle = " > ".join(f"${step[1]}" for step in (*path, key, target_key))
                reason = f"${target.name} leads back to itself ({circle})"
                raise self._error(file, ref, reason, "say it with a repeat such as <1->")
            if len(path) >= MAX_RULE_DEPTH:
                reason = f"rules refer to rules more than {MAX_RULE_DEPTH} deep"
                raise self._error(file, ref, reason, "join some of them")
            if target_key not in self._names:
                self._add(target_file, target, (*path, key))
            renamed[ref] = self._names[target_key]
        self._rules[name] = with_references(rule.expansion, renamed)
        self._depths[name] = depth(self._rules[name], self._depths)
        if self._depths[name] > MAX_TREE_DEPTH:
            here = RuleRef(rule.name, position=rule.position)
            raise self._error(file, here, f"${rule.name} unfolds too deep", "nest fewer brackets and rules")

    def _error(self, file: GrammarFile, ref: RuleRef, reason: str, mend: str) -> GrammarError:
        place = ref.position
        return GrammarError(reason, mend, file=file.name or ref.file, line=place.line, column=place.column)


def _go_together(one: GrammarFile, other: GrammarFile) -> bool:
    """Whether words of both are spelled alike, as in en-US and en-GB; keys have no language."""
    if one.mode != other.mode:
        return False
    first, second = (file.language.lower().partition("-")[0] for file in (one, other))
    return one.mode == "dtmf" or first == second


def _check_tokens(file: GrammarFile) -> None:
    for rule in file.rules.values():
        for token in tokens(rule.expansion):
            if not spell(token.text, file.language, file.mode):
                kind = "key" if file.mode == "dtmf" else "word"
                mend = "keys are 0-9, A-D, star and pound" if kind == "key" else "leave punctuation out"
                refuse(token.position, f"`{token.text}` is no {kind}", mend)


def _free_name(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free
