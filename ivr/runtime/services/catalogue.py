"""What each lookup may answer, and which slots every such answer fills: for checking and drawing scripts."""

from collections.abc import Mapping

_SUMMARY = ("balance", "due_amount", "overdue", "loans")
_LATE = ("overdue", "overdue_days", "late_daily", "late_accrued")
_APPLICATION = ("app_product", "app_amount", "app_on")
_PAID = ("paid_amount", "paid_on")
_LOANS = ("loans", "l1_product", "l1_amount", "l2_product", "l2_amount", "l3_product", "l3_amount")
_SETTLEMENT = ("settle_on", "settle_total", "settle_principal", "settle_interest", "settle_fee")


def _page(parts: int) -> tuple[str, ...]:
    told = [f"p{place}_{what}" for place in range(1, parts + 1) for what in ("number", "on", "amount")]
    return ("plan_at", "left", *told)


CATALOGUE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "identify": {"known": ("customer_id",), "unknown": ()},
    "find_by_phone": {"known": ("customer_id",), "unknown": ()},
    "check_piece": {"right": (), "wrong": (), "locked": (), "unavailable": ()},
    "loan_summary": {
        "owing": (*_SUMMARY, "due_on"),
        "overdue": (*_SUMMARY, "due_on"),
        "all_overdue": _SUMMARY,
        "no_loans": (),
    },
    "overdue_cost": {"none": (), "overdue": _LATE},
    "plan_start": {"plan": ("plan_at", "left"), "no_loans": ()},
    "plan_page": {"three": _page(3), "two": _page(2), "one": _page(1), "end": _page(0)},
    "pick_loan": {
        "none": (),
        "one": ("loan_id", "loan_product"),
        "two": _LOANS[:5],
        "several": _LOANS,
    },
    "choose_loan": {"chosen": ("loan_id", "loan_product"), "no_such": ()},
    "payment_arrived": {"arrived": _PAID, "on_its_way": _PAID, "nothing": ()},
    "application_status": {
        "none": (),
        "reviewing": _APPLICATION,
        "approved": _APPLICATION,
        "refused": _APPLICATION,
        "paid_out": _APPLICATION,
    },
    "settlement_quote": {"quoted": _SETTLEMENT, "past": (), "too_far": (), "no_loans": (), "overdue": ()},
    "due_day_change": {"possible": ("new_day",), "not_possible": ("why_not",)},
    "recent_context": {"unfinished": ("last_wish", "about"), "recent": (), "none": ()},
    "callback_moment": {
        "moment": ("callback_at", "callback_on", "callback_time"),
        "not_then": (),
        "none": (),
    },
    "coming_day": {"coming": (), "past": (), "too_far": ()},
    "do_not_call": {"noted": ()},
    "take_up_survey": {"taken": (), "gone": ()},
    "agents_hours": {
        "open": ("closes_at", "closes_hour"),
        "closed": ("opens_on", "opens_at", "opens_hour"),
    },
}
"""Lookup to result to slots. `not_verified` and `down` need no branch: a person takes the call."""
