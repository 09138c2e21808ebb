"""Where in the files of a script something stands: YAML read a second time, for lines and columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from ivr.adapters.script_files import DIALLED, SERVICES
from ivr.dialogue.survey import ItemKind
from ivr.dialogue.survey_data import KEYS, SURVEYS


@dataclass(frozen=True, slots=True)
class ScriptProblem:
    """Something wrong with a script, as authors are told of it."""

    file: str
    line: int
    column: int
    reason: str
    mend: str

    def __str__(self) -> str:
        told = f"{self.file}:{self.line}:{self.column}: {self.reason}"
        return f"{told}. Mend: {self.mend}." if self.mend else told


class ScriptProblems(ValueError):
    """A script cannot be used. The message has a line for each problem."""

    def __init__(self, problems: Sequence[ScriptProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(slots=True)
class ScriptSources:
    """The files of one script, as trees of nodes."""

    frame: Path
    """The script's frame; of a survey the survey itself, whose frame lies above it."""
    _trees: dict[Path, yaml.Node | None] = field(default_factory=dict)
    _owner: dict[str, Path] = field(default_factory=dict)
    """Service to its file."""

    @property
    def is_survey(self) -> bool:
        """Whether it is a survey in the frame of dialled calls."""
        return self.frame.resolve().parent.name == SURVEYS

    @property
    def files(self) -> list[Path]:
        """The frame, then the services by name; of a survey the frame and the survey."""
        if self.is_survey:
            return [self._root, self.frame]
        services = self.frame.parent / SERVICES if self.frame.name != DIALLED else Path()
        return [self.frame, *sorted(services.glob("*.yaml"))]

    @property
    def _root(self) -> Path:
        return self.frame.resolve().parents[1] / DIALLED if self.is_survey else self.frame

    def read(self) -> list[ScriptProblem]:
        """Read all files: what keeps them from being scripts, and what YAML lets pass in silence."""
        problems: list[ScriptProblem] = []
        for path in self.files:
            try:
                tree = yaml.compose(path.read_text("utf-8"), Loader=yaml.SafeLoader)
            except (OSError, UnicodeDecodeError) as error:
                problems.append(
                    ScriptProblem(str(path), 1, 1, f"cannot be read: {error}", "save it as UTF-8")
                )
                continue
            except yaml.MarkedYAMLError as error:
                problems.append(_not_yaml(path, error))
                continue
            self._trees[path] = tree
            service = _child(tree, "service") or (_child(tree, "survey") if path == self.frame else None)
            if service is not None and isinstance(service[1], yaml.ScalarNode):
                self._owner[service[1].value] = path
            problems += list(_slips(path, tree))
        return problems

    def problem(self, place: Sequence[str], reason: str, mend: str) -> ScriptProblem:
        """A problem at a step's id and a key of it, or at `services`, a service and a key of that."""
        path, keys = self._file_of(place)
        return self.at(path, keys, reason, mend)

    def at(self, path: Path, keys: Sequence[str], reason: str, mend: str) -> ScriptProblem:
        """A problem at the deepest key of a file that is there."""
        node, mark = self._trees.get(path), None
        for key in keys:
            found = _child(node, key)
            if found is None:
                break
            mark, node = found[0].start_mark, found[1]
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        return ScriptProblem(str(path), line, column, reason, mend)

    def told(self, fault: str) -> ScriptProblem:
        """A fault of `ScriptFault`: `steps.STEP: reason; mend`, with `services/FILE: ` before it or not."""
        head, _, rest = fault.partition(": ")
        path = self._root
        if head.startswith((f"{SERVICES}/", f"{SURVEYS}/")):
            path = self.frame if self.is_survey else self._root.parent / head
            head, _, rest = rest.partition(": ")
        elif self.is_survey and (head.partition(".")[0] in KEYS or "unknown key" in rest):
            path = self.frame
        reason, _, mend = rest.partition("; ")
        if head.startswith("steps."):
            step = head.removeprefix("steps.")
            if path == self._root:
                return self.problem((step,), f"{step}: {reason}", mend)
            return self.at(path, self._keys_in(path, step, ()), f"{step}: {reason}", mend)
        return self.at(path, head.split("."), f"{head}: {reason}", mend)

    def _keys_in(self, path: Path, step: str, keys: Sequence[str]) -> tuple[str, ...]:
        """Where a key of a service's step stands in its file; a survey's steps are parts of its items."""
        if not (self.is_survey and path == self.frame):
            return ("steps", step, *keys)
        item = step.partition(".")[0]
        items = _child(self._trees.get(path), "items")
        written = _child(items[1], item) if items else None
        kind = next((kind for kind in ItemKind if written and _child(written[1], kind)), "")
        names = {"ask": kind, "say": kind, "choice": "by_key", "ticket": "tickets"}
        return ("items", item, *(names.get(key, key) for key in keys))

    def _file_of(self, place: Sequence[str]) -> tuple[Path, tuple[str, ...]]:
        first, *keys = place
        if first == "services":
            service, *keys = keys
            return self._owner.get(service, self._root), tuple(keys) or ("service",)
        service, _, local = first.partition(".")
        if service in self._owner:
            path = self._owner[service]
            return path, self._keys_in(path, local, keys) if local else ("service",)
        if _child(self._trees.get(self._root), first) is not None:
            return self._root, (first, *keys)
        return self._root, ("steps", first, *keys)


def _not_yaml(path: Path, error: yaml.MarkedYAMLError) -> ScriptProblem:
    mark = error.problem_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    mend = "put texts with a colon, a hash or a leading bracket in quotes, and line up what belongs together"
    return ScriptProblem(str(path), line, column, f"this is not YAML: {error.problem}", mend)


def _slips(path: Path, node: yaml.Node | None) -> Iterator[ScriptProblem]:
    """Keys that come twice, of which YAML keeps the last, and `yes` or `no`, which YAML takes for truth."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _slips(path, item)
    if not isinstance(node, yaml.MappingNode):
        return
    met: set[str] = set()
    for key, value in node.value:
        line, column = key.start_mark.line + 1, key.start_mark.column + 1
        if key.tag == "tag:yaml.org,2002:bool":
            reason = f"YAML takes {key.value} for a truth value"
            yield ScriptProblem(str(path), line, column, reason, f'write "{key.value}" in quotes')
        elif key.value in met:
            mend = "give each its own name, or keep one"
            yield ScriptProblem(str(path), line, column, f"{key.value} is there twice", mend)
        met.add(key.value)
        yield from _slips(path, value)


def _child(node: yaml.Node | None, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and key.isdecimal() and int(key) < len(node.value):
        return node.value[int(key)], node.value[int(key)]
    if not isinstance(node, yaml.MappingNode):
        return None
    return next(((name, value) for name, value in node.value if name.value == key), None)
