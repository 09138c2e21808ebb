"""Whoever rings back after a call of ours that did not reach them: taken up, and ended as an attempt."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ivr.calls.answers import Respondent
from ivr.calls.ids import CallId, WorkerId
from ivr.calls.speech import SlotValue
from ivr.calls.tickets import Ticket, TicketRequest
from ivr.campaign.people import Contact
from ivr.dialogue.attempt import ring_back_result
from ivr.dialogue.script import Script
from ivr.dialogue.state import DialogueState
from ivr.dialogue.survey import RUNG_ABOUT, RUNG_BACK, RUNG_SURVEY
from ivr.runtime.campaign_ports import CampaignStore, Claimed, RungLately
from ivr.runtime.dialler import LEASE, RENEW_S
from ivr.runtime.ports import Clock
from ivr.runtime.service_port import Services
from ivr.runtime.services import Found
from ivr.runtime.session import CallSession
from ivr.runtime.survey_opening import Prepare, opening_slots
from ivr.runtime.survey_ports import SurveyAnswers
from ivr.runtime.survey_record import slots_of

_LONGEST_LOOK_S = 0.25
"""A store that is slower than this keeps nobody waiting for the hotline to answer."""

_LONGEST_PREPARATION_S = 3.0
"""So long a caller who has agreed waits until their name can be spoken."""


@dataclass(frozen=True, slots=True)
class RingBackDesk:
    """What all calls of a worker share. Whoever was rung `within` this time is asked."""

    store: CampaignStore
    answers: SurveyAnswers
    prepare: Prepare
    warm_up: Callable[[Script, str], Awaitable[None]]
    """Has a recogniser ready to hear what a survey asks in this locale; the call goes on meanwhile."""
    worker_id: WorkerId
    clock: Clock
    within: timedelta
    report: Callable[[str, Exception], None]


class RingBack:
    """One incoming call, as far as it may be a ring-back: beside its services, from before it to its end."""

    def __init__(
        self,
        desk: RingBackDesk,
        services: Services,
        surveys: Mapping[str, Script],
        *,
        phone: str,
        locale: str,
    ) -> None:
        """`phone` is the caller's number in E.164; it proposes a person and proves nothing."""
        self._desk = desk
        self._services = services
        self._surveys = surveys
        self._phone = phone
        self._locale = locale
        self._rung: RungLately | None = None
        self._script: Script | None = None
        self._looking: asyncio.Future[RungLately | None] | None = None
        self._prepared: asyncio.Task[dict[str, SlotValue]] | None = None
        self._warming: asyncio.Task[None] | None = None
        self._claiming: asyncio.Task[Claimed | None] | None = None
        self._renewing: asyncio.Task[None] | None = None

    async def known(self) -> dict[str, SlotValue]:
        """The slots of a caller who is to be asked; none for almost everybody, or while the store is slow."""
        rung = await self._look()
        script = self._surveys.get(rung.campaign.script_id) if rung is not None else None
        survey = script.survey if script is not None else None
        about = survey.ring_back.get(self._locale) if survey is not None else None
        if rung is None or script is None or about is None:
            return {}
        self._rung, self._script = rung, script
        # While the caller is greeted and asked: a name that nobody has recorded takes seconds to be spoken.
        self._prepared = asyncio.create_task(self._prepare(rung, script), name="ring-back prompts")
        self._warming = asyncio.create_task(self._warm_up(script), name="ring-back grammars")
        return {RUNG_ABOUT: about, RUNG_SURVEY: script.script_id}

    async def _look(self) -> RungLately | None:
        desk = self._desk
        look = desk.store.rung_lately(self._phone, now=desk.clock.now(), within=desk.within)
        self._looking = asyncio.ensure_future(look)
        # Not a timeout around it: a driver that is cancelled may take as long as it likes.
        await asyncio.wait([self._looking], timeout=_LONGEST_LOOK_S)
        try:
            if self._looking.done():
                return self._looking.result()
            raise TimeoutError(f"the store took longer than {_LONGEST_LOOK_S:g} s")
        except Exception as error:
            desk.report("looking for who rings back", error)
            return None

    async def look_up(
        self, service: str, caller: str, slots: Mapping[str, SlotValue], secrets: Mapping[str, str]
    ) -> Found:
        """As `Services.look_up`; `take_up_survey` is `taken` with what the survey begins with, or `gone`."""
        if service == "take_up_survey":
            return await self._take_up(slots)
        return await self._services.look_up(service, caller, slots, secrets)

    async def open_ticket(self, request: TicketRequest) -> Ticket:
        """As `Services.open_ticket`."""
        return await self._services.open_ticket(request)

    async def ended(self, state: DialogueState, call_id: CallId) -> None:
        """The call is over: what was taken up ends with what came of it. Never raises."""
        for task in (self._looking, self._prepared, self._warming, self._renewing):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if self._claiming is None:
            return
        came = ring_back_result(state)
        try:
            # Whoever hangs up at this very moment has been taken up all the same.
            claimed = await self._claiming
            if claimed is not None:
                await self._desk.store.finish(
                    claimed.attempt.attempt_id,
                    came.result,
                    sip_code=200,
                    now=self._desk.clock.now(),
                    callback_at=came.callback_at,
                    call_id=call_id,
                )
        except Exception as error:
            # The lease runs out, and whoever recovers it leaves the contact as it was.
            self._desk.report("finishing a ring-back", error)

    async def _prepare(self, rung: RungLately, script: Script) -> dict[str, SlotValue]:
        slots = await opening_slots(rung.contact, script, self._desk.answers)
        await self._desk.prepare(script, self._locale, slots)
        return slots

    async def _warm_up(self, script: Script) -> None:
        try:
            await self._desk.warm_up(script, self._locale)
        except Exception as error:
            self._desk.report("warming up for a ring-back", error)

    async def _take_up(self, proved: Mapping[str, SlotValue]) -> Found:
        rung, script, prepared = self._rung, self._script, self._prepared
        if rung is None or script is None or prepared is None or not _is(rung.contact, proved):
            return Found("gone")
        await asyncio.wait([prepared], timeout=_LONGEST_PREPARATION_S)
        try:
            if prepared.done():
                prepared.result()
            slots = await opening_slots(rung.contact, script, self._desk.answers)
        except Exception as error:
            self._desk.report("preparing a ring-back", error)
            return Found("gone")
        self._claiming = self._claiming or asyncio.create_task(self._claim(rung), name="ring-back claim")
        claimed = await asyncio.shield(self._claiming)
        if claimed is None:
            return Found("gone")
        self._renewing = self._renewing or asyncio.create_task(self._renew(claimed), name="ring-back lease")
        attempt = claimed.attempt
        whose = Respondent(attempt.contact_id, attempt.campaign_id, attempt.attempt_id)
        return Found("taken", slots | slots_of(whose) | {RUNG_BACK: "yes"})

    async def _claim(self, rung: RungLately) -> Claimed | None:
        desk = self._desk
        return await desk.store.take_up(
            rung.contact.contact_id,
            desk.worker_id,
            now=desk.clock.now(),
            lease=LEASE,
            within=desk.within,
        )

    async def _renew(self, claimed: Claimed) -> None:
        desk = self._desk
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await desk.store.renew(claimed.attempt.attempt_id, desk.clock.now(), LEASE)
            except Exception as error:
                desk.report("renewing a ring-back", error)


def _is(contact: Contact, proved: Mapping[str, SlotValue]) -> bool:
    """Whether who has proved who they are is whom we rang, and not another customer behind that number.

    Of a contact that names no customer, they are the one whom the number itself proposed; the slot `phone`
    holds a number that the caller gave instead.
    """
    if contact.customer_id is not None:
        return proved.get("customer_id") == contact.customer_id
    return "customer_id" in proved and "phone" not in proved


class RingBackCall:
    """A session of the hotline, told before it begins who rings back, and what it came to when it is over."""

    def __init__(self, session: CallSession, ring_back: RingBack) -> None:
        self._session = session
        self._ring_back = ring_back

    @property
    def call_id(self) -> CallId:
        """The call's name everywhere."""
        return self._session.call_id

    def time_is_up(self, reason: str) -> None:
        """As `CallSession.time_is_up`."""
        self._session.time_is_up(reason)

    async def run(self) -> None:
        """As `CallSession.run`."""
        self._session.know(await self._ring_back.known())
        try:
            await self._session.run()
        finally:
            end = self._ring_back.ended(self._session.state, self._session.call_id)
            await asyncio.shield(asyncio.ensure_future(end))
