"""The process that serves the API of chats."""

import asyncio
import os
import secrets
import socket
from contextlib import AsyncExitStack
from datetime import timedelta

import structlog

from ivr.adapters.chat_http import ChatApiSettings, ChatTokens, chat_app
from ivr.adapters.http_health import CheckResult, HealthServer
from ivr.adapters.http_server import HttpServer
from ivr.adapters.metrics import MetricsSink
from ivr.adapters.store_sqlalchemy import SqlChatStore, SqlRecentDialogues
from ivr.adapters.system_clock import SystemClock
from ivr.bootstrap.call_ids import new_call_id
from ivr.bootstrap.chat_kit import ChatKit, load_chat
from ivr.bootstrap.faults import report_error
from ivr.bootstrap.loan_book import open_loan_book
from ivr.bootstrap.services import open_services, with_recent_context
from ivr.bootstrap.store_link import StoreLink, open_store, running
from ivr.calls.ids import WorkerId
from ivr.config import Settings
from ivr.runtime.chat.desk import ChatDesk, ChatLimits, ChatRules
from ivr.runtime.chat.exchange import ChatDevices
from ivr.runtime.fanout import EventFanout
from ivr.runtime.forwarding import TicketForwarder
from ivr.runtime.ports import Clock
from ivr.runtime.service_port import Services

log = structlog.get_logger(__name__)

_SWEEP_S = 30.0


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
        book = await stack.enter_async_context(open_loan_book(settings, store.loan_book))
        if book.requests is not None:
            forwarder = TicketForwarder(store.forwarding, book.requests, clock, report=report_error)
            await stack.enter_async_context(running(forwarder.run(), "ticket forwarding"))
        services = open_services(settings, book.book, clock, store.desk)
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
    services: Services,
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
        services=with_recent_context(services, kit.script, recent, clock, settings, channel="chat"),
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
