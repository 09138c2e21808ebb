"""Which grammars a command speaks of: by name in a folder for each locale, or by file wherever it lies."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import typer

from ivr.adapters.grammar_files import grammar_paths, read_folder
from ivr.grammar.compiled import CompiledGrammar, combine, compile_grammar
from ivr.grammar.errors import ExpansionTooLarge, GrammarError, pointed_out
from ivr.grammar.interpret import check_readers
from ivr.grammar.srgs import SUFFIXES, grammar_file


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a grammar, as authors are told of it."""

    file: str
    line: int
    column: int
    reason: str
    mend: str
    source: str = ""
    """The line in question with a caret below the column; empty where there is none."""

    def __str__(self) -> str:
        told = f"{self.file}:{self.line}:{self.column}: {self.reason}. Mend: {self.mend}."
        return f"{told}\n{self.source}" if self.source else told


def fault_of(error: GrammarError, folder: Path, texts: Mapping[str, str]) -> Fault:
    """The error with its file's path and line. `texts` holds the files of `folder`."""
    path = str(folder / error.file) if error.file in texts else error.file or str(folder)
    source = pointed_out(error, texts.get(error.file, ""))
    return Fault(path, error.line, error.column, error.reason, error.mend, source)


@dataclass
class Sources:
    """Finds grammars, and keeps what it read for messages about it."""

    root: Path
    locale: str
    folder: Path = field(init=False)
    texts: Mapping[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.folder = self.root / self.locale

    def compile(self, names: str) -> CompiledGrammar:
        """The grammar, or several joined by +, each a name or a file. Raises `GrammarError`."""
        found: list[CompiledGrammar] = []
        for name in names.split("+"):
            file = self._look_up(name)
            grammar = compile_grammar(self.texts, file)
            check_readers(grammar)
            found.append(grammar)
        return combine(*found)

    def _look_up(self, name: str) -> str:
        if name.endswith(SUFFIXES):
            path = Path(name)
            if not path.is_file():
                raise GrammarError("there is no such file", "name a .gram or .grxml file", file=name)
            self._enter(path.parent)
            return path.name
        folder = self.root / self.locale
        if not grammar_paths(folder):
            known = ", ".join(sorted(child.name for child in self.root.glob("*") if grammar_paths(child)))
            mend = f"choose one of {known}" if known else "name a folder with --root"
            raise GrammarError(f"there are no grammars for {self.locale}", mend, file=str(self.root))
        self._enter(folder)
        return grammar_file(self.texts, name)

    def _enter(self, folder: Path) -> None:
        self.folder, self.texts = folder, read_folder(folder)


@contextmanager
def complaining(sources: Sources, *, as_json: bool) -> Iterator[None]:
    """End the command with the message of a bad grammar, not with a traceback."""
    try:
        yield
    except GrammarError as error:
        fault = fault_of(error, sources.folder, sources.texts)
        if as_json:
            print_json({"fault": asdict(fault)})
        typer.echo(str(fault), err=True)
        raise typer.Exit(1) from None
    except ExpansionTooLarge as error:
        if as_json:
            print_json({"fault": {"reason": str(error)}})
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def print_json(answer: Mapping[str, Any]) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
