"""What both forms of SRGS 1.0 share: the values of declarations, attributes, tags and references."""

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import unquote, urljoin, urlsplit

from ivr.grammar import nodes
from ivr.grammar.errors import GrammarError
from ivr.grammar.nodes import NULL, VOID, Capture, Expansion, GrammarFile, Meta, Position, Rule, RuleRef, Tag

TAG_FORMAT = "semantics/1.0-literals"
MAX_NESTING = 20
"""Brackets, or items, within one another; more of them belong into rules of their own."""
MAX_REPEAT = 1000

_MEDIA_TYPES = {"application/srgs", "application/srgs+xml"}
_SPECIAL = {"NULL", "VOID", "GARBAGE"}
_TAG_TEXT = re.compile(r"\s*(\w+)\s*([+:]?=)\s*(\S(?:.*\S)?)\s*", re.DOTALL)
_NUMBER = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
_REPEAT = re.compile(r"\s*([0-9]+)\s*(-?)\s*([0-9]*)\s*")


def refuse(place: Position, reason: str, mend: str) -> NoReturn:
    """Raise `GrammarError` at this place."""
    raise GrammarError(reason, mend, file=place.file, line=place.line, column=place.column)


def read_language(text: str, place: Position) -> str:
    """A BCP 47 tag."""
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", text):
        refuse(place, f"`{text}` is not a language", "write a BCP 47 tag such as zh-CN or en-US")
    return text


def read_mode(text: str, place: Position) -> str:
    """`voice` or `dtmf`."""
    if text not in {"voice", "dtmf"}:
        refuse(place, f"there is no mode `{text}`", "write voice or dtmf")
    return text


def read_tag_format(text: str, place: Position) -> str:
    """The one tag format that is understood."""
    if text != TAG_FORMAT:
        refuse(place, f"tag format <{text}> is unknown", f"the tag format is {TAG_FORMAT}")
    return text


def read_rule_name(text: str, place: Position) -> str:
    """The name of a rule that is being defined, without `$`."""
    if text in _SPECIAL:
        refuse(place, f"${text} is a special rule", "choose another name")
    return _plain_name(text, place)


def _plain_name(text: str, place: Position) -> str:
    if not re.fullmatch(r"[^\W\d]\w*", text):
        mend = "begin it with a letter, and use only letters, digits and _ in it"
        refuse(place, f"`{text}` cannot be the name of a rule", mend)
    return text


def read_weight(text: str, place: Position) -> float:
    """A positive number without exponent (SRGS 1.0 section 2.4.1)."""
    if not _NUMBER.fullmatch(text):
        refuse(place, f"`{text}` is not a weight", "write a positive number such as 0.5")
    if float(text) <= 0:
        refuse(place, "a weight of zero says never", "make it positive or remove the alternative")
    return float(text)


def read_probability(text: str, place: Position) -> float:
    """A number from 0 to 1 (section 2.5.1)."""
    if not _NUMBER.fullmatch(text) or float(text) > 1:
        refuse(place, f"`{text}` is not a probability", "write a number from 0 to 1 such as 0.6")
    return float(text)


def read_repeat(text: str, place: Position) -> tuple[int, int | None]:
    """`2`, `1-3` or `0-`: the least and the most times (section 2.5)."""
    found = _REPEAT.fullmatch(text)
    if not found or (found[3] and not found[2]):
        refuse(place, f"`{text}` is no repeat", "write 2, 1-3 or 0-")
    least = int(found[1])
    most = int(found[3]) if found[3] else (None if found[2] else least)
    if most is not None and most < least:
        refuse(place, f"a repeat of {text} is empty", "write low-high with low not above high")
    if max(least, most or 0) > MAX_REPEAT:
        refuse(place, f"nobody says it more than {MAX_REPEAT} times", "lower the repeat")
    return least, most


@dataclass(frozen=True, slots=True)
class Capturing:
    """A capture tag that has not yet met what it captures."""

    slot: str
    reader: str
    written: str
    position: Position


