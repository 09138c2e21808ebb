"""A SIP endpoint in a process of its own: orders as JSON lines on stdin, what happens on stdout likewise.

Run as `python sip_peer.py OPTIONS_AS_JSON`. Tests start it, because the library lives once in a process.
"""

import asyncio
import json
import math
import os
import sys
import threading
from array import array
from collections.abc import Sequence
from dataclasses import asdict
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import structlog

from ivr.adapters.sip_pjsua2.endpoint import Pjsua2Endpoint
from ivr.adapters.sip_pjsua2.line import Pjsua2Line, Pjsua2Playback
from ivr.adapters.sip_pjsua2.settings import SipAccount, SipSettings, SrtpMode, Transport
from ivr.calls.sip import AudioReceived, Disconnected
from ivr.calls.speech import Clip
from ivr.runtime.ports import LineLost


def loudness(pcm: bytes) -> float:
    """Root mean square of 16-bit samples."""
    samples = array("h", pcm)
    return math.sqrt(sum(s * s for s in samples) / len(samples)) if samples else 0.0


def tell(what: str, **fields: Any) -> None:
    print(json.dumps({"what": what, **fields}), flush=True)


class Peer:
    def __init__(self, endpoint: Pjsua2Endpoint, options: dict[str, Any]) -> None:
        self.endpoint = endpoint
        self.options = options
        self.lines: dict[int, Pjsua2Line] = {}
        self.playbacks: dict[str, Pjsua2Playback] = {}
        self.heard = {"caller": b"", "bot": b""}
        self.lines_made = 0
        self.lines_over = 0
        self.tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def take_calls(self) -> None:
        while True:
            line = await self.endpoint.next_line()
            number = self.add(line)
            tell("incoming", line=number, invite=asdict(line.invite))
            if self.options.get("answer", True):
                self.spawn(self.serve(number, line))

    def add(self, line: Pjsua2Line) -> int:
        self.lines_made += 1
        number = self.lines_made
        self.lines[number] = line
        self.spawn(self.follow(number, line))
        return number

    async def serve(self, number: int, line: Pjsua2Line) -> None:
        try:
            await line.answer()
            tell("established", line=number, codec=line.codec)
            if clip := self.options.get("clip"):
                self.playbacks[str(number)] = await line.play(Clip(clip["path"], clip["duration_ms"], ""))
        except LineLost as error:
            tell("lost", line=number, why=str(error))

    async def follow(self, number: int, line: Pjsua2Line) -> None:
        audio_ms = 0
        while True:
            event = await line.next_event()
            if isinstance(event, AudioReceived):
                audio_ms += len(event.caller) * 500 // line.sample_rate_hz
                assert len(event.caller) == len(event.bot)
                self.heard["caller"] = (self.heard["caller"] + event.caller)[-64000:]
                self.heard["bot"] = (self.heard["bot"] + event.bot)[-64000:]
                continue
            tell(type(event).__name__, line=number, audio_ms=audio_ms, **asdict(event))
            if isinstance(event, Disconnected):
                self.lines_over += 1
                if self.options.get("forget"):
                    del self.lines[number]
                    self.playbacks.pop(str(number), None)
                return

    async def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Orders are methods of this class; those about a line mean the newest unless they name one."""
        name = f"do_{order.pop('do')}"
        if hasattr(LineOrders, name):
            number = order.pop("line", self.lines_made)
            return await getattr(LineOrders(self, self.lines[number]), name)(**order) or {}
        return await getattr(self, name)(**order) or {}

    async def do_dial(
        self, to: str, from_user: str = "", headers: Sequence[tuple[str, str]] = ()
    ) -> dict[str, Any]:
        line = await self.endpoint.dial(to, from_user=from_user, headers=[(n, v) for n, v in headers])
        return {"line": self.add(line), "invite": asdict(line.invite)}

    async def do_state(self) -> dict[str, Any]:
        return {
            "over": self.lines_over,
            "in_use": self.endpoint.lines_in_use,
            "registrations": self.endpoint.registrations,
            "threads": threading.active_count(),
            "tasks": len(asyncio.all_tasks()),
            "resident_kb": resident_kb(),
        }

    async def do_listen(self, seconds: float) -> dict[str, Any]:
        self.heard = {"caller": b"", "bot": b""}
        await asyncio.sleep(seconds)
        return {side: loudness(pcm) for side, pcm in self.heard.items()}

    async def do_hangup_all(self) -> None:
        for line in self.lines.values():
            await line.hangup()

    async def do_drain(self) -> None:
        self.endpoint.refuse_new_calls()


class LineOrders:
    def __init__(self, peer: Peer, line: Pjsua2Line) -> None:
        self.peer = peer
        self.line = line

    async def do_play(self, path: str, duration_ms: int, name: str = "") -> None:
        self.peer.playbacks[name] = await self.line.play(Clip(path, duration_ms, ""))

    async def do_play_background(self, path: str, duration_ms: int) -> None:
        await self.line.play_background(Clip(path, duration_ms, ""))

    async def do_stop(self, name: str = "") -> None:
        self.peer.playbacks[name].stop()

    async def do_played(self, name: str = "") -> dict[str, Any]:
        return {"played_ms": self.peer.playbacks[name].played_ms}

    async def do_answer(self) -> None:
        await self.line.answer()

    async def do_hangup(self) -> None:
        await self.line.hangup()

    async def do_keys(self, keys: str) -> None:
        await self.line.send_keys(keys)

    async def do_transfer(self, to: str) -> None:
        await self.line.transfer(to)

    async def do_reject(self, code: int, retry_after_s: int | None = None) -> None:
        await self.line.reject(code, retry_after_s=retry_after_s)


def resident_kb() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


def settings_of(options: dict[str, Any]) -> SipSettings:
    given = dict(options)
    if "transports" in given:
        given["transports"] = frozenset(Transport(name) for name in given["transports"])
    if "srtp" in given:
        given["srtp"] = SrtpMode(given["srtp"])
    if "codecs" in given:
        given["codecs"] = tuple(given["codecs"])
    if "allowed_peers" in given:
        given["allowed_peers"] = tuple(ip_network(text) for text in given["allowed_peers"])
    if "accounts" in given:
        given["accounts"] = tuple(SipAccount(**account) for account in given["accounts"])
    return SipSettings(**{"bind_host": "127.0.0.1", "port": 0, **given})


async def main(options: dict[str, Any]) -> None:
    endpoint = await Pjsua2Endpoint.start(settings_of(options.get("settings", {})))
    peer = Peer(endpoint, options)
    peer.spawn(peer.take_calls())
    tell("ready", port=endpoint.port, capacity=endpoint.capacity)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while text := await reader.readline():
        order = json.loads(text)
        if order["do"] == "shutdown":
            break
        try:
            tell("done", **await peer.obey(order))
        except Exception as error:
            tell("failed", error=type(error).__name__, text=str(error))
    await endpoint.shutdown()
    tell("gone")


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(main(json.loads(sys.argv[1])))
