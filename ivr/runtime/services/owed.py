"""What is owed: the sum and the next date, what being late costs, and the plan three at a time."""

from ivr.calls.loans import summarise
from ivr.calls.overdue import overdue_cost as cost_of_being_late
from ivr.calls.plan_pages import coming_instalments
from ivr.calls.plan_pages import plan_page as page_of
from ivr.calls.speech import SlotValue
from ivr.runtime.services.lookup import Asked, Found, proved

_PAGES = {0: "end", 1: "one", 2: "two", 3: "three"}


@proved
async def loan_summary(asked: Asked) -> Found:
    """`owing`, `overdue`, `all_overdue` (nothing falls due any more) or `no_loans`."""
    summary = summarise(await asked.loans(), asked.today)
    if summary.loans == 0:
        return Found("no_loans")
    told: dict[str, SlotValue] = {
        "balance": summary.balance,
        "due_amount": summary.next_due_amount,
        "overdue": summary.overdue_amount,
        "loans": summary.loans,
    }
    if summary.next_due_on is not None:
        told["due_on"] = summary.next_due_on
    if summary.overdue_amount:
        return Found("overdue" if summary.next_due_on else "all_overdue", told)
    return Found("owing", told)


@proved
async def overdue_cost(asked: Asked) -> Found:
    """`none` or `overdue`. Raises `TermsUnknown`."""
    cost = cost_of_being_late(await asked.loans(), asked.today)
    if cost is None:
        return Found("none")
    told: dict[str, SlotValue] = {
        "overdue": cost.amount,
        "overdue_days": cost.days,
        "late_daily": cost.daily,
        "late_accrued": cost.accrued,
    }
    return Found("overdue", told)


@proved
async def plan_start(asked: Asked) -> Found:
    """Go back to the first unpaid instalment: `plan` or `no_loans`."""
    plan = coming_instalments(await asked.chosen_loans())
    if not plan:
        return Found("no_loans")
    return Found("plan", {"plan_at": 0, "left": len(plan)})


@proved
async def plan_page(asked: Asked) -> Found:
    """The next instalments, from `plan_at` on: `three`, `two`, `one` or `end`."""
    start = int(str(asked.slots.get("plan_at", 0)))
    page = page_of(coming_instalments(await asked.chosen_loans()), start)
    told: dict[str, SlotValue] = {"plan_at": start + len(page.parts), "left": page.left}
    for place, part in enumerate(page.parts, 1):
        told[f"p{place}_number"] = part.number
        told[f"p{place}_on"] = part.due_on
        told[f"p{place}_amount"] = part.amount
    return Found(_PAGES[len(page.parts)], told)
