"""What callers say freely, `<root>/<locale>/intents/*.yaml` and `faq/*.yaml`; faults with place and mend."""

from collections.abc import Collection, Iterator
from pathlib import Path

import yaml

from ivr.grammar.intents.example import Intent, IntentBook
from ivr.grammar.text import normalise

LEAST_EXAMPLES = 15
"""Fewer leave the classifier guessing."""
LEAST_WORDINGS = 6
"""Of a question: what it asks for is narrower than a wish, so that fewer wordings cover it."""
QUESTION_PREFIX = "faq_"
"""Begins the intent of a question, which is also the id of the prompt that answers it."""
_GROUPS = ("intents", "commands", "questions", "out_of_scope")
_KEYS = {"about", "slots", "examples"}


class IntentFault(ValueError):
    """The intents cannot be used. The message has one line for each fault: `file:line: reason. Mend: ...`."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


def read_intents(
    root: Path,
    locale: str,
    *,
    least_examples: int = LEAST_EXAMPLES,
    prompt_ids: Collection[str] | None = None,
) -> IntentBook:
    """All intents of a locale; a question `x` is the intent `faq_x`. Raises `IntentFault` with all faults.

    Where the locale's prompts are given, a question that none of them answers is a fault too.
    """
    reader = _Reader(locale, least_examples, prompt_ids)
    paths = sorted((root / locale / "intents").glob("*.yaml"))
    for path in (*paths, *sorted((root / locale / "faq").glob("*.yaml"))):
        reader.read(path)
    if not paths:
        where = root / locale / "intents"
        reader.faults.append(f"{where}:1: there are no intents. Mend: write files such as loan.yaml there.")
    if reader.faults:
        raise IntentFault(reader.faults)
    return IntentBook(locale, reader.intents, tuple(reader.out_of_scope))


class _Reader:
    """Collects intents, and faults, over all files of a locale."""

    def __init__(self, locale: str, least_examples: int, prompt_ids: Collection[str] | None) -> None:
        self.intents: dict[str, Intent] = {}
        self.out_of_scope: list[str] = []
        self.faults: list[str] = []
        self._locale = locale
        self._least = dict.fromkeys(_GROUPS, least_examples)
        self._least["questions"] = min(least_examples, LEAST_WORDINGS)
        self._prompt_ids = prompt_ids
        self._path = Path()
        self._met: dict[str, str] = {}

    def read(self, path: Path) -> None:
        self._path = path
        try:
            document = yaml.compose(path.read_text("utf-8"), Loader=yaml.SafeLoader)
        except UnicodeDecodeError:
            self.faults.append(f"{path}:1: the file is not UTF-8. Mend: save it as UTF-8.")
            return
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            mend = "put texts with a colon, a hash or a leading bracket in quotes"
            self.faults.append(f"{path}:{line}: the file is not YAML: {error.problem}. Mend: {mend}.")
            return
        for key, node in self._pairs(document, f"one or more of {', '.join(_GROUPS)}"):
            if key.value == "out_of_scope":
                self.out_of_scope += [text.value for text in self._texts(node, "out of scope")]
            elif key.value in _GROUPS:
                for name, entry in self._pairs(node, f"names of {key.value}, each with `examples`"):
                    self._intent(name, entry, key.value)
            else:
                self._fault(key, f"`{key.value}` is not known here", f"write one of {', '.join(_GROUPS)}")

    def _intent(self, name: yaml.ScalarNode, entry: yaml.Node, group: str) -> None:
        intent = QUESTION_PREFIX + name.value if group == "questions" else name.value
        if intent in self.intents:
            self._fault(name, f"intent `{intent}` is there twice", "give all its examples in one place")
            return
        parts = self._parts(entry)
        about, slots = parts.get("about"), parts.get("slots")
        if not isinstance(about, yaml.ScalarNode) or not about.value:
            self._fault(name, f"intent `{intent}` does not say what it is", "add `about:` and a few words")
        examples = self._texts(parts["examples"], intent) if "examples" in parts else []
        least = self._least[group]
        if len(examples) < least:
            reason = f"intent `{intent}` has {len(examples)} examples"
            self._fault(name, reason, f"give at least {least}, as different as callers put it")
        if group == "questions" and self._prompt_ids is not None and intent not in self._prompt_ids:
            mend = f"add the prompt `{intent}` to the prompts of {self._locale}"
            self._fault(name, f"the question `{name.value}` has no answer", mend)
        self.intents[intent] = Intent(
            name=intent,
            about=about.value if isinstance(about, yaml.ScalarNode) else "",
            slots=tuple(slot.value for slot in self._texts(slots, None)) if slots else (),
            is_command=group == "commands",
            examples=tuple(example.value for example in examples),
        )

    def _parts(self, entry: yaml.Node) -> dict[str, yaml.Node]:
        parts: dict[str, yaml.Node] = {}
        for key, node in self._pairs(entry, "`about` and `examples`"):
            parts[key.value] = node
            if key.value not in _KEYS:
                known = ", ".join(sorted(_KEYS))
                self._fault(key, f"`{key.value}` is not known here", f"write one of {known}")
        return parts

    def _texts(self, node: yaml.Node, owner: str | None) -> list[yaml.ScalarNode]:
        """A list of texts; with an owner, none of which may belong to another."""
        if not isinstance(node, yaml.SequenceNode):
            self._fault(node, "this is not a list", "write each text on a line of its own after a dash")
            return []
        texts: list[yaml.ScalarNode] = []
        for item in node.value:
            if not isinstance(item, yaml.ScalarNode) or item.tag != "tag:yaml.org,2002:str":
                self._fault(item, "this is not a text", "put it in quotes")
            elif owner is None or self._is_new(item, owner):
                texts.append(item)
        return texts

    def _is_new(self, text: yaml.ScalarNode, owner: str) -> bool:
        plain = normalise(text.value, self._locale)
        if not plain:
            self._fault(text, "this has no words", "write what a caller says, or remove the line")
            return False
        if plain in self._met:
            self._fault(text, f"this is an example of `{self._met[plain]}` already", "keep it in one place")
            return False
        self._met[plain] = owner
        return True

    def _pairs(self, node: yaml.Node | None, what: str) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self._fault(node, "a mapping is missing", f"write {what} here")
            return
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield key, value
            else:
                self._fault(key, "this is no name", "write a plain word before the colon")

    def _fault(self, node: yaml.Node | None, reason: str, mend: str) -> None:
        line = node.start_mark.line + 1 if node is not None else 1
        self.faults.append(f"{self._path}:{line}: {reason}. Mend: {mend}.")
