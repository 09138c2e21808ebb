"""Answers to surveys, kept one by one from the moment when they are given."""

import sqlalchemy as sa
from alembic import op

from ivr.adapters.store_sqlalchemy.types import BigId, UtcDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "survey_answers",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("attempt_id", sa.Text()),
        sa.Column("contact_id", sa.Text()),
        sa.Column("campaign_id", sa.Text()),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("item_kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.call_id"], name="fk_survey_answers_call_id_calls", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_survey_answers"),
    )
    op.create_index("ix_survey_answers_call_id", "survey_answers", ["call_id"])
    op.create_index("ix_survey_answers_survey_at", "survey_answers", ["survey", "at"])
    there = sa.text("contact_id IS NOT NULL")
    op.create_index(
        "ix_survey_answers_contact_id",
        "survey_answers",
        ["contact_id"],
        sqlite_where=there,
        postgresql_where=there,
    )
