"""Which scripts, prompts, grammars, intents and policy a call went by."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column(
        "calls", sa.Column("rulebook_version", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
