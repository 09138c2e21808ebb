"""From when to when people answer, as it stands in the settings file."""

from datetime import time
from typing import Annotated

from pydantic import AfterValidator


def office_span(written: str) -> tuple[time, time] | None:
    """Read `09:00-21:00`; None for an empty text. Raises `ValueError`."""
    if not written:
        return None
    try:
        first, last = (time.fromisoformat(part) for part in written.split("-"))
    except ValueError:
        raise ValueError("write it as 09:00-21:00") from None
    if first >= last:
        raise ValueError("must end after it begins, on the same day: write it as 09:00-21:00")
    return first, last


def _readable_span(written: str) -> str:
    office_span(written)
    return written


OfficeSpan = Annotated[str, AfterValidator(_readable_span)]
