"""Who is calling: which piece is due next, what counts as proof, and when it is over."""

import pytest

from ivr.dialogue.lookups import proved
from ivr.dialogue.verification import Level, Proof, VerificationRules, due, level_of, meets

RULES = VerificationRules(step="identify", pieces=("tail", "birth", "repayment"))
LIGHT, STRONG = Level.LIGHT, Level.STRONG


@pytest.mark.parametrize(
    ("needed", "proof", "value"),
    [
        (Level.NONE, Proof(), "enough"),
        (LIGHT, Proof(), "tail"),
        (LIGHT, Proof(wrong=2), "tail"),
        (LIGHT, Proof(wrong=3), "locked"),
        (LIGHT, Proof(forgone=("tail",)), "birth"),
        (LIGHT, Proof(forgone=("tail", "birth", "repayment")), "locked"),
        (LIGHT, Proof(passed=("birth",)), "enough"),
        (STRONG, Proof(passed=("tail",)), "birth"),
        (STRONG, Proof(passed=("tail",), forgone=("birth",)), "repayment"),
        (STRONG, Proof(forgone=("tail",)), "birth"),
        (STRONG, Proof(forgone=("tail", "birth")), "locked"),  # one piece alone can never be enough
        (STRONG, Proof(passed=("tail", "birth")), "enough"),
        (STRONG, Proof(passed=("tail",), wrong=3), "locked"),
        (LIGHT, Proof(passed=("tail",), wrong=3), "enough"),  # what was proved stays proved
        (LIGHT, Proof(passed=("tail",), locked=True), "locked"),
    ],
)
def test_what_is_due(needed: Level, proof: Proof, value: str) -> None:
    found = due(needed, proof, RULES)
    assert found.value == value
    assert found.reason


@pytest.mark.parametrize(
    ("result", "passed", "forgone", "wrong", "locked"),
    [
        ("right", ("tail",), (), 1, False),
        ("wrong", (), (), 2, False),
        ("locked", (), (), 1, True),
        ("unavailable", (), ("tail",), 1, False),
        ("down", (), (), 1, False),
        ("yes", (), (), 1, False),
    ],
)
def test_what_one_check_proves(result, passed, forgone, wrong, locked) -> None:
    assert proved(Proof(wrong=1), "tail", result) == Proof(passed, forgone, wrong, locked)


@pytest.mark.parametrize("passed", [(), ("a",), ("a", "b"), ("a", "b", "c")])
def test_a_higher_level_includes_the_lower_ones(passed: tuple[str, ...]) -> None:
    level = level_of(Proof(passed), RULES)
    reached = [each for each in Level if meets(level, each)]
    assert reached == list(Level)[: len(reached)]
    assert meets(level, LIGHT) == (len(passed) >= 1)
    assert meets(level, STRONG) == (len(passed) >= 2)


@pytest.mark.parametrize("wrong", [{"light": 0}, {"light": 3, "strong": 2}, {"tries": 0}, {"pieces": ("a",)}])
def test_rules_that_nobody_can_meet_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=r"verification|strong"):
        VerificationRules(**wrong)
