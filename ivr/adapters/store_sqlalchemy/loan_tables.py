"""The tables of the loan book."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text

from ivr.adapters.store_sqlalchemy.metadata import key, metadata, moment
from ivr.adapters.store_sqlalchemy.types import Money, Rate


def _of_customer() -> Column[str]:
    return Column(
        "customer_id",
        Text,
        ForeignKey("customers.customer_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    )


customers = Table(
    "customers",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False, unique=True),
    Column("id_number", Text, nullable=False),
    Column("birth_date", Date, nullable=False),
    Column("locale", Text, nullable=False),
)

loans = Table(
    "loans",
    metadata,
    Column("loan_id", Text, primary_key=True),
    _of_customer(),
    Column("product", Text, nullable=False),
    Column("signed_on", Date, nullable=False),
    Column("principal", Money, nullable=False),
    Column("currency", Text, nullable=False),
    Column("annual_rate", Rate),
    Column("late_daily_rate", Rate),
    Column("early_fee_rate", Rate),
)

instalments = Table(
    "instalments",
    metadata,
    Column("loan_id", Text, ForeignKey("loans.loan_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("due_on", Date, nullable=False),
    Column("amount", Money, nullable=False),
    Column("principal", Money, nullable=False),
    Column("paid_on", Date),
)

payments = Table(
    "payments",
    metadata,
    Column("payment_id", Text, primary_key=True),
    _of_customer(),
    Column("amount", Money, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("booked", Boolean, nullable=False),
)

applications = Table(
    "applications",
    metadata,
    Column("application_id", Text, primary_key=True),
    _of_customer(),
    Column("product", Text, nullable=False),
    Column("amount", Money, nullable=False),
    Column("status", Text, nullable=False),
    Column("submitted_on", Date, nullable=False),
)

# No reference to customers: an import, which writes them anew, must not give anybody further tries.
wrong_checks = Table(
    "wrong_checks",
    metadata,
    key(),
    Column("customer_id", Text, nullable=False),
    Column("piece", Text, nullable=False),
    moment(),
    Index("ix_wrong_checks_customer_id_at", "customer_id", "at"),
)
