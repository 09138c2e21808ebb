"""Sessions for incoming lines: the rulebook in force, services and devices, joined for each call."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import structlog

from ivr.adapters.phone_numbers import to_e164
from ivr.adapters.recogniser.client import RemoteRecogniser
from ivr.adapters.recording_wav import WavRecorder
from ivr.adapters.vad_silero import SileroVoiceDetector
from ivr.adapters.vad_webrtc import WebRtcSpeechDetector
from ivr.adapters.work_calendars import CountryWorkCalendars
from ivr.bootstrap.call_ids import new_call_id
from ivr.bootstrap.faults import report_error
from ivr.bootstrap.rulebook import Rulebook
from ivr.bootstrap.rulebook_keeper import InForce, RulebookKeeper
from ivr.bootstrap.services import open_services, with_recent_context
from ivr.calls.ids import CallId, LegId, WorkerId
from ivr.calls.opening_hours import Open, desk_open
from ivr.calls.speech import SlotValue
from ivr.config import Settings
from ivr.dialogue.script import Script
from ivr.runtime.call_plan import CallDevices, CallPlan
from ivr.runtime.campaign_ports import Claimed
from ivr.runtime.fanout import EventFanout
from ivr.runtime.hotline import Call, locale_of
from ivr.runtime.ports import Clock, Line, Recogniser, RecogniserLost
from ivr.runtime.recent_context import RecentDialogues
from ivr.runtime.ring_back import RingBack, RingBackCall, RingBackDesk
from ivr.runtime.service_port import Services
from ivr.runtime.session import CallSession
from ivr.runtime.store_ports import LoanBook
from ivr.runtime.survey_ports import DoNotCallList
from ivr.runtime.ticket_ports import TicketDesk


async def warm_up(recogniser: RemoteRecogniser, rulebook: Rulebook) -> None:
    """Have the recogniser compile every grammar of the hotline: no caller waits for it."""
    for locale, source in rulebook.voice_sources(rulebook.script):
        with contextlib.suppress(RecogniserLost):
            await recogniser.warm_up(locale=locale, grammar=source)


async def keep_warm(recogniser: RemoteRecogniser, keeper: RulebookKeeper) -> None:
    """Warm up the recogniser, and again when it was restarted."""
    while True:
        await warm_up(recogniser, keeper.in_force.rulebook)
        await recogniser.restarted()


class SessionOpener:
    """Builds the session of each incoming line."""

    def __init__(
        self,
        *,
        settings: Settings,
        keeper: RulebookKeeper,
        worker_id: WorkerId,
        clock: Clock,
        fanout: EventFanout,
        loan_book: LoanBook,
        desk: TicketDesk,
        dialogues: RecentDialogues,
        recogniser: Recogniser,
        do_not_call: DoNotCallList,
        ring_backs: RingBackDesk | None,
    ) -> None:
        """`ring_backs` is None where nobody is rung, or who rings back is not to be asked."""
        self._settings = settings
        self._keeper = keeper
        self._worker_id = worker_id
        self._clock = clock
        self._fanout = fanout
        self._recogniser = recogniser
        self._loan_book = loan_book
        self._desk = desk
        self._dialogues = dialogues
        self._do_not_call = do_not_call
        self._ring_backs = ring_backs
        self._calendars = CountryWorkCalendars(settings.hotline.country)

    def open(self, line: Line) -> Call:
        """The session of one incoming line: it goes by what is in force now, to its end."""
        call_id = new_call_id(self._clock)
        structlog.contextvars.bind_contextvars(call_id=call_id)
        now = self._keeper.in_force
        plan, devices = self._plan(line, call_id, now.rulebook), self._devices(line, call_id, now)
        phone = to_e164(line.invite.remote_user, now.rulebook.settings.hotline.country)
        if self._ring_backs is None or phone is None:
            return CallSession(line, plan, devices)
        ring_back = RingBack(
            self._ring_backs, devices.services, plan.script.surveys, phone=phone, locale=plan.locale
        )
        return RingBackCall(CallSession(line, plan, replace(devices, services=ring_back)), ring_back)

    def open_dialled(
        self, line: Line, claimed: Claimed, script: Script, slots: Mapping[str, SlotValue]
    ) -> CallSession:
        """The session of a line that was dialled for a contact of a campaign."""
        call_id = new_call_id(self._clock)
        structlog.contextvars.bind_contextvars(call_id=call_id)
        now = self._keeper.in_force
        plan = replace(
            self._plan(line, call_id, now.rulebook),
            script=script,
            locale=claimed.contact.locale,
            direction="outbound",
            slots=slots,
        )
        return CallSession(line, plan, self._devices(line, call_id, now))

    def _plan(self, line: Line, call_id: CallId, rulebook: Rulebook) -> CallPlan:
        hotline = rulebook.settings.hotline
        now = self._clock.now()
        staffed = desk_open(now, rulebook.hours, self._calendars.around(now.date()))
        return CallPlan(
            call_id=call_id,
            leg_id=LegId(f"{call_id}-a"),
            worker_id=self._worker_id,
            script=rulebook.script,
            policy=rulebook.policy,
            locale=locale_of(line.invite, hotline.numbers, hotline.default_locale),
            agent_uri=hotline.agent_uri if isinstance(staffed, Open) else "",
            longest_s=hotline.max_call_s,
            rulebook_version=rulebook.version,
        )

    def _devices(self, line: Line, call_id: CallId, now: InForce) -> CallDevices:
        return CallDevices(
            recogniser=self._recogniser,
            prompter=now.prompter,
            grammars=now.rulebook.grammars,
            detector=WebRtcSpeechDetector(),
            voice_detector=SileroVoiceDetector(),
            services=self._services(now.rulebook),
            clock=self._clock,
            emit=self._fanout.emit,
            report=report_error,
            recorder=WavRecorder(self._recording_path(call_id), line.sample_rate_hz),
        )

    def _services(self, rulebook: Rulebook) -> Services:
        services = open_services(
            rulebook.settings, self._loan_book, self._clock, self._desk, self._do_not_call
        )
        return with_recent_context(
            services, rulebook.script, self._dialogues, self._clock, rulebook.settings, channel="voice"
        )

    def _recording_path(self, call_id: CallId) -> Path:
        day = self._clock.now().strftime("%Y-%m-%d")
        return self._settings.recordings_dir / day / f"{call_id}.wav"
