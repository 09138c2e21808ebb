"""Names for calls and chats."""

import secrets

from ivr.calls.ids import CallId
from ivr.runtime.ports import Clock


def new_call_id(clock: Clock) -> CallId:
    """26 characters: the time in milliseconds, then 56 random bits, so that ids sort by time."""
    return CallId(f"{round(clock.now().timestamp() * 1000):012x}{secrets.token_hex(7)}")
