"""Signals of the network and beeps of machines, from the bursts that are heard."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ivr.media.answerer import tone_plans as plans
from ivr.media.answerer.bursts import FRAME_MS, Burst, BurstFinder
from ivr.media.answerer.tone_plans import Band, Signal, SitCode, TonePlan
from ivr.media.level import Samples

_BEEP_MS = (100, 3000)
"""From the pip of a mobile network's mailbox to the longest tone of a home answering machine."""
_BEEP_HZ = (350.0, 2800.0)
_VOICE_HZ, _LONGER_THAN_VOICE_MS = 520.0, 400
"""A vowel held at one pitch, or 嗯 with closed lips, is a pure tone, too, but only up to here, and not so
long: on calls of people who began each answer with 嗯 a beep of 435 Hz was found every time."""
_STILL_DB, _STILL_HZ = 1.5, 5.0
"""Within these a machine's tone stays, 10 dB above noise."""
_BEEP_QUIET_MS = 240
"""Silence after it: several pips in a row are one beep, and the message starts after the last."""
_BEEP_QUIET_LIKE_SIGNAL_MS = 860
"""The same after a tone that a network's signal has too, which would sound again before that."""


@dataclass(frozen=True, slots=True)
class SignalHeard:
    """A signal of the network, or a fax machine, was recognised."""

    signal: Signal
    at_ms: int
    country: str
    """`CN` or `NA`; empty where it is the same everywhere."""
    sit: SitCode | None = None


@dataclass(frozen=True, slots=True)
class BeepHeard:
    """A machine's tone has ended: a message may start."""

    hz: float
    length_ms: int
    ended_ms: int
    level_db: float


class ToneEar:
    """Feed 20 ms frames of 16-bit samples; get what tones say. No clock: it counts the audio it is given."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._finder = BurstFinder(sample_rate_hz)
        self._bursts: deque[Burst] = deque(maxlen=8)
        self._beep_open = False

    @property
    def sounding(self) -> Burst | None:
        """The tone that sounds now, once it has lasted 100 ms."""
        return self._finder.ongoing

    @property
    def beep_is_open(self) -> bool:
        """Whether what sounds now, or sounded last, may yet turn out to be a beep."""
        sounding = self._finder.ongoing
        return self._beep_open or (sounding is not None and sounding.length_ms <= _BEEP_MS[1])

    def hear(self, samples: Samples) -> SignalHeard | BeepHeard | None:
        """Take one frame; times count from the first one."""
        ended = self._finder.hear(samples)
        if ended is None:
            return self._continuous() or self._beep()
        self._bursts.append(ended)
        heard = special_information(tuple(self._bursts)) or cadenced(tuple(self._bursts))
        # A ring in China is a tone of one second, and so may a beep be: where it sounds once, it is both.
        once = heard is None or heard.signal is Signal.RINGBACK
        self._beep_open = once and could_beep(ended)
        return heard

    def _continuous(self) -> SignalHeard | None:
        burst = self._finder.ongoing
        if burst is None:
            return None
        for plan in plans.PLANS:
            lasted = plan.needed <= burst.length_ms < plan.needed + FRAME_MS
            if not plan.cadence_ms and lasted and has_tones(burst, plan.tones):
                return SignalHeard(plan.signal, self._finder.heard_ms, plan.country)
        return None

    def _beep(self) -> BeepHeard | None:
        if not self._beep_open or not self._finder.idle:
            return None
        last = self._bursts[-1]
        like_signal = any(has_tones(last, plan.tones) for plan in plans.PLANS)
        quiet_ms = _BEEP_QUIET_LIKE_SIGNAL_MS if like_signal else _BEEP_QUIET_MS
        if self._finder.heard_ms - last.ends_ms < quiet_ms:
            return None
        self._beep_open = False
        repeated = len(self._bursts) > 1 and last.begins_ms - self._bursts[-2].ends_ms < quiet_ms
        if like_signal and repeated:
            return None
        return BeepHeard(last.hz[0], last.length_ms, last.ends_ms, last.level_db)


def has_tones(burst: Burst, bands: Sequence[Band]) -> bool:
    """Whether its tones are these and no others; of one band, both parts of a modulated tone lie in it."""
    if len(bands) == 1:
        return all(bands[0].holds(hz) for hz in burst.hz)
    return len(burst.hz) == len(bands) and all(
        band.holds(hz) for band, hz in zip(bands, burst.hz, strict=True)
    )


def could_beep(burst: Burst) -> bool:
    """Whether a machine may sound like this before it records: one tone that stands still."""
    least_ms, most_ms = _BEEP_MS
    if len(burst.hz) > 1 or not _BEEP_HZ[0] <= burst.hz[0] <= _BEEP_HZ[1]:
        return False
    if burst.hz[0] < _VOICE_HZ:
        least_ms = _LONGER_THAN_VOICE_MS
    still = burst.level_range_db <= _STILL_DB and burst.hz_range <= _STILL_HZ
    return still and least_ms <= burst.length_ms <= most_ms and not _is_continuous(burst)


def _is_continuous(burst: Burst) -> bool:
    return any(
        not plan.cadence_ms and burst.length_ms >= plan.needed and has_tones(burst, plan.tones)
        for plan in plans.PLANS
    )


def cadenced(bursts: Sequence[Burst]) -> SignalHeard | None:
    """The signal whose cadence the latest bursts have kept, if any."""
    for plan in plans.PLANS:
        latest = bursts[-plan.needed :]
        if not plan.cadence_ms or len(latest) < plan.needed:
            continue
        if all(has_tones(burst, plan.tones) for burst in latest) and _keeps(latest, plan):
            return SignalHeard(plan.signal, latest[-1].ends_ms, plan.country)
    return None


def _keeps(bursts: Sequence[Burst], plan: TonePlan) -> bool:
    """Whether the cadence fits, from any of its sounds on."""
    lengths = [bursts[0].length_ms]
    for before, after in pairwise(bursts):
        lengths += [after.begins_ms - before.ends_ms, after.length_ms]
    cycle = plan.cadence_ms
    return any(
        all(_about(ms, cycle[(start + at) % len(cycle)]) for at, ms in enumerate(lengths))
        for start in range(0, len(cycle), 2)
    )


def _about(ms: int, nominal_ms: int) -> bool:
    return abs(ms - nominal_ms) <= max(plans.CADENCE_MS, nominal_ms * plans.CADENCE_SHARE)


def special_information(bursts: Sequence[Burst]) -> SignalHeard | None:
    """Three rising sounds in a row, and what their lengths tell where they are coded."""
    if len(bursts) < 3:
        return None
    three = bursts[-3:]
    gaps = [after.begins_ms - before.ends_ms for before, after in pairwise(three)]
    rising = all(
        len(burst.hz) == 1 and band.holds(burst.hz[0])
        for burst, band in zip(three, plans.SIT_BANDS, strict=True)
    )
    lengths = all(plans.SIT_LEAST_MS <= burst.length_ms <= plans.SIT_MOST_MS for burst in three)
    if not rising or not lengths or max(gaps) > plans.SIT_GAP_MS:
        return None
    return SignalHeard(Signal.SIT, three[-1].ends_ms, "", _sit_code(three))


def _sit_code(three: Sequence[Burst]) -> SitCode:
    if not plans.SIT_CODED_HZ.holds(three[2].hz[0]):
        return SitCode.UNCODED
    middle_ms = (plans.SIT_SHORT_MS + plans.SIT_LONG_MS) / 2
    first_long, second_long = (burst.length_ms > middle_ms for burst in three[:2])
    return plans.SIT_CODES[first_long, second_long]
