"""The `[hours]` section: when people answer."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from ivr.calls.opening_hours import Span, parse_spans
from ivr.config.sections import Section


def _checked(written: tuple[str, ...]) -> tuple[str, ...]:
    parse_spans(written)
    return written


Spans = Annotated[tuple[str, ...], AfterValidator(_checked)]
_EVERY_DAY: tuple[str, ...] = ("09:00-21:00",)
"""As the prompt `opening_hours_told` says."""
_DAY = 'Opening hours, such as ["08:00-12:00", "13:00-22:00"]; [] is closed.'


class Hours(Section):
    """When the people at hotline.agent_uri answer, in hotline.timezone. Outside it callers get a callback."""

    monday: Spans = Field(default=_EVERY_DAY, description=_DAY)
    tuesday: Spans = Field(default=_EVERY_DAY, description=_DAY)
    wednesday: Spans = Field(default=_EVERY_DAY, description=_DAY)
    thursday: Spans = Field(default=_EVERY_DAY, description=_DAY)
    friday: Spans = Field(default=_EVERY_DAY, description=_DAY)
    saturday: Spans = Field(default=_EVERY_DAY, description=_DAY)
    sunday: Spans = Field(default=_EVERY_DAY, description=_DAY)
    holidays: Spans = Field(
        default=_EVERY_DAY, description="Opening hours of the public holidays of hotline.country."
    )
    exceptions: dict[date, Spans] = Field(
        default={}, description='Single days that go before all else, such as { "2027-02-05" = [] }.'
    )

    def weekly(self) -> tuple[tuple[Span, ...], ...]:
        """The hours of the seven days, from Monday on."""
        days = (self.monday, self.tuesday, self.wednesday, self.thursday)
        return tuple(parse_spans(day) for day in (*days, self.friday, self.saturday, self.sunday))
