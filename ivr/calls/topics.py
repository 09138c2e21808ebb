"""Where news is published: the topic tree, version 1."""

from urllib.parse import quote

from ivr.calls.events import CallEvent
from ivr.calls.ids import WorkerId

_ROOT = "ivr/v1"


def event_topic(event: CallEvent) -> str:
    """`ivr/v1/calls/{call_id}/{kind}`."""
    return f"{_ROOT}/calls/{_level(event.call_id)}/{event.kind}"


def worker_state_topic(worker_id: WorkerId) -> str:
    """`ivr/v1/workers/{worker_id}/state`, retained by the broker."""
    return f"{_ROOT}/workers/{_level(worker_id)}/state"


def _level(name: str) -> str:
    """One topic level: what would split it or act as a wildcard is percent-encoded."""
    return quote(name, safe=":.-_@")
