"""The two forms of SRGS 1.0: which of them a file is in, and from bytes to a rule tree."""

import re
from collections.abc import Iterable
from functools import lru_cache

from ivr.grammar.abnf import parse_abnf
from ivr.grammar.errors import GrammarError
from ivr.grammar.nodes import GrammarFile

SUFFIXES = (".gram", ".grxml")
"""Of files in the ABNF and in the XML form. A file's content tells its form, whatever its name."""

MAX_CHARS = 200_000
"""All grammars of a hotline together are smaller; parsing so many takes a few seconds."""
_MOST_CHARS_KEPT = 20_000

_DECLARED = re.compile(
    rb"""#ABNF[ \t]+1\.0[ \t]+([A-Za-z0-9._:-]+)|<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)"""
)
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def decode_grammar(data: bytes, file: str) -> str:
    """The text of a file by its byte order mark, or the encoding that it declares, else as UTF-8.

    Raises `GrammarError` for an unknown encoding and for bytes that do not fit it.
    """
    declared = _DECLARED.match(data.lstrip())
    named = (declared[1] or declared[2]).decode("ascii") if declared else "utf-8"
    encoding = next((known for mark, known in _MARKS.items() if data.startswith(mark)), named)
    try:
        return data.decode(encoding)
    except LookupError:
        raise GrammarError(f"the encoding {encoding} is unknown", "save it as UTF-8", file=file) from None
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1
        mend = "save it as UTF-8, or declare its encoding in the first line"
        raise GrammarError(
            f"the file is not {encoding.upper()}", mend, file=file, line=line, column=column
        ) from None


def parse_grammar(text: str, file: str) -> GrammarFile:
    """Parse a file in either form. Raises `GrammarError` with the place, the reason and the mend."""
    if len(text) > MAX_CHARS:
        reason = f"the file has more than {MAX_CHARS:,} characters"
        raise GrammarError(reason, "divide it, or say it with repeats", file=file)
    return _parse_again(text, file) if len(text) <= _MOST_CHARS_KEPT else _parse(text, file)


def _parse(text: str, file: str) -> GrammarFile:
    if text.removeprefix("\ufeff").lstrip().startswith("<"):
        from ivr.grammar.grxml import parse_grxml  # noqa: PLC0415  25 ms that ABNF files need not wait for

        return parse_grxml(text, file)
    return parse_abnf(text, file)


_parse_again = lru_cache(maxsize=64)(_parse)
"""The same, remembered: each grammar is compiled with all the files that it refers to, over and over."""


def grammar_file(files: Iterable[str], name: str) -> str:
    """The file of a grammar called by its name without suffix. Raises `GrammarError` for none and for two."""
    known = [file for file in files if file.removesuffix(".gram").removesuffix(".grxml") == name]
    if len(known) > 1:
        raise GrammarError(
            f"{name} is there twice: {' and '.join(known)}", "remove one of them", file=known[0]
        )
    return known[0] if known else f"{name}.gram"
