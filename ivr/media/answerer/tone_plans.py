"""The signals of telephone networks, as data: frequencies, cadences, and how exactly they must be met.

China: GB/T 3380-1982, 450 +- 25 Hz, cadence +- 10 %. North America: as ITU-T E.180 supplement 2 lists it.
Special information tones: ITU-T E.180 (950, 1400, 1800 +- 50 Hz, 330 +- 70 ms each, gaps of up to 30 ms) and
the North American code. Fax: ITU-T T.30 (CNG 1100 +- 38 Hz for 0.5 s every 3.5 s, +- 15 %; CED 2100 +- 15 Hz,
2.6 to 4 s). Voice over IP adds clock differences, packet loss and jitter, and our ear counts in frames of 20
ms: hence `CADENCE_SHARE` and `CADENCE_MS` in place of the tenth that the standards give.
"""

from dataclasses import dataclass
from enum import StrEnum

CADENCE_SHARE = 0.15
"""How far the length of a sound or a silence may be off."""
CADENCE_MS = 30
"""The same, at the least."""


class Signal(StrEnum):
    """What a network or a machine says by tones."""

    RINGBACK = "ringback"
    BUSY = "busy"
    CONGESTION = "congestion"
    UNOBTAINABLE = "unobtainable"
    """China's 空号音: the number is not in use or barred."""
    DIAL = "dial"
    SIT = "sit"
    FAX_CALLED = "fax_called"
    """CED: a fax machine has answered."""
    FAX_CALLING = "fax_calling"
    """CNG: a fax machine that calls."""


@dataclass(frozen=True, slots=True)
class Band:
    """A frequency and how far off it may be."""

    hz: float
    tolerance_hz: float

    def holds(self, hz: float) -> bool:
        """Whether this frequency is within."""
        return abs(hz - self.hz) <= self.tolerance_hz


@dataclass(frozen=True, slots=True)
class TonePlan:
    """One signal: its tones, and the lengths of sound and silence in turn, in ms, from one sound to the next.

    It is recognised once `needed` sounds have come with their silences between them, each of its length; the
    last must have ended too. An empty cadence is a tone that goes on: `needed` ms of it.
    """

    signal: Signal
    country: str
    tones: tuple[Band, ...]
    cadence_ms: tuple[int, ...]
    needed: int


_CN = (Band(450.0, 25.0),)


def _na(*hz: float) -> tuple[Band, ...]:
    # Bellcore GR-506 sends within 0.5 %; receivers take 1.5 %, which keeps 440 and 480 Hz apart.
    return tuple(Band(each, each * 0.015) for each in hz)


PLANS = (
    TonePlan(Signal.RINGBACK, "CN", _CN, (1000, 4000), 1),
    TonePlan(Signal.BUSY, "CN", _CN, (350, 350), 3),
    TonePlan(Signal.CONGESTION, "CN", _CN, (700, 700), 2),
    TonePlan(Signal.UNOBTAINABLE, "CN", _CN, (100, 100, 100, 100, 100, 100, 400, 400), 4),
    TonePlan(Signal.DIAL, "CN", _CN, (), 1600),
    TonePlan(Signal.RINGBACK, "NA", _na(440.0, 480.0), (2000, 4000), 1),
    TonePlan(Signal.RINGBACK, "NA", _na(440.0, 480.0), (1000, 3000), 1),
    TonePlan(Signal.BUSY, "NA", _na(480.0, 620.0), (500, 500), 3),
    TonePlan(Signal.CONGESTION, "NA", _na(480.0, 620.0), (250, 250), 3),
    TonePlan(Signal.CONGESTION, "NA", _na(480.0, 620.0), (200, 300), 3),
    TonePlan(Signal.CONGESTION, "NA", _na(480.0, 620.0), (300, 200), 3),
    TonePlan(Signal.DIAL, "NA", _na(350.0, 440.0), (), 1200),
    TonePlan(Signal.FAX_CALLING, "", (Band(1100.0, 38.0),), (500, 3000), 2),
    TonePlan(Signal.FAX_CALLED, "", (Band(2100.0, 25.0),), (), 1000),
)

SIT_BANDS = (Band(950.0, 50.0), Band(1400.0, 50.0), Band(1800.0, 50.0))
SIT_LEAST_MS, SIT_MOST_MS, SIT_GAP_MS = 220, 440, 80
"""Of each sound, and of the silence before the next: 330 +- 70 and 30 ms, by an ear of 20 ms."""


class SitCode(StrEnum):
    """What the first two sounds of a North American special information tone tell."""

    INTERCEPT = "intercept"
    """The number has been changed or is out of service."""
    VACANT = "vacant"
    """The number does not exist."""
    REORDER = "reorder"
    NO_CIRCUIT = "no_circuit"
    UNCODED = "uncoded"


SIT_SHORT_MS, SIT_LONG_MS = 274, 380
SIT_CODES = {
    (False, False): SitCode.INTERCEPT,
    (True, False): SitCode.VACANT,
    (False, True): SitCode.REORDER,
    (True, True): SitCode.NO_CIRCUIT,
}
"""By whether the first sound is long, and the second: the lengths tell the four categories apart."""
SIT_CODED_HZ = Band(1776.7, 12.0)
"""The last sound of the coded form, 23 Hz below that of the uncoded one."""
