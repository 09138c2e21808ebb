"""Checking many grammars at once: they compile, hold their examples, mean one thing, need all their rules."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ivr.adapters.grammar_files import EXAMPLES_NOW, Example, grammar_paths, read_examples, read_grammar
from ivr.cli.grammar_sources import Fault, fault_of
from ivr.grammar.bundle import unused_rules
from ivr.grammar.compiled import CompiledGrammar, compile_grammar
from ivr.grammar.errors import GrammarError
from ivr.grammar.interpret import check_readers, meanings_as_written
from ivr.grammar.srgs import parse_grammar

_SAMPLES = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """A grammar that compiles."""

    file: str
    locale: str
    mode: str
    phrases: int | None
    """None for endlessly many, and for a file without a root."""
    has_root: bool
    """Without one it only holds rules for others."""
    examples: int
    readers: Mapping[str, str]
    unused: Sequence[str]
    """Private rules that nothing leads to."""


@dataclass
class Findings:
    """What a check found."""

    checked: list[Checked] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The grammars among these files, and in these folders and theirs. Raises `GrammarError` for none."""
    found: list[Path] = []
    for path in paths:
        folders = (
            [path, *sorted(child for child in path.glob("*") if child.is_dir())] if path.is_dir() else []
        )
        files = [file for folder in folders for file in grammar_paths(folder)] if folders else [path]
        if not files:
            raise GrammarError(
                "there are no grammars", "name .gram or .grxml files, or a folder", file=str(path)
            )
        found += files
    return list(dict.fromkeys(found))


def check_files(files: Iterable[Path]) -> Findings:
    """Check each file together with those of its folder, to which it may refer."""
    findings = Findings()
    folders: dict[Path, tuple[dict[str, str], dict[str, tuple[Example, ...]]]] = {}
    for path in files:
        if path.parent not in folders:
            folders[path.parent] = _read(path.parent, findings)
        texts, examples = folders[path.parent]
        try:
            texts.setdefault(path.name, read_grammar(path))
            _check(path, texts, examples.get(path.stem, ()), findings)
        except GrammarError as error:
            findings.faults.append(fault_of(error, path.parent, texts))
    return findings


def _read(folder: Path, findings: Findings) -> tuple[dict[str, str], dict[str, tuple[Example, ...]]]:
    texts: dict[str, str] = {}
    for path in grammar_paths(folder):
        try:
            texts[path.name] = read_grammar(path)
        except GrammarError:
            continue  # told where the file itself is checked, or by those that refer to it
    try:
        return texts, read_examples(folder.parent, folder.name)
    except GrammarError as error:
        findings.faults.append(fault_of(error, folder, {}))
        return texts, {}


def _check(path: Path, texts: Mapping[str, str], examples: Sequence[Example], findings: Findings) -> None:
    unused = unused_rules(texts, path.name)
    file = parse_grammar(texts[path.name], path.name)
    grammar = compile_grammar(texts, path.name) if file.root else None
    readers: Mapping[str, str] = {}
    phrases: int | None = None
    if grammar is not None:
        check_readers(grammar)
        readers, phrases = grammar.readers, grammar.count_phrases()
        findings.faults += _broken(path, grammar, examples)
        findings.faults += _ambiguous(path, grammar)
    checked = Checked(
        str(path), path.parent.name, file.mode, phrases, grammar is not None, len(examples), readers, unused
    )
    findings.checked.append(checked)


def _broken(path: Path, grammar: CompiledGrammar, examples: Sequence[Example]) -> Iterator[Fault]:
    for example in examples:
        matched = meanings_as_written(example.text, grammar, example.now)
        expected = () if example.meaning is None else (dict(example.meaning),)
        if matched != expected:
            means = " or ".join(shown(meaning) for meaning in matched) or "nothing"
            wanted = f"mean {shown(example.meaning)}" if example.meaning is not None else "be refused"
            reason = f"`{example.text}` means {means} and should {wanted}"
            beside = str(path.parent / "examples.yaml")
            yield Fault(beside, example.line, 1, reason, f"change {path.name}, or this example")


def _ambiguous(path: Path, grammar: CompiledGrammar) -> Iterator[Fault]:
    """Phrases with two meanings, by lot: callers who say them are not understood."""
    for phrase in dict.fromkeys(grammar.sample(random.Random(path.name), _SAMPLES)):
        means = meanings_as_written(phrase, grammar, EXAMPLES_NOW)
        if len(means) > 1:
            reason = f"`{phrase}` means {' or '.join(shown(meaning) for meaning in means)}"
            place = grammar.bundle.place
            yield Fault(str(path), place.line, place.column, reason, "let only one alternative take it")
            return


def shown(meaning: Mapping[str, str]) -> str:
    """A meaning in one line."""
    return " ".join(f"{slot}={value}" for slot, value in sorted(meaning.items())) or "(no slots)"
