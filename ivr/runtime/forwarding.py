"""Handing tickets over to the core system, off the call: what it does not take now is tried again."""

import asyncio
from collections.abc import Callable

from ivr.runtime.ports import Clock
from ivr.runtime.ticket_ports import ForwardingQueue, NotFiled, RequestDesk

_AT_ONCE = 20
_EVERY_S = 15.0


class TicketForwarder:
    """Runs beside the calls of a worker. Several may run; a ticket that two hand over is filed once."""

    def __init__(
        self,
        queue: ForwardingQueue,
        desk: RequestDesk,
        clock: Clock,
        *,
        report: Callable[[str, Exception], None],
    ) -> None:
        self._queue = queue
        self._desk = desk
        self._clock = clock
        self._report = report

    async def run(self) -> None:
        """Look for tickets every 15 s until cancelled; a fault is reported and outlived."""
        while True:
            try:
                await self.forward_due()
            except Exception as error:
                self._report("forwarding tickets", error)
            await asyncio.sleep(_EVERY_S)

    async def forward_due(self) -> int:
        """One round over all that is due; returns how many were taken over."""
        done = 0
        while tickets := await self._queue.claim(self._clock.now(), _AT_ONCE):
            for ticket in tickets:
                ticket_id = ticket.request.ticket_id
                try:
                    reference = await self._desk.file_request(ticket)
                except NotFiled as fault:
                    await self._queue.postpone(ticket_id, str(fault), self._clock.now())
                else:
                    await self._queue.forwarded(ticket_id, reference, self._clock.now())
                    done += 1
        return done
