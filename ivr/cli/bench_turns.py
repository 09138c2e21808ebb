"""`ivr bench turns`: whether callers are let speak, and let finish."""

import os
from pathlib import Path
from typing import Annotated

import typer

_SOUNDS, _RESULTS = "What is heard", "Results"

Noise = Annotated[
    list[Path],
    typer.Option(help="Room noise: a file, or a folder of them. Again for more.", rich_help_panel=_SOUNDS),
]
Speech = Annotated[
    list[Path],
    typer.Option(
        help="People's recordings with manifest.csv; those of category `digit` also make numbers.",
        rich_help_panel=_SOUNDS,
    ),
]
BackChannels = Annotated[
    list[Path] | None,
    typer.Option(
        "--backchannels",
        help="Recordings with manifest.csv of words that only say 'I am listening'. Without it, those among "
        "the speech whose transcript is such a word.",
        rich_help_panel=_SOUNDS,
    ),
]
Snr = Annotated[
    str, typer.Option(metavar="DB,...", help="How far the room lies below speech.", rich_help_panel=_SOUNDS)
]
Minutes = Annotated[
    float,
    typer.Option(min=0.5, help="Audio of each noise at each level, in minutes.", rich_help_panel=_SOUNDS),
]
Limit = Annotated[
    int,
    typer.Option(min=1, help="Most utterances for each question that is asked.", rich_help_panel=_SOUNDS),
]
Seed = Annotated[int, typer.Option(help="For the gaps, the order and the moments.", rich_help_panel=_SOUNDS)]
AsJson = Annotated[
    str,
    typer.Option("--json", metavar="FILE", help="Write all as JSON; - prints it.", rich_help_panel=_RESULTS),
]


def turns(
    noise: Noise,
    speech: Speech,
    backchannels: BackChannels = None,
    snr: Snr = "20,15,10",
    minutes: Minutes = 3.0,
    limit: Limit = 150,
    seed: Seed = 1,
    json_to: AsJson = "",
) -> None:
    """False and missed barge-ins, reaction, and hasty ends, on hours of audio made of recordings.

    A false barge-in is a prompt stopped by noise, a back-channel under a statement, hold music, the prompt's
    own echo, or people in the background. A missed one is speech of 600 ms or more over a question that does
    not stop it. An end is premature when the caller was only pausing between digits.

    No recogniser takes part: where the rules would ask for words, that is counted, and numbers are ended with
    the words that a good recogniser would have given, and without any.

    Example: ivr bench turns --noise NOISE --speech CORPUS --snr 15,10
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from ivr.cli.turns_bench.command import Wish, measure  # noqa: PLC0415  after the environment is set

    try:
        levels_db = [float(part) for part in snr.split(",")]
    except ValueError:
        raise typer.BadParameter("--snr takes numbers with commas between them, such as 20,10") from None
    measure(Wish(noise, speech, backchannels or [], levels_db, minutes * 60.0, limit, seed), json_to)
