"""Column types that come back exactly as they went in, on SQLite and on PostgreSQL alike."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Numeric
from sqlalchemy.types import TypeDecorator, TypeEngine

CENT = Decimal("0.01")
_RATE_STEP = Decimal("0.00000001")

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A growing key. SQLite counts up by itself only in a column that is INTEGER to the letter."""


class UnstorableValue(ValueError):
    """A value that would come back changed. The message does not quote it."""


class Money(TypeDecorator[Decimal]):
    """An amount with two decimals: NUMERIC(14,2), and whole cents on SQLite, which has no exact decimals.

    Raises `UnstorableValue` for an amount with fractions of a cent rather than rounding it silently.
    """

    impl = Numeric(14, 2)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Whole cents on SQLite, the decimal elsewhere."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else Numeric(14, 2))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Decimal to what the database keeps."""
        if value is None:
            return None
        exact = value.quantize(CENT)
        if exact != value:
            raise UnstorableValue(
                "an amount of money has at most two decimals: round it where it is computed"
            )
        return int(exact * 100) if dialect.name == "sqlite" else exact

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """What the database keeps to Decimal, always with two decimals."""
        if value is None:
            return None
        return Decimal(value).scaleb(-2) if dialect.name == "sqlite" else Decimal(value)


class Rate(TypeDecorator[Decimal]):
    """A fraction with eight decimals, under 100: NUMERIC(10,8), and a whole number on SQLite.

    Raises `UnstorableValue` for a finer one.
    """

    impl = Numeric(10, 8)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Hundred-millionths on SQLite, the decimal elsewhere."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else Numeric(10, 8))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Decimal to what the database keeps."""
        if value is None:
            return None
        exact = value.quantize(_RATE_STEP)
        if exact != value:
            raise UnstorableValue("a rate has at most eight decimals")
        return int(exact.scaleb(8)) if dialect.name == "sqlite" else exact

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """What the database keeps to Decimal."""
        if value is None:
            return None
        return Decimal(value).scaleb(-8) if dialect.name == "sqlite" else Decimal(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC on both sides. Raises `UnstorableValue` for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware in any zone to UTC; SQLite keeps it as text of a fixed width, which sorts by time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise UnstorableValue("a naive datetime has no place in the store: give it a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
