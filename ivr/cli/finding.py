"""What the doctor finds: one line for each thing, with the mend where one is needed."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARN = "warn"
    """The hotline serves without it, or it is not running now."""
    FAIL = "fail"
    """Calls suffer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    status: Status
    detail: str
    mend: str = ""


def ok(what: str, detail: str) -> Finding:
    """It is well."""
    return Finding(what, Status.OK, detail)


def warn(what: str, detail: str, mend: str) -> Finding:
    """It should be looked at."""
    return Finding(what, Status.WARN, detail, mend)


def fail(what: str, detail: str, mend: str) -> Finding:
    """It must be mended."""
    return Finding(what, Status.FAIL, detail, mend)