def read_tag(text: str, place: Position, written: str) -> Tag | Capturing:
    """The text of a tag. `written` is how messages show it."""
    found = _TAG_TEXT.fullmatch(text)
    if not found:
        mend = "write {slot=value} to set, {slot+=value} to append, {slot:=reader} to capture"
        refuse(place, f"the tag {written} names no slot", mend)
    slot, operator, value = found.groups()
    if "}!" in value:
        refuse(
            place, f"the tag {written} holds }}!", "leave it out, for it would end the tag in the ABNF form"
        )
    if operator != ":=":
        return Tag(slot, value, operator == "+=")
    if not value.isidentifier():
        refuse(place, f"`{value}` is no reader's name", "write {slot:=date} or such")
    return Capturing(slot, value, written, place)


def with_captures(items: Sequence[Expansion | Capturing]) -> list[Expansion]:
    """Wrap what stands before each capture tag; other tags in between do not count."""
    found: list[Expansion] = []
    for part in items:
        if not isinstance(part, Capturing):
            found.append(part)
            continue
        at = next((n for n in reversed(range(len(found))) if not isinstance(found[n], Tag)), -1)
        if at < 0:
            refuse(part.position, f"nothing stands before {part.written}", "put it after what it captures")
        if at > 0 and isinstance(found[at], nodes.Token) and isinstance(found[at - 1], nodes.Token):
            mend = "put brackets around all the words that it captures"
            refuse(part.position, f"{part.written} captures the last word only", mend)
        found[at] = Capture(nodes.sequence([found[at]]), part.slot, part.reader, part.position)
    return found


def bracketed(expansion: Expansion) -> Expansion:
    """What stands in brackets; a word alone in them stays known as such, for a capture may follow."""
    return nodes.Sequence((expansion,)) if isinstance(expansion, nodes.Token) else expansion


def read_special(name: str, place: Position) -> Expansion:
    """`NULL`, `VOID` or `GARBAGE` (section 2.2.3)."""
    if name == "GARBAGE":
        mend = "list what may be said as alternatives"
        refuse(place, "$GARBAGE takes anything, so no answer could be told from a mistake", mend)
    if name not in _SPECIAL:
        refuse(place, f"`{name}` is no special rule", "write NULL or VOID")
    return NULL if name == "NULL" else VOID


def read_reference(uri: str, base: str, media_type: str, place: Position) -> RuleRef:
    """`file#rule`, `file` or `#rule` (section 2.2), resolved against the file's base."""
    if media_type and media_type not in _MEDIA_TYPES:
        refuse(place, f"`{media_type}` is no grammar", "refer to application/srgs or application/srgs+xml")
    file, _, rule = uri.partition("#")
    parts = urlsplit(urljoin(base, file)) if file else urlsplit("")
    if parts.scheme or parts.netloc:
        mend = "put the file beside this one and refer to it by its name"
        refuse(place, f"{parts.geturl()} would have to be fetched", mend)
    path = posixpath.normpath(unquote(parts.path)) if file else ""
    if not file and not rule:
        refuse(place, "the reference names neither a file nor a rule", "write file.gram#rule")
    return RuleRef(_plain_name(unquote(rule), place) if rule else "", path, place)


@dataclass
class Gathering:
    """A file being read: its header and rules, refusing what is said twice."""

    file: str
    header: dict[str, str] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    lexicons: list[str] = field(default_factory=list)
    metas: list[Meta] = field(default_factory=list)

    def declare(self, key: str, value: str, place: Position) -> None:
        """Take one of the declarations that may stand once."""
        if key in self.header:
            refuse(place, f"`{key}` is declared twice", "keep one of them")
        self.header[key] = value

    def define(self, rule: Rule) -> None:
        """Take a rule."""
        if rule.name in self.rules:
            earlier = self.rules[rule.name].position.line
            reason = f"rule ${rule.name} is defined twice, first in line {earlier}"
            refuse(rule.position, reason, "rename one of them or join both as alternatives")
        self.rules[rule.name] = rule

    def finish(self, language_mend: str) -> GrammarFile:
        """The whole file. `language_mend` says how this form declares the language."""
        mode, root = self.header.get("mode", "voice"), self.header.get("root", "")
        top = Position(self.file)
        if mode == "voice" and "language" not in self.header:
            refuse(top, "no language is declared", language_mend)
        if root and root not in self.rules:
            refuse(top, f"the root rule ${root} is not defined", "define it or name another root")
        language = self.header.get("language", "")
        lexicons, metas = tuple(self.lexicons), tuple(self.metas)
        return GrammarFile(self.file, language, mode, root, self.rules, lexicons, metas)
