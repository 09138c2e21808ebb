"""Campaigns as people write them: one YAML or TOML file, with every fault by its key."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from ivr.calls.attempts import AttemptResult
from ivr.calls.ids import CampaignId
from ivr.campaign.policy import (
    DEFAULT_RETRIES,
    CallWindow,
    Campaign,
    Caps,
    RetryPolicy,
    RetryRule,
)
from ivr.campaign.shown import WEEKDAYS

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PROMPT = re.compile(r"[a-z][a-z0-9_]*")
_DURATION = re.compile(r"(\d+)\s*([smhd])")


_LONGEST = timedelta(days=365)
_YEARS = range(2000, 2200)


class CampaignFileFault(ValueError):
    """A file that is no campaign. The message has a line for each fault, with its key and what is wrong."""

    def __init__(self, place: str, *faults: tuple[str, str]) -> None:
        """A key is empty where none is to blame."""
        super().__init__("\n".join(": ".join(filter(None, (place, *fault))) for fault in faults))
        self.faults = faults


def _clock(value: object) -> object:
    # YAML reads an unquoted 10:30 as a number of base 60.
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)
    return value


def _duration(value: object) -> object:
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("write a length of time such as 30m, 4h or 1d")
    seconds = int(found[1]) * _UNITS[found[2]]
    if seconds > _LONGEST.total_seconds():
        raise ValueError(f"write at most {_LONGEST.days}d")
    return timedelta(seconds=seconds)


def _this_age(value: datetime) -> datetime:
    if value.year not in _YEARS:
        raise ValueError(f"write a year from {_YEARS[0]} to {_YEARS[-1]}")
    return value


def one_line(value: str) -> str:
    """The text, which is one line. Raises `ValueError` for control characters, which no database likes."""
    if _CONTROL.search(value):
        raise ValueError("leave out line breaks and other control characters")
    return value


def _weekday(value: object) -> object:
    names = {name.lower(): number for number, name in enumerate(WEEKDAYS)}
    if not isinstance(value, str) or value.lower()[:3] not in names:
        raise ValueError(f"write days as {', '.join(WEEKDAYS)}")
    return names[value.lower()[:3]]


def _message(value: object) -> object:
    # YAML reads an unquoted off as false.
    if value is False or value in {"", "off"}:
        return ""
    if not isinstance(value, str) or _PROMPT.fullmatch(value) is None:
        raise ValueError("write off, or a prompt such as message_ring_back")
    return value


Clock = Annotated[time, BeforeValidator(_clock)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Weekday = Annotated[int, BeforeValidator(_weekday)]
Moment = Annotated[datetime, AfterValidator(_this_age)]
CampaignName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
    AfterValidator(one_line),
]
Message = Annotated[str, BeforeValidator(_message)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Window(_Section):
    opens: Clock = time(9)
    closes: Clock = time(20)
    weekdays: tuple[Weekday, ...] = tuple(range(7))
    keep_holidays: bool = False
    country: Country = "CN"


class _Caps(_Section):
    per_day: int = 2
    per_week: int = 5
    least_gap: Duration = timedelta(hours=1)


class _Retry(_Section):
    most_attempts: Annotated[int, Field(le=100)] = 8
    after: dict[AttemptResult, tuple[Duration, ...]] = Field(default_factory=dict)


class _File(_Section):
    name: CampaignName
    survey: str
    locale: Annotated[str, StringConstraints(pattern=r"^(zh-CN|en-US)$")] = "zh-CN"
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    window: _Window = _Window()
    caps: _Caps = _Caps()
    retry: _Retry = _Retry()
    regions: tuple[Country, ...] = ("CN",)
    max_lines: Annotated[int, Field(le=10_000)] = 4
    calls_per_s: float = 1.0
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    needs_consent: bool = False
    message_on_machine: Message = ""


def new_campaign(values: Mapping[str, Any], zone: ZoneInfo, place: str) -> Campaign:
    """A draft with these keys. Moments without a zone are in `zone`. Raises `CampaignFileFault`."""
    try:
        file = _File.model_validate(values)
    except ValidationError as error:
        raise CampaignFileFault(place, *map(_told, error.errors())) from None
    try:
        return _campaign(file, zone)
    except _Unfit as fault:
        raise CampaignFileFault(place, (fault.key, fault.reason)) from None
    except ValueError as error:
        raise CampaignFileFault(place, ("", str(error))) from None


def read_campaign(path: Path, zone: ZoneInfo, over: Mapping[str, Any]) -> Campaign:
    """A draft from a `.yaml` or `.toml` file; `over` goes before what the file says.

    Raises `CampaignFileFault`.
    """
    try:
        text = path.read_text("utf-8")
        data = tomllib.loads(text) if path.suffix.lower() == ".toml" else yaml.safe_load(text)
    except OSError as error:
        raise CampaignFileFault(path.name, ("", f"cannot be read: {error.strerror}")) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        raise CampaignFileFault(path.name, ("", f"is no {_kind(path)}: {error}")) from None
    if not isinstance(data, dict):
        raise CampaignFileFault(path.name, ("", "must have keys; start from `ivr campaign template`"))
    return new_campaign({**data, **over}, zone, path.name)


def _kind(path: Path) -> str:
    return "TOML" if path.suffix.lower() == ".toml" else "YAML"


def _told(fault: Mapping[str, Any]) -> tuple[str, str]:
    key = ".".join(str(part) for part in fault["loc"])
    reason = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        reason = "is no key of a campaign; `ivr campaign template` has all of them"
    elif fault["type"] == "missing":
        reason = "is missing"
    elif fault["type"] == "tuple_type":
        reason = "write a list, such as [30m, 2h] or [Mon, Tue]"
    return key, reason


class _Unfit(ValueError):
    def __init__(self, key: str, reason: str) -> None:
        self.key, self.reason = key, reason


@contextmanager
def _under(key: str) -> Iterator[None]:
    """What a policy refuses, under the key of the section that it came from."""
    try:
        yield
    except ValueError as error:
        raise _Unfit(key, str(error)) from None


def _campaign(file: _File, zone: ZoneInfo) -> Campaign:
    own, caps = file.window, file.caps
    with _under("window"):
        days = frozenset(own.weekdays)
        window = CallWindow(own.opens, own.closes, days, own.keep_holidays, own.country)
    with _under("caps"):
        limits = Caps(caps.per_day, caps.per_week, caps.least_gap)
    with _under("retry"):
        rules = {result: RetryRule(waits) for result, waits in file.retry.after.items()}
        retry = RetryPolicy({**DEFAULT_RETRIES, **rules}, file.retry.most_attempts)
    return Campaign(
        campaign_id=CampaignId(uuid4().hex),
        name=file.name,
        script_id=file.survey,
        locale=file.locale,
        priority=file.priority,
        window=window,
        caps=limits,
        retry=retry,
        regions=frozenset(file.regions),
        max_lines=file.max_lines,
        calls_per_s=file.calls_per_s,
        starts_at=_aware(file.starts_at, zone),
        ends_at=_aware(file.ends_at, zone),
        needs_consent=file.needs_consent,
        message_on_machine=file.message_on_machine,
    )


def _aware(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return moment.replace(tzinfo=zone) if moment is not None and moment.tzinfo is None else moment


TEMPLATE = """\
# A campaign: whom to ring about what, when, and how often. All but name and survey may be left out;
# what stands here is what holds without it. Then: ivr campaign create --file THIS.yaml
name: after signing, March
survey: post_loan            # a file in ivr/scripts/surveys; see `ivr survey list`
locale: zh-CN                # of contacts whose row names none: zh-CN or en-US
priority: 0                  # higher goes first
window:                      # by the clock of whoever is rung; never before 08:00 or after 22:00
  opens: "09:00"
  closes: "20:00"
  weekdays: [Mon, Tue, Wed, Thu, Fri, Sat, Sun]
  keep_holidays: false       # true: nobody is rung on public holidays of `country`
  country: CN
caps:                        # of one person, over all campaigns
  per_day: 2                 # at most 3
  per_week: 5
  least_gap: 1h              # s, m, h or d
retry:
  most_attempts: 8
  after:                     # how long to wait after the 1st, 2nd, ... time; an empty list gives up at once
    no_answer: [2h, 4h, 20h]
    busy: [30m, 1h, 4h]
regions: [CN]                # whose numbers may be rung
max_lines: 4                 # calls at the same time
calls_per_s: 1.0             # calls started in a second
# starts_at: 2026-03-02 09:00
# ends_at: 2026-03-31 20:00
needs_consent: false         # true: only contacts whose row says that they agreed
message_on_machine: "off"    # or the prompt that is left there, such as message_ring_back
"""
