"""The lookups of calls and of chats, joined as the settings have them."""

from zoneinfo import ZoneInfo

from ivr.adapters.work_calendars import CountryWorkCalendars
from ivr.bootstrap.hours import opening_hours
from ivr.config import Settings
from ivr.runtime.ports import Clock, LoanBook
from ivr.runtime.services import HotlineServices
from ivr.runtime.ticket_ports import TicketDesk


def open_services(settings: Settings, loan_book: LoanBook, clock: Clock, desk: TicketDesk) -> HotlineServices:
    """The lookups as the settings have them. Raises `ValueError` for a country without known holidays."""
    hotline = settings.hotline
    return HotlineServices(
        loan_book,
        clock,
        ZoneInfo(hotline.timezone),
        desk=desk,
        calendars=CountryWorkCalendars(hotline.country),
        hours=opening_hours(settings),
    )
