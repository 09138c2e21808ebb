"""Where an utterance is cut between words, on made-up sounds."""

import numpy as np
import pytest

from ivr.adapters.recogniser.audio import WHISPER_RATE_HZ, Samples
from ivr.adapters.recogniser.pieces import join_to, split
from ivr.adapters.recogniser.spelling import digit_spellings, mostly_digits

_RNG = np.random.default_rng(5)


def _utterance(*parts_ms: int, noise_db: float = -80.0) -> Samples:
    """Sound and silence in turn, beginning with silence, over a noise."""
    parts = [
        np.sin(2 * np.pi * 200 * np.arange(WHISPER_RATE_HZ * ms // 1000) / WHISPER_RATE_HZ)
        * (number % 2)
        * 0.3
        for number, ms in enumerate(parts_ms)
    ]
    samples = np.concatenate(parts)
    return np.asarray(samples + _RNG.normal(0, 0.2 * 10 ** (noise_db / 20), len(samples)), np.float32)


@pytest.mark.parametrize("noise_db", [-80.0, -15.0])
def test_words_with_pauses_between_them_are_pieces(noise_db: float) -> None:
    pieces = split(_utterance(300, 300, 100, 250, 60, 400, 400, noise_db=noise_db))
    assert [piece.hops for piece in pieces] == [pytest.approx(hops, abs=3) for hops in (30, 25, 40)]
    assert abs(pieces[0].begin - 30) <= 2
    assert abs(pieces[-1].end - 141) <= 2


def test_the_closure_before_a_release_is_no_pause() -> None:
    assert len(split(_utterance(200, 250, 80, 50, 300))) == 1
    assert len(split(_utterance(200, 250, 30, 250, 300))) == 1


def test_a_click_by_itself_is_no_piece_and_silence_has_none() -> None:
    assert len(split(_utterance(300, 40, 400, 300, 300))) == 1
    assert split(np.zeros(WHISPER_RATE_HZ, np.float32)) == []
    assert split(np.zeros(0, np.float32)) == []


def test_too_many_pieces_are_joined_where_they_are_nearest() -> None:
    pieces = split(_utterance(200, 300, 150, 300, 60, 150, 200, 300, 200))
    assert len(pieces) == 4
    joined = join_to(pieces, 3)
    assert [(piece.begin, piece.end) for piece in joined] == [
        (pieces[0].begin, pieces[0].end),
        (pieces[1].begin, pieces[2].end),
        (pieces[3].begin, pieces[3].end),
    ]
    assert join_to(pieces, 6) == pieces


def test_digits_are_known_in_words_and_figures() -> None:
    assert digit_spellings("五", "zh") == ("五", "5")
    assert digit_spellings("幺", "zh") == ("幺",)
    assert digit_spellings("oh", "en") == (" oh", " Oh")
    assert digit_spellings("nine", "en") == (" nine", " Nine", " 9")
    assert digit_spellings("洞", "zh") == ("洞",)
    assert digit_spellings("十", "zh") == digit_spellings("ten", "en") == ()
    assert mostly_digits("1 3 8, 幺五。", "zh")
    assert mostly_digits("One 5 oh", "en")
    assert mostly_digits("尾号1234", "zh")
    assert not mostly_digits("我要转人工1", "zh")
    assert not mostly_digits("", "en")
