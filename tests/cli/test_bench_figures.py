"""The figures of the recognition bench, on outcomes whose figures are known."""

import numpy as np
import pytest

from ivr.cli.asr_bench.figures import (
    Outcome,
    Verdict,
    figures,
    paired_difference,
    rejection,
    rejection_curve,
    share,
    threshold_for,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def outcome(confidence: float, *, inside: bool = True, verdict: Verdict = Verdict.RIGHT) -> Outcome:
    return Outcome(
        task="digits",
        name="a.wav",
        category="digit",
        speaker="anna",
        language="en-US",
        in_grammar=inside,
        said="one",
        heard="one",
        confidence=confidence,
        verdict=verdict,
        audio_ms=2000,
        latency_ms=100 + 100 * confidence,
        cpu_ms=500.0,
    )


def test_an_interval_holds_its_share_and_narrows_with_more_utterances() -> None:
    few = share([True] * 15 + [False] * 5, rng())
    many = share([True] * 1500 + [False] * 500, rng())
    assert few.value == many.value == 0.75
    assert few.low < 0.65
    assert few.high > 0.85
    # The normal approximation: 0.75 +- 1.96 * sqrt(0.75 * 0.25 / 2000).
    assert (many.low, many.high) == pytest.approx((0.731, 0.769), abs=0.003)


def test_figures_count_what_became_of_each_utterance() -> None:
    told = figures(
        [
            outcome(0.9),
            outcome(0.8),
            outcome(0.5, verdict=Verdict.WRONG),
            outcome(0.0, verdict=Verdict.NO_MATCH),
        ],
        rng(),
    )
    assert (told.accuracy.value, told.wrong, told.no_match) == (0.5, 0.25, 0.25)
    assert told.latency_p50_ms == 165.0
    assert told.cpu_s_per_audio_s == 0.25


@pytest.mark.parametrize(
    ("refused_at_most", "threshold", "refused"), [(0.05, 0.05, 0.05), (0.0, 0.01, 0.01), (0.5, 0.5, 0.5)]
)
def test_the_threshold_refuses_no_more_than_it_may(
    refused_at_most: float, threshold: float, refused: float
) -> None:
    known = [outcome(step / 100) for step in range(100)]
    found = threshold_for(known, refused_at_most)
    assert found == pytest.approx(threshold)
    assert rejection(known, found, rng()).false_rejects == pytest.approx(refused)


def test_where_too_much_has_no_match_the_threshold_refuses_nothing_else() -> None:
    none = outcome(0.0, verdict=Verdict.NO_MATCH)
    known = [outcome(0.4)] + [outcome(0.9)] * 7 + [none] * 2
    assert threshold_for(known, 0.05) == 0.4
    assert rejection(known, 0.4, rng()).false_rejects == pytest.approx(0.2)
    assert threshold_for([none], 0.05) == 0.0


def test_other_words_are_accepted_at_their_confidence_or_below() -> None:
    known = [outcome(0.9)] * 4
    outside = [outcome(confidence, inside=False, verdict=Verdict.WRONG) for confidence in (0.2, 0.4, 0.6)]
    outside.append(outcome(0.0, inside=False, verdict=Verdict.NO_MATCH))
    curve = {
        point.threshold: point.false_accepts.value for point in rejection_curve([*known, *outside], rng())
    }
    assert (curve[0.0], curve[0.4], curve[0.65], curve[1.0]) == (0.75, 0.5, 0.0, 0.0)


def test_a_paired_difference_is_surer_than_two_shares() -> None:
    before = [True] * 60 + [False] * 40
    after = [True] * 70 + [False] * 30
    change = paired_difference(before, after, rng())
    assert change.value == pytest.approx(0.1)
    assert 0.0 < change.low < 0.1 < change.high < 0.2
    assert paired_difference(before, before, rng()).high == 0.0
