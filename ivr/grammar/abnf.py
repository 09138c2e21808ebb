"""SRGS 1.0 in its ABNF form (https://www.w3.org/TR/speech-grammar/, Appendix D): text into rule trees."""

from functools import lru_cache
from typing import Any, cast

from lark import Lark, ParseTree, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from ivr.grammar import nodes
from ivr.grammar.errors import GrammarError
from ivr.grammar.nodes import Expansion, GrammarFile, Meta, Option, Position, Repeat, Rule, RuleRef, Tag
from ivr.grammar.reading import (
    MAX_NESTING,
    Capturing,
    Gathering,
    bracketed,
    read_language,
    read_mode,
    read_probability,
    read_reference,
    read_repeat,
    read_rule_name,
    read_special,
    read_tag,
    read_tag_format,
    read_weight,
    refuse,
    with_captures,
)

_ABNF = r"""
start: HEADER declaration* rule*

declaration: "language" TOKEN ";"            -> language
    | "mode" TOKEN ";"                       -> mode
    | "root" NAME ";"                        -> root
    | "tag-format" URI ";"                   -> tag_format
    | "base" URI ";"                         -> base
    | "lexicon" URI MEDIA_TYPE? ";"          -> lexicon
    | "meta" _string "is" _string ";"        -> meta
    | "http-equiv" _string "is" _string ";"  -> http_equiv
    | TAG ";"                                -> header_tag
_string: QUOTED | SINGLE_QUOTED

rule: SCOPE? NAME "=" alternatives ";"
alternatives: option ("|" option)*
option: WEIGHT? item+
item: atom                                   -> once
    | atom REPEAT                            -> repeat
atom: TOKEN LANGUAGE?                        -> token
    | QUOTED LANGUAGE?                       -> quoted
    | TAG                                    -> tag
    | NAME                                   -> local_reference
    | REFERENCE MEDIA_TYPE?                  -> reference
    | OPEN ")"                               -> nothing
    | OPEN alternatives ")" LANGUAGE?        -> group
    | OPTION alternatives "]" LANGUAGE?      -> optional

OPEN: "("
OPTION: "["
HEADER: /#ABNF[ \t]+1\.0([ \t]+[A-Za-z0-9._:-]+)?[ \t]*;/
SCOPE: "public" | "private"
WEIGHT: /\/[ \t]*([0-9]+\.?[0-9]*|\.[0-9]+)[ \t]*\//
REPEAT: /<\s*[0-9]+\s*(-\s*[0-9]*\s*)?(\/[^\/>]*\/\s*)?>/
REFERENCE: /\$<[^<>\s]*>/
MEDIA_TYPE: /~<[^<>\s]*>/
NAME: /\$[^\W\d][\w.:-]*/
LANGUAGE: /![^\s;=|<>()\[\]{}\/!$"#]+/
URI: /<[^<>\s]+>/
TAG: /\{!\{(.|\n)*?\}!\}|\{[^{}]*\}/
QUOTED: /"[^"]*"/
SINGLE_QUOTED: /'[^']*'/
TOKEN: /[^\s;=|*+<>()\[\]{}\/!$"#~；＝｜＊＋＜＞（）［］｛｝／！＄＂“”＃]+/
COMMENT: /\/\/[^\n]*/ | /\/\*(.|\n)*?\*\//
%ignore COMMENT
%ignore /\s+/
"""

_HINTS = {
    "*": 'write "any number of times" as <0->, and the star key as "*"',
    "+": 'write "once or more" as <1->',
    "#": 'write the pound key as "#"',
    "!": "a language such as !en-US stands directly after a word or a bracket",
    "/": "a weight is a positive number such as /0.5/ and stands before its alternative",
    "<": "a repeat is <2>, <1-3> or <0->, directly after what it repeats",
    "{": "close the tag with }, and put no braces inside it",
    "$": "a rule's name begins with a letter, a reference reads $<file.gram#rule>",
    '"': "close the quotation mark",
    "=": "end the rule before this one with a semicolon",
    ";": "write $NULL where nothing is to be said",
    "|": "write $NULL for an alternative in which nothing is said",
}

_FULL_WIDTH = dict(zip("；＝｜＊＋＜＞（）［］｛｝／！＄＂“”＃", ';=|*+<>()[]{}/!$"""#', strict=True))
"""What a Chinese keyboard gives in place of ABNF's own signs."""


def parse_abnf(text: str, file: str = "") -> GrammarFile:
    """Parse one grammar file. Raises `GrammarError` with the place, the reason and the mend."""
    try:
        tree = _parser().parse(text.removeprefix("\ufeff"))
    except UnexpectedInput as error:
        raise _syntax_error(error, text, file) from None
    _check_nesting(tree, file)
    gathering = Gathering(file)
    try:
        _ToNodes(gathering).transform(tree)
    except VisitError as error:
        raise error.orig_exc from None
    return gathering.finish("add a line such as `language zh-CN;`")


def _syntax_error(error: UnexpectedInput, text: str, file: str) -> GrammarError:
    line, column = max(error.line, 1), max(error.column, 1)
    found = error.char if isinstance(error, UnexpectedCharacters) else ""
    if isinstance(error, UnexpectedToken):
        found = str(error.token)
    reason = f"`{found}` does not belong here"
    mend = _HINTS.get(found[:1], "look for a missing semicolon or bracket just before")
    if found[:1] in _FULL_WIDTH:
        mend = f"write the half-width {_FULL_WIDTH[found[:1]]}"
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
            bracket = cast(Token, part.children[0])
            place = Position(file, bracket.line or 1, bracket.column or 1)
            refuse(place, f"more than {MAX_NESTING} brackets are open", "make rules of inner parts")
        open_ends += [(child, depth) for child in part.children if not isinstance(child, Token)]


