"""Who answers a number: by weights and a seed, the same on every run."""

from collections import Counter

import pytest

from ivr.runtime.callee.population import LASTING, Population, Role, parse_weights

NUMBERS = [f"+8613{n:09}" for n in range(4000)]


def test_weights_are_kept_over_many_numbers() -> None:
    drawn = Counter(Population({Role.COOPERATES: 3, Role.BUSY: 1}).role(number, 1) for number in NUMBERS)
    assert drawn.keys() == {Role.COOPERATES, Role.BUSY}
    assert drawn[Role.COOPERATES] / len(NUMBERS) == pytest.approx(0.75, abs=0.03)


def test_the_same_seed_meets_the_same_people_and_another_meets_others() -> None:
    one, same, other = Population(seed=1), Population(seed=1), Population(seed=2)
    roles = [one.role(number, 1) for number in NUMBERS]
    assert roles == [same.role(number, 1) for number in NUMBERS]
    assert roles != [other.role(number, 1) for number in NUMBERS]


def test_who_was_busy_talks_when_rung_again() -> None:
    assert Population({Role.BUSY_NOW: 1}).role(NUMBERS[0], 2) is Role.COOPERATES


@pytest.mark.parametrize("role", sorted(LASTING))
def test_a_wrong_number_stays_one(role: Role) -> None:
    population = Population()
    number = next(number for number in NUMBERS if population.role(number, 1) is role)
    assert {population.role(number, nth) for nth in range(1, 6)} == {role}


def test_weights_are_written_as_pairs() -> None:
    assert parse_weights("cooperates=6, busy") == {Role.COOPERATES: 6.0, Role.BUSY: 1.0}


@pytest.mark.parametrize("text", ["nobody=1", "cooperates=many", ""])
def test_what_is_no_role_or_no_weight_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="roles are cooperates"):
        parse_weights(text)


@pytest.mark.parametrize("weights", [{}, {Role.BUSY: 0.0}, {Role.BUSY: -1.0, Role.FAX: 2.0}])
def test_a_population_of_nobody_is_refused(weights: dict[Role, float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Population(weights)
