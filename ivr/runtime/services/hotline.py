"""All lookups of the hotline by name, and the opening of tickets."""

import asyncio
from collections.abc import Mapping
from datetime import tzinfo

from ivr.calls.opening_hours import Closed, OpeningHours, desk_open
from ivr.calls.tickets import STRONG_KINDS, ProofMissing, Ticket, TicketRequest
from ivr.calls.working_days import working_days_after
from ivr.dialogue.state import SERVICE_DOWN
from ivr.runtime.ports import Clock
from ivr.runtime.services import callers, changes, choice, dialled, news, owed
from ivr.runtime.services.lookup import Asked, Found, Lookup, Slots
from ivr.runtime.store_ports import LoanBook
from ivr.runtime.survey_ports import DoNotCallList
from ivr.runtime.ticket_ports import TicketDesk, WorkCalendars

_LONGEST_OPENING_S = 5.0
"""The caller waits for the number; after this they are told that it did not work."""


class HotlineServices:
    """The lookups of the hotline script. `home` is the zone in which "today" is meant."""

    def __init__(
        self,
        loan_book: LoanBook,
        clock: Clock,
        home: tzinfo,
        *,
        desk: TicketDesk,
        calendars: WorkCalendars,
        hours: OpeningHours,
        do_not_call: DoNotCallList | None = None,
    ) -> None:
        """`hours` are those of the people behind the hotline.

        Without a list, who wants no more calls is left to a ticket.
        """
        self._loan_book = loan_book
        self._clock = clock
        self._home = home
        self._desk = desk
        self._calendars = calendars
        self._hours = hours
        self._do_not_call = do_not_call
        self._by_name: dict[str, Lookup] = {
            "identify": callers.identify,
            "find_by_phone": callers.find_by_phone,
            "check_piece": callers.check_piece,
            "loan_summary": owed.loan_summary,
            "overdue_cost": owed.overdue_cost,
            "plan_start": owed.plan_start,
            "plan_page": owed.plan_page,
            "pick_loan": choice.pick_loan,
            "choose_loan": choice.choose_loan,
            "payment_arrived": news.payment_arrived,
            "application_status": news.application_status,
            "settlement_quote": changes.settlement_quote,
            "due_day_change": changes.due_day_change,
            "callback_moment": dialled.callback_moment,
            "coming_day": dialled.coming_day,
            "do_not_call": self._strike_off,
            "take_up_survey": dialled.take_up_survey,
            "agents_hours": self._agents_hours,
        }

    @property
    def names(self) -> frozenset[str]:
        """What a script may ask for."""
        return frozenset(self._by_name)

    async def look_up(self, service: str, caller: str, slots: Slots, secrets: Mapping[str, str]) -> Found:
        """Ask one service. Raises `KeyError` for an unknown one, and what the loan book raises."""
        now = self._clock.now().astimezone(self._home)
        return await self._by_name[service](Asked(self._loan_book, now, caller, slots, secrets))

    async def open_ticket(self, request: TicketRequest) -> Ticket:
        """Have people do what the caller wants; the number and the day can be told to them.

        Kept in the store when this returns. Raises `ProofMissing` where the caller has not proved enough for
        this kind, `TimeoutError` or what the store raises when it could not be kept.
        """
        if request.kind in STRONG_KINDS and request.proof_level != "strong":
            raise ProofMissing(f"a ticket {request.kind} needs strong proof")
        now = self._clock.now()
        today = now.astimezone(self._home).date()
        due_on = working_days_after(today, request.working_days, self._calendars.around(today))
        async with asyncio.timeout(_LONGEST_OPENING_S):
            number = await self._desk.open(request, now, due_on)
        return Ticket(request, now, number, due_on)

    async def _strike_off(self, asked: Asked) -> Found:
        """Put the number on the list of those who are never rung again: `noted` once it is kept there."""
        if self._do_not_call is None:
            return Found(SERVICE_DOWN)
        phone = str(asked.slots.get("phone") or asked.caller)
        async with asyncio.timeout(_LONGEST_OPENING_S):
            await self._do_not_call.opt_out(phone, reason="asked on a call", source="call", now=asked.now)
        return Found("noted")

    async def _agents_hours(self, asked: Asked) -> Found:
        """Whether people are there: `open` (until `closes_at`) or `closed` (until `opens_on`, `opens_at`)."""
        found = desk_open(asked.now, self._hours, self._calendars.around(asked.today))
        if isinstance(found, Closed):
            if found.opens_at is None:
                return Found("closed")
            at = found.opens_at
            return Found("closed", {"opens_on": at.date(), "opens_at": f"{at:%H:%M}", "opens_hour": at.hour})
        if found.until is None or found.until.date() > asked.today:
            return Found("open", {"closes_at": "24:00", "closes_hour": 24})
        return Found("open", {"closes_at": f"{found.until:%H:%M}", "closes_hour": found.until.hour})
