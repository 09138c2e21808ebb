"""Chats: what they go by, and the process that serves their API."""

import asyncio
import os
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog

from ivr.adapters.chat_http import ChatApiSettings, ChatTokens, chat_app
from ivr.adapters.grammar_files import read_grammar_texts
from ivr.adapters.http_health import CheckResult, HealthServer
from ivr.adapters.http_server import HttpServer
from ivr.adapters.intent_files import read_intents
from ivr.adapters.metrics import MetricsSink
from ivr.adapters.script_files import load_script
from ivr.adapters.store_sqlalchemy import SqlChatStore, SqlLoanBook, SqlRecentDialogues
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.voice.prompt_files import load_prompt_texts
from ivr.bootstrap.faults import report_error
from ivr.bootstrap.loan_book import open_loan_book
from ivr.bootstrap.sessions import SCRIPTS_DIR, new_call_id
from ivr.bootstrap.store_link import StoreLink, open_store, running
from ivr.calls.ids import WorkerId
from ivr.config import Settings
from ivr.dialogue.ladder import LadderPolicy
from ivr.dialogue.script import AnswerStep, SayStep, Script
from ivr.grammar.intents.example import IntentBook
from ivr.grammar.open_item import OpenSpeech
from ivr.runtime.chat.choices import ChoiceBook
from ivr.runtime.chat.desk import ChatDesk, ChatLimits, ChatRules
from ivr.runtime.chat.exchange import ChatDevices, LookUps
from ivr.runtime.chat.wording import Wording
from ivr.runtime.fanout import EventFanout
from ivr.runtime.grammar_book import CompiledGrammarBook
from ivr.runtime.ports import Clock
from ivr.runtime.recent_context import RecentContext, RecentDialogues, WithRecentContext
from ivr.runtime.services import HotlineServices

log = structlog.get_logger(__name__)

_SWEEP_S = 30.0
_LABEL = "choice_"
"""How the ids of written prompts begin that name a choice, such as `choice_agent`."""


class LearnedSpeech(Mapping[str, OpenSpeech]):
    """What free sentences mean, by locale; each locale is learned when it is first needed, and once."""

    def __init__(self, books: Mapping[str, IntentBook]) -> None:
        self._books = books
        self._learned: dict[str, OpenSpeech] = {}
        self._lock = threading.Lock()

    def __getitem__(self, locale: str) -> OpenSpeech:
        with self._lock:
            if locale not in self._learned:
                self._learned[locale] = OpenSpeech.learn(self._books[locale])
            return self._learned[locale]

    def __contains__(self, locale: object) -> bool:
        return locale in self._books

    def __iter__(self) -> Iterator[str]:
        return iter(self._books)

    def __len__(self) -> int:
        return len(self._books)


@dataclass(frozen=True, slots=True)
class ChatKit:
    """What a chat goes by, read from the same files as calls."""

    script: Script
    policy: LadderPolicy
    grammars: CompiledGrammarBook
    wording: Wording
    choices: ChoiceBook
    speech: LearnedSpeech
    abouts: Mapping[str, Mapping[str, str]]
    """What the wishes that the script settles are about, by locale."""


def load_chat(settings: Settings, clock: Clock) -> ChatKit:
    """Read script, prompts, grammars and intents; nothing is learned yet.

    Raises `ScriptFault`, `GrammarError`, `PromptFilesError`, `IntentFault`.
    """
    script = load_script(SCRIPTS_DIR / "hotline.yaml")
    ladder, home = settings.ladder, ZoneInfo(settings.hotline.timezone)
    spoken = load_prompt_texts(settings.prompts_dir).by_locale
    written = load_prompt_texts(settings.prompts_dir / "text").by_locale
    books = {
        locale: read_intents(settings.grammars_dir, locale, prompt_ids=spoken.get(locale, {}))
        for locale in script.locales
    }
    speech = LearnedSpeech(books)
    grammars = CompiledGrammarBook(read_grammar_texts(settings.grammars_dir), clock, home, speech)
    labels = {
        locale: {name: intent.about for name, intent in book.intents.items()}
        | {
            prompt_id.removeprefix(_LABEL): "".join(map(str, prompt.parts))
            for prompt_id, prompt in written.get(locale, {}).items()
            if prompt_id.startswith(_LABEL)
        }
        for locale, book in books.items()
    }
    settled = {
        step.settles
        for step in script.steps.values()
        if isinstance(step, SayStep | AnswerStep) and step.settles
    }
    return ChatKit(
        script=script,
        policy=LadderPolicy(
            act=ladder.act, confirm=ladder.confirm, reprompts=ladder.reprompts, choices=ladder.choices
        ),
        grammars=grammars,
        wording=Wording(spoken, written),
        choices=ChoiceBook(grammars, labels),
        speech=speech,
        abouts={
            locale: {wish: about for wish, about in known.items() if wish in settled}
            for locale, known in labels.items()
        },
    )


