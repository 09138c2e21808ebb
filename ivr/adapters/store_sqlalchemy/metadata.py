"""What all tables share: how constraints are named, and the columns that many of them have."""

from sqlalchemy import Column, MetaData

from ivr.adapters.store_sqlalchemy.types import BigId, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key() -> Column[int]:
    """Grows by itself."""
    return Column("id", BigId, primary_key=True, autoincrement=True)


def moment() -> Column[object]:
    """When it happened."""
    return Column("at", UtcDateTime, nullable=False)
