"""Words beside the answer: back-channels, hesitations, and what somebody says who takes an answer back.

All of these are words that hardly any grammar lists, and that decide who has the turn. Spelling and
punctuation are those of free recognition.
"""

import re

from ivr.grammar.sound import TONELESS, heard_sounds
from ivr.grammar.text import is_chinese, normalise

_BACK_CHANNELS_ZH = re.compile(
    r"(?:嗯|哦|噢|喔|啊|唉|诶|欸|哎|呃|好的?|好吧|行|对的?|是的?|是吗|这样|明白|知道了?|了解|ok)+"
)
_BACK_CHANNELS_EN = re.compile(
    r"(?:(?:u+h+ ?hu+h+|m+ ?hm+|m+|h+m+|oh|ah|ok|okay|right|yeah|yep|yes|sure|i see|alright|all right"
    r"|good|fine)(?: |$))+"
)
_HANGING_ZH = re.compile(
    r".*(呃|嗯|那个|这个|就是|就是说|然后|还有|因为|我想|我要|我想要|我想问|请问|帮我|麻烦|我的|的话|怎么|如果)"
)
_HANGING_EN = re.compile(
    r"(?:.* )?(?:u+h+|u+m+|er+|erm|and|or|but|so|because|the|a|my|to|for|i|i'd like|i want|i need|like|is)"
)
_TAKEN_BACK_ZH = re.compile(
    r".*(?:不对|不是|错了|等一下|等等|不不)[啊呀吧]?(?:(?:应该|我说的)?(?:是|要)|我是说|我的意思是)?"
)
_TAKEN_BACK_EN = re.compile(
    r"(?:.* )?(?:no|nope|wait|sorry|wrong|mistake|actually|correction|rather)"
    r"(?: (?:no|wait|sorry|actually))*"
    r"(?: (?:it's|it is|it should be|i meant?|make (?:it|that)|that's))?(?: |$)"
)


_NOT_RIGHT = (("bu", "dui"), "不对")
"""Free recognition writes it as 部队, too."""


def is_back_channel(text: str, language: str) -> bool:
    """Whether these words only tell that somebody listens (嗯, 好的, uh-huh), and want nothing.

    They may be an answer to a question; under a statement they are none.
    """
    words = normalise(text, language)
    pattern = _BACK_CHANNELS_ZH if is_chinese(language) else _BACK_CHANNELS_EN
    return pattern.fullmatch(words) is not None


def hangs(text: str, language: str) -> bool:
    """Whether these words end as nobody ends a sentence (我想…, 呃, "I'd like to"): more is to come."""
    words = normalise(text, language)
    return (_HANGING_ZH if is_chinese(language) else _HANGING_EN).fullmatch(words) is not None


def corrected(text: str, language: str) -> str | None:
    """What is put in place of what was taken back: 五号 of "四号，不对，是五号"; None where nothing is.

    The last word of correction counts. What follows may be empty: the caller only took something back.
    """
    words = normalise(text, language)
    if is_chinese(language):
        words = _by_sound(words)
    pattern = _TAKEN_BACK_ZH if is_chinese(language) else _TAKEN_BACK_EN
    found = pattern.match(words)
    return words[found.end() :].strip() if found else None


def _by_sound(words: str) -> str:
    """The words with every pair that sounds like 不对 written so."""
    sounds, (pair, written) = heard_sounds(words, TONELESS), _NOT_RIGHT
    for at in range(len(words) - 1):
        if (sounds[at], sounds[at + 1]) == pair:
            words = words[:at] + written + words[at + 2 :]
    return words
