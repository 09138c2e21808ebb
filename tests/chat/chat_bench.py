"""Chats on the real script, grammars and intents, with customers, store and time in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ivr.adapters.chat_memory import MemoryChatStore, MemoryRecentDialogues
from ivr.adapters.store_memory import MemoryLoanBook, MemoryTicketDesk
from ivr.bootstrap.chat_kit import ChatKit, load_chat
from ivr.bootstrap.services import open_services, with_recent_context
from ivr.calls.events import CallEvent
from ivr.calls.ids import CallId, CustomerId, LegId, WorkerId
from ivr.calls.loans import Customer, CustomerFile, Instalment, Loan
from ivr.config import Settings
from ivr.runtime.call_plan import CallPlan
from ivr.runtime.chat.desk import ChatDesk, ChatLimits, ChatRules
from ivr.runtime.chat.exchange import ChatDevices, Exchange
from ivr.runtime.chat.session import ChatSession
from ivr.runtime.service_port import Services
from ivr.runtime.services import HotlineServices

FRAME = Path(__file__).parent / "frame" / "hotline.yaml"
NOW = datetime(2030, 3, 10, 4, 0, tzinfo=UTC)
PHONE, TAIL = "+8613800000001", "1234"

CUSTOMER = CustomerFile(
    customer=Customer(CustomerId("c1"), "测试", PHONE, "zh-CN"),
    id_number="110101199001011234",
    birth_date=date(1990, 1, 1),
    loans=(
        Loan(
            "l1",
            "消费贷",
            date(2029, 12, 1),
            Decimal("3000.00"),
            "CNY",
            (
                Instalment(1, date(2030, 3, 20), Decimal("1010.50"), Decimal("1000.00")),
                Instalment(2, date(2030, 4, 20), Decimal("1010.50"), Decimal("1000.00")),
            ),
        ),
    ),
)


@dataclass
class HandClock:
    """Stands still until it is moved."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


@cache
def kit() -> ChatKit:
    """Of the small script beside this file, and the grammars and prompts of the hotline."""
    loaded = load_chat(Settings(), HandClock(), FRAME)
    for locale in loaded.speech:
        assert loaded.speech[locale] is loaded.speech[locale]
    return loaded


def services(clock: HandClock) -> HotlineServices:
    return open_services(Settings(), MemoryLoanBook([CUSTOMER]), clock, MemoryTicketDesk())


class BrokenServices:
    async def look_up(self, *_: object) -> None:
        raise ConnectionError("away")


@dataclass
class Chat:
    """One chat without a desk, and all that it left behind."""

    phone: str = ""
    locale: str = "zh-CN"
    services: Services | None = None
    proved: Mapping[str, Any] | None = None
    kit: ChatKit = field(default_factory=kit)
    events: list[CallEvent] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = HandClock()
        self.session = ChatSession(self.plan, self.devices, phone=self.phone, channel="web")

    @property
    def plan(self) -> CallPlan:
        script, policy = self.kit.script, self.kit.policy
        return CallPlan(CallId("call-1"), LegId("leg-1"), WorkerId("w"), script, policy, self.locale)

    @property
    def devices(self) -> ChatDevices:
        asked = self.services or services(self.clock)
        return devices(self.kit, asked, self.clock, events=self.events, faults=self.faults)

    async def talk(self, *lines: str) -> Exchange:
        """Begin, write each line, and return the last exchange."""
        exchange = await self.session.begin(self.proved)
        for line in lines:
            exchange = await self.session.write(line)
        return exchange

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def record(self) -> str:
        return repr([[getattr(e, name) for name in e.__slots__] for e in self.events])


def devices(
    kit: ChatKit,
    services: Services,
    clock: HandClock,
    *,
    events: list[CallEvent],
    faults: list[str],
    dialogues: MemoryRecentDialogues | None = None,
) -> ChatDevices:
    beside = dialogues or MemoryRecentDialogues()
    return ChatDevices(
        grammars=kit.grammars,
        wording=kit.wording,
        choices=kit.choices,
        services=with_recent_context(services, kit.script, beside, clock, Settings(), channel="chat"),
        clock=clock,
        emit=events.append,
        report=lambda what, error: faults.append(f"{what}: {error!r}"),
    )


def texts(exchange: Exchange) -> str:
    return " ".join(message.text for message in exchange.messages)


@dataclass
class Desk:
    """A desk on a store in memory; `another()` is a second process on the same store."""

    store: object = field(default_factory=MemoryChatStore)
    limits: ChatLimits = field(default_factory=ChatLimits)
    clock: HandClock = field(default_factory=HandClock)
    kit: ChatKit = field(default_factory=kit)
    events: list[CallEvent] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    opened: int = 0

    def __post_init__(self) -> None:
        asked = services(self.clock)
        rules = ChatRules(
            script=self.kit.script,
            policy=self.kit.policy,
            worker_id=WorkerId("w"),
            new_call_id=lambda: CallId(f"call-{self._next()}"),
            new_chat_id=lambda: f"chat-{self._next()}",
            limits=self.limits,
        )
        work = devices(self.kit, asked, self.clock, events=self.events, faults=self.faults)
        self.desk = ChatDesk(rules, work, self.store, self._settled)

    def another(self) -> "Desk":
        return replace(self, opened=self.opened + 100)

    def _next(self) -> int:
        self.opened += 1
        return self.opened

    async def _settled(self) -> None:
        return
