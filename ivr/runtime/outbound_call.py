"""Rings one contact of a campaign and holds the survey with whoever answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ivr.calls.speech import SlotValue
from ivr.dialogue.attempt import attempt_result
from ivr.dialogue.script import Script
from ivr.runtime.answering import Answering, AnswerSenses
from ivr.runtime.campaign_ports import Claimed
from ivr.runtime.dialled_line import AnsweredByAPerson
from ivr.runtime.dialler import Came, OnAnswer
from ivr.runtime.ports import DialledLine, Line, SipEndpoint
from ivr.runtime.session import CallSession
from ivr.runtime.survey_ports import SurveyAnswers


class CannotBeRung(Exception):
    """A contact whose campaign has no such survey, or whose facts the survey cannot use."""


@dataclass(frozen=True, slots=True)
class OutboundTrunk:
    """Where calls go, and as whom."""

    uri: Callable[[str], str]
    """What to dial for a number."""
    caller_id: str
    ring_s: float


Prepare = Callable[[Script, str, Mapping[str, SlotValue]], Awaitable[None]]
"""Has every prompt ready that a call in this locale begins with these slots."""

OpenDialled = Callable[[Line, Claimed, Script, dict[str, SlotValue]], CallSession]
"""Builds the session of a line that was dialled for a contact."""


class OutboundCaller:
    """A `PlaceCall`. `surveys` gives the scripts in force by name."""

    def __init__(
        self,
        endpoint: SipEndpoint,
        trunk: OutboundTrunk,
        answers: SurveyAnswers,
        *,
        surveys: Callable[[], Mapping[str, Script]],
        senses: Callable[[], AnswerSenses],
        prepare: Prepare,
        open_session: OpenDialled,
    ) -> None:
        self._endpoint = endpoint
        self._trunk = trunk
        self._answers = answers
        self._surveys = surveys
        self._senses = senses
        self._prepare = prepare
        self._open_session = open_session

    async def __call__(self, claimed: Claimed, answered: OnAnswer) -> Came:
        """Ring, talk, and tell what came of it. Raises `NoFreeLine` and `CannotBeRung` before it rings."""
        script = self._surveys().get(claimed.campaign.script_id)
        if script is None:
            raise CannotBeRung(f"there is no survey {claimed.campaign.script_id}")
        slots = await self._opening(claimed, script)
        # A name that nobody has recorded takes seconds to be spoken: nobody shall wait for theirs.
        await self._prepare(script, claimed.contact.locale, slots)
        line = await self._dial(claimed)
        answering = Answering(
            self._senses(), locale=claimed.contact.locale, sample_rate_hz=line.sample_rate_hz
        )
        call = AnsweredByAPerson(line, answering, longest_ring_s=self._trunk.ring_s, on_answer=answered)
        session = self._open_session(call, claimed, script, slots)
        await session.run()
        if call.result is not None:
            return Came(call.result, call.sip_code, None, session.call_id)
        came = attempt_result(session.state)
        return Came(came.result, call.sip_code, came.callback_at, session.call_id)

    async def _opening(self, claimed: Claimed, script: Script) -> dict[str, SlotValue]:
        survey, contact = script.survey, claimed.contact
        if survey is None:
            raise CannotBeRung(f"{script.script_id} is no survey")
        before = await self._answers.of_contact(contact.contact_id, survey.survey_id)
        counts = await self._answers.counts(survey.survey_id, contact.campaign_id)
        try:
            slots = survey.opening_slots(contact.facts, answers=before, full=survey.full(counts))
        except ValueError as fault:
            raise CannotBeRung(str(fault)) from None
        # Tickets that the call leaves are for this number, and this customer.
        known = {"customer_id": str(contact.customer_id)} if contact.customer_id else {}
        return {**slots, "phone": contact.phone, **known}

    async def _dial(self, claimed: Claimed) -> DialledLine:
        return await self._endpoint.dial(
            self._trunk.uri(claimed.contact.phone),
            from_user=self._trunk.caller_id,
            headers=(("Accept-Language", claimed.contact.locale),),
        )
