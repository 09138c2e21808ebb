"""What is offered to be gone on with in another channel, and what is not."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.calls.handover import PastDialogue, unfinished
from ivr.calls.ids import CallId

NOW = datetime(2030, 1, 2, tzinfo=UTC)
SERVICES = {"balance": "balance", "early_settlement": "early_settlement", "pay_off": "early_settlement"}


def past(
    *wishes: str, hours: float = 1, channel: str = "chat", settled: str = "", tickets: str = ""
) -> PastDialogue:
    at = NOW - timedelta(hours=hours)
    done, opened = frozenset(settled.split()), tuple(tickets.split())
    return PastDialogue(CallId(f"call-{hours}"), channel, at, wishes, done, opened)


@pytest.mark.parametrize(
    ("dialogues", "service"),
    [
        ([], None),
        ([past("balance")], "balance"),
        ([past("balance", "early_settlement")], "early_settlement"),
        ([past("pay_off")], "early_settlement"),
        ([past("early_settlement", "greeting", "faq_loan_use")], "early_settlement"),
        ([past("greeting")], None),
        ([past("balance", settled="balance")], None),
        ([past("pay_off", settled="early_settlement")], None),
        ([past("balance", "early_settlement", settled="balance")], "early_settlement"),
        ([past("early_settlement", tickets="callback")], None),
        ([past("balance", channel="voice")], None),
        ([past("balance", hours=25)], None),
        ([past("balance", hours=24)], "balance"),
        ([past("balance", hours=-1)], None),
        ([past("balance", hours=5), past("early_settlement", hours=2)], "early_settlement"),
        ([past("early_settlement", hours=5), past("balance", hours=2, settled="balance")], None),
        ([past("early_settlement", hours=5), past("greeting", hours=2)], "early_settlement"),
    ],
)
def test_the_last_wish_that_was_neither_settled_nor_ticketed_elsewhere_is_offered(
    dialogues: list[PastDialogue], service: str | None
) -> None:
    found = unfinished(dialogues, channel="voice", now=NOW, within=timedelta(hours=24), services=SERVICES)
    assert (found.service if found else None) == service
