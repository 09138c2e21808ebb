"""Chats: what another process needs to go on with one."""

import sqlalchemy as sa
from alembic import op

from ivr.adapters.store_sqlalchemy.types import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "chats",
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_chats")),
        sa.UniqueConstraint("request_id", name=op.f("uq_chats_request_id")),
    )
    op.create_index("ix_chats_ended_last_at", "chats", ["ended", "last_at"], unique=False)
