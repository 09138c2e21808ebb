"""Ratings on a scale: 八分, 非常满意, 满分, "four out of five"."""

import re
from collections.abc import Callable
from datetime import datetime

from ivr.grammar.meanings.forms import Form, Kind, fixed
from ivr.grammar.numbers_en import read_number_en
from ivr.grammar.numbers_zh import read_number_zh

_LEVELS_ZH = (
    r"差评|(?:非常|极其|很|十分|特别)不满意|(?:太|很|非常)差(?:劲)?|(?:太|很)糟糕?",
    r"不(?:太|是很|怎么|是太|大)?满意|(?:有点|有些)?不满意|不太行|比较差|不(?:太|怎么)?好|有点差",
    r"中评|(?:很|挺)?一般(?:般)?|还行|还可以|凑合|马马虎虎|普通|中等|过得去|不好不坏",
    r"满意|比较满意|挺满意|还(?:是)?(?:挺|比较)?满意|不错|挺好|比较好|蛮好|可以",
    r"(?:非常|很|十分|特别|相当|超级|太)满意|(?:非常|特别|很|太)好|好评|满分|完美|最高分",
)
_LEVELS_EN = (
    r"(?:very|extremely|really|totally) (?:dissatisfied|unsatisfied|unhappy|bad|poor)|terrible|awful"
    r"|horrible",
    r"(?:not (?:very |really |too |so )?(?:satisfied|happy|good|great))|dissatisfied|unsatisfied|unhappy"
    r"|poor|bad|somewhat dissatisfied",
    r"neutral|average|okay|ok|so so|neither|fair|not bad|it was okay|all right|alright",
    r"satisfied|happy|good|quite (?:satisfied|happy|good)|fairly (?:satisfied|good)|pretty good"
    r"|somewhat satisfied",
    r"(?:very|extremely|really|completely|totally|fully) (?:satisfied|happy|good)|excellent|great|perfect"
    r"|full marks|fantastic|outstanding|amazing",
)
_N_ZH = r"(?<![0-9零一二两三四五六七八九十.点])(?P<n>10|[0-9]|[零一二两三四五六七八九十])"
_WORD_EN = "(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|10|[0-9])"
_N_EN = f"(?P<n>{_WORD_EN})"
_SELF_ZH = r"(?:我|感觉|觉得|对|你们|服务|总体|整体)*"


def _scale(low: int, high: int, levels: tuple[int, ...]) -> Kind:
    """Whole numbers from `low` to `high`; `levels` are the numbers of the five words, worst first."""

    def number(read: Callable[[str], str | None]) -> Callable[[re.Match[str], datetime], str | None]:
        def value(match: re.Match[str], _now: datetime) -> str | None:
            rated, best = read(match["n"]), match.groupdict().get("best")
            on_scale = rated is not None and rated.isdigit() and low <= int(rated) <= high
            return str(int(rated)) if rated and on_scale and (not best or read(best) == str(high)) else None

        return value

    zh, en = number(read_number_zh), number(_read_en)
    return Kind(
        (
            Form(rf"{_SELF_ZH}(?:打|给)?(?:个)?{_N_ZH}(?:分|颗?星)(?![钟钱])", zh),
            Form(rf"(?:打|给)?个?{_N_ZH}", zh, in_passing=False),
            *fixed(
                {_SELF_ZH + f"(?:{words})": str(at) for words, at in zip(_LEVELS_ZH, levels, strict=True)}
            ),
        ),
        (
            Form(rf"{_N_EN} (?:out of|over|of) (?P<best>{_WORD_EN})", en),
            Form(rf"{_N_EN} (?:points?|stars?)", en),
            Form(
                r"(?:i'd (?:give it|say)|i would (?:give it|say)|give it|i give it|it's"
                rf"|rate it)(?: an?)? {_N_EN}",
                en,
            ),
            Form(rf"(?:an? )?{_N_EN}", en, in_passing=False),
            *fixed(
                {
                    f"(?:i'm |i am |it was |it's )?(?:{words})": str(at)
                    for words, at in zip(_LEVELS_EN, levels, strict=True)
                }
            ),
        ),
    )


def _read_en(words: str) -> str | None:
    found = read_number_en(words.split())
    return found.digits if found and found.words == len(words.split()) else None


RATING_5 = _scale(1, 5, (1, 2, 3, 4, 5))
"""1 (worst) to 5."""
RATING_10 = _scale(0, 10, (0, 3, 5, 8, 10))
"""0 (worst) to 10. The words have the places that five steps have on it, rounded up."""
