"""SRGS 1.0 in its XML form (https://www.w3.org/TR/speech-grammar/, Appendix C): text into rule trees."""

from typing import NoReturn
from xml.sax import SAXParseException

from defusedxml.common import DefusedXmlException

from ivr.grammar import nodes
from ivr.grammar.nodes import Expansion, GrammarFile, Meta, Option, Position, Repeat, Rule
from ivr.grammar.reading import (
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
from ivr.grammar.xml_tree import Element, Text, read_xml

NAMESPACE = "http://www.w3.org/2001/06/grammar"

_ATTRIBUTES = {
    "grammar": {"version", "root", "mode", "tag-format", "xml:lang", "xml:base"},
    "rule": {"id", "scope"},
    "item": {"repeat", "repeat-prob", "weight", "xml:lang"},
    "one-of": {"xml:lang"},
    "token": {"xml:lang"},
    "ruleref": {"uri", "special", "type"},
    "tag": set(),
    "lexicon": {"uri", "type"},
    "meta": {"name", "content", "http-equiv"},
    "example": set(),
}
_MEND = f'begin it with <grammar version="1.0" xmlns="{NAMESPACE}" xml:lang="zh-CN" root="...">'


def parse_grxml(text: str, file: str = "") -> GrammarFile:
    """Parse one grammar file. Raises `GrammarError` with the place, the reason and the mend.

    A DOCTYPE is passed over without being fetched; entities of one's own are refused.
    """
    try:
        root = read_xml(text, file, skipped={(NAMESPACE, "metadata"), ("", "metadata")})
    except SAXParseException as error:
        place = Position(file, error.getLineNumber() or 1, (error.getColumnNumber() or 0) + 1)
        mend = "close every tag and write &lt; for < and &amp; for &"
        refuse(place, f"this is not XML: {error.getMessage()}", mend)
    except DefusedXmlException:
        refuse(Position(file), "the file defines entities", "write out what they stand for")
    return _Parsing(file).parse(root)


class _Parsing:
    def __init__(self, file: str) -> None:
        self._gathering = Gathering(file)
        self._base = ""

    def parse(self, root: Element) -> GrammarFile:
        if root.name != "grammar" or root.namespace not in {"", NAMESPACE}:
            refuse(root.position, f"<{root.name}> is not an SRGS grammar", _MEND)
        self._check(root)
        self._read_header(root)
        for element in _elements_only(root):
            self._check(element)
            self._read_part(element)
        return self._gathering.finish('add xml:lang="zh-CN" or such to <grammar>')

    def _read_header(self, root: Element) -> None:
        place, given = root.position, root.attributes
        if given.get("version", "1.0") != "1.0":
            refuse(place, f"version {given['version']} of SRGS is unknown", 'write version="1.0"')
        self._base = given.get("xml:base", "")
        declarations = {
            "xml:lang": ("language", read_language),
            "mode": ("mode", read_mode),
            "root": ("root", read_rule_name),
            "tag-format": ("tag-format", read_tag_format),
        }
        for attribute, (key, read) in declarations.items():
            if attribute in given:
                self._gathering.declare(key, read(given[attribute], place), place)

    def _read_part(self, element: Element) -> None:
        given = element.attributes
        match element.name:
            case "rule":
                self._gathering.define(self._rule(element))
            case "lexicon":
                self._gathering.lexicons.append(self._required(element, "uri"))
            case "meta":
                http = "http-equiv" in given
                name = self._required(element, "http-equiv" if http else "name")
                self._gathering.metas.append(Meta(name, self._required(element, "content"), http))
            case "tag":
                refuse(element.position, "a tag here belongs to no words", "put it into a rule")
            case "metadata":
                pass
            case _:
                self._misplaced(element, "a grammar holds rules")

    def _rule(self, element: Element) -> Rule:
        place = element.position
        name = read_rule_name(self._required(element, "id"), place)
        scope = element.attributes.get("scope", "private")
        if scope not in {"public", "private"}:
            refuse(place, f"there is no scope `{scope}`", "the scope is public or private")
        said = [child for child in element.children if not _is(child, "example")]
        if not any(isinstance(child, Element) or child.words() for child in said):
            mend = 'write <ruleref special="NULL"/> where nothing is to be said'
            refuse(place, f"rule ${name} is empty", mend)
        return Rule(name, self._sequence(said), scope == "public", place)

    def _sequence(self, children: list[Element | Text]) -> Expansion:
        parts: list[Expansion | Capturing] = []
        for child in children:
            if isinstance(child, Text):
                parts += [_word(text, place) for text, place in child.words()]
            else:
                self._check(child)
                parts.append(self._part(child))
        return nodes.sequence(with_captures(parts))

    def _part(self, element: Element) -> Expansion | Capturing:
        place = element.position
        match element.name:
            case "item":
                if "weight" in element.attributes:
                    refuse(place, "a weight counts only between the items of a <one-of>", "remove it")
                return self._item(element)
            case "one-of":
                return self._in_language(self._one_of(element), element)
            case "token":
                return self._in_language(_word(_text_of(element), place), element)
            case "ruleref":
                return self._reference(element)
            case "tag":
                text = _text_of(element)
                return read_tag(text, place, f"<tag>{text.strip()}</tag>")
            case _:
                self._misplaced(element, "words, item, one-of, token, ruleref and tag make up a rule")

    def _item(self, element: Element) -> Expansion:
        place, given = element.position, element.attributes
        inner = bracketed(self._in_language(self._sequence(element.children), element))
        if "repeat" not in given:
            return inner
        times = read_repeat(given["repeat"], place)
        likely = read_probability(given["repeat-prob"], place) if "repeat-prob" in given else None
        return Repeat(nodes.sequence([inner]), *times, likely, place)

    def _one_of(self, element: Element) -> Expansion:
        options: list[Option] = []
        for child in _elements_only(element):
            self._check(child)
            if child.name != "item":
                self._misplaced(child, "only items stand directly in a <one-of>")
            weight = child.attributes.get("weight")
            item = nodes.sequence([self._item(child)])
            options.append(Option(item, 1.0 if weight is None else read_weight(weight, child.position)))
        if not options:
            refuse(element.position, "a <one-of> without items offers nothing", "add an <item>")
        return nodes.alternatives(options)

    def _reference(self, element: Element) -> Expansion:
        place, given = element.position, element.attributes
        if ("uri" in given) == ("special" in given):
            mend = 'write uri="#rule" or special="NULL"'
            refuse(place, "a <ruleref> has either a uri or a special rule", mend)
        if "special" in given:
            return read_special(given["special"], place)
        return read_reference(given["uri"], self._base, given.get("type", ""), place)

    def _in_language(self, expansion: Expansion, element: Element) -> Expansion:
        language = element.attributes.get("xml:lang")
        if language is None:
            return expansion
        return nodes.with_language(expansion, read_language(language, element.position))

    def _required(self, element: Element, attribute: str) -> str:
        if attribute not in element.attributes:
            refuse(element.position, f"<{element.name}> lacks {attribute}", f'add {attribute}="..."')
        return element.attributes[attribute]

    def _check(self, element: Element) -> None:
        """Refuse elements and attributes that SRGS does not know, for they are mostly slips of the pen."""
        known = _ATTRIBUTES.get(element.name)
        if element.namespace not in {"", NAMESPACE} or (known is None and element.name != "metadata"):
            self._misplaced(element, "https://www.w3.org/TR/speech-grammar/ tells the elements of a grammar")
        unknown = sorted(set(element.attributes) - known) if known is not None else []
        if unknown:
            names = ", ".join(sorted(known or ())) or "none"
            reason = f"<{element.name}> has no attribute {unknown[0]}"
            refuse(element.position, reason, f"its attributes are: {names}")

    def _misplaced(self, element: Element, mend: str) -> NoReturn:
        refuse(element.position, f"<{element.name}> does not belong here", mend)


def _word(text: str, place: Position) -> nodes.Token:
    word = " ".join(text.split())
    if not word:
        refuse(place, "an empty token says nothing", 'write <ruleref special="NULL"/>')
    if '"' in word:
        refuse(place, "a quotation mark stands alone", "leave it out, or close it")
    return nodes.Token(word, position=place)


def _text_of(element: Element) -> str:
    inner = next((child for child in element.children if isinstance(child, Element)), None)
    if inner is not None:
        refuse(inner.position, f"<{inner.name}> does not belong here", f"<{element.name}> holds only text")
    return "".join(child.text for child in element.children if isinstance(child, Text))


def _elements_only(parent: Element) -> list[Element]:
    for child in parent.children:
        if isinstance(child, Text):
            for word, place in child.words():
                mend = f"within <{parent.name}> words stand in an <item>"
                refuse(place, f"`{word}` does not belong here", mend)
    return [child for child in parent.children if isinstance(child, Element)]


def _is(child: Element | Text, name: str) -> bool:
    return isinstance(child, Element) and child.name == name
