"""Rings one contact of a campaign and holds the survey with whoever answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from ivr.calls.answers import Respondent
from ivr.calls.attempts import AttemptResult
from ivr.calls.ids import CallId
from ivr.calls.speech import Clip, SlotValue
from ivr.dialogue.attempt import attempt_result
from ivr.dialogue.script import Script
from ivr.media.answerer.verdict import Verdict
from ivr.runtime.answering import Answering, AnswerSenses
from ivr.runtime.campaign_ports import Claimed
from ivr.runtime.dialled_line import AnsweredByAPerson
from ivr.runtime.dialler import AttemptEnd, OnAnswer, Ring
from ivr.runtime.ports import DialledLine, Line, SipEndpoint
from ivr.runtime.session import CallSession
from ivr.runtime.survey_opening import CannotBeRung, Prepare, opening_slots
from ivr.runtime.survey_ports import SurveyAnswers
from ivr.runtime.survey_record import slots_of


@dataclass(frozen=True, slots=True)
class OutboundTrunk:
    """Where calls go, and as whom."""

    uri: Callable[[str], str]
    """What to dial for a number."""
    caller_id: str
    ring_s: float


OpenDialled = Callable[[Line, Claimed, Script, dict[str, SlotValue]], CallSession]
"""Builds the session of a line that was dialled for a contact."""


class OutboundCaller:
    """A `Caller` for campaigns."""

    def __init__(
        self,
        endpoint: SipEndpoint,
        trunk: OutboundTrunk,
        answers: SurveyAnswers,
        *,
        surveys: Callable[[], Mapping[str, Script]],
        senses: Callable[[], AnswerSenses],
        prepare: Prepare,
        speak: Callable[[str, str], Awaitable[Clip]],
        open_session: OpenDialled,
        judged: Callable[[CallId, Verdict], None],
    ) -> None:
        """`surveys` gives the scripts in force by name; `speak` has a prompt spoken in a locale.

        `judged` is told the last word on who or what answered, with its reasons.
        """
        self._endpoint = endpoint
        self._trunk = trunk
        self._answers = answers
        self._surveys = surveys
        self._senses = senses
        self._prepare = prepare
        self._speak = speak
        self._open_session = open_session
        self._judged = judged
        self._sessions: set[CallSession] = set()

    async def prepare(self, claimed: Claimed) -> Ring:
        """As `Caller.prepare`. Raises `CannotBeRung`, `PromptMissing`, and what the store raises."""
        script = self._surveys().get(claimed.campaign.script_id)
        if script is None:
            raise CannotBeRung(f"there is no survey {claimed.campaign.script_id}")
        attempt = claimed.attempt
        whose = slots_of(Respondent(attempt.contact_id, attempt.campaign_id, attempt.attempt_id))
        slots = await opening_slots(claimed.contact, script, self._answers) | whose
        # A name that nobody has recorded takes seconds to be spoken: nobody shall wait for theirs.
        await self._prepare(script, claimed.contact.locale, slots)
        left = claimed.campaign.message_on_machine
        message = await self._speak(left, claimed.contact.locale) if left else None
        return partial(self._ring, claimed, script, slots, message)

    def time_is_up(self) -> None:
        """As `Caller.time_is_up`."""
        for session in self._sessions:
            session.time_is_up("draining")

    async def _ring(
        self,
        claimed: Claimed,
        script: Script,
        slots: dict[str, SlotValue],
        message: Clip | None,
        answered: OnAnswer,
    ) -> AttemptEnd:
        line = await self._dial(claimed)
        answering = Answering(
            self._senses(), locale=claimed.contact.locale, sample_rate_hz=line.sample_rate_hz
        )
        call = AnsweredByAPerson(
            line, answering, longest_ring_s=self._trunk.ring_s, on_answer=answered, message=message
        )
        session = self._open_session(call, claimed, script, slots)
        self._sessions.add(session)
        try:
            await session.run()
        finally:
            self._sessions.discard(session)
            if answering.verdict is not None:
                self._judged(session.call_id, answering.verdict)
        came = attempt_result(session.state)
        if call.sip_code is None:
            return AttemptEnd(AttemptResult.FAILED, None, None, session.call_id)
        if call.result is not None and came.result is AttemptResult.ABANDONED:
            return AttemptEnd(call.result, call.sip_code, None, session.call_id)
        # What a person has said goes before a machine that was thought to be heard late.
        return AttemptEnd(came.result, call.sip_code, came.callback_at, session.call_id)

    async def _dial(self, claimed: Claimed) -> DialledLine:
        return await self._endpoint.dial(
            self._trunk.uri(claimed.contact.phone),
            from_user=self._trunk.caller_id,
            headers=(("Accept-Language", claimed.contact.locale),),
        )
