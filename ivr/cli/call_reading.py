"""Reading the replies after a call: by a running recogniser, or in this process where none answers."""

import asyncio
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ivr.adapters.models import find_engine_model
from ivr.adapters.recogniser.client import RemoteRecogniser
from ivr.runtime.customer.placing import ReadSpeech
from ivr.runtime.ports import RecogniserLost

if TYPE_CHECKING:
    from ivr.adapters.recogniser.engines import Engines

_CONNECT_S = 2.0
_READ_S = 60.0
_THREADS = 2


async def reply_reader(url: str, *, locale: str, models_dir: Path) -> ReadSpeech:
    """What reads replies in this locale. Models of this process are loaded at the first reading only.

    Raises `RecogniserLost` with the mend when no recogniser answers and no model is installed.
    """
    if await _answers(url):
        return partial(_read_remotely, url)
    if not any(find_engine_model(engine, locale, models_dir) for engine in ("vosk", "whisper")):
        raise RecogniserLost(
            f"the replies cannot be read: no recogniser answers at {url} and no model for {locale} is in "
            f"{models_dir}. Start `ivr recogniser`, run `ivr models pull --all-default`, or use --no-read."
        )
    return partial(_read_here, models_dir)


async def _answers(url: str) -> bool:
    address = urlsplit(url)
    port = address.port or (443 if address.scheme == "wss" else 80)
    try:
        async with asyncio.timeout(_CONNECT_S):
            _, writer = await asyncio.open_connection(address.hostname, port)
    except OSError:  # a timeout is one too
        return False
    writer.close()
    return True


async def _read_remotely(url: str, pcm: bytes, sample_rate_hz: int, locale: str) -> str:
    async with RemoteRecogniser.open(url, timeout_s=_READ_S) as recogniser:
        return await recogniser.transcribe(
            pcm, locale=locale, sample_rate_hz=sample_rate_hz, timeout_s=_READ_S
        )


async def _read_here(models_dir: Path, pcm: bytes, sample_rate_hz: int, locale: str) -> str:
    return await asyncio.to_thread(_decode, models_dir, pcm, sample_rate_hz, locale)


def _decode(models_dir: Path, pcm: bytes, sample_rate_hz: int, locale: str) -> str:
    # The engines' libraries take a second to import: after the call that disturbs nothing.
    from ivr.adapters.recogniser.engine import BadRequest, Request  # noqa: PLC0415  see above

    try:
        decoding = _engines(models_dir).engine_for(locale, "").open(Request(locale, sample_rate_hz))
    except BadRequest as error:
        raise RecogniserLost(str(error)) from error
    decoding.feed(pcm)
    best = decoding.finish().hypothesis.best
    return best.text if best else ""


@cache
def _engines(models_dir: Path) -> "Engines":
    from ivr.adapters.recogniser.engines import Engines  # noqa: PLC0415  takes a second

    return Engines(models_dir, engine="auto", threads=_THREADS)
