"""The options of `ivr bench asr`, and all of them together. Imports nothing heavy."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

EACH_CATEGORY, DIGITS, FREE, OTHERS = "category", "digits", "free", "others"

_SPEECH, _LINE, _RECOGNISER, _RESULTS = "What is said", "The line", "The recogniser", "Results"


class Split(StrEnum):
    """Which half of the files: one to choose methods by, one to judge them by."""

    DEV = "dev"
    HELD_OUT = "held-out"
    ALL = "all"


class CodecName(StrEnum):
    """What the line speaks; `none` is 16 kHz as recorded."""

    PCMA = "pcma"
    PCMU = "pcmu"
    G722 = "g722"
    NONE = "none"


class EngineName(StrEnum):
    """Who recognises; `auto` is Vosk where it has a model for the language, else Whisper."""

    AUTO = "auto"
    VOSK = "vosk"
    WHISPER = "whisper"


@dataclass(frozen=True, slots=True)
class Speech:
    """What is said, and what it is held against."""

    corpora: list[Path]
    grammars: list[str]
    """`category`, `digits`, `free`, categories joined by `+`, or a `.gram` file."""
    strings: tuple[int, ...]
    strings_each: int
    out_of_grammar: list[str]
    """Categories of what should be refused; `others` for all that a grammar does not hold."""
    language: str
    split: Split
    limit: int
    seed: int


@dataclass(frozen=True, slots=True)
class LineWish:
    """What happens to speech on its way."""

    codec: CodecName
    noise: list[Path]
    snr_db: float
    loss_percent: float


@dataclass(frozen=True, slots=True)
class Listener:
    """Who recognises."""

    engine: EngineName
    models_dir: Path | None
    url: str
    real_time: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """How answers are judged and told."""

    same_sound: bool
    false_rejects: float
    """0..1, of what is in the grammar."""
    threshold: float | None
    errors: bool
    json_to: str
    compare: Path | None


def lengths(text: str) -> tuple[int, ...]:
    """The value of `--strings`. Raises `typer.BadParameter`."""
    try:
        found = tuple(int(length) for length in text.split(",") if length.strip())
    except ValueError:
        found = (0,)
    if any(length < 1 for length in found):
        raise typer.BadParameter("give lengths such as 4,6,11", param_hint="--strings")
    return found


Corpus = Annotated[
    list[Path],
    typer.Option(
        help="Folder with manifest.csv: file, transcript, language, speaker, category. Repeatable.",
        rich_help_panel=_SPEECH,
    ),
]
Grammar = Annotated[
    list[str] | None,
    typer.Option(
        help="category: the transcripts of a category are its candidates, each category alone (default). "
        "a+b: of these categories together. digits: any digit word. FILE.gram. free: no grammar. "
        "Repeatable.",
        rich_help_panel=_SPEECH,
    ),
]
Strings = Annotated[
    str,
    typer.Option(
        help="Join recorded digits of one speaker into strings of these lengths.",
        metavar="4,6,11",
        rich_help_panel=_SPEECH,
    ),
]
StringsEach = Annotated[
    int, typer.Option(min=1, help="Strings of each length and language.", rich_help_panel=_SPEECH)
]
OutOfGrammar = Annotated[
    list[str] | None,
    typer.Option(
        help="Category of speech or noise that should be refused; others: all that the grammar does not "
        "hold. Repeatable.",
        rich_help_panel=_SPEECH,
    ),
]
Language = Annotated[
    str, typer.Option(help="Of recordings whose manifest names none.", rich_help_panel=_SPEECH)
]
WhichHalf = Annotated[
    Split, typer.Option(help="Halves by a hash of the file's name.", rich_help_panel=_SPEECH)
]
Limit = Annotated[
    int, typer.Option(min=0, help="Most recordings of a category, by lot; 0: all.", rich_help_panel=_SPEECH)
]
Seed = Annotated[int, typer.Option(help="Of lots, noise and losses.", rich_help_panel=_SPEECH)]
WhichCodec = Annotated[
    CodecName, typer.Option("--codec", help="8 kHz, but g722 and none 16 kHz.", rich_help_panel=_LINE)
]
Noise = Annotated[
    list[Path] | None,
    typer.Option(
        help="Audio file or folder of them: the noise of the room. Repeatable.", rich_help_panel=_LINE
    ),
]
Snr = Annotated[float, typer.Option(help="Speech over noise in dB.", rich_help_panel=_LINE)]
Loss = Annotated[
    float,
    typer.Option(min=0, max=50, help="Percent of 20 ms packets lost, in bursts.", rich_help_panel=_LINE),
]
WhichEngine = Annotated[
    EngineName,
    typer.Option("--engine", help="auto: Vosk where it has a model.", rich_help_panel=_RECOGNISER),
]
ModelsDir = Annotated[
    Path | None,
    typer.Option(
        help="Where models live. Default: $IVR_MODELS or ~/.cache/ivr/models.", rich_help_panel=_RECOGNISER
    ),
]
Url = Annotated[
    str,
    typer.Option(
        help="Measure a running server (ws://host:port) rather than an engine in here.",
        rich_help_panel=_RECOGNISER,
    ),
]
RealTime = Annotated[
    bool,
    typer.Option(
        "--real-time",
        help="With --url: send audio at the speed of speech, as calls do.",
        rich_help_panel=_RECOGNISER,
    ),
]
SameSound = Annotated[
    bool,
    typer.Option(
        "--same-sound", help="Count Chinese of the same toneless sound as right.", rich_help_panel=_RESULTS
    ),
]
FalseRejects = Annotated[
    float,
    typer.Option(
        min=0,
        max=100,
        help="Percent refused of what is in the grammar, for which the threshold is chosen.",
        rich_help_panel=_RESULTS,
    ),
]
Threshold = Annotated[
    float | None,
    typer.Option(
        min=0, max=1, help="Confidence to judge by, rather than choosing one.", rich_help_panel=_RESULTS
    ),
]
Errors = Annotated[bool, typer.Option("--errors", help="List what went wrong.", rich_help_panel=_RESULTS)]
AsJson = Annotated[
    str,
    typer.Option("--json", metavar="FILE", help="Write all as JSON; - prints it.", rich_help_panel=_RESULTS),
]
Compare = Annotated[
    Path | None,
    typer.Option(metavar="OLD.json", help="An earlier run: show what changed.", rich_help_panel=_RESULTS),
]
