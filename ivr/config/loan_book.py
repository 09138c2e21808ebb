"""The section of the settings file that says where customers and loans are looked up."""

from pydantic import Field, SecretStr

from ivr.config.sections import Section


class LoanBookSettings(Section):
    """Where customers and loans are looked up. Its token is read from IVR_LOAN_BOOK_TOKEN."""

    url: str = Field(
        default="",
        pattern=r"^$|^https?://[^\s/@?#]+(/[^\s@?#]*)?$",
        description="Core system that keeps to docs/loan-book.openapi.yaml, such as "
        "https://core.example/ivr; empty: the store's own tables, filled by `ivr loans import`.",
    )
    ca_file: str = Field(
        default="",
        description="PEM file with the certificate authority of the core system; empty: those of the system.",
    )
    connect_timeout_s: float = Field(
        default=1.0, gt=0, le=30, description="Seconds for a connection to come about, up to 30."
    )
    read_timeout_s: float = Field(
        default=2.0, gt=0, le=30, description="Seconds that one attempt may stay without a byte, up to 30."
    )
    total_timeout_s: float = Field(
        default=4.0,
        gt=0,
        le=60,
        description="Seconds for all attempts together, which a caller waits, up to 60.",
    )
    attempts: int = Field(default=3, ge=1, le=10, description="Attempts at each operation, 1 to 10.")
    cache_s: float = Field(
        default=5.0, ge=0, le=60, description="Seconds that a customer or their loans are kept, 0 to 60."
    )
    breaker_failures: int = Field(
        default=3,
        ge=1,
        le=100,
        description="Operations failed in a row after which the core system is left alone, 1 to 100.",
    )
    breaker_pause_s: float = Field(
        default=15.0, gt=0, le=600, description="Seconds that it is then left alone, up to 600."
    )
    token: SecretStr | None = Field(default=None, exclude=True, repr=False)
