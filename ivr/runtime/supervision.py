"""When a process that died is started again, and when one that does not answer counts as hung."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """The first death is mended at once; one that keeps dying young gets longer and longer pauses."""

    settled_after_s: float = 10.0
    """A process that lived this long has worked: its earlier deaths are forgotten."""
    first_pause_s: float = 1.0
    longest_pause_s: float = 10.0
    unanswered_probes: int = 3
    """So many probes in a row without any answer, and the process counts as hung."""


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """What is remembered of one process between its lives."""

    young_deaths: int = 0
    unanswered: int = 0


def after_death(health: ProcessHealth, lived_s: float, policy: RestartPolicy) -> tuple[ProcessHealth, float]:
    """The new memory, and the seconds to wait before the next start: 0, 1, 2, 4, 8, 10, 10, ...

    `lived_s` is the time from start to death.
    """
    deaths = 1 if lived_s >= policy.settled_after_s else health.young_deaths + 1
    pause_s = (
        0.0 if deaths == 1 else min(policy.first_pause_s * 2.0 ** min(deaths - 2, 30), policy.longest_pause_s)
    )
    return ProcessHealth(young_deaths=deaths), pause_s


def after_probe(
    health: ProcessHealth, *, answered: bool, policy: RestartPolicy
) -> tuple[ProcessHealth, bool]:
    """The new memory, and whether the process is hung and must be killed.

    Any answer counts, one that reports a failed check too: killing a worker because the database is away
    would cost the calls it still holds.
    """
    unanswered = 0 if answered else health.unanswered + 1
    hung = unanswered >= policy.unanswered_probes
    return replace(health, unanswered=0 if hung else unanswered), hung
