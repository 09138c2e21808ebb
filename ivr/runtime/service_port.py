"""What dialogues ask of services, whatever stands behind them."""

from collections.abc import Mapping
from typing import Protocol

from ivr.calls.speech import SlotValue
from ivr.calls.tickets import Ticket, TicketRequest
from ivr.runtime.services import Found


class Services(Protocol):
    """What scripts can look up, and have done."""

    async def look_up(
        self, service: str, caller: str, slots: Mapping[str, SlotValue], secrets: Mapping[str, str]
    ) -> Found:
        """Ask one service. Raises `KeyError` for an unknown one."""
        ...

    async def open_ticket(self, request: TicketRequest) -> Ticket:
        """Have people do something. Raises what keeps it from being kept."""
        ...
