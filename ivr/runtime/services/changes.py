"""What the caller would like changed: settling early, another due day. Told here, promised by nobody."""

from datetime import date

from ivr.calls.due_day import due_day_refusal
from ivr.calls.early_settlement import NoQuote
from ivr.calls.early_settlement import settlement_quote as quote_for
from ivr.calls.speech import SlotValue
from ivr.runtime.services.lookup import Asked, Found, proved


@proved
async def settlement_quote(asked: Asked) -> Found:
    """For the day in the slot `wish_date`, else `settle_on`, else today.

    `quoted`, `past`, `too_far`, `no_loans` or `overdue`. Raises `TermsUnknown`, and `ValueError` for a
    slot that holds no day.
    """
    # Another day that the caller names fills `wish_date` anew; `settle_on` is still that of the last quote.
    wished = asked.slots.get("wish_date") or asked.slots.get("settle_on") or asked.today
    quote = quote_for(await asked.chosen_loans(), _day(wished), asked.today)
    if isinstance(quote, NoQuote):
        return Found(quote.value)
    told: dict[str, SlotValue] = {
        "settle_on": quote.settle_on,
        "settle_total": quote.total,
        "settle_principal": quote.principal,
        "settle_interest": quote.interest,
        "settle_fee": quote.fee,
    }
    return Found("quoted", told)


@proved
async def due_day_change(asked: Asked) -> Found:
    """Whether a day of the month can be asked for: `possible` or `not_possible`.

    The one in the slot `wish_day`, else that of the date in `wish_date`, else `new_day`.
    """
    slots = asked.slots
    written = str(slots.get("wish_day") or slots.get("wish_date") or slots.get("new_day", ""))
    new_day = int(written) if written.isdecimal() else _day(written).day
    refusal = due_day_refusal(await asked.chosen_loans(), new_day, asked.today)
    if refusal is not None:
        return Found("not_possible", {"why_not": refusal.value})
    return Found("possible", {"new_day": new_day})


def _day(value: SlotValue) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
