"""The tables of outbound calling."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from ivr.adapters.store_sqlalchemy.metadata import metadata, moment
from ivr.adapters.store_sqlalchemy.types import BigId, UtcDateTime

_EMPTY = text("''")

campaigns = Table(
    "campaigns",
    metadata,
    Column("campaign_id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("script_id", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("priority", Integer, nullable=False),
    # Hours, caps, retries and regions: read and written whole.
    Column("policy", JSON, nullable=False),
    Column("max_lines", Integer, nullable=False),
    Column("calls_per_s", Float, nullable=False),
    Column("starts_at", UtcDateTime),
    Column("ends_at", UtcDateTime),
    Column("needs_consent", Boolean, nullable=False),
    Column("cloned_from", Text),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# Which zones a campaign has contacts in, so that a claim only looks where it is day.
campaign_zones = Table(
    "campaign_zones",
    metadata,
    Column("campaign_id", Text, ForeignKey("campaigns.campaign_id", ondelete="CASCADE"), primary_key=True),
    Column("zones", Text, primary_key=True),
)

contacts = Table(
    "contacts",
    metadata,
    Column("contact_id", Text, primary_key=True),
    Column("campaign_id", Text, ForeignKey("campaigns.campaign_id", ondelete="CASCADE"), nullable=False),
    Column("phone", Text, nullable=False, index=True),
    Column("number_valid", Boolean, nullable=False),
    Column("number_kind", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("zones", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("customer_id", Text),
    Column("facts", JSON, nullable=False),
    Column("consent", Boolean),
    Column("wish", Text),
    Column("due_at", UtcDateTime, nullable=False),
    Column("promised", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", JSON, nullable=False),
    Column("final", Text),
    Column("why", Text, nullable=False, server_default=_EMPTY),
    Column("attempt_id", Text),
    UniqueConstraint("campaign_id", "phone"),
)
Index(
    "ix_contacts_due",
    contacts.c.campaign_id,
    contacts.c.promised,
    contacts.c.zones,
    contacts.c.due_at,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)
Index("ix_contacts_progress", contacts.c.campaign_id, contacts.c.state, contacts.c.final)

attempts = Table(
    "attempts",
    metadata,
    Column("attempt_id", Text, primary_key=True),
    Column(
        "contact_id", Text, ForeignKey("contacts.contact_id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("campaign_id", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("worker_id", Text, nullable=False),
    Column("leased_at", UtcDateTime, nullable=False),
    Column("lease_until", UtcDateTime, nullable=False),
    Column("decision", JSON, nullable=False),
    Column("list_version", Integer, nullable=False),
    Column("dialled_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("result", Text),
    Column("sip_code", Integer),
    Column("call_id", Text, index=True),
    Column("rang_back", Boolean, nullable=False, server_default=false()),
)
Index("ix_attempts_person", attempts.c.phone, attempts.c.leased_at)
Index("ix_attempts_pace", attempts.c.campaign_id, attempts.c.leased_at)
Index("ix_attempts_leased_at", attempts.c.leased_at)
# Whatever a program does wrong, nobody is rung twice at once.
Index(
    "uq_attempts_one_at_a_time",
    attempts.c.phone,
    unique=True,
    sqlite_where=attempts.c.ended_at.is_(None),
    postgresql_where=attempts.c.ended_at.is_(None),
)

do_not_call = Table(
    "do_not_call",
    metadata,
    Column("phone", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("added_at", UtcDateTime, nullable=False, index=True),
)

# Every change of the list; its highest id is the list's version.
do_not_call_changes = Table(
    "do_not_call_changes",
    metadata,
    Column("version", BigId, primary_key=True, autoincrement=True),
    Column("phone", Text, nullable=False, index=True),
    Column("added", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("source", Text, nullable=False),
    moment(),
    sqlite_autoincrement=True,
)