def with_recent_context(
    services: LookUps, kit: ChatKit, dialogues: RecentDialogues, clock: Clock, settings: Settings
) -> LookUps:
    """The services of chats, `recent_context` among them."""
    recent = RecentContext(
        dialogues,
        clock,
        channel="chat",
        within=timedelta(hours=settings.chat.context_hours),
        abouts=kit.abouts,
        default_locale=settings.hotline.default_locale,
    )
    return WithRecentContext(services, recent)


async def serve_chat(settings: Settings, stopping: asyncio.Event) -> None:
    """Serve the API until `stopping`; chats stay open in the store. Raises what keeps it from starting."""
    async with AsyncExitStack() as stack:
        clock = SystemClock()
        kit = load_chat(settings, clock)
        for locale in kit.speech:
            kit.speech[locale]  # learned before the first customer waits for it
        worker_id = WorkerId(f"{socket.gethostname()}:chat:{settings.chat.port}")
        store = await stack.enter_async_context(open_store(settings, worker_id, clock))
        fanout = EventFanout(store.events, [MetricsSink()], on_error=report_error)
        await stack.enter_async_context(running(fanout.run(), "fanout", before_cancel=fanout.flush))
        book = await stack.enter_async_context(open_loan_book(settings, SqlLoanBook(store.database)))
        home = ZoneInfo(settings.hotline.timezone)
        services = HotlineServices(book, clock, home)
        desk = _desk(
            settings,
            kit,
            store=store,
            fanout=fanout,
            services=services,
            clock=clock,
            worker_id=worker_id,
        )

        async def store_check() -> CheckResult:
            return CheckResult(ok=fanout.pending < 1000, reason=f"{fanout.pending} events wait for the store")

        health = HealthServer(
            process="chat",
            host=settings.workers.http_host,
            port=settings.chat.health_port,
            checks={"store": store_check},
        )
        await stack.enter_async_context(_server(settings, kit, desk, clock))
        await stack.enter_async_context(running(_sweep(desk), "sweep"))
        await stack.enter_async_context(health)
        log.info("chat_ready", worker_id=worker_id, pid=os.getpid())
        await stopping.wait()


def _desk(
    settings: Settings,
    kit: ChatKit,
    *,
    store: StoreLink,
    fanout: EventFanout,
    services: LookUps,
    clock: Clock,
    worker_id: WorkerId,
) -> ChatDesk:
    rules = ChatRules(
        script=kit.script,
        policy=kit.policy,
        worker_id=worker_id,
        new_call_id=lambda: new_call_id(clock),
        new_chat_id=lambda: secrets.token_urlsafe(18),
        limits=ChatLimits(
            idle=timedelta(minutes=settings.chat.idle_minutes),
            most_messages=settings.chat.max_messages,
            kept=timedelta(hours=max(1, settings.chat.context_hours)),
        ),
    )
    recent = SqlRecentDialogues(store.database)
    devices = ChatDevices(
        grammars=kit.grammars,
        wording=kit.wording,
        choices=kit.choices,
        services=with_recent_context(services, kit, recent, clock, settings),
        clock=clock,
        emit=fanout.emit,
        report=report_error,
    )
    return ChatDesk(rules, devices, SqlChatStore(store.database), fanout.flush)


def _server(settings: Settings, kit: ChatKit, desk: ChatDesk, clock: Clock) -> HttpServer:
    chat = settings.chat
    token = chat.token.get_secret_value() if chat.token else ""
    # Without a token in the settings, what is signed holds until this process ends.
    tokens = ChatTokens(
        token.encode() if token else secrets.token_bytes(32), timedelta(minutes=chat.idle_minutes)
    )
    api = ChatApiSettings(
        locales=kit.script.locales,
        token=token,
        origins=chat.origins,
        messages_per_minute=chat.messages_per_minute,
        requests_per_minute=chat.requests_per_minute,
    )
    return HttpServer(
        chat_app(desk, tokens, clock, api, report_error),
        host=chat.host,
        port=chat.port,
        what="the chat API",
        proxies=[str(network) for network in chat.proxies],
    )


async def _sweep(desk: ChatDesk) -> None:
    while True:
        try:
            await desk.sweep()
        except Exception as error:
            report_error("sweep of idle chats", error)
        await asyncio.sleep(_SWEEP_S)
