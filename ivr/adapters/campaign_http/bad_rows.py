"""What an import came to, with every bad row, and with the mend of each."""

from dataclasses import asdict
from typing import Any

from starlette.responses import Response

from ivr.adapters.campaign_http.office import Answer
from ivr.adapters.campaign_http.problems import BAD_ROWS
from ivr.adapters.contact_files import ContactsImported, NumbersImported
from ivr.adapters.http_api import Problem

MOST_LISTED = 10_000
"""A file with more bad rows is wrong as a whole; `bad` counts them all."""


def imported(done: ContactsImported | NumbersImported, *, refused: bool) -> Response:
    """The counts. Raises `Problem` with them where nothing was written for bad rows."""
    told: dict[str, Any] = {
        **asdict(done),
        "bad": len(done.bad_rows),
        "bad_rows": [asdict(row) for row in done.bad_rows[:MOST_LISTED]],
    }
    if refused:
        raise Problem(BAD_ROWS, more=told)
    return Answer(told)
