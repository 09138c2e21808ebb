"""`ivr bench answerer`: whether people are told from machines, and why nobody was reached."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

_SOUNDS, _RESULTS = "What is heard", "Results"


class Part(StrEnum):
    """Which part of the labelled set."""

    TRAIN = "train"
    HELD = "held"
    FRESH = "fresh"
    """Texts that were written after the phrases that announcements are known by."""


Noise = Annotated[
    list[Path],
    typer.Option(help="Room noise: a file, or a folder of them. Again for more.", rich_help_panel=_SOUNDS),
]
Voices = Annotated[
    list[Path] | None,
    typer.Option(
        help="Folder of Kokoro voices (.bin or .npy) besides ours; see docs/adr/0016.",
        rich_help_panel=_SOUNDS,
    ),
]
People = Annotated[
    list[Path] | None,
    typer.Option(
        help="People's words with manifest.csv: each is all that somebody says. Again for more.",
        rich_help_panel=_SOUNDS,
    ),
]
Messages = Annotated[
    Path | None,
    typer.Option(help="Folder of a voicemail system's recorded prompts.", rich_help_panel=_SOUNDS),
]
HumanTakes = Annotated[
    int, typer.Option(min=1, help="Calls of each synthetic person.", rich_help_panel=_SOUNDS)
]
MachineTakes = Annotated[
    int, typer.Option(min=1, help="Calls of each synthetic machine.", rich_help_panel=_SOUNDS)
]
WhichPart = Annotated[
    Part, typer.Option("--split", help="Which part of the labelled set.", rich_help_panel=_SOUNDS)
]
Words = Annotated[
    bool,
    typer.Option("--words/--no-words", help="Whether announcements are recognised.", rich_help_panel=_SOUNDS),
]
Seed = Annotated[int, typer.Option(help="For moments, levels and rooms.", rich_help_panel=_SOUNDS)]
Errors = Annotated[
    bool, typer.Option("--errors", help="List the calls that went wrong.", rich_help_panel=_RESULTS)
]
AsJson = Annotated[
    str,
    typer.Option("--json", metavar="FILE", help="Write all as JSON; - prints it.", rich_help_panel=_RESULTS),
]


def answerer(
    noise: Noise,
    voices: Voices = None,
    people: People = None,
    messages: Messages = None,
    human_takes: HumanTakes = 8,
    machine_takes: MachineTakes = 4,
    split: WhichPart = Part.HELD,
    words: Words = True,
    seed: Seed = 7,
    errors: Errors = False,
    json_to: AsJson = "",
) -> None:
    """People treated as machines, machines caught and when, and what early media was taken for.

    Calls are made by seed of texts, synthetic voices, people's recordings, rooms and tones, brought through
    G.711, and judged frame by frame as on a line. The first run speaks the texts, which takes half an hour;
    clips and recognised words are kept for the next.

    Example: ivr bench answerer --noise ROOMS --voices package/voices --people CORPUS --errors
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from ivr.cli.answerer_bench.command import Wish, measure  # noqa: PLC0415  after the environment is set
    from ivr.cli.answerer_bench.trials import Material  # noqa: PLC0415

    measure(
        Wish(
            noise=noise,
            voices=voices or [],
            material=Material(people or [], messages, human_takes, machine_takes),
            split=split.value,
            words=words,
            seed=seed,
            errors=errors,
            json_to=json_to,
        )
    )
