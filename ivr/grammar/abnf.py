"""SRGS 1.0 in its ABNF form (https://www.w3.org/TR/speech-grammar/, Appendix D): text into rule trees."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn, cast

from lark import Lark, ParseTree, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from ivr.grammar import nodes
from ivr.grammar.errors import GrammarError
from ivr.grammar.nodes import NULL, VOID, Expansion, GrammarFile, Option, Position, Repeat, Rule, RuleRef, Tag

TAG_FORMAT = "semantics/1.0-literals"
MAX_NESTING = 20
"""Brackets within brackets; more of them belong into rules of their own."""
MAX_REPEAT = 1000

_ABNF = r"""
start: HEADER declaration* rule*

declaration: "language" TOKEN ";"            -> language
    | "mode" TOKEN ";"                       -> mode
    | "root" NAME ";"                        -> root
    | "tag-format" URI ";"                   -> tag_format
    | "meta" QUOTED "is" QUOTED ";"          -> meta

rule: SCOPE? NAME "=" alternatives ";"
alternatives: option ("|" option)*
option: WEIGHT? item+
item: atom                                   -> once
    | atom REPEAT                            -> repeat
    | TAG                                    -> tag
atom: TOKEN                                 -> token
    | QUOTED                                 -> quoted
    | NAME                                   -> local_reference
    | REFERENCE                              -> reference
    | "(" alternatives ")"                   -> group
    | "[" alternatives "]"                   -> optional

