"""Ringing people for campaigns, from a worker's spare lines."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from ivr.adapters.sip_pjsua2.endpoint import Pjsua2Endpoint
from ivr.adapters.store_sqlalchemy import Database, SqlCampaignStore, SqlSurveyAnswers
from ivr.adapters.vad_webrtc import WebRtcSpeechDetector
from ivr.adapters.work_calendars import PublicHolidayBook
from ivr.bootstrap.faults import report_error
from ivr.bootstrap.rulebook_keeper import RulebookKeeper
from ivr.bootstrap.sessions import SessionOpener
from ivr.bootstrap.store_link import running
from ivr.calls.ids import WorkerId
from ivr.campaign.pacing import TrunkLimits
from ivr.config import Settings
from ivr.runtime.answering import AnswerSenses
from ivr.runtime.dialler import Dialler
from ivr.runtime.outbound_call import OutboundCaller, OutboundTrunk
from ivr.runtime.ports import Clock, Recogniser


def campaign_store(settings: Settings, database: Database) -> SqlCampaignStore:
    """Claims within what the trunk carries."""
    outbound = settings.outbound
    limits = TrunkLimits(outbound.trunk_lines, outbound.trunk_calls_per_s)
    return SqlCampaignStore(database, PublicHolidayBook(), trunk=limits)


@asynccontextmanager
async def ringing(
    settings: Settings,
    database: Database,
    endpoint: Pjsua2Endpoint,
    *,
    opener: SessionOpener,
    keeper: RulebookKeeper,
    recogniser: Recogniser,
    worker_id: WorkerId,
    clock: Clock,
) -> AsyncIterator[Callable[[], int]]:
    """Ring people while the context is open, then let calls in hand finish.

    Gives the number of calls in hand. Without a trunk nobody is rung.
    """
    outbound = settings.outbound
    if not outbound.trunk:
        yield lambda: 0
        return
    caller = OutboundCaller(
        endpoint,
        OutboundTrunk(outbound.uri, outbound.caller_id, outbound.ring_s),
        SqlSurveyAnswers(database),
        surveys=lambda: keeper.in_force.rulebook.surveys,
        senses=lambda: AnswerSenses(WebRtcSpeechDetector(), recogniser, keeper.in_force.rulebook.grammars),
        open_session=opener.open_dialled,
    )
    dialler = Dialler(
        campaign_store(settings, database),
        caller,
        worker_id=worker_id,
        clock=clock,
        free_lines=lambda: _free(endpoint, dialler, outbound.lines),
        report=report_error,
    )
    async with running(dialler.run(), "dialler"):
        yield lambda: dialler.calls
    await dialler.drain(settings.hotline.drain_s)


def _free(endpoint: Pjsua2Endpoint, dialler: Dialler, lines: int) -> int:
    """Lines that may ring people now: attempts that have not dialled yet count as well."""
    return min(lines - dialler.calls, endpoint.capacity - endpoint.lines_in_use)
