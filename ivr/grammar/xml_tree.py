"""XML text into a tree whose elements and words know their line and column."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_external_ges, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl

from defusedxml.expatreader import DefusedExpatParser

from ivr.grammar.nodes import Position

MAX_DEPTH = 100
"""Elements within one another; keeps recursive walks over the tree safe."""

_XML = "http://www.w3.org/XML/1998/namespace"
_WORD = re.compile(r'"([^"]*)"|[^\s"]+|"')


@dataclass(slots=True)
class Text:
    """A run of text, with the offset at which each of its chunks begins and where that chunk stands."""

    text: str = ""
    chunks: list[tuple[int, Position]] = field(default_factory=list)

    def words(self) -> list[tuple[str, Position]]:
        """What white space separates, or quotation marks hold together, each with its place."""
        return [
            (found[0] if found[1] is None else found[1], self._place(found.start()))
            for found in _WORD.finditer(self.text)
        ]

    def _place(self, offset: int) -> Position:
        start, place = max((chunk for chunk in self.chunks if chunk[0] <= offset), key=lambda chunk: chunk[0])
        return Position(place.file, place.line, place.column + offset - start)


@dataclass(slots=True)
class Element:
    """An element. Attributes of XML's own namespace are called `xml:...`; those of others are left out."""

    namespace: str
    name: str
    attributes: dict[str, str]
    position: Position
    children: list["Element | Text"] = field(default_factory=list)


class _Builder(ContentHandler):
    """Puts the tree together while the parser, which knows where it is, reads on."""

    def __init__(self, parser: DefusedExpatParser, file: str, skipped: Collection[tuple[str, str]]) -> None:
        super().__init__()
        self._parser = parser
        self._file = file
        self._skipped = skipped
        self._open: list[Element] = []
        self.root: Element | None = None

    def _place(self) -> Position:
        return Position(
            self._file, self._parser.getLineNumber() or 1, (self._parser.getColumnNumber() or 0) + 1
        )

    def startElementNS(
        self, name: tuple[str | None, str], qname: str | None, attrs: AttributesNSImpl
    ) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise SAXParseException(f"more than {MAX_DEPTH} elements are open", None, self._parser)
        attributes = {
            key if space is None else f"xml:{key}": attrs.getValue((space, key))
            for space, key in attrs.getNames()
            if space in {None, _XML}
        }
        element = Element(name[0] or "", name[1], attributes, self._place())
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:
        closed = self._open.pop()
        if (closed.namespace, closed.name) in self._skipped:
            closed.children.clear()

    def characters(self, content: str) -> None:
        children = self._open[-1].children
        run = children[-1] if children else None
        if not isinstance(run, Text):
            run = Text()
            children.append(run)
        run.chunks.append((len(run.text), self._place()))
        run.text += content

    def skippedEntity(self, name: str) -> None:
        raise SAXParseException(f"&{name}; is not defined", None, self._parser)


def read_xml(text: str, file: str, *, skipped: Collection[tuple[str, str]] = ()) -> Element:
    """The root element. `skipped` elements, by namespace and name, come without what they hold.

    Raises `SAXParseException` for text that is not XML or nests too deep, `DefusedXmlException` for entities.
    """
    parser = DefusedExpatParser(forbid_entities=True, forbid_external=False)
    # Nothing is fetched: a DOCTYPE that names a DTD elsewhere is read past.
    parser.setFeature(feature_external_ges, False)
    parser.setFeature(feature_namespaces, True)
    builder = _Builder(parser, file, skipped)
    parser.setContentHandler(builder)
    parser.feed(text.removeprefix("\ufeff"))
    parser.close()
    if builder.root is None:
        raise SAXParseException("there is no element", None, parser)
    return builder.root
