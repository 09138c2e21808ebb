"""Numbers that name something, found within sentences: telephone, card and ID numbers, and plain digits."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ivr.grammar.meanings.digits import read_digits
from ivr.grammar.meanings.forms import Found
from ivr.grammar.meanings.identity import card_shape, id_shape, phone_shape
from ivr.grammar.text import is_chinese

_RUN_ZH = re.compile(r"[0-9零〇幺一二两三四五六七八九洞拐]{3,}[x叉]?")
_WORD_EN = (
    r"(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif"
    r"|six|seven|eigh|nine)teen"
    r"|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|double|triple|hundred|[0-9]+)"
)
_RUN_EN = re.compile(rf"\b{_WORD_EN}(?:[ -]{_WORD_EN})*(?: (?:x|ex))?(?![a-z'])")
_LEAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class NumberKind:
    """Digits of a certain shape; `shape` gives the canonical number, or None for digits of another shape."""

    shape: Callable[[str], str | None]

    def read(self, text: str, language: str) -> str | None:
        """The number that a whole answer gives."""
        digits = read_digits(text, language)
        return self.shape(digits) if digits else None

    def find(self, text: str, language: str) -> Iterator[Found]:
        """The numbers within a text that `plain` made."""
        run = _RUN_ZH if is_chinese(language) else _RUN_EN
        for match in run.finditer(text):
            digits = read_digits(match[0], language) or ""
            value = self.shape(digits) if len(digits) >= _LEAST_DIGITS else None
            if value:
                yield Found(value, match.start(), match.end())


def _any_digits(digits: str) -> str | None:
    return digits


DIGITS = NumberKind(_any_digits)
PHONE = NumberKind(phone_shape)
CARD = NumberKind(card_shape)
ID_NUMBER = NumberKind(id_shape)