class _ToNodes(Transformer[Token, Expansion]):
    """Turns the syntax tree into rules, checking what the syntax alone cannot. Fills the gathering."""

    def __init__(self, gathering: Gathering) -> None:
        super().__init__()
        self._gathering = gathering
        self._base = ""

    def _place(self, token: Token) -> Position:
        return Position(self._gathering.file, token.line or 1, token.column or 1)

    def _declare(self, key: str, value: str, token: Token) -> None:
        self._gathering.declare(key, value, self._place(token))

    def language(self, parts: list[Token]) -> None:
        self._declare("language", read_language(parts[0], self._place(parts[0])), parts[0])

    def mode(self, parts: list[Token]) -> None:
        self._declare("mode", read_mode(parts[0], self._place(parts[0])), parts[0])

    def root(self, parts: list[Token]) -> None:
        self._declare("root", read_rule_name(parts[0][1:], self._place(parts[0])), parts[0])

    def tag_format(self, parts: list[Token]) -> None:
        self._declare("tag-format", read_tag_format(parts[0][1:-1], self._place(parts[0])), parts[0])

    def base(self, parts: list[Token]) -> None:
        self._base = parts[0][1:-1]
        self._declare("base", self._base, parts[0])

    def lexicon(self, parts: list[Token]) -> None:
        self._gathering.lexicons.append(parts[0][1:-1])

    def meta(self, parts: list[Token]) -> None:
        self._gathering.metas.append(Meta(parts[0][1:-1], parts[1][1:-1]))

    def http_equiv(self, parts: list[Token]) -> None:
        self._gathering.metas.append(Meta(parts[0][1:-1], parts[1][1:-1], http=True))

    def header_tag(self, parts: list[Token]) -> None:
        mend = "put it into a rule"
        refuse(self._place(parts[0]), f"the tag {parts[0]} belongs to no words", mend)

    def rule(self, parts: list[Any]) -> None:
        *scope, name, expansion = parts
        place = self._place(name)
        self._gathering.define(Rule(read_rule_name(name[1:], place), expansion, scope == ["public"], place))

    def alternatives(self, options: list[Option]) -> Expansion:
        return nodes.alternatives(options)

    def option(self, parts: list[Any]) -> Option:
        weight = 1.0
        if isinstance(parts[0], Token):
            token = parts.pop(0)
            weight = read_weight(token[1:-1].strip(), self._place(token))
        return Option(nodes.sequence(with_captures(parts)), weight)

    def once(self, parts: list[Expansion | Capturing]) -> Expansion | Capturing:
        return parts[0]

    def nothing(self, _parts: list[Token]) -> Expansion:
        return nodes.NULL

    def group(self, parts: list[Any]) -> Expansion:
        return bracketed(self._with_language(parts[1:]))

    def optional(self, parts: list[Any]) -> Expansion:
        return Repeat(self._with_language(parts[1:]), 0, 1)

    def repeat(self, parts: list[Any]) -> Expansion:
        item, token = parts
        place = self._place(token)
        if isinstance(item, Capturing):
            refuse(place, f"{item.written} is repeated alone", "put brackets around it and what it captures")
        times, _, probability = token[1:-1].partition("/")
        likely = (
            read_probability(probability.rstrip().removesuffix("/").strip(), place) if probability else None
        )
        return Repeat(nodes.sequence([item]), *read_repeat(times, place), likely, place)

    def tag(self, parts: list[Token]) -> Tag | Capturing:
        text = parts[0].removeprefix("{!{").removesuffix("}!}") if parts[0][1] == "!" else parts[0][1:-1]
        return read_tag(text, self._place(parts[0]), str(parts[0]))

    def token(self, parts: list[Token]) -> Expansion:
        word = nodes.Token(str(parts[0]), position=self._place(parts[0]))
        return self._with_language([word, *parts[1:]])

    def quoted(self, parts: list[Token]) -> Expansion:
        text = " ".join(parts[0][1:-1].split())
        if not text:
            refuse(self._place(parts[0]), "an empty token says nothing", "write $NULL")
        word = nodes.Token(text, position=self._place(parts[0]))
        return self._with_language([word, *parts[1:]])

    def _with_language(self, parts: list[Any]) -> Expansion:
        expansion, *attached = parts
        for token in cast(list[Token], attached):
            expansion = nodes.with_language(expansion, read_language(token[1:], self._place(token)))
        return cast(Expansion, expansion)

    def local_reference(self, parts: list[Token]) -> Expansion:
        name, place = parts[0][1:], self._place(parts[0])
        if name in {"NULL", "VOID", "GARBAGE"}:
            return read_special(name, place)
        return RuleRef(read_rule_name(name, place), position=place)

    def reference(self, parts: list[Token]) -> Expansion:
        media_type = parts[1][2:-1] if len(parts) > 1 else ""
        return read_reference(parts[0][2:-1], self._base, media_type, self._place(parts[0]))


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_ABNF, parser="lalr")
