"""The lookup `recent_context`: whether the customer left something unfinished in another channel."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from ivr.calls.handover import PastDialogue, unfinished
from ivr.calls.ids import CustomerId
from ivr.calls.speech import SlotValue
from ivr.calls.tickets import Ticket, TicketRequest
from ivr.dialogue.script import Service
from ivr.runtime.ports import Clock
from ivr.runtime.service_port import Services
from ivr.runtime.services import Found
from ivr.runtime.services.lookup import PROVED


class RecentDialogues(Protocol):
    """The record of calls and chats, by customer."""

    async def of_customer(self, customer_id: CustomerId, since: datetime) -> Sequence[PastDialogue]:
        """The customer's dialogues, proposed or proved, in which something happened `since` then."""
        ...


class RecentContext:
    """One channel's view of the others.

    `services` are those of the script: their intents are the wishes that can be gone on with.
    """

    def __init__(
        self,
        dialogues: RecentDialogues,
        clock: Clock,
        *,
        channel: str,
        within: timedelta,
        services: Sequence[Service],
        default_locale: str,
    ) -> None:
        self._dialogues = dialogues
        self._clock = clock
        self._channel = channel
        self._within = within
        self._services = {intent: service for service in services for intent in service.intents}
        self._default_locale = default_locale

    async def look_up(self, slots: Mapping[str, SlotValue]) -> Found:
        """`none`, `unfinished` {last_wish, about}, or `recent`: there is something, but nothing is proved.

        To somebody whom only the number proposes, not even the subject is told: a third party with the
        customer's telephone would learn that there is a loan. `about` is in
        the locale of slot `locale`, and `last_wish` is the service, which is also the step where it begins.
        """
        customer = slots.get("customer_id")
        if customer is None or self._within <= timedelta():
            return Found("none")
        now = self._clock.now()
        past = await self._dialogues.of_customer(CustomerId(str(customer)), now - self._within)
        named = {intent: service.service_id for intent, service in self._services.items()}
        found = unfinished(past, channel=self._channel, now=now, within=self._within, services=named)
        if found is None:
            return Found("none")
        if slots.get("proof_level") not in PROVED:
            return Found("recent")
        abouts = self._services[found.wish].about
        about = abouts.get(str(slots.get("locale")), abouts.get(self._default_locale, ""))
        return Found("unfinished", {"last_wish": found.service, "about": about})


class WithRecentContext:
    """Services, and `recent_context` beside them."""

    def __init__(self, services: Services, recent: RecentContext) -> None:
        self._services = services
        self._recent = recent

    async def look_up(
        self, service: str, caller: str, slots: Mapping[str, SlotValue], secrets: Mapping[str, str]
    ) -> Found:
        """Ask one service. Raises `KeyError` for an unknown one, and what it raises."""
        if service == "recent_context":
            return await self._recent.look_up(slots)
        return await self._services.look_up(service, caller, slots, secrets)

    async def open_ticket(self, request: TicketRequest) -> Ticket:
        """Have people do something. Raises as the services do."""
        return await self._services.open_ticket(request)
