"""The lookup `recent_context`: whether the customer left something unfinished in another channel."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from ivr.calls.handover import PastDialogue, unfinished
from ivr.calls.ids import CustomerId
from ivr.calls.speech import SlotValue
from ivr.runtime.chat.exchange import LookUps
from ivr.runtime.ports import Clock
from ivr.runtime.services import Found

_PROVED = frozenset({"light", "strong"})


class RecentDialogues(Protocol):
    """The record of calls and chats, by customer."""

    async def of_customer(self, customer_id: CustomerId, since: datetime) -> Sequence[PastDialogue]:
        """The customer's dialogues, proposed or proved, in which something happened `since` then."""
        ...


class RecentContext:
    """One channel's view of the others.

    `abouts` says what each wish is about, by locale and wish; a wish that no locale names is never offered.
    """

    def __init__(
        self,
        dialogues: RecentDialogues,
        clock: Clock,
        *,
        channel: str,
        within: timedelta,
        abouts: Mapping[str, Mapping[str, str]],
        default_locale: str,
    ) -> None:
        self._dialogues = dialogues
        self._clock = clock
        self._channel = channel
        self._within = within
        self._abouts = abouts
        self._default_locale = default_locale

    async def look_up(
        self, _caller: str, slots: Mapping[str, SlotValue], _secrets: Mapping[str, str]
    ) -> Found:
        """`none`, `unfinished` {last_wish, about}, or `recent`: there is something, but nothing is proved.

        To somebody whom only the number proposes, not even the subject is told: a third party with the
        customer's telephone would learn that there is a loan. `about` is in the locale of slot `locale`.
        """
        customer = slots.get("customer_id")
        if customer is None or self._within <= timedelta():
            return Found("none")
        abouts = self._abouts.get(str(slots.get("locale")), self._abouts.get(self._default_locale, {}))
        now = self._clock.now()
        past = await self._dialogues.of_customer(CustomerId(str(customer)), now - self._within)
        found = unfinished(past, channel=self._channel, now=now, within=self._within, wishes=abouts)
        if found is None:
            return Found("none")
        if not (slots.get("proof_level") in _PROVED or slots.get("verified") == "yes"):
            return Found("recent")
        return Found("unfinished", {"last_wish": found.wish, "about": abouts[found.wish]})


class WithRecentContext:
    """Services, and `recent_context` beside them."""

    def __init__(self, services: LookUps, recent: RecentContext) -> None:
        self._services = services
        self._recent = recent

    async def look_up(
        self, service: str, caller: str, slots: Mapping[str, SlotValue], secrets: Mapping[str, str]
    ) -> Found:
        """Ask one service. Raises `KeyError` for an unknown one, and what it raises."""
        if service == "recent_context":
            return await self._recent.look_up(caller, slots, secrets)
        return await self._services.look_up(service, caller, slots, secrets)
