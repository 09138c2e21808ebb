"""Loan terms, payments, applications, wrong identity checks, and tickets that are told and worked on."""

import sqlalchemy as sa
from alembic import op

from ivr.adapters.store_sqlalchemy.types import Money, Rate, UtcDateTime
from ivr.calls.tickets import ticket_number

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for rate in ("annual_rate", "late_daily_rate", "early_fee_rate"):
        op.add_column("loans", sa.Column(rate, Rate(), nullable=True))
    _of_customers("payments", "payment_id", "received_on", sa.Column("booked", sa.Boolean(), nullable=False))
    _of_customers(
        "applications",
        "application_id",
        "submitted_on",
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
    )
    op.create_table(
        "wrong_checks",
        sa.Column("id", _big_id(), autoincrement=True, nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("piece", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_checks")),
    )
    op.create_index("ix_wrong_checks_customer_id_at", "wrong_checks", ["customer_id", "at"], unique=False)
    op.create_table(
        "ticket_serials",
        sa.Column("serial", _big_id(), autoincrement=True, nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_ticket_serials")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_ticket_serials_ticket_id")),
        sqlite_autoincrement=True,
    )
    _tickets()


def _big_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _of_customers(table: str, key: str, day: str, *more: sa.Column[object]) -> None:
    op.create_table(
        table,
        sa.Column(key, sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column(day, sa.Date(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.customer_id"],
            name=op.f(f"fk_{table}_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_customer_id"), table, ["customer_id"], unique=False)


def _tickets() -> None:
    empty = sa.text("''")
    for column in (
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("care", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closing_note", sa.Text(), server_default=empty, nullable=False),
        sa.Column("forwarded_at", UtcDateTime(), nullable=True),
        sa.Column("forward_reference", sa.Text(), server_default=empty, nullable=False),
        sa.Column("forward_tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("forward_after", UtcDateTime(), nullable=True),
        sa.Column("forward_fault", sa.Text(), server_default=empty, nullable=False),
    ):
        op.add_column("tickets", column)
    _number_those_there()
    with op.batch_alter_table("tickets") as batch:
        batch.alter_column("number", existing_type=sa.Text(), nullable=False)
        batch.create_unique_constraint(op.f("uq_tickets_number"), ["number"])
    op.create_index(
        "ix_tickets_open",
        "tickets",
        ["at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _number_those_there() -> None:
    connection = op.get_bind()
    tickets = sa.table("tickets", sa.column("ticket_id"), sa.column("number"), sa.column("at"))
    serials = sa.table("ticket_serials", sa.column("serial"), sa.column("ticket_id"))
    there = connection.execute(sa.select(tickets.c.ticket_id).order_by(tickets.c.at, tickets.c.ticket_id))
    for ticket_id in there.scalars().all():
        connection.execute(sa.insert(serials).values(ticket_id=ticket_id))
        own = sa.select(serials.c.serial).where(serials.c.ticket_id == ticket_id)
        serial = connection.execute(own).scalar_one()
        connection.execute(
            sa.update(tickets).where(tickets.c.ticket_id == ticket_id).values(number=ticket_number(serial))
        )
