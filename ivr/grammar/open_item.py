"""Items that take a free sentence beside what their grammars list."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.grammar.compiled import CompiledGrammar
from ivr.grammar.intents.example import IntentBook
from ivr.grammar.intents.meaning_space import Vectorise
from ivr.grammar.intents.model import IntentModel
from ivr.grammar.intents.open_question import interpret_open
from ivr.grammar.intents.training import train
from ivr.grammar.interpret import interpret
from ivr.grammar.meanings.find import FINDERS, find
from ivr.grammar.meanings.yes_no import read_yes_no
from ivr.grammar.result import Alternative, Hypothesis, Interpretation, Match, NoMatch
from ivr.grammar.text import is_chinese, normalise

ANSWER = "answer"
"""The slot of grammars that take yes or no."""

_FAREWELLS = {True: "再见", False: "bye"}
_MARKS = re.compile(r"[，,。.！!；;、]")
_MOST_PARTS = 4
_BARE_CHARACTERS = 4
_BARE_WORDS = 2
_SURE = 0.7
"""A sentence that means so surely something else is not searched for values of the item."""
_CERTAIN = 0.95
"""Listed words that were heard so surely need no second reading, which takes ten milliseconds."""


@dataclass(frozen=True, slots=True)
class OpenSpeech:
    """What free sentences mean in one locale."""

    book: IntentBook
    model: IntentModel

    @classmethod
    def learn(cls, book: IntentBook, vectorise: Vectorise | None = None) -> "OpenSpeech":
        """Train on all examples of the locale: some seconds for two thousand. Raises `ValueError`."""
        return cls(book, train(book.examples(), language=book.locale, vectorise=vectorise))


def interpret_item(
    hypothesis: Hypothesis, grammar: CompiledGrammar, speech: OpenSpeech, now: datetime
) -> Interpretation:
    """What the caller meant, as the grammar lists it or as a free sentence: the surer of the two.

    They see the same readings, so their confidences are not added. Words that the grammar lists mean what it
    says, also when several of its phrases are said in a row, and so does any way of saying yes or no where it
    asks for that; it also wins a tie, and names the reason when neither understands. Values said in the same
    breath come as `wish_<kind>`.
    """
    listed = _listed(hypothesis, grammar, now)
    if isinstance(listed, Match) and listed.confidence >= _CERTAIN:
        return listed
    commands = frozenset(name for name, intent in speech.book.intents.items() if intent.is_command)
    free = interpret_open(hypothesis, speech.model, commands=commands)
    if isinstance(listed, NoMatch) and (isinstance(free, NoMatch) or free.confidence < _SURE):
        listed = _value_within(hypothesis, grammar, now) or listed
    if isinstance(free, NoMatch) or _only_agrees(free, grammar) or _only_answers(free, grammar):
        return listed
    if isinstance(listed, Match) and (listed.text == free.text or listed.confidence >= free.confidence):
        return listed
    return _with_values(free, speech, now)


def _only_agrees(free: Match, grammar: CompiledGrammar) -> bool:
    """Whether "yes, that's right" was taken for a farewell where nobody has asked whether that is all."""
    if free.meaning.get("intent") != "goodbye" or grammar.match(_FAREWELLS[is_chinese(grammar.language)]):
        return False
    return read_yes_no(free.text, grammar.language) == "yes"


def _only_answers(free: Match, grammar: CompiledGrammar) -> bool:
    """Whether a bare yes or no was taken for a wish: it answers a question that is not asked any more."""
    if ANSWER in grammar.slots() or read_yes_no(free.text, grammar.language) is None:
        return False
    words = normalise(free.text, grammar.language)
    return (
        len(words) <= _BARE_CHARACTERS if is_chinese(grammar.language) else len(words.split()) <= _BARE_WORDS
    )


def _listed(hypothesis: Hypothesis, grammar: CompiledGrammar, now: datetime) -> Interpretation:
    """What the grammar says of a reading as a whole, else of its parts, else whether it is yes or no."""
    found = interpret(hypothesis, grammar, now)
    if isinstance(found, Match):
        return found
    for alternative in hypothesis.alternatives:
        meaning = _in_parts(alternative, grammar, now) or _yes_or_no(alternative, grammar)
        if meaning is not None:
            return Match(meaning, alternative.confidence, alternative.text)
    return found


def _value_within(hypothesis: Hypothesis, grammar: CompiledGrammar, now: datetime) -> Match | None:
    """The one value within a sentence that an item's grammar would take alone: 那就打个八分好了."""
    slots = {reader: slot for slot, reader in grammar.readers.items() if reader in FINDERS}
    for alternative in hypothesis.alternatives if slots else ():
        spans = find(alternative.text, tuple(slots), grammar.language, now)
        if len(spans) == 1:
            meaning = {slots[spans[0].kind]: spans[0].value}
            return Match(meaning, alternative.confidence, alternative.text)
    return None


def _in_parts(heard: Alternative, grammar: CompiledGrammar, now: datetime) -> Mapping[str, str] | None:
    """The one meaning that all its parts between punctuation marks have: "行了，够了"."""
    parts = [part for part in _MARKS.split(heard.text) if part.strip()]
    if not 1 < len(parts) <= _MOST_PARTS:
        return None
    meanings: list[Mapping[str, str]] = []
    for part in parts:
        alternative = Alternative(part, heard.confidence)
        found = interpret(Hypothesis((alternative,)), grammar, now)
        meaning = found.meaning if isinstance(found, Match) else _yes_or_no(alternative, grammar)
        if meaning is None or (meanings and meaning != meanings[0]):
            return None
        meanings.append(meaning)
    return meanings[0]


def _yes_or_no(heard: Alternative, grammar: CompiledGrammar) -> Mapping[str, str] | None:
    if ANSWER not in grammar.slots():
        return None
    value = read_yes_no(heard.text, grammar.language)
    if value == "yes" and grammar.match(_FAREWELLS[is_chinese(grammar.language)]):
        return None  # where a farewell is an answer, "great, thanks" is one rather than a yes
    return None if value is None else {ANSWER: value}


def _with_values(found: Match, speech: OpenSpeech, now: datetime) -> Match:
    meant = found.meaning.get("intent") or found.meaning.get("command", "")
    intent = speech.book.intents.get(meant)
    if intent is None or not intent.slots:
        return found
    spans = find(found.text, intent.slots, speech.book.locale, now)
    kinds = Counter(span.kind for span in spans)
    # Of two days in one sentence, nobody knows which one was wished for: it is asked.
    values = {f"wish_{span.kind}": span.value for span in spans if kinds[span.kind] == 1}
    return replace(found, meaning={**values, **found.meaning})
