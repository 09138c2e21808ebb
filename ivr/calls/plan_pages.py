"""The instalments that are still to be paid, as many at a time as a listener can keep in mind."""

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.calls.loans import Instalment, Loan

PAGE = 3
"""Instalments read at a time. What is heard is kept for a few items only (Cowan 2001: about four)."""


@dataclass(frozen=True, slots=True)
class PlanPage:
    """Some instalments in a row, and how many come after them."""

    parts: tuple[Instalment, ...]
    left: int


def coming_instalments(loans: Sequence[Loan]) -> tuple[Instalment, ...]:
    """Everything unpaid over these loans, the overdue first, by due date."""
    return tuple(sorted((part for loan in loans for part in loan.unpaid), key=lambda part: part.due_on))


def plan_page(plan: Sequence[Instalment], start: int) -> PlanPage:
    """The page that begins after `start` instalments; empty behind the last one."""
    parts = tuple(plan[max(start, 0) : max(start, 0) + PAGE])
    return PlanPage(parts, left=max(0, len(plan) - max(start, 0) - len(parts)))
