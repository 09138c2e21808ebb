"""One thing that is wrong with the settings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Where it is, why it will not do, and what would."""

    file: str
    key: str
    """Dotted, such as `sip.port`; empty when the whole file is meant."""
    reason: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.key}" if self.key else self.file
        return f"{place}: {self.reason}. Mend: {self.mend}"
