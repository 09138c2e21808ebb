"""`ivr bench asr`: how well people are understood over a telephone line."""

import os
from pathlib import Path
from typing import Annotated

import typer

_LINE, _SPEECH, _OUTPUT = "The line", "What is said", "Results"


def asr(
    corpus: Annotated[
        list[Path],
        typer.Option(
            help="Folder with manifest.csv: file, transcript, language, speaker, category. Repeatable."
        ),
    ],
    grammar: Annotated[
        list[str] | None,
        typer.Option(
            help="category: all transcripts of a category are its candidates, each category alone (default). "
            "a+b: of these categories together. digits: any digit word. FILE.gram. free: no grammar. "
            "Repeatable.",
            rich_help_panel=_SPEECH,
        ),
    ] = None,
    strings: Annotated[
        str,
        typer.Option(
            help="Join digits of one speaker into strings of these lengths, such as 4,6,11.",
            rich_help_panel=_SPEECH,
        ),
    ] = "",
    strings_each: Annotated[
        int, typer.Option(min=1, help="Strings of each length and language.", rich_help_panel=_SPEECH)
    ] = 60,
    out_of_grammar: Annotated[
        list[str] | None,
        typer.Option(
            help="Category whose speech or noise should be refused; others: all that a grammar does not hold."
            " Repeatable.",
            rich_help_panel=_SPEECH,
        ),
    ] = None,
    language: Annotated[
        str, typer.Option(help="Of recordings whose manifest names none.", rich_help_panel=_SPEECH)
    ] = "",
    split: Annotated[
        str,
        typer.Option(
            help="dev, held-out or all: halves by a hash of the file's name.", rich_help_panel=_SPEECH
        ),
    ] = "all",
    limit: Annotated[
        int,
        typer.Option(min=0, help="Most recordings of a category, by lot; 0: all.", rich_help_panel=_SPEECH),
    ] = 0,
    codec: Annotated[
        str,
        typer.Option(help="pcma, pcmu (8 kHz), g722 (16 kHz), none (16 kHz).", rich_help_panel=_LINE),
    ] = "pcma",
    noise: Annotated[
        list[Path] | None,
        typer.Option(
            help="Audio file, or a folder of them, as the noise of the room. Repeatable.",
            rich_help_panel=_LINE,
        ),
    ] = None,
    snr: Annotated[float, typer.Option(help="Speech over noise in dB.", rich_help_panel=_LINE)] = 15.0,
    loss: Annotated[
        float,
        typer.Option(min=0, max=50, help="Percent of 20 ms packets lost, in bursts.", rich_help_panel=_LINE),
    ] = 0.0,
    engine: Annotated[str, typer.Option(help="auto, vosk or whisper.")] = "auto",
    models_dir: Annotated[
        Path | None, typer.Option(help="Where models live. Default: $IVR_MODELS or ~/.cache/ivr/models.")
    ] = None,
    url: Annotated[
        str, typer.Option(help="Measure a running server (ws://host:port) rather than an engine in here.")
    ] = "",
    real_time: Annotated[
        bool, typer.Option("--real-time", help="With --url: send audio at the speed of speech, as calls do.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of lots, noise and losses.")] = 1,
    same_sound: Annotated[
        bool,
        typer.Option(
            "--same-sound",
            help="Count Chinese of the same toneless sound as right.",
            rich_help_panel=_OUTPUT,
        ),
    ] = False,
    false_rejects: Annotated[
        float,
        typer.Option(
            min=0,
            max=100,
            help="Percent refused of what is in the grammar, for which the threshold is chosen.",
            rich_help_panel=_OUTPUT,
        ),
    ] = 5.0,
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Confidence to judge by, rather than choosing one.", rich_help_panel=_OUTPUT
        ),
    ] = None,
    errors: Annotated[
        bool, typer.Option("--errors", help="List what went wrong.", rich_help_panel=_OUTPUT)
    ] = False,
    as_json: Annotated[
        str, typer.Option("--json", help="Write all as JSON to a file, or to -.", rich_help_panel=_OUTPUT)
    ] = "",
    compare: Annotated[
        Path | None,
        typer.Option(help="JSON of an earlier run: show what changed.", rich_help_panel=_OUTPUT),
    ] = None,
) -> None:
    """Accuracy with intervals, false accepts, latency and CPU of speech recognition, on recordings of people.

    Recordings are brought to a nominal level, mixed with noise, sent through the codec, and recognised one
    after another, each on one core. A grammar's answer is right when it means what was said.

    Examples:

      ivr bench asr --corpus CORPUS --grammar command+yesno --out-of-grammar distractor --errors

      ivr bench asr --corpus CORPUS --strings 4,6,11 --noise NOISE --snr 10 --json new.json --compare old.json
    """
    # One core for each utterance; BLAS would otherwise spread its small sums over all of them.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from ivr.cli.asr_bench.command import Options, measure  # noqa: PLC0415  after the environment is set

    try:
        lengths = tuple(int(length) for length in strings.split(",") if length.strip())
    except ValueError:
        raise typer.BadParameter("--strings takes lengths such as 4,6,11") from None
    options = Options(
        corpora=tuple(corpus),
        grammars=tuple(grammar or ("category",)),
        strings=lengths,
        strings_each=strings_each,
        out_of_grammar=tuple(out_of_grammar or ()),
        language=language,
        split=split,
        limit=limit,
        codec=codec,
        noise=tuple(noise or ()),
        snr_db=snr,
        loss_percent=loss,
        engine=engine,
        models_dir=models_dir,
        url=url,
        real_time=real_time,
        seed=seed,
        same_sound=same_sound,
        false_rejects=false_rejects / 100,
        threshold=threshold,
        errors=errors,
        json_to=as_json,
        compare=compare,
    )
    measure(options)
