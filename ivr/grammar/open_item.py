"""Items that take a free sentence beside what their grammars list."""

from dataclasses import dataclass
from datetime import datetime

from ivr.grammar.compiled import CompiledGrammar
from ivr.grammar.intents.example import IntentBook
from ivr.grammar.intents.meaning_space import Vectorise
from ivr.grammar.intents.model import IntentModel
from ivr.grammar.intents.open_question import interpret_open
from ivr.grammar.intents.training import train
from ivr.grammar.interpret import interpret
from ivr.grammar.meanings.find import find
from ivr.grammar.result import Hypothesis, Interpretation, Match, NoMatch


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
    says; it also wins a tie, and names the reason when neither understands. Values said in the same breath
    come as `wish_<kind>`.
    """
    listed = interpret(hypothesis, grammar, now)
    commands = frozenset(name for name, intent in speech.book.intents.items() if intent.is_command)
    free = interpret_open(hypothesis, speech.model, commands=commands)
    if isinstance(free, NoMatch):
        return listed
    if isinstance(listed, Match) and (listed.text == free.text or listed.confidence >= free.confidence):
        return listed
    return _with_values(free, speech, now)


def _with_values(found: Match, speech: OpenSpeech, now: datetime) -> Match:
    intent = speech.book.intents.get(found.meaning.get("intent", ""))
    if intent is None or not intent.slots:
        return found
    spans = find(found.text, intent.slots, speech.book.locale, now)
    values = {f"wish_{span.kind}": span.value for span in spans}
    return Match({**values, **found.meaning}, found.confidence, found.text)