HEADER: /#ABNF 1\.0( [A-Za-z0-9._-]+)?[ \t]*;/
SCOPE: "public" | "private"
WEIGHT: /\/[0-9]*\.?[0-9]+\//
REPEAT: /<\s*[0-9]+\s*(-\s*[0-9]*\s*)?>/
REFERENCE: /\$<[^<>\s]*>/
NAME: /\$[^\W\d]\w*/
URI: /<[^<>\s]+>/
TAG: /\{!\{(.|\n)*?\}!\}|\{[^{}]*\}/
QUOTED: /"[^"\n]*"/
TOKEN: /[^\s;=|*+<>()\[\]{}\/!$"#]+/
COMMENT: /\/\/[^\n]*/ | /\/\*(.|\n)*?\*\//
%ignore COMMENT
%ignore /\s+/
"""

_Part = Rule | tuple[str, Token]
"""A rule, or a declaration's keyword and value."""

_TAG_TEXT = re.compile(r"\s*(\w+)\s*([+:]?=)\s*(\S(?:.*\S)?)\s*", re.DOTALL)
_HINTS = {
    "*": 'write "any number of times" as <0->, and the star key as "*"',
    "+": 'write "once or more" as <1->',
    "#": 'write the pound key as "#"',
    "!": "leave language attachments out; one grammar has one language",
    "/": "a weight is a positive number such as /0.5/ and stands before its alternative",
    "<": "a repeat is <2>, <1-3> or <0->, directly after what it repeats",
    "{": "close the tag with }, and put no braces inside it",
    '"': "close the quotation mark on the same line",
    "=": "end the rule before this one with a semicolon",
    ";": "write $NULL where nothing is to be said",
    "|": "write $NULL for an alternative in which nothing is said",
    "lexicon": "leave lexicon declarations out; pronunciations belong to the recogniser",
    "base": "leave the base declaration out; references are file names in the same folder",
}


def parse_abnf(text: str, file: str = "") -> GrammarFile:
    """Parse one grammar file. Raises `GrammarError` with the place, the reason and the mend."""
    try:
        tree = _parser().parse(text.removeprefix("\ufeff"))
    except UnexpectedInput as error:
        raise _syntax_error(error, text, file) from None
    _check_nesting(tree, file)
    try:
        parts = cast(list[_Part], _ToNodes(file).transform(tree))
    except VisitError as error:
        raise error.orig_exc from None
    declarations = _Declarations(file)
    for part in parts:
        declarations.take(part)
    return declarations.finish()


def _syntax_error(error: UnexpectedInput, text: str, file: str) -> GrammarError:
    line, column = max(error.line, 1), max(error.column, 1)
    found = error.char if isinstance(error, UnexpectedCharacters) else ""
    if isinstance(error, UnexpectedToken):
        found = str(error.token)
    reason = f"`{found}` does not belong here"
    mend = _HINTS.get(found) or _HINTS.get(found[:1], "look for a missing semicolon or bracket just before")
    if not text.removeprefix("\ufeff").lstrip().startswith("#ABNF 1.0"):
        line, column = 1, 1
        reason, mend = "the ABNF header is missing", "begin the file with `#ABNF 1.0 UTF-8;`"
    elif isinstance(error, UnexpectedToken) and error.token.type == "$END":
        reason, mend = "the file ends within a rule", "end the last rule with a semicolon"
    elif isinstance(error, UnexpectedToken) and found == ";" and error.accepts & {"RPAR", "RSQB"}:
        reason, mend = "a bracket is open", "close it before the semicolon"
    return GrammarError(reason, mend, file=file, line=line, column=column)


def _check_nesting(tree: ParseTree, file: str) -> None:
    """Refuse brackets so deep that the recursive walks over the tree could not afford them."""
    open_ends = [(tree, 0)]
    while open_ends:
        part, depth = open_ends.pop()
        depth += part.data in {"group", "optional"}
        if depth > MAX_NESTING:
            meta = part.meta
            raise GrammarError(
                f"more than {MAX_NESTING} brackets are open",
                "make rules of inner parts",
                file=file,
                line=meta.line,
                column=meta.column,
            )
        open_ends += [(child, depth) for child in part.children if not isinstance(child, Token)]


def _refuse(file: str, token: Token, reason: str, mend: str) -> NoReturn:
    raise GrammarError(reason, mend, file=file, line=token.line or 1, column=token.column or 1)


@dataclass(frozen=True, slots=True)
class _Capturing:
    """A capture tag that has not yet met what it captures."""

    slot: str
    reader: str
    token: Token


class _Declarations:
    """Collects a file's header and rules, refusing what is said twice."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.header: dict[str, str] = {}
        self.rules: dict[str, Rule] = {}

    def take(self, part: _Part) -> None:
        if isinstance(part, Rule):
            if part.name in self.rules:
                earlier = self.rules[part.name].position.line
                place = part.position
                raise GrammarError(
                    f"rule ${part.name} is defined twice, first in line {earlier}",
                    "rename one of them or join both as alternatives",
                    file=self.file,
                    line=place.line,
                    column=place.column,
                )
            self.rules[part.name] = part
            return
        key, token = part
        if key in self.header:
            _refuse(self.file, token, f"`{key}` is declared twice", "keep one of them")
        self.header[key] = str(token)

    def finish(self) -> GrammarFile:
        mode = self.header.get("mode", "voice")
        if mode == "voice" and "language" not in self.header:
            raise GrammarError(
                "no language is declared", "add a line such as `language zh-CN;`", file=self.file
            )
        root = self.header.get("root", "")
        if root and root not in self.rules:
            raise GrammarError(
                f"the root rule ${root} is not defined", "define it or name another root", file=self.file
            )
        return GrammarFile(self.file, self.header.get("language", ""), mode, root, self.rules)


class _ToNodes(Transformer[Token, Expansion]):
    """Turns the syntax tree into rules, checking what the syntax alone cannot."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = file

    def _refuse(self, token: Token, reason: str, mend: str) -> NoReturn:
        _refuse(self._file, token, reason, mend)

    def _place(self, token: Token) -> Position:
        return Position(self._file, token.line or 1, token.column or 1)

    def start(self, parts: list[Any]) -> list[_Part]:
        return parts[1:]

    def language(self, parts: list[Token]) -> tuple[str, Token]:
        if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", parts[0]):
            self._refuse(
                parts[0], f"`{parts[0]}` is not a language", "write a BCP 47 tag such as zh-CN or en-US"
            )
        return "language", parts[0]

    def mode(self, parts: list[Token]) -> tuple[str, Token]:
        if parts[0] not in {"voice", "dtmf"}:
            self._refuse(parts[0], f"there is no mode `{parts[0]}`", "write `mode voice;` or `mode dtmf;`")
        return "mode", parts[0]

    def root(self, parts: list[Token]) -> tuple[str, Token]:
        return "root", parts[0].update(value=parts[0][1:])

    def tag_format(self, parts: list[Token]) -> tuple[str, Token]:
        if parts[0][1:-1] != TAG_FORMAT:
            self._refuse(parts[0], f"tag format {parts[0]} is unknown", f"write `tag-format <{TAG_FORMAT}>;`")
        return "tag-format", parts[0]

    def meta(self, parts: list[Token]) -> tuple[str, Token]:
        return f"meta {parts[0]}", parts[1]

    def rule(self, parts: list[Any]) -> Rule:
        *scope, name, expansion = parts
        if name in {"$NULL", "$VOID", "$GARBAGE"}:
            self._refuse(name, f"{name} is a special rule", "choose another name")
        return Rule(name[1:], expansion, scope == ["public"], self._place(name))

    def alternatives(self, options: list[Option]) -> Expansion:
        return nodes.alternatives(options)

    def option(self, parts: list[Any]) -> Option:
        weight = 1.0
        if isinstance(parts[0], Token):
            token = parts.pop(0)
            weight = float(token[1:-1])
            if weight <= 0:
                self._refuse(
                    token, "a weight of zero says never", "make it positive or remove the alternative"
                )
        return Option(nodes.sequence(self._with_captures(parts)), weight)

    def _with_captures(self, parts: list[Expansion | _Capturing]) -> list[Expansion]:
        """Wrap what stands before each capture tag; other tags in between do not count."""
        items: list[Expansion] = []
        for part in parts:
            if not isinstance(part, _Capturing):
                items.append(part)
                continue
            at = next((n for n in reversed(range(len(items))) if not isinstance(items[n], Tag)), -1)
            if at < 0:
                mend = "put it after what it captures"
                self._refuse(part.token, f"nothing stands before {part.token}", mend)
            if at > 0 and isinstance(items[at], nodes.Token) and isinstance(items[at - 1], nodes.Token):
                mend = "put brackets around all the words that it captures"
                self._refuse(part.token, f"{part.token} captures the last word only", mend)
            item, place = nodes.sequence([items[at]]), self._place(part.token)
            items[at] = nodes.Capture(item, part.slot, part.reader, place)
        return items

    def once(self, parts: list[Expansion]) -> Expansion:
        return parts[0]

    def group(self, parts: list[Expansion]) -> Expansion:
        """A bracketed word stays known as such, for a capture may follow."""
        return nodes.Sequence((parts[0],)) if isinstance(parts[0], nodes.Token) else parts[0]

    def optional(self, parts: list[Expansion]) -> Expansion:
        return Repeat(parts[0], 0, 1)

    def repeat(self, parts: list[Any]) -> Expansion:
        item, token = parts
        low, dash, high = (part.strip() for part in token[1:-1].partition("-"))
        least, most = int(low), int(high) if high else (None if dash else int(low))
        if most is not None and (most < least or most == 0):
            self._refuse(token, f"a repeat of {token} is empty", "write <low-high> with low not above high")
        if max(least, most or 0) > MAX_REPEAT:
            self._refuse(token, f"nobody says it more than {MAX_REPEAT} times", "lower the repeat")
        return Repeat(nodes.sequence([item]), least, most, self._place(token))

    def tag(self, parts: list[Token]) -> Expansion | _Capturing:
        text = parts[0].removeprefix("{!{").removesuffix("}!}") if parts[0][1] == "!" else parts[0][1:-1]
        found = _TAG_TEXT.fullmatch(text)
        if not found:
            self._refuse(
                parts[0],
                f"the tag {parts[0]} names no slot",
                "write {slot=value} to set, {slot+=value} to append, {slot:=reader} to capture",
            )
        if found[2] == ":=":
            if not found[3].isidentifier():
                self._refuse(parts[0], f"`{found[3]}` is no reader's name", "write {slot:=date} or such")
            return _Capturing(found[1], found[3], parts[0])
        return Tag(found[1], found[3], found[2] == "+=")

    def token(self, parts: list[Token]) -> Expansion:
        return nodes.Token(str(parts[0]), self._place(parts[0]))

    def quoted(self, parts: list[Token]) -> Expansion:
        text = " ".join(parts[0][1:-1].split())
        if not text:
            self._refuse(parts[0], "an empty token says nothing", "write $NULL")
        return nodes.Token(text, self._place(parts[0]))

    def local_reference(self, parts: list[Token]) -> Expansion:
        name = parts[0][1:]
        if name == "GARBAGE":
            self._refuse(parts[0], "$GARBAGE is not supported", "list what may be said as alternatives")
        if name in {"NULL", "VOID"}:
            return NULL if name == "NULL" else VOID
        return RuleRef(name, position=self._place(parts[0]))

    def reference(self, parts: list[Token]) -> Expansion:
        file, _, rule = parts[0][2:-1].partition("#")
        if not file:
            self._refuse(parts[0], f"{parts[0]} names no file", "write $<file.gram#rule>, or $rule")
        return RuleRef(rule, file, self._place(parts[0]))


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_ABNF, parser="lalr", propagate_positions=True)
