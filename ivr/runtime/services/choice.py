"""Which of several loans the caller means."""

from ivr.calls.loans import running
from ivr.calls.speech import SlotValue
from ivr.runtime.services.lookup import Asked, Found, proved

_OFFERED = 3
"""As many as a listener can choose among; whoever has more and means another is for people."""


@proved
async def pick_loan(asked: Asked) -> Found:
    """`none`, `one` (chosen already), `two` or `several`: the oldest three that are still being repaid."""
    loans = running(await asked.loans())
    if not loans:
        return Found("none")
    if len(loans) == 1:
        return Found("one", {"loan_id": loans[0].loan_id, "loan_product": loans[0].product})
    told: dict[str, SlotValue] = {"loans": len(loans)}
    for place, loan in enumerate(loans[:_OFFERED], 1):
        told[f"l{place}_product"] = loan.product
        told[f"l{place}_amount"] = loan.principal
    return Found("two" if len(loans) == 2 else "several", told)


@proved
async def choose_loan(asked: Asked) -> Found:
    """The loan at the place in the slot `which`, as `pick_loan` told them: `chosen` or `no_such`.

    The last of them is -1.
    """
    offered = running(await asked.loans())[:_OFFERED]
    which = str(asked.slots.get("which", ""))
    places = {str(place): loan for place, loan in enumerate(offered, 1)}
    places |= {"-1": offered[-1]} if offered else {}
    if which not in places:
        return Found("no_such")
    loan = places[which]
    return Found("chosen", {"loan_id": loan.loan_id, "loan_product": loan.product})
