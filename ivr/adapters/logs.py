"""Structured logs on standard error: every line names its process, and nobody's private data gets through."""

import logging
import re
import sys
from collections.abc import Mapping
from dataclasses import fields

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from ivr.calls.events import event_classes

PRIVATE_KEYS = frozenset(
    spec.name for event in event_classes() for spec in fields(event) if spec.metadata.get("private")
) | {"digits", "keys", "id_tail", "id_number", "name", "password", "secret", "transcript", "caller"}
"""Names of fields that hold a customer's words or data: the events' private fields and their kin."""

SAFE_KEYS = frozenset({"call_id", "leg_id", "worker_id", "timestamp", "level", "logger", "process"})
"""Ids of our own making and log furniture, in which a run of digits means nothing."""

_LONG_DIGITS = re.compile(r"\d(?:[ ()-]?\d){6,}")
"""Seven digits or more, as in telephone, card and ID numbers (ITU-T E.164 numbers have 7 to 15)."""
_SIP_USER = re.compile(r"(?i)\b(sips?:|tel:)[^@\s>;]+(?=@|[>;\s]|$)")

_NOISY = (
    "alembic",
    "httpx",
    "httpcore",
    "uvicorn.access",
    "uvicorn.error",
    "websockets",
    "asyncio",
    "amqtt",
    "transitions",
)


def configure_logging(*, process: str, level: str = "info", form: str = "auto") -> None:
    """Send structlog and the standard library's logging to standard error.

    `form` is `json`, `console`, or `auto`: console on a terminal and JSON elsewhere. May be called again.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        _named(process),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The last safety net: private keys lose their value, texts lose long numbers and SIP users."""
    return {key: _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: object) -> object:
    if key in PRIVATE_KEYS and value is not None:
        return "[private]"
    if key in SAFE_KEYS or key.startswith("_") or value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(k): _clean(str(k), v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", item) for item in value]
    return _LONG_DIGITS.sub("[digits]", _SIP_USER.sub(r"\1[user]", str(value)))


def _named(process: str) -> Processor:
    def add_process(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    return add_process
