"""Readings that go round in circles, cut short."""

import re
from collections.abc import Sequence

from ivr.adapters.recogniser.whisper_model import Reading

_LOOP = re.compile(r"^(?P<before>.*?)(?P<round>.{1,12}?)(?P=round){2,}(?P<rest>.{0,11})$")


def with_cut_loops(readings: Sequence[Reading]) -> list[Reading]:
    """Each text once, and before one that ends in a loop what it may have been: two rounds, or one.

    Whisper falls into a loop on what was in truth said once or twice, and is sure of it.
    """
    found: dict[str, Reading] = {}
    for reading in readings:
        loop = _LOOP.match(reading.text)
        for rounds in (2, 1) if loop else ():
            text = loop["before"] + loop["round"] * rounds if loop else ""
            found.setdefault(text, Reading((), text, reading.score))
        found.setdefault(reading.text, reading)
    return list(found.values())
