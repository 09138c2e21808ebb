"""Ringing people for campaigns, from a worker's spare lines."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

import structlog

from ivr.adapters.sip_pjsua2.endpoint import Pjsua2Endpoint
from ivr.adapters.store_sqlalchemy import Database, SqlCampaignStore, SqlSurveyAnswers
from ivr.adapters.work_calendars import PublicHolidayBook
from ivr.bootstrap.answering import answer_senses
from ivr.bootstrap.faults import report_error
from ivr.bootstrap.rulebook_keeper import RulebookKeeper
from ivr.bootstrap.sessions import SessionOpener
from ivr.calls.ids import CallId, WorkerId
from ivr.calls.speech import Clip, Say, SlotValue
from ivr.campaign.pacing import TrunkLimits
from ivr.config import Settings
from ivr.dialogue.script import Script
from ivr.media.answerer.verdict import Verdict
from ivr.runtime.answering import ANNOUNCEMENTS
from ivr.runtime.dialler import Dialler
from ivr.runtime.outbound_call import OutboundCaller, OutboundTrunk
from ivr.runtime.ports import Clock, Recogniser, RecogniserLost
from ivr.runtime.ring_back import RingBackDesk

log = structlog.get_logger(__name__)

_FREELY = ""
"""No grammar: announcements are read so."""


def campaign_store(settings: Settings, database: Database) -> SqlCampaignStore:
    """Claims within what the trunk carries."""
    outbound = settings.outbound
    limits = TrunkLimits(outbound.trunk_lines, outbound.trunk_calls_per_s)
    return SqlCampaignStore(database, PublicHolidayBook(), trunk=limits)


def open_dialler(
    settings: Settings,
    database: Database,
    endpoint: Pjsua2Endpoint,
    *,
    opener: SessionOpener,
    keeper: RulebookKeeper,
    recogniser: Recogniser,
    worker_id: WorkerId,
    clock: Clock,
) -> Dialler | None:
    """What rings people from this worker's lines; None without a trunk."""
    outbound = settings.outbound
    if not outbound.trunk:
        return None
    preparation = _Preparation(keeper, recogniser)
    caller = OutboundCaller(
        endpoint,
        OutboundTrunk(outbound.uri, outbound.caller_id, outbound.ring_s),
        SqlSurveyAnswers(database),
        surveys=lambda: keeper.in_force.rulebook.surveys,
        senses=lambda: answer_senses(recogniser, keeper.in_force.rulebook.grammars),
        prepare=preparation,
        speak=preparation.speak,
        open_session=opener.open_dialled,
        judged=_tell_who_answered,
    )
    dialler = Dialler(
        campaign_store(settings, database),
        caller,
        worker_id=worker_id,
        clock=clock,
        free_lines=lambda: _free(endpoint, dialler, outbound.lines),
        report=report_error,
    )
    return dialler


def ring_back_desk(
    settings: Settings,
    database: Database,
    *,
    keeper: RulebookKeeper,
    recogniser: Recogniser,
    worker_id: WorkerId,
    clock: Clock,
) -> RingBackDesk | None:
    """For those who ring back; None without a trunk, or where they are not to be asked."""
    outbound = settings.outbound
    if not outbound.trunk or not outbound.ring_back_hours:
        return None
    preparation = _Preparation(keeper, recogniser)
    return RingBackDesk(
        store=campaign_store(settings, database),
        answers=SqlSurveyAnswers(database),
        prepare=preparation.render,
        warm_up=preparation.warm_up,
        worker_id=worker_id,
        clock=clock,
        within=timedelta(hours=outbound.ring_back_hours),
        report=report_error,
    )


class _Preparation:
    """What must be there before somebody is rung: clips with their own facts, grammars to hear them by."""

    def __init__(self, keeper: RulebookKeeper, recogniser: Recogniser) -> None:
        self._keeper = keeper
        self._recogniser = recogniser
        self._warm: set[tuple[str, str, str]] = set()

    async def __call__(self, script: Script, locale: str, slots: Mapping[str, SlotValue]) -> None:
        """Have it ready. Raises `PromptMissing`; a recogniser that is away is left to the call."""
        await self.render(script, locale, slots)
        await self.warm_up(script, locale)

    async def speak(self, prompt_id: str, locale: str) -> Clip:
        """A prompt without slots. Raises `PromptMissing`."""
        return await self._keeper.in_force.prompter.render((Say(prompt_id),), locale=locale)

    async def render(self, script: Script, locale: str, slots: Mapping[str, SlotValue]) -> None:
        """Have every prompt ready that these slots fill. Raises `PromptMissing`."""
        now = self._keeper.in_force
        for prompt_id in sorted(script.prompt_ids()):
            prompt = now.rulebook.prompts.find(locale, prompt_id)
            names = {slot.name for slot in prompt.slots} if prompt is not None else set()
            if names and names <= slots.keys():
                say = Say(prompt_id, {name: slots[name] for name in names})
                await now.prompter.render((say,), locale=locale)

    async def warm_up(self, script: Script, locale: str) -> None:
        """Once for each survey and version: to compile all at every start would cost a minute of CPU."""
        rulebook = self._keeper.in_force.rulebook
        key = (rulebook.version, script.script_id, locale)
        if key in self._warm:
            return
        self._warm.add(key)
        sources = [source for each, source in rulebook.voice_sources(script) if each == locale]
        await asyncio.to_thread(rulebook.grammars.spotter, ANNOUNCEMENTS, locale=locale)
        with suppress(RecogniserLost):
            for source in (_FREELY, *sources):
                await self._recogniser.warm_up(locale=locale, grammar=source)


def _free(endpoint: Pjsua2Endpoint, dialler: Dialler, lines: int) -> int:
    """Lines that may ring people now; those that attempts being prepared will want are not free."""
    return min(lines - dialler.calls, endpoint.capacity - endpoint.lines_in_use - dialler.without_line)


def _tell_who_answered(call_id: CallId, verdict: Verdict) -> None:
    log.info(
        "who_answered",
        call_id=call_id,
        kind=verdict.kind.value,
        announcement=verdict.announcement,
        reasons=verdict.reasons,
        at_ms=verdict.at_ms,
    )
