"""Rule trees into SRGS 1.0 text in its ABNF form."""

from decimal import Decimal
from urllib.parse import quote

from ivr.grammar.nodes import (
    Alternatives,
    Capture,
    Expansion,
    GrammarFile,
    Meta,
    Option,
    Repeat,
    RuleRef,
    Sequence,
    Tag,
    Token,
)
from ivr.grammar.reading import TAG_FORMAT


def write_abnf(file: GrammarFile) -> str:
    """The file as ABNF text; parsing that text gives an equal file. Comments are not part of it."""
    lines = ["#ABNF 1.0 UTF-8;"]
    lines += [f"language {file.language};"] if file.language else []
    lines += [f"mode {file.mode};"]
    lines += [f"root ${file.root};"] if file.root else []
    lines += [f"tag-format <{TAG_FORMAT}>;"]
    lines += [f"lexicon <{uri}>;" for uri in file.lexicons]
    lines += [_meta(meta) for meta in file.metas]
    lines.append("")
    for rule in file.rules.values():
        scope = "public " if rule.public else ""
        lines.append(f"{scope}${rule.name} = {_written(rule.expansion)};")
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    """A weight or probability as SRGS writes numbers: without an exponent."""
    return f"{Decimal(repr(value)):f}"


def times(repeat: Repeat) -> str:
    """How often: `2`, `1-3` or `0-`."""
    low, high = repeat.low, repeat.high
    return str(low) if high == low else f"{low}-{'' if high is None else high}"


def tag_text(tag: Tag | Capture) -> str:
    """What stands between the braces, or within `<tag>`."""
    if isinstance(tag, Capture):
        return f"{tag.slot}:={tag.reader}"
    return f"{tag.slot}{'+=' if tag.appends else '='}{tag.value}"


def reference_uri(ref: RuleRef) -> str:
    """`file#rule`, `file` or `#rule`, percent-encoded where a URI must be."""
    return quote(ref.file) + (f"#{quote(ref.rule)}" if ref.rule else "")


def _meta(meta: Meta) -> str:
    keyword = "http-equiv" if meta.http else "meta"
    return f"{keyword} {_quoted(meta.name)} is {_quoted(meta.content)};"


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text and "'" not in text else '"{}"'.format(text.replace('"', "'"))


def _written(expansion: Expansion) -> str:
    text = ""
    match expansion:
        case Token(token, language):
            text = token if token.isalnum() else f'"{token}"'
            text += f"!{language}" if language else ""
        case Tag(_, value):
            inner = tag_text(expansion)
            text = f"{{!{{{inner}}}!}}" if {"{", "}"} & set(value) else f"{{{inner}}}"
        case Capture(item):
            # Without brackets the tag would belong to the last word alone.
            captured = f"({_written(item)})" if isinstance(item, Token | Capture) else _item(item)
            text = f"{captured} {{{tag_text(expansion)}}}"
        case RuleRef(rule, file):
            text = f"$<{reference_uri(expansion)}>" if file else f"${rule}"
        case Sequence(items):
            text = " ".join(_item(item) for item in items) or "$NULL"
        case Alternatives(options):
            text = " | ".join(_option(option) for option in options) or "$VOID"
        case Repeat(item, 0, 1, None):
            text = f"[{_written(item)}]"
        case Repeat(item, _, _, probability):
            likely = "" if probability is None else f" /{number(probability)}/"
            text = f"{_item(item, repeated=True)}<{times(expansion)}{likely}>"
    return text


def _item(expansion: Expansion, *, repeated: bool = False) -> str:
    match expansion:
        case Sequence(items) if items:
            closed = False
        case Alternatives(options) if options:
            closed = False
        case Repeat(_, low, high, probability) if repeated:
            closed = (low, high, probability) == (0, 1, None)
        case Capture():
            closed = not repeated
        case _:
            closed = True
    return _written(expansion) if closed else f"({_written(expansion)})"


def _option(option: Option) -> str:
    text = _written(option.item)
    if isinstance(option.item, Alternatives) and option.item.options:
        text = f"({text})"
    return text if option.weight == 1.0 else f"/{number(option.weight)}/ {text}"
