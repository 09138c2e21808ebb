"""`ivr recogniser`: the speech recognition process."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Annotated

import structlog
import typer

from ivr.adapters.models import default_models_dir

_log = structlog.get_logger(__name__)


def recogniser(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port of the WebSocket and of /healthz; 0 takes a free one.")
    ] = 2700,
    models_dir: Annotated[
        Path | None, typer.Option(help="Where models live. Default: $IVR_MODELS or ~/.cache/ivr/models.")
    ] = None,
    engine: Annotated[
        str, typer.Option(help="auto (Vosk where the locale's model is installed), vosk or whisper.")
    ] = "auto",
    threads: Annotated[
        int, typer.Option(min=0, help="Utterances decoded at a time, each on one core; 0: one per core.")
    ] = 0,
    locale: Annotated[
        list[str] | None,
        typer.Option(
            help="Ready from the start, by default zh-CN and en-US; the first is for stock clients."
        ),
    ] = None,
) -> None:
    """Recognise speech for workers, speaking the vosk-server protocol.

    Example: ivr recogniser --port 2700 --engine auto
    """
    # Each decoding has one core; BLAS would otherwise spread its small sums over all of them.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        asyncio.run(
            _serve(
                host,
                port,
                models_dir=models_dir or default_models_dir(),
                engine=engine,
                threads=threads or os.cpu_count() or 1,
                locales=locale or ["zh-CN", "en-US"],
            )
        )
    except (OSError, RuntimeError) as error:
        typer.echo(f"The recogniser cannot run: {error}", err=True)
        raise typer.Exit(1) from error


async def _serve(
    host: str, port: int, *, models_dir: Path, engine: str, threads: int, locales: list[str]
) -> None:
    from ivr.adapters.recogniser.engines import ENGINES, Engines  # noqa: PLC0415  after the environment is set
    from ivr.adapters.recogniser.server import RecogniserServer  # noqa: PLC0415

    if engine not in ENGINES:
        raise typer.BadParameter(f"engine must be one of {', '.join(ENGINES)}")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    engines = Engines(models_dir, engine=engine, threads=threads)
    server = RecogniserServer(engines, threads=threads, locales=locales)
    async with server.listen(host, port) as bound:
        for served, (kind, model) in server.locales().items():
            _log.info("locale_served", locale=served, engine=kind, model=model)
        _log.info("recogniser_ready", url=f"ws://{host}:{bound}", threads=threads)
        await stop.wait()
