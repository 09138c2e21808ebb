"""What a simulated customer is going to do on a call."""

from dataclasses import dataclass, field
from typing import Protocol

from ivr.calls.speech import Clip
from ivr.media.reply import ReplyRule

BARGE_AFTER_MS = 1500
"""How far into the other side's prompt a step with barge-in starts."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Play speech, from a text (`say`) or from a file (`wav`)."""

    source: str
    """`say` or `wav`."""
    shown: str
    """The text, or the file's name."""
    clip: Clip
    pcm: bytes = field(repr=False)
    """The clip's samples, by which it is found again in what was sent."""


@dataclass(frozen=True, slots=True)
class Press:
    """Press keys: 0-9, *, # and A-D."""

    keys: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the customer does, and what must be heard in the reply to it."""

    action: Speak | Press
    barge_in: bool = False
    """Start `BARGE_AFTER_MS` into the prompt instead of waiting for its end."""
    expects: tuple[str, ...] = ()


class Listener(Protocol):
    """A customer who does not go by a plan, but answers what they hear."""

    async def next_step(self, reply: bytes) -> Step | None:
        """What to do after this reply, 16-bit mono PCM at the line's rate; None to hang up."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPlan:
    """One call from INVITE to BYE. Clips are at the sample rate of the lines that will play them."""

    uri: str
    locale: str
    from_user: str
    """The caller's number; empty means the endpoint's own identity."""
    opening: Step | None = None
    """What is done as soon as the call is answered: whoever is called says hello first."""
    steps: tuple[Step, ...] = ()
    listener: Listener | None = None
    """Says what comes after `steps`."""
    greeting_expects: tuple[str, ...] = ()
    background: Clip | None = None
    """Looped under the whole call."""
    hangup_after_s: float | None = None
    """Hang up at this second of the call, whatever goes on; None means after the last reply."""
    timeout_s: float = 120.0
    """Longest time from INVITE to the end."""
    headers: tuple[tuple[str, str], ...] = ()
    rule: ReplyRule = field(default_factory=ReplyRule)

    def __post_init__(self) -> None:
        if self.timeout_s <= 0:
            raise ValueError("timeout_s must be more than 0")
        if self.hangup_after_s is not None and self.hangup_after_s < 0:
            raise ValueError("hangup_after_s must not be negative")

    @property
    def expects_anything(self) -> bool:
        """Whether replies must be read to judge the call."""
        return bool(self.greeting_expects) or any(step.expects for step in self.steps)

    @property
    def invite_headers(self) -> tuple[tuple[str, str], ...]:
        """The plan's headers, and the locale as Accept-Language (RFC 3261 section 20.3) unless set."""
        if any(name.lower() == "accept-language" for name, _ in self.headers):
            return self.headers
        return (("Accept-Language", self.locale), *self.headers)
