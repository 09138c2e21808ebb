"""What scripts can look up: who calls, whether they are who they say, and what they owe."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from ivr.calls.ids import CustomerId
from ivr.calls.loans import summarise
from ivr.calls.speech import SlotValue
from ivr.runtime.ports import Clock, LoanBook

Slots = Mapping[str, SlotValue]


@dataclass(frozen=True, slots=True)
class Found:
    """A service's answer. `customer_id` is set when this lookup proposed or proved who calls."""

    result: str
    slots: Slots = field(default_factory=dict, repr=False)
    customer_id: CustomerId | None = None
    verified: bool = False


class HotlineServices:
    """The lookups of the hotline script. `home` is the zone in which "today" is meant."""

    def __init__(self, loan_book: LoanBook, clock: Clock, home: tzinfo) -> None:
        self._loan_book = loan_book
        self._clock = clock
        self._home = home
        self._by_name: dict[str, Callable[[str, Slots, Mapping[str, str]], Awaitable[Found]]] = {
            "identify": self._identify,
            "find_by_phone": self._find_by_phone,
            "verify_id_tail": self._verify_id_tail,
            "loan_summary": self._loan_summary,
        }

    @property
    def names(self) -> frozenset[str]:
        """What a script may ask for."""
        return frozenset(self._by_name)

    async def look_up(self, service: str, caller: str, slots: Slots, secrets: Mapping[str, str]) -> Found:
        """Ask one service. Raises `KeyError` for an unknown one, and what the loan book raises."""
        return await self._by_name[service](caller, slots, secrets)

    async def _identify(self, caller: str, slots: Slots, _secrets: Mapping[str, str]) -> Found:
        if slots.get("verified") == "yes":
            return Found("verified")
        if "customer_id" in slots:
            return Found("known")
        return await self._propose(caller)

    async def _find_by_phone(self, _caller: str, slots: Slots, _secrets: Mapping[str, str]) -> Found:
        return await self._propose(str(slots["phone"]))

    async def _propose(self, phone: str) -> Found:
        customer = await self._loan_book.find_customer(phone)
        if customer is None:
            return Found("unknown")
        return Found("known", {"customer_id": customer.customer_id}, customer.customer_id)

    async def _verify_id_tail(self, _caller: str, slots: Slots, secrets: Mapping[str, str]) -> Found:
        customer_id = CustomerId(str(slots["customer_id"]))
        if not await self._loan_book.verify_id_tail(customer_id, secrets["id_tail"]):
            return Found("wrong")
        return Found("verified", {"verified": "yes"}, customer_id, verified=True)

    async def _loan_summary(self, _caller: str, slots: Slots, _secrets: Mapping[str, str]) -> Found:
        if slots.get("verified") != "yes":
            # The script's order already ensures this; a balance is too dear to trust one guard.
            return Found("not_verified")
        loans = await self._loan_book.loans(CustomerId(str(slots["customer_id"])))
        summary = summarise(loans, self._clock.now().astimezone(self._home).date())
        if summary.loans == 0:
            return Found("no_loans")
        told: dict[str, SlotValue] = {
            "balance": summary.balance,
            "due_amount": summary.next_due_amount,
            "overdue": summary.overdue_amount,
        }
        if summary.next_due_on is not None:
            told["due_on"] = summary.next_due_on
        if summary.overdue_amount:
            return Found("overdue" if summary.next_due_on else "all_overdue", told)
        return Found("owing", told)
