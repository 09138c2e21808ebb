"""A process that dies is back at once; one that keeps dying is not allowed to spin."""

import pytest

from ivr.runtime.supervision import ProcessHealth, RestartPolicy, after_death, after_probe

POLICY = RestartPolicy()


def pauses(lives_s: list[float]) -> list[float]:
    health, told = ProcessHealth(), []
    for lived_s in lives_s:
        health, pause_s = after_death(health, lived_s, POLICY)
        told.append(pause_s)
    return told


@pytest.mark.parametrize(
    ("lives_s", "expected"),
    [
        ([3600.0], [0.0]),
        ([0.1], [0.0]),
        ([0.1] * 8, [0.0, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]),
        ([0.1, 0.1, 0.1, 60.0, 0.1], [0.0, 1.0, 2.0, 0.0, 1.0]),
        ([60.0] * 5, [0.0] * 5),
        ([0.1] * 5000, [0.0, 1.0, 2.0, 4.0, 8.0] + [10.0] * 4995),
    ],
    ids=["settled", "first", "keeps dying", "recovers", "dies daily", "dies for ever"],
)
def test_pauses_grow_only_while_deaths_come_young(lives_s: list[float], expected: list[float]) -> None:
    assert pauses(lives_s) == expected


@pytest.mark.parametrize(
    ("answers", "hung_at"),
    [
        ([True] * 10, None),
        ([False, False, True, False, False, True], None),
        ([False, False, False], 2),
        ([True, False, False, False, False], 3),
    ],
)
def test_only_unbroken_silence_counts_as_hung(answers: list[bool], hung_at: int | None) -> None:
    health, told = ProcessHealth(), []
    for answered in answers:
        health, hung = after_probe(health, answered=answered, policy=POLICY)
        told.append(hung)
    assert (told.index(True) if True in told else None) == hung_at


def test_a_restart_forgets_missed_probes() -> None:
    health, _ = after_probe(ProcessHealth(), answered=False, policy=POLICY)
    health, _ = after_death(health, 1.0, POLICY)
    assert health.unanswered == 0
