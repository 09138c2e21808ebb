"""The number that somebody is to be rung back at, asked for in writing where it is not known."""

import re
from dataclasses import dataclass
from enum import StrEnum

from ivr.dialogue.ladder import Form
from ivr.dialogue.state import DialogueState
from ivr.dialogue.taken import Taken
from ivr.grammar.result import Alternative, Hypothesis, Interpretation, Match
from ivr.runtime.chat.exchange import ChatDevices
from ivr.runtime.chat.reading import clean

_COUNTRY = re.compile(r"^(00)?86(?=1\d{10}$)")
_KEYS = ("keys_phone",)
_WORDS = ("phone", "yes_no")


class Given(StrEnum):
    """What came of the question."""

    NUMBER = "number"
    REFUSED = "refused"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class NumberAsked:
    """How the answer was taken."""

    given: Given
    source: str
    found: Interpretation
    phone: str = ""

    def taken(self, state: DialogueState, failures: int) -> Taken:
        """The answer for the record: the number itself stands in the ticket."""
        return Taken(
            turn=state.turn,
            item="callback_number",
            form=Form.REPROMPT if failures else Form.ASK,
            source=self.source,
            result="no_match" if self.given is Given.UNCLEAR else "match",
            reason=self.given.value,
            confidence=self.found.confidence,
            intent=None,
            secret=False,
            rung=state.rung,
        )


def read_number(text: str, locale: str, devices: ChatDevices) -> NumberAsked:
    """What was answered: a number, a no, or neither."""
    plain = clean(text)
    digits = _COUNTRY.sub("", "".join(filter(str.isdigit, plain)))
    found = devices.grammars.interpret_keys(digits, _KEYS, locale=locale)
    if isinstance(found, Match):
        return NumberAsked(Given.NUMBER, "keys", found, found.meaning["phone"])
    hypothesis = Hypothesis((Alternative(plain, 1.0),))
    spoken = devices.grammars.interpret(hypothesis, _WORDS, locale=locale, is_open=False)
    if isinstance(spoken, Match) and "phone" in spoken.meaning:
        return NumberAsked(Given.NUMBER, "text", spoken, spoken.meaning["phone"])
    if isinstance(spoken, Match) and spoken.meaning.get("answer") == "no":
        return NumberAsked(Given.REFUSED, "text", spoken)
    return NumberAsked(Given.UNCLEAR, "text", spoken)
