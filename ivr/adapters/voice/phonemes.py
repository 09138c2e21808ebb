"""Text into the phonemes that Kokoro was trained on: Mandarin by misaki, everything Latin by espeak-ng."""

import logging
import re
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from types import SimpleNamespace

import cn2an
import jieba
from misaki.espeak import EspeakFallback
from misaki.zh import ZHG2P
from pypinyin import Style, lazy_pinyin, load_phrases_dict

jieba.setLogLevel(logging.WARNING)

_HANZI = "\u4e00-\u9fff"
_MANDARIN_RUNS = re.compile(rf"[{_HANZI}]+|[A-Za-z][A-Za-z' -]*|[^{_HANZI}A-Za-z]+")
_ENGLISH_RUNS = re.compile(rf"[{_HANZI}]+|[^{_HANZI}]+")
_NON_SYLLABIC = "\u032f"
"""A combining mark of misaki's that Kokoro's vocabulary lacks."""

_espeak_lock = threading.Lock()
"""The espeak-ng library keeps one state for the whole process."""


def teach_readings(readings: Mapping[str, Sequence[str]]) -> None:
    """Have these Mandarin words read in this pinyin (tone marks, one syllable each) in the whole process."""
    load_phrases_dict({word: [[syllable] for syllable in pinyin] for word, pinyin in readings.items()})
    for word in readings:
        jieba.add_word(word)


def phonemes(text: str, locale: str) -> str:
    """IPA in Kokoro's alphabet. Numbers are read in the locale's language, words each in their own."""
    if locale.startswith("zh"):
        spelled = ZHG2P.map_punctuation(cn2an.transform(text, "an2cn"))
        runs = _MANDARIN_RUNS.findall(spelled)
    else:
        runs = _ENGLISH_RUNS.findall(text)
    return " ".join("".join(_run(run) for run in runs).split())


def _run(run: str) -> str:
    if re.match(f"[{_HANZI}]", run):
        return " ".join(_word(word) for word in jieba.lcut(run)).replace(_NON_SYLLABIC, "")
    if not re.search(r"\w", run):
        return run
    with _espeak_lock:
        spoken, _ = _english()(SimpleNamespace(text=run))
    return f" {spoken or ''} "


def _word(word: str) -> str:
    """A word's syllables without a break, save where pinyin would write an apostrophe (余额, 西安).

    Run together there, the two vowels become one syllable that nobody understands.
    """
    syllables = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
    marks = ("" if n == 0 or syllable[0] not in "aoe" else " " for n, syllable in enumerate(syllables))
    return "".join(mark + ZHG2P.py2ipa(syllable) for mark, syllable in zip(marks, syllables, strict=True))


@cache
def _english() -> EspeakFallback:
    return EspeakFallback(british=False)
