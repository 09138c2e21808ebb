"""Forms: the ways in which one kind of value is said, each a pattern with what it is worth."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.grammar.meanings.corrections import corrected
from ivr.grammar.meanings.plain import plain
from ivr.grammar.text import is_chinese

_LEAD_ZH = (
    r"(?:大概|大约|差不多|应该|估计|可能|那就|就|只能|只|能|准备|打算|最多|最少|至少|顶多|要不|我|想|要|先"
    r"|是|在|到|等|还|给|付|转|选|打个?)*?"
)
_TAIL_ZH = (
    r"(?:左右|上下|出头|之前|以前|之后|以后|前|就行|就好|可以|好了|行不行|行吗|的话|那天|[的吧了呢呀嘛哈]"
    r"|谢谢)*"
)
_LEAD_EN = (
    r"(?:(?:about|around|roughly|approximately|maybe|probably|say|like|only|just|at most|at least|up to|at"
    r"|on or before|on|by|before|after|from|for|until|till|it's|it is|that's|i'd say|i'd give it"
    r"|i would give it|i'd like|i want|make it|let's say|the|a|i'll take|i can(?: only)? pay|i'll pay"
    r"|to pay) )*?"
)
_TAIL_EN = r"(?: (?:or so|sharp|please|thanks|thank you|roughly|then|would be (?:fine|good|great)))*"


@dataclass(frozen=True, slots=True)
class Form:
    """One way of saying a value."""

    pattern: str
    """A regular expression over text as `plain` gives it."""
    value: Callable[[re.Match[str], datetime], str | None]
    """The canonical value of what matched, relative to now; None when it is none after all (31 February)."""
    in_passing: bool = True
    """Whether it is recognised inside a longer sentence too, not only as a whole answer."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value in a plain text, from `start` up to `end`."""

    value: str
    start: int
    end: int


class Kind:
    """All forms of one kind of value, in both languages. Reads whole answers and finds values in passing."""

    def __init__(
        self,
        zh: tuple[Form, ...],
        en: tuple[Form, ...],
        inherit: Callable[[str, str], str | None] | None = None,
    ) -> None:
        """`inherit(before, after)` completes a correction by what was said before it, where it can."""
        self.zh, self.en = zh, en
        self._inherit = inherit
        self._whole = {form.pattern: _whole(form, _LEAD_ZH, _TAIL_ZH) for form in zh}
        self._whole |= {form.pattern: _whole(form, _LEAD_EN, _TAIL_EN) for form in en}
        self._passing = {form.pattern: re.compile(form.pattern) for form in zh if form.in_passing}
        self._passing |= {form.pattern: _between_words(form) for form in en if form.in_passing}

    def read(self, text: str, language: str, now: datetime) -> str | None:
        """The value of a whole answer; a correction inside it wins over what it corrects."""
        before, after = corrected(plain(text, language).text, language)
        completed = self._inherit(before, after) if self._inherit and before else None
        for said in filter(None, (completed, after)):
            for form in self._forms(language):
                match = self._whole[form.pattern].fullmatch(said)
                value = form.value(match, now) if match else None
                if value is not None:
                    return value
        return None

    def find(self, text: str, language: str, now: datetime) -> Iterator[Found]:
        """Every value in a plain text that `plain` made, also those that overlap."""
        for form in self._forms(language):
            if not form.in_passing:
                continue
            for match in self._passing[form.pattern].finditer(text):
                value = form.value(match, now)
                if value is not None:
                    yield Found(value, match.start(), match.end())

    def _forms(self, language: str) -> tuple[Form, ...]:
        return self.zh if is_chinese(language) else self.en


def fixed(values: Mapping[str, str]) -> tuple[Form, ...]:
    """A form for each pattern that always has the same value."""

    def form(pattern: str, value: str) -> Form:
        return Form(pattern, lambda _match, _now: value)

    return tuple(form(pattern, value) for pattern, value in values.items())


def unnamed(pattern: str) -> str:
    """A pattern without group names, to be used inside a larger one."""
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


def either(forms: tuple[Form, ...], *, in_passing: bool = True) -> str:
    """A pattern for any of these forms, without group names; by default only for those in passing."""
    chosen = [form for form in forms if form.in_passing or not in_passing]
    return "(?:" + "|".join(unnamed(form.pattern) for form in chosen) + ")"


def _whole(form: Form, lead: str, tail: str) -> re.Pattern[str]:
    return re.compile(f"{lead}(?:{form.pattern}){tail}")


def _between_words(form: Form) -> re.Pattern[str]:
    return re.compile(rf"(?<![^ ])(?:{form.pattern})(?![^ ])")
