"""Answers to surveys, as they are kept, and whose they are."""

from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from datetime import datetime

from ivr.calls.ids import AttemptId, CallId, CampaignId, ContactId

MARK = "mark"
"""The kind of a note that is no answer: it tells what the call came to."""
DECLINED, UNANSWERED = "declined", "unanswered"
"""Values of an item that somebody would not answer, and of one whose answer was not understood."""


def is_given(value: str) -> bool:
    """Whether this is an answer, rather than the news that there was none."""
    return value not in {DECLINED, UNANSWERED}


@dataclass(frozen=True, slots=True)
class Respondent:
    """Whom a survey is for."""

    contact_id: ContactId
    campaign_id: CampaignId
    attempt_id: AttemptId


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """One answer as it was noted, perhaps to be replaced by a later one."""

    call_id: CallId
    contact_id: ContactId | None
    item: str
    kind: str
    value: str = field(repr=False)
    words: str = field(repr=False)
    at: datetime

    @property
    def respondent(self) -> str:
        """Whose it is: the contact's, or the call's where it was for none."""
        return self.contact_id or self.call_id


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What one respondent answered to one item in the end."""

    respondent: str
    item: str
    kind: str
    """Such as `csat`."""
    value: str = field(repr=False)
    words: str = field(repr=False)
    at: datetime
    partial: bool
    """Whether the respondent never came to the end of the survey."""


def gathered(kept: Iterable[KeptAnswer], finished: Set[CallId]) -> list[GivenAnswer]:
    """The last answer of each respondent to each item, in the order in which they were given.

    `kept` are in the order in which they were noted, `finished` the calls that came to the survey's end. A
    respondent who came to it on any call has answered all of it; the calls before only broke off.
    """
    last: dict[tuple[str, str], KeptAnswer] = {}
    done: set[str] = set()
    for answer in kept:
        if answer.call_id in finished:
            done.add(answer.respondent)
        if answer.kind != MARK:
            last.pop((answer.respondent, answer.item), None)
            last[answer.respondent, answer.item] = answer
    return [
        GivenAnswer(
            answer.respondent,
            answer.item,
            answer.kind,
            answer.value,
            answer.words,
            answer.at,
            partial=answer.respondent not in done,
        )
        for answer in last.values()
        if is_given(answer.value)
    ]
