"""Customers who ring back after we could not reach them: attempts that dialled nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("attempts", sa.Column("rang_back", sa.Boolean(), server_default=sa.false(), nullable=False))
