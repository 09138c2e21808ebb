"""Which words of a text spoke for an intent."""

import numpy as np
from numpy.typing import NDArray

from ivr.grammar.intents.likeness import Weighed
from ivr.grammar.intents.ngrams import Reading

_MOST = 3
_NOTABLE = 0.5
"""Of the strongest unit's share; weaker ones are not named."""


def spoken_for(reading: Reading, slopes: Weighed, *, joined: bool) -> tuple[str, ...]:
    """The strongest words or runs of characters, at most three; none where nothing spoke for the intent.

    `slopes` is what each n-gram adds to the score; each unit that it stands on gets an equal part of it.
    Neighbouring units are named as one where the language is written `joined`.
    """
    shares = np.zeros(len(reading.units))
    for ngram in reading.ngrams:
        share = slopes.get((ngram.view, ngram.gram), 0.0)
        shares[ngram.start : ngram.stop] += share / (ngram.stop - ngram.start)
    strongest = shares.max(initial=0.0)
    if strongest <= 0.0:
        return ()
    runs = _runs(np.flatnonzero(shares >= _NOTABLE * strongest), joined=joined)
    runs.sort(key=lambda run: -shares[run].max())
    named = dict.fromkeys("".join(reading.units[run]) for run in runs)
    return tuple(named)[:_MOST]


def _runs(positions: NDArray[np.intp], *, joined: bool) -> list[slice]:
    runs: list[slice] = []
    for at in positions.tolist():
        if joined and runs and runs[-1].stop == at:
            runs[-1] = slice(runs[-1].start, at + 1)
        else:
            runs.append(slice(at, at + 1))
    return runs
