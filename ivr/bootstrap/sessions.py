"""Sessions for incoming lines: script, grammars, services and devices, joined once for all calls."""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from ivr.adapters.grammar_files import read_grammar_texts
from ivr.adapters.intent_files import read_intents
from ivr.adapters.recogniser.client import RemoteRecogniser
from ivr.adapters.recording_wav import WavRecorder
from ivr.adapters.script_files import load_script
from ivr.adapters.sentence_vectors import SentenceVectors
from ivr.adapters.vad_silero import SileroVoiceDetector
from ivr.adapters.vad_webrtc import WebRtcSpeechDetector
from ivr.adapters.voice import load_prompt_texts
from ivr.adapters.work_calendars import CountryWorkCalendars
from ivr.bootstrap.faults import report_error
from ivr.calls.ids import CallId, LegId, WorkerId
from ivr.calls.working_days import OfficeHours
from ivr.config import Settings
from ivr.config.office_span import office_span
from ivr.dialogue.ladder import LadderPolicy
from ivr.dialogue.question import all_grammars
from ivr.dialogue.script import Script
from ivr.grammar.open_item import OpenSpeech
from ivr.runtime.call_plan import CallDevices, CallPlan
from ivr.runtime.fanout import EventFanout
from ivr.runtime.grammar_book import CompiledGrammarBook
from ivr.runtime.hotline import locale_of
from ivr.runtime.ports import Clock, Line, LoanBook, Prompter, Recogniser, RecogniserLost
from ivr.runtime.services import HotlineServices
from ivr.runtime.session import CallSession
from ivr.runtime.ticket_ports import TicketDesk

SCRIPTS_DIR = Path(__file__).parents[1] / "scripts"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What a call goes by: loaded and compiled once, before the first call."""

    script: Script
    grammars: CompiledGrammarBook
    policy: LadderPolicy
    locales: tuple[str, ...]

    def voice_sources(self) -> Iterator[tuple[str, str]]:
        """Locale and SRGS text of everything that the script can listen with."""
        for locale in self.locales:
            for grammar_ids in all_grammars(self.script):
                yield locale, self.grammars.source(grammar_ids, locale=locale)


def load_rulebook(settings: Settings, clock: Clock) -> Rulebook:
    """Read script, grammars and intents, compile and learn.

    Examples whose sentence vectors are not kept from an earlier start take some 10 ms each. Raises
    `ScriptFault`, `GrammarError`, `PromptFilesError`, and `IntentFault`, also for a question without its
    answer: better no worker than a caller who is told nothing.
    """
    script = load_script(SCRIPTS_DIR / "hotline.yaml")
    ladder, hotline = settings.ladder, settings.hotline
    locales = tuple(sorted({hotline.default_locale, *hotline.numbers.values(), *script.locales}))
    prompts = load_prompt_texts(settings.prompts_dir).by_locale
    books = {
        locale: read_intents(settings.grammars_dir, locale, prompt_ids=prompts.get(locale, {}))
        for locale in locales
    }
    vectors = SentenceVectors()
    vectors.remember([example.text for book in books.values() for example in book.examples()])
    rulebook = Rulebook(
        script=script,
        grammars=CompiledGrammarBook(
            read_grammar_texts(settings.grammars_dir),
            clock,
            ZoneInfo(hotline.timezone),
            {locale: OpenSpeech.learn(book, vectors) for locale, book in books.items()},
        ),
        policy=LadderPolicy(
            act=ladder.act, confirm=ladder.confirm, reprompts=ladder.reprompts, choices=ladder.choices
        ),
        locales=locales,
    )
    for _ in rulebook.voice_sources():
        pass  # compiled and kept
    return rulebook


async def keep_warm(recogniser: RemoteRecogniser, rulebook: Rulebook) -> None:
    """Have the recogniser compile every grammar, and again when it was restarted: no caller waits for it."""
    while True:
        for locale, source in rulebook.voice_sources():
            with contextlib.suppress(RecogniserLost):
                await recogniser.warm_up(locale=locale, grammar=source)
        await recogniser.restarted()


class SessionOpener:
    """Builds the session of each incoming line."""

    def __init__(
        self,
        *,
        settings: Settings,
        rulebook: Rulebook,
        worker_id: WorkerId,
        clock: Clock,
        fanout: EventFanout,
        loan_book: LoanBook,
        desk: TicketDesk,
        recogniser: Recogniser,
        prompter: Prompter,
    ) -> None:
        self._settings = settings
        self._rulebook = rulebook
        self._worker_id = worker_id
        self._clock = clock
        self._fanout = fanout
        self._recogniser = recogniser
        self._prompter = prompter
        self._services = open_services(settings, loan_book, clock, desk)

    def open(self, line: Line) -> CallSession:
        """The session of one incoming line."""
        hotline = self._settings.hotline
        call_id = new_call_id(self._clock)
        structlog.contextvars.bind_contextvars(call_id=call_id)
        plan = CallPlan(
            call_id=call_id,
            leg_id=LegId(f"{call_id}-a"),
            worker_id=self._worker_id,
            script=self._rulebook.script,
            policy=self._rulebook.policy,
            locale=locale_of(line.invite, hotline.numbers, hotline.default_locale),
            agent_uri=hotline.agent_uri,
            longest_s=hotline.max_call_s,
        )
        devices = CallDevices(
            recogniser=self._recogniser,
            prompter=self._prompter,
            grammars=self._rulebook.grammars,
            detector=WebRtcSpeechDetector(),
            voice_detector=SileroVoiceDetector(),
            services=self._services,
            clock=self._clock,
            emit=self._fanout.emit,
            report=report_error,
            recorder=WavRecorder(self._recording_path(call_id), line.sample_rate_hz),
        )
        return CallSession(line, plan, devices)

    def _recording_path(self, call_id: CallId) -> Path:
        day = self._clock.now().strftime("%Y-%m-%d")
        return self._settings.recordings_dir / day / f"{call_id}.wav"


def open_services(settings: Settings, loan_book: LoanBook, clock: Clock, desk: TicketDesk) -> HotlineServices:
    """The lookups as the settings have them. Raises `ValueError` for a country without known holidays."""
    hotline = settings.hotline
    return HotlineServices(
        loan_book,
        clock,
        ZoneInfo(hotline.timezone),
        desk=desk,
        calendars=CountryWorkCalendars(hotline.country),
        hours=OfficeHours(
            working_days=office_span(hotline.agents_working_days),
            days_off=office_span(hotline.agents_days_off),
        ),
    )


def new_call_id(clock: Clock) -> CallId:
    """26 characters: the time in milliseconds, then 56 random bits, so that ids sort by time."""
    return CallId(f"{round(clock.now().timestamp() * 1000):012x}{secrets.token_hex(7)}")
