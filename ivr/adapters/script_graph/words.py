"""What the drawings say beside a script's own texts, in the language of the reader."""

from dataclasses import dataclass

from ivr.dialogue.verification import Level
from ivr.grammar.text import is_chinese


@dataclass(frozen=True, slots=True)
class Words:
    """Phrases for `str.format`; the braces take ids and numbers."""

    other: str
    proof: dict[Level, str]
    settles: str
    ticket: str
    people: str
    back: str
    any_time: str
    hands_over: str
    services: str
    prove: str


_ENGLISH = Words(
    other="else",
    proof={Level.NONE: "no proof", Level.LIGHT: "proof: one piece", Level.STRONG: "proof: two pieces"},
    settles="settles: {}",
    ticket="ticket: {}, working days: {}",
    people="to a person: {}",
    back="back to {}",
    any_time="at any time",
    hands_over="goes on with one of {} services",
    services="the {} services",
    prove="proof needed",
)
_CHINESE = Words(
    other="其他",
    proof={Level.NONE: "无须验证", Level.LIGHT: "验证：一项", Level.STRONG: "验证：两项"},
    settles="办结：{}",
    ticket="工单：{}，{} 个工作日",
    people="转人工：{}",
    back="回到 {}",
    any_time="随时可说",
    hands_over="转到 {} 项业务之一",
    services="{} 项业务",
    prove="须验证",
)


def words_in(locale: str) -> Words:
    """The words for readers of a locale."""
    return _CHINESE if is_chinese(locale) else _ENGLISH
