"""The tables of the store: the loan book, what happened on calls, campaigns, and the outbox.

Tables of call facts reference `calls` but never the loan book: a fact about a customer whom this book
does not know (any more) must still be stored.
"""

from sqlalchemy import JSON, Boolean, Column, Date, Float, ForeignKey, Index, Integer, Table, Text, text

from ivr.adapters.store_sqlalchemy.campaign_tables import (
    attempts,
    campaign_zones,
    campaigns,
    contacts,
    do_not_call,
    do_not_call_changes,
)
from ivr.adapters.store_sqlalchemy.loan_tables import (
    applications,
    customers,
    instalments,
    loans,
    payments,
    wrong_checks,
)
from ivr.adapters.store_sqlalchemy.metadata import key, metadata, moment
from ivr.adapters.store_sqlalchemy.types import BigId, UtcDateTime

__all__ = [
    "applications", "attempts", "calls", "campaign_zones", "campaigns", "contacts", "customers",
    "do_not_call", "do_not_call_changes", "instalments", "legs", "loans", "metadata", "outbox", "payments",
    "prompts_played", "recordings", "rung_steps", "survey_answers", "ticket_serials", "tickets", "transfers",
    "turns", "wishes_settled", "workers", "wrong_checks",
]  # fmt: skip

_EMPTY = text("''")


def _of_call() -> Column[str]:
    return Column(
        "call_id", Text, ForeignKey("calls.call_id", ondelete="CASCADE"), nullable=False, index=True
    )


