"""The worker's side of synthesis: a child process, started when the first free text is to be spoken."""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from ivr.adapters.voice.errors import VoiceError


class Synthesis:
    """One child process, one request at a time; a child that died or hung is replaced at the next request."""

    def __init__(self, prompts_dir: Path, models_dir: Path, *, timeout_s: float = 30.0) -> None:
        self._arguments = (str(prompts_dir), str(models_dir))
        self._timeout_s = timeout_s
        self._child: Process | None = None
        self._turn = asyncio.Lock()

    async def speak(self, text: str, locale: str, path: Path) -> None:
        """Write the speech to `path` as a WAV file at `MASTER_RATE_HZ`. Raises `VoiceError`."""
        request = json.dumps({"text": text, "locale": locale, "path": str(path)}) + "\n"
        async with self._turn:
            try:
                async with asyncio.timeout(self._timeout_s):
                    reply = await self._exchange(request.encode())
            except TimeoutError:
                await self._end()
                raise VoiceError(f"synthesis took longer than {self._timeout_s:g} s") from None
            except asyncio.CancelledError:
                await self._end()  # its reply would be taken for the next one's
                raise
        if error := reply.get("error"):
            raise VoiceError(error)

    async def close(self) -> None:
        """End the child."""
        await self._end()

    async def _exchange(self, request: bytes) -> dict[str, str]:
        child = await self._running()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(request)
            await child.stdin.drain()
            line = await child.stdout.readline()
        except ConnectionError:
            line = b""
        if not line:
            code = await child.wait()
            raise VoiceError(f"the synthesis process ended with code {code}")
        reply: dict[str, str] = json.loads(line)
        return reply

    async def _running(self) -> Process:
        if self._child is None or self._child.returncode is not None:
            command = (sys.executable, "-m", "ivr.adapters.voice.synthesis_process", *self._arguments)
            self._child = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        return self._child

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        # communicate() also closes the pipes, so that nothing is left for the garbage collector.
        await asyncio.shield(child.communicate())
