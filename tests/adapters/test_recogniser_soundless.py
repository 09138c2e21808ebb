"""Words that nothing in the audio stands for, and readings that go round in circles."""

import numpy as np

from ivr.adapters.recogniser.loops import with_cut_loops
from ivr.adapters.recogniser.pieces import Loud
from ivr.adapters.recogniser.soundless import soundless
from ivr.adapters.recogniser.whisper_model import Reading, Span


def _loud(hops: int, *sounds: tuple[int, int]) -> Loud:
    loud = np.zeros(hops, np.bool_)
    for begin, end in sounds:
        loud[begin:end] = True
    return loud


def test_words_in_the_pause_after_a_number_have_no_sound() -> None:
    spans = (Span("三", 0, 56), Span("四", 56, 86), Span("三", 86, 196), Span("四", 196, 196))
    assert soundless(spans, _loud(200, (30, 91))) == 2


def test_a_word_after_a_long_pause_has_its_sound_at_its_end() -> None:
    spans = (Span("二", 0, 78), Span("三", 78, 202), Span("四", 202, 234))
    assert soundless(spans, _loud(400, (30, 78), (185, 240))) == 0


def test_a_word_of_which_the_end_is_put_too_late_keeps_its_sound() -> None:
    assert soundless((Span("帮", 0, 60), Span("助", 60, 276)), _loud(300, (30, 110))) == 0


def test_a_reading_that_loops_is_also_tried_with_two_rounds_and_one() -> None:
    texts = [reading.text for reading in with_cut_loops([Reading((1,), "五六五六五六五六五", -0.1)])]
    assert texts == ["五六五六", "五六", "五六五六五六五六五"]


def test_a_reading_without_a_loop_stays_alone_and_comes_once() -> None:
    reading = Reading((1,), "一二一二三四", -0.1)
    assert with_cut_loops([reading, reading]) == [reading]
