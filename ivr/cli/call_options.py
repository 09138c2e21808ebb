"""The options of `ivr call`, and all of them together as one checked wish."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ivr.cli.call_steps import WrittenCall
from ivr.dialogue.story import Story

_HEADER = re.compile(r"([A-Za-z0-9.!%*_+`'~-]+)\s*:\s*([^\r\n]+)")
_SIP_URI = re.compile(r"sips?:(?:[^@\s]+@)?[^@\s]+", re.IGNORECASE)


class Locale(StrEnum):
    """Languages that a simulated customer speaks."""

    ZH_CN = "zh-CN"
    EN_US = "en-US"


class Codec(StrEnum):
    """Codecs that a call can be limited to."""

    PCMA = "PCMA"
    PCMU = "PCMU"
    G722 = "G722"


DEMO_NUMBERS = {Locale.ZH_CN: "+8613800000001", Locale.EN_US: "+8613800000002"}
"""The seeded demo customers."""

_STEPS = "Steps, in the order given"

Uri = Annotated[str, typer.Argument(help="Whom to call, such as sip:hotline@127.0.0.1:5060.")]
Say = Annotated[
    list[str] | None, typer.Option(help="Speak this text.", metavar="TEXT", rich_help_panel=_STEPS)
]
Keys = Annotated[
    list[str] | None, typer.Option(help="Press keys: 0-9 * # A-D.", metavar="DIGITS", rich_help_panel=_STEPS)
]
Wav = Annotated[
    list[str] | None, typer.Option(help="Play this audio file.", metavar="FILE", rich_help_panel=_STEPS)
]
Expect = Annotated[
    list[str] | None,
    typer.Option(help="The reply to the step before says this.", metavar="TEXT", rich_help_panel=_STEPS),
]
BargeIn = Annotated[
    bool, typer.Option("--barge-in", help="The next step interrupts the prompt.", rich_help_panel=_STEPS)
]
AsStory = Annotated[
    str | None,
    typer.Option(
        "--story",
        metavar="NAME",
        help="Be the customer of this story (tests/stories) and answer what is asked, instead of steps.",
        rich_help_panel=_STEPS,
    ),
]
Speaks = Annotated[Locale, typer.Option("--locale", help="Language; sent as Accept-Language.")]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="NUMBER", help="Caller's number. Default: the locale's demo customer."),
]
Noise = Annotated[Path | None, typer.Option(help="Audio file looped under the whole call.", metavar="FILE")]
Snr = Annotated[float, typer.Option(help="How far the noise lies below the active speech.", metavar="DB")]
OnlyCodec = Annotated[
    Codec | None, typer.Option("--codec", help="Offer this codec only.", case_sensitive=False)
]
HangupAfter = Annotated[
    float | None, typer.Option(help="Hang up at this second of the call.", min=0.0, metavar="S")
]
Record = Annotated[Path | None, typer.Option(help="Stereo WAV: left we, right the bot.", metavar="FILE")]
JsonTo = Annotated[str | None, typer.Option("--json", help="Report as JSON; - prints it.", metavar="FILE|-")]
Timeout = Annotated[float, typer.Option(help="Longest call, ringing included.", min=1.0, metavar="S")]
Header = Annotated[
    list[str] | None, typer.Option(help="One more header in the INVITE. Repeatable.", metavar="NAME:VALUE")
]
NoRead = Annotated[bool, typer.Option("--no-read", help="Do not recognise the replies.")]
RecogniserUrl = Annotated[
    str, typer.Option(help="Recogniser for the replies; where none answers, in this process.", metavar="URL")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Everything asked for on the command line. Raises `ValueError` with the mend when it cannot be done."""

    uri: str
    locale: str
    from_user: str
    written: WrittenCall
    story: Story | None
    noise: Path | None
    snr_db: float
    codec: str | None
    hangup_after_s: float | None
    record: Path | None
    json_to: str | None
    timeout_s: float
    headers: tuple[tuple[str, str], ...]
    read: bool
    recogniser_url: str

    def __post_init__(self) -> None:
        """Check what typer cannot."""
        if not _SIP_URI.fullmatch(self.uri):
            raise ValueError(f"{self.uri} is no SIP URI; write one such as sip:hotline@127.0.0.1:5060")
        expects = [self.written.greeting_expects, *(step.expects for step in self.written.steps)]
        if not self.read and any(expects):
            raise ValueError("--expect needs the replies to be read: drop --no-read")
        if self.story is not None and self.written.steps:
            raise ValueError("--story says what is done: leave out --say, --keys and --wav")
        if self.story is not None and self.codec == Codec.G722:
            raise ValueError("--story hears recordings at 8 kHz: use --codec PCMA or PCMU")

    @property
    def sample_rate_hz(self) -> int:
        """Rate of clips and received audio: G.722 carries sound up to 7 kHz, the others up to 3.4 kHz."""
        return 16000 if self.codec == Codec.G722 else 8000


def parse_header(line: str) -> tuple[str, str]:
    """`NAME:VALUE` in two. Raises `ValueError`."""
    found = _HEADER.fullmatch(line.strip())
    if found is None:
        raise ValueError(f"--header {line}: write NAME:VALUE, such as X-Customer-Tier:gold")
    return found.group(1), found.group(2).strip()
