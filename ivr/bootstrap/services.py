"""The lookups of calls and of chats, joined as the settings have them."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from ivr.adapters.work_calendars import CountryWorkCalendars
from ivr.bootstrap.hours import opening_hours
from ivr.config import Settings
from ivr.dialogue.script import Script
from ivr.runtime.ports import Clock
from ivr.runtime.recent_context import RecentContext, RecentDialogues, WithRecentContext
from ivr.runtime.service_port import Services
from ivr.runtime.services import HotlineServices
from ivr.runtime.store_ports import LoanBook
from ivr.runtime.survey_ports import DoNotCallList
from ivr.runtime.ticket_ports import TicketDesk


def with_recent_context(
    services: Services,
    script: Script,
    dialogues: RecentDialogues,
    clock: Clock,
    settings: Settings,
    *,
    channel: str,
) -> Services:
    """The services, with what the customer left unfinished outside this channel, `voice` or `chat`."""
    recent = RecentContext(
        dialogues,
        clock,
        channel=channel,
        within=timedelta(hours=settings.chat.context_hours),
        services=script.services,
        default_locale=settings.hotline.default_locale,
    )
    return WithRecentContext(services, recent)


def open_services(
    settings: Settings,
    loan_book: LoanBook,
    clock: Clock,
    desk: TicketDesk,
    do_not_call: DoNotCallList | None = None,
) -> HotlineServices:
    """The lookups as the settings have them. Raises `ValueError` for a country without known holidays."""
    hotline = settings.hotline
    return HotlineServices(
        loan_book,
        clock,
        ZoneInfo(hotline.timezone),
        desk=desk,
        calendars=CountryWorkCalendars(hotline.country),
        hours=opening_hours(settings),
        do_not_call=do_not_call,
    )
