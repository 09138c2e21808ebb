"""The SIP library's own warnings, without the numbers in them."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import pjsua2 as pj
import structlog

from ivr.adapters.sip_pjsua2.metrics import CALLBACK_ERRORS

_log = structlog.get_logger(__name__)
_URI = re.compile(r"(?:sips?|tel):[^\s>;,\"']+", re.IGNORECASE)
_USER_AT_HOST = re.compile(r"[^\s<>@\"']+@[^\s<>@\"']+")
_DIGITS = re.compile(r"\d{5,}")
_ERROR_LEVEL = 1

P = ParamSpec("P")


def redact(text: str) -> str:
    """Take out what could be a name or a number: URIs, `user@host`, and runs of five digits or more."""
    text = _URI.sub("<uri>", text)
    text = _USER_AT_HOST.sub("<uri>", text)
    return _DIGITS.sub("<digits>", text)


class LogWriter(pj.LogWriter):  # type: ignore[misc]  # the library ships no types
    """Passes errors and warnings of the library to our log; called on any of its threads."""

    def write(self, entry: Any) -> None:
        """One line of the library's log."""
        try:
            message = redact(str(entry.msg).strip())
            if int(entry.level) <= _ERROR_LEVEL:
                _log.error("sip_library", message=message)
            else:
                _log.warning("sip_library", message=message)
        except Exception:  # a raise here would unwind into C
            CALLBACK_ERRORS.inc()


def guarded(callback: Callable[P, None]) -> Callable[P, None]:
    """Log what a callback of the library raises, by type and place only; the library would swallow it."""

    @wraps(callback)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            callback(*args, **kwargs)
        except Exception as error:
            CALLBACK_ERRORS.inc()
            log_failure(callback.__qualname__, error)

    return run


def log_failure(where: str, error: BaseException) -> None:
    """Log an exception by its type and the line that raised it: messages of the library may hold numbers."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    line = place.tb_lineno if place is not None else 0
    _log.error("sip_callback_failed", where=where, error=type(error).__name__, line=line)
