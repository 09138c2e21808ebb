"""The section of the settings for calls that we place."""

from typing import Annotated

from pydantic import AfterValidator, Field

from ivr.config.sections import Section

NUMBER = "{number}"


def _with_number(uri: str) -> str:
    if uri and (not uri.lower().startswith(("sip:", "sips:")) or uri.count(NUMBER) != 1):
        raise ValueError(f"must be a SIP URI with {NUMBER} in it")
    return uri


class Outbound(Section):
    """How people are rung for campaigns."""

    trunk: Annotated[str, AfterValidator(_with_number)] = Field(
        default="",
        description="Where to dial, such as sip:{number}@trunk.example; empty: no worker rings anybody.",
    )
    caller_id: str = Field(
        default="", description="Number that people see, such as +864001234567; empty: the account's own."
    )
    lines: int = Field(
        default=2,
        ge=0,
        le=100,
        description="Lines of each worker that ring people at the same time, 0 to 100.",
    )
    trunk_lines: int = Field(
        default=30, ge=1, le=10_000, description="Calls that the trunk carries for all workers, 1 to 10000."
    )
    trunk_calls_per_s: float = Field(
        default=5.0,
        gt=0,
        le=100,
        description="Calls that all workers may start in a second, up to 100.",
    )
    ring_s: int = Field(
        default=40, ge=5, le=120, description="Seconds to let it ring before it is given up, 5 to 120."
    )

    ring_back_hours: int = Field(
        default=48,
        ge=0,
        le=336,
        description="Hours in which whoever was not reached and rings us is asked to do it now, 0 to 336.",
    )

    def uri(self, number: str) -> str:
        """What to dial for this number."""
        return self.trunk.replace(NUMBER, number)
