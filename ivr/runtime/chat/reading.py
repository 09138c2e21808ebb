"""A written message into what it means: keys where it is keys, else a sentence."""

import re
import unicodedata
from collections.abc import Collection

from ivr.dialogue.state import Listen
from ivr.grammar.result import Alternative, Hypothesis, Interpretation, Match
from ivr.runtime.ports import GrammarBook

_KEYS = re.compile(r"[0-9*#]{1,40}")
_PRIVATE_DIGITS = re.compile(r"(?:\d[ -]?){14,}[\dXx]")
"""Fifteen digits or more, as in ID and card numbers: only questions for secrets are answered with so many."""

MASKED = "***"

MOST_CHARS = 2_000
"""Of one message."""


def read_message(
    text: str, listen: Listen, grammars: GrammarBook, command_keys: Collection[str]
) -> tuple[str, Interpretation]:
    """How the message was meant (`keys` or `text`) and what it means.

    Digits are the item's own keys first, then words (the "9" of a date), and the keys of commands last.
    """
    plain = clean(text)
    pressed = "".join(plain.split())
    is_keys = _KEYS.fullmatch(pressed) is not None
    own = [name for name in listen.keys.grammars if name not in command_keys]
    if is_keys and own:
        found = read_keys(pressed, listen, grammars, own)
        if isinstance(found, Match):
            return "keys", found
    spoken = grammars.interpret(
        Hypothesis((Alternative(plain, 1.0),)), listen.grammars, locale=listen.locale, is_open=listen.open
    )
    if is_keys and not isinstance(spoken, Match):
        found = read_keys(pressed, listen, grammars, listen.keys.grammars)
        if isinstance(found, Match):
            return "keys", found
    return "text", spoken


def read_keys(
    keys: str, listen: Listen, grammars: GrammarBook, grammar_ids: Collection[str] | None = None
) -> Interpretation:
    """What these keys mean on this item, with or without the key that ends a row of them."""
    names = tuple(listen.keys.grammars if grammar_ids is None else grammar_ids)
    row = keys.removesuffix(listen.keys.terminator) if len(keys) > 1 else keys
    return grammars.interpret_keys(row, names, locale=listen.locale)


def clean(text: str) -> str:
    """The message without what cannot be seen: controls, direction marks, broken halves of characters.

    Full-width digits and keys become plain ones. What grows beyond `MOST_CHARS` by that is cut: a single
    character may stand for eighteen.
    """
    readable = text.encode("utf-8", "ignore").decode("utf-8")
    visible = "".join(
        char if unicodedata.category(char)[0] != "C" else " " if char in "\t\r\n" else "" for char in readable
    )
    return unicodedata.normalize("NFKC", visible)[:MOST_CHARS].strip()


def for_record(text: str) -> str:
    """The message as it may be kept: rows of digits as long as an ID or a card number are masked."""
    return _PRIVATE_DIGITS.sub(MASKED, clean(text))
