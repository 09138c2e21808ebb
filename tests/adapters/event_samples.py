"""One event of each class, filled from the types of its fields, so that a new one needs no care."""

import dataclasses
import types
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from ivr.calls.disposition import Disposition, HangupCause
from ivr.calls.events import CallAnswered, CallEnded, CallEvent, CallStarted, event_classes
from ivr.calls.ids import CallId, LegId, WorkerId

AT = datetime(2025, 3, 4, 5, 6, 7, 89_000, tzinfo=UTC)
SECRET_MARK = "never-published"


def sample(event_class: type[CallEvent], call_id: str = "call-1", *, full: bool = True) -> CallEvent:
    """An event of this class; optional fields are None unless `full`. Private texts carry `SECRET_MARK`."""
    hints = get_type_hints(event_class)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(event_class):
        mark = SECRET_MARK if field.metadata.get("private") else field.name
        values[field.name] = _value(hints[field.name], mark, full=full)
    values |= {"call_id": CallId(call_id), "at": AT}
    if "direction" in values:
        values["direction"] = "inbound"
    if "leg_id" in values:
        values["leg_id"] = LegId(f"{call_id}-leg")
    if "worker_id" in values:
        values["worker_id"] = WorkerId("w-1")
    return event_class(**values)


def all_samples(call_id: str = "call-1") -> list[CallEvent]:
    """A full and a spare one of each class, the call's start first."""
    classes = sorted(event_classes(), key=lambda c: c is not CallStarted)
    return [sample(c, call_id, full=full) for c in classes for full in (True, False)]


def _value(hint: Any, text: str, *, full: bool) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _value(args[0], text, full=full) if full else None
    if origin is tuple:
        return (text, text)
    if origin is dict:
        return {text: text}
    supertype = getattr(hint, "__supertype__", hint)
    if isinstance(supertype, type) and issubclass(supertype, Enum):
        return list(supertype)[-1]
    fixed: dict[object, Any] = {
        str: text,
        int: 7,
        float: 0.625,
        bool: True,
        datetime: AT,
        Decimal: Decimal("1.25"),
        date: AT.date(),
    }
    return fixed[supertype]


def started(call_id: str, at: datetime = AT, worker_id: str = "w-1") -> CallStarted:
    return CallStarted(
        call_id=CallId(call_id),
        at=at,
        worker_id=WorkerId(worker_id),
        leg_id=LegId(f"{call_id}-leg"),
        direction="inbound",
        sip_call_id=f"{call_id}@host",
        remote="13800000001",
        dialled="hotline",
        locale="zh-CN",
        script="hotline",
        script_version="1",
        rulebook_version="0a1b2c3d4e5f",
    )


def answered(call_id: str, at: datetime = AT) -> CallAnswered:
    return CallAnswered(call_id=CallId(call_id), at=at, leg_id=LegId(f"{call_id}-leg"), codec="PCMA/8000")


def ended(call_id: str, at: datetime = AT + timedelta(seconds=30)) -> CallEnded:
    return CallEnded(
        call_id=CallId(call_id),
        at=at,
        leg_id=LegId(f"{call_id}-leg"),
        disposition=Disposition.ANSWERED,
        cause=HangupCause.CALLER_HUNG_UP,
        sip_code=200,
        outcome="settled",
        duration_ms=30_000,
    )