calls = Table(
    "calls",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("worker_id", Text, nullable=False),
    Column("direction", Text, nullable=False, server_default=_EMPTY),
    Column("remote", Text, nullable=False, server_default=_EMPTY),
    Column("dialled", Text, nullable=False, server_default=_EMPTY),
    Column("locale", Text, nullable=False, server_default=_EMPTY),
    Column("script", Text, nullable=False, server_default=_EMPTY),
    Column("script_version", Text, nullable=False, server_default=_EMPTY),
    Column("rulebook_version", Text, nullable=False, server_default=_EMPTY),
    Column("customer_id", Text, index=True),
    Column("verified", Boolean, nullable=False, server_default=text("false")),
    Column("started_at", UtcDateTime, nullable=False, index=True),
    Column("answered_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("last_event_at", UtcDateTime, nullable=False),
    Column("disposition", Text),
    Column("cause", Text),
    Column("sip_code", Integer),
    Column("outcome", Text),
    Column("duration_ms", Integer),
)
Index(
    "ix_calls_open",
    calls.c.worker_id,
    calls.c.started_at,
    sqlite_where=calls.c.ended_at.is_(None),
    postgresql_where=calls.c.ended_at.is_(None),
)

# One CDR for each SIP INVITE session.
legs = Table(
    "legs",
    metadata,
    Column("leg_id", Text, primary_key=True),
    _of_call(),
    Column("sip_call_id", Text, nullable=False, server_default=_EMPTY),
    Column("direction", Text, nullable=False, server_default=_EMPTY),
    Column("remote", Text, nullable=False, server_default=_EMPTY),
    Column("dialled", Text, nullable=False, server_default=_EMPTY),
    Column("codec", Text, nullable=False, server_default=_EMPTY),
    Column("started_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("disposition", Text),
    Column("cause", Text),
    Column("sip_code", Integer),
    Column("duration_ms", Integer),
)

turns = Table(
    "turns",
    metadata,
    key(),
    _of_call(),
    moment(),
    Column("turn", Integer, nullable=False),
    Column("item", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("intent", Text),
    Column("hypothesis", Text),
    Column("meaning", JSON(none_as_null=True)),
    Column("secret", Boolean, nullable=False),
    Column("rung", Text, nullable=False),
    Column("speech_ms", Integer, nullable=False),
    Column("end_reason", Text),
    Column("reply_latency_ms", Integer),
)

prompts_played = Table(
    "prompts_played",
    metadata,
    key(),
    _of_call(),
    moment(),
    Column("turn", Integer, nullable=False),
    Column("prompts", JSON, nullable=False),
    Column("text", Text, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("played_ms", Integer, nullable=False),
    Column("barged_in", Boolean, nullable=False),
)

rung_steps = Table(
    "rung_steps",
    metadata,
    key(),
    _of_call(),
    moment(),
    Column("turn", Integer, nullable=False),
    Column("item", Text, nullable=False),
    Column("from_rung", Text),
    Column("to_rung", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("confidence", Float),
    Column("decider", Text, nullable=False),
    Column("policy_version", Text, nullable=False),
)

wishes_settled = Table(
    "wishes_settled",
    metadata,
    key(),
    _of_call(),
    moment(),
    Column("turn", Integer, nullable=False),
    Column("wish", Text, nullable=False),
    Column("rung", Text, nullable=False),
)

# No reference to contacts or campaigns: an answer outlives the list that it came from.
survey_answers = Table(
    "survey_answers",
    metadata,
    key(),
    _of_call(),
    moment(),
    Column("attempt_id", Text),
    Column("contact_id", Text),
    Column("campaign_id", Text),
    Column("survey", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("item_kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("words", Text, nullable=False, server_default=_EMPTY),
    Column("confidence", Float, nullable=False),
)
Index("ix_survey_answers_survey_at", survey_answers.c.survey, survey_answers.c.at)
Index(
    "ix_survey_answers_contact_id",
    survey_answers.c.contact_id,
    sqlite_where=survey_answers.c.contact_id.is_not(None),
    postgresql_where=survey_answers.c.contact_id.is_not(None),
)

transfers = Table(
    "transfers",
    metadata,
    key(),
    _of_call(),
    moment(),
    Column("succeeded", Boolean, nullable=False),
    Column("sip_code", Integer, nullable=False),
    Column("reason", Text, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("ticket_id", Text, primary_key=True),
    _of_call(),
    moment(),
    Column("ticket_kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("phone", Text),
    Column("customer_id", Text),
    Column("number", Text, nullable=False, unique=True),
    Column("due_on", Date),
    Column("care", Boolean, nullable=False, server_default=text("false")),
    Column("details", JSON(none_as_null=True)),
    Column("closed_at", UtcDateTime),
    Column("closing_note", Text, nullable=False, server_default=_EMPTY),
    Column("forwarded_at", UtcDateTime),
    Column("forward_reference", Text, nullable=False, server_default=_EMPTY),
    Column("forward_tries", Integer, nullable=False, server_default=text("0")),
    Column("forward_after", UtcDateTime),
    Column("forward_fault", Text, nullable=False, server_default=_EMPTY),
)
Index(
    "ix_tickets_open",
    tickets.c.at,
    sqlite_where=tickets.c.closed_at.is_(None),
    postgresql_where=tickets.c.closed_at.is_(None),
)

# Counts tickets up from 1; a ticket keeps its serial number, and thereby its number, for good.
ticket_serials = Table(
    "ticket_serials",
    metadata,
    Column("serial", BigId, primary_key=True, autoincrement=True),
    Column("ticket_id", Text, nullable=False, unique=True),
    sqlite_autoincrement=True,
)

recordings = Table(
    "recordings",
    metadata,
    key(),
    _of_call(),
    moment(),
    Column("leg_id", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("paused_ms", Integer),
    Column("sha256", Text, nullable=False),
)

# What a chat needs to go on in another process; what happened in it is in the tables of calls. No reference
# to `calls`: the chat is kept before its first event is.
chats = Table(
    "chats",
    metadata,
    Column("chat_id", Text, primary_key=True),
    Column("call_id", Text, nullable=False),
    Column("request_id", Text, unique=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", JSON, nullable=False),
)
Index("ix_chats_ended_last_at", chats.c.ended, chats.c.last_at)

outbox = Table(
    "outbox",
    metadata,
    key(),
    Column("append_key", Text, nullable=False, unique=True),
    Column("worker_id", Text, nullable=False),
    Column("call_id", Text, nullable=False, index=True),
    Column("topic", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime, index=True),
    # Without it SQLite hands out the ids of deleted rows again, and consumers would drop news as duplicates.
    sqlite_autoincrement=True,
)
Index(
    "ix_outbox_unpublished",
    outbox.c.worker_id,
    outbox.c.id,
    sqlite_where=outbox.c.published_at.is_(None),
    postgresql_where=outbox.c.published_at.is_(None),
)

workers = Table(
    "workers",
    metadata,
    Column("worker_id", Text, primary_key=True),
    Column("pid", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("heartbeat_at", UtcDateTime, nullable=False),
)
