"""What a call asks of others while the caller waits: services, tickets, the silent seat."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from ivr.dialogue.state import SERVICE_DOWN, Consult, Consulted, FileTicket, LookedUp, LookUp
from ivr.runtime.chronicle import Chronicle
from ivr.runtime.ports import SilentSeat
from ivr.runtime.service_port import Services


class ErrandDevices(Protocol):
    """Whom errands go to."""

    @property
    def services(self) -> Services:
        """Lookups and tickets."""
        ...

    @property
    def silent_seat(self) -> SilentSeat:
        """A person who knows, perhaps."""
        ...

    @property
    def report(self) -> Callable[[str, Exception], None]:
        """Hears of faults."""
        ...


class Errands:
    """Runs one errand at a time and posts what came of it; a fault is an answer, too."""

    def __init__(
        self,
        devices: ErrandDevices,
        chronicle: Chronicle,
        *,
        caller: str,
        post: Callable[[LookedUp | Consulted], None],
        bridging: Callable[[int], AbstractContextManager[None]] = lambda _turn: nullcontext(),
    ) -> None:
        """`caller` is the number that the caller rings from: it proposes a customer and proves nothing.

        `bridging` keeps the caller company, by turn, for as long as an errand lasts.
        """
        self._devices = devices
        self._chronicle = chronicle
        self._caller = caller
        self._post = post
        self._bridging = bridging

    async def run(self, errand: LookUp | FileTicket | Consult) -> None:
        """Do it and post its answer. Raises only when cancelled."""
        try:
            with self._bridging(errand.turn):
                answer = await self._answer(errand)
        except Exception as error:
            self._devices.report(f"{type(errand).__name__} failed", error)
            down = LookedUp(errand.turn, SERVICE_DOWN)
            answer = Consulted(errand.turn) if isinstance(errand, Consult) else down
        self._post(answer)

    async def _answer(self, errand: LookUp | FileTicket | Consult) -> LookedUp | Consulted:
        match errand:
            case LookUp():
                return await self._look_up(errand)
            case FileTicket():
                return await self._file(errand)
            case Consult():
                return await self._devices.silent_seat.ask(errand)

    async def _file(self, asked: FileTicket) -> LookedUp:
        ticket = await self._devices.services.open_ticket(self._chronicle.ticket_request(asked))
        self._chronicle.ticket_opened(ticket)
        return LookedUp(asked.turn, "filed", ticket.slots)

    async def _look_up(self, asked: LookUp) -> LookedUp:
        services = self._devices.services
        found = await services.look_up(asked.service, self._caller, asked.slots, asked.secrets)
        self._chronicle.identified(found)
        return LookedUp(asked.turn, found.result, found.slots)
