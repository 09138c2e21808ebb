"""Rule trees into SRGS 1.0 text in its XML form."""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from ivr.grammar.abnf_writer import number, reference_uri, tag_text, times
from ivr.grammar.grxml import NAMESPACE
from ivr.grammar.nodes import (
    Alternatives,
    Capture,
    Expansion,
    GrammarFile,
    Meta,
    Repeat,
    RuleRef,
    Sequence,
    Tag,
    Token,
)
from ivr.grammar.reading import TAG_FORMAT


def write_grxml(file: GrammarFile) -> str:
    """The file as XML text; parsing that text gives an equal file. Comments are not part of it."""
    given = {"version": "1.0", "xmlns": NAMESPACE, "mode": file.mode, "tag-format": TAG_FORMAT}
    given |= {"xml:lang": file.language} if file.language else {}
    given |= {"root": file.root} if file.root else {}
    inner = [f"<lexicon uri={quoteattr(uri)}/>" for uri in file.lexicons] + [
        _meta(meta) for meta in file.metas
    ]
    for rule in file.rules.values():
        scope = {"scope": "public"} if rule.public else {}
        inner += _element("rule", {"id": rule.name} | scope, _lines(rule.expansion))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', *_element("grammar", given, inner)]
    return "\n".join(lines) + "\n"


def _element(name: str, attributes: dict[str, str], inner: Iterable[str]) -> list[str]:
    opening = f"<{name}" + "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    lines = list(inner)
    if not lines:
        return [f"{opening}/>"]
    if len(lines) == 1 and not lines[0].startswith("<"):
        return [f"{opening}>{lines[0]}</{name}>"]
    return [f"{opening}>", *("  " + line for line in lines), f"</{name}>"]


def _meta(meta: Meta) -> str:
    key = "http-equiv" if meta.http else "name"
    return f"<meta {key}={quoteattr(meta.name)} content={quoteattr(meta.content)}/>"


def _lines(expansion: Expansion) -> list[str]:
    lines: list[str] = []
    match expansion:
        case Token(text, language):
            given = {"xml:lang": language} if language else {}
            plain = not language and len(text.split()) == 1
            lines = [escape(text)] if plain else _element("token", given, [escape(text)])
        case Tag():
            lines = _element("tag", {}, [escape(tag_text(expansion))])
        case Capture(item):
            # Without an item of its own the tag would belong to the last word alone.
            lines = _lines(item) if isinstance(item, RuleRef | Repeat) else _element("item", {}, _lines(item))
            lines += _element("tag", {}, [escape(tag_text(expansion))])
        case RuleRef():
            lines = _element("ruleref", {"uri": reference_uri(expansion)}, [])
        case Sequence(()):
            lines = _element("ruleref", {"special": "NULL"}, [])
        case Sequence(items):
            lines = [line for item in items for line in _grouped(item)]
        case Alternatives(()):
            lines = _element("ruleref", {"special": "VOID"}, [])
        case Alternatives(options):
            weights = [{} if o.weight == 1.0 else {"weight": number(o.weight)} for o in options]
            rows = [_element("item", w, _lines(o.item)) for o, w in zip(options, weights, strict=True)]
            lines = _element("one-of", {}, [line for row in rows for line in row])
        case Repeat(item, _, _, probability):
            given = {"repeat": times(expansion)}
            given |= {} if probability is None else {"repeat-prob": number(probability)}
            lines = _element("item", given, _lines(item))
    return lines


def _grouped(item: Expansion) -> list[str]:
    """A member of a sequence; a capture keeps to itself, lest its tag reach further back."""
    return _element("item", {}, _lines(item)) if isinstance(item, Sequence | Capture) else _lines(item)
