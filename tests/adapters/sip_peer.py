"""A SIP endpoint in a process of its own: orders as JSON lines on stdin, what happens as JSON lines on stdout.

Run as `python sip_peer.py OPTIONS_AS_JSON`. Tests start it, because the library lives once in a process.
"""

import asyncio
import json
import math
import os
import sys
import threading
from array import array
from dataclasses import asdict
from ipaddress import ip_network
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
        self.playbacks: dict[int, Pjsua2Playback] = {}
        self.heard = {"caller": b"", "bot": b""}
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
        number = len(self.lines) + 1
        self.lines[number] = line
        self.spawn(self.follow(number, line))
        return number

    async def serve(self, number: int, line: Pjsua2Line) -> None:
        try:
            await line.answer()
            tell("established", line=number, codec=line.codec)
            if clip := self.options.get("clip"):
                self.playbacks[number] = await line.play(Clip(clip["path"], clip["duration_ms"], ""))
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
                return

    async def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        action = order.pop("do")
        line = self.lines.get(order.pop("line", 1))
        if action == "dial":
            headers = tuple((name, value) for name, value in order.get("headers", []))
            line = await self.endpoint.dial(order["to"], headers=headers)
            return {"line": self.add(line), "invite": asdict(line.invite)}
        if action == "state":
            return {
                "in_use": self.endpoint.lines_in_use,
                "capacity": self.endpoint.capacity,
                "registrations": self.endpoint.registrations,
                "threads": threading.active_count(),
                "resident_kb": resident_kb(),
                "tasks": len(asyncio.all_tasks()),
            }
        if action == "listen":
            self.heard = {"caller": b"", "bot": b""}
            await asyncio.sleep(order["seconds"])
            return {side: loudness(pcm) for side, pcm in self.heard.items()}
        if action == "drain":
            self.endpoint.refuse_new_calls()
            return {}
        assert line is not None, f"no such line for {action}"
        if action == "play":
            playback = await line.play(Clip(order["path"], order["duration_ms"], ""))
            self.playbacks[order.get("as", 1)] = playback
        elif action == "stop":
            self.playbacks[order.get("as", 1)].stop()
        elif action == "played":
            return {"played_ms": self.playbacks[order.get("as", 1)].played_ms}
        elif action in {"hangup", "answer"}:
            await getattr(line, action)()
        elif action == "keys":
            await line.send_keys(order["keys"])
        elif action == "transfer":
            await line.transfer(order["to"])
        elif action == "reject":
            await line.reject(order["code"], retry_after_s=order.get("retry_after_s"))
        return {}


def resident_kb() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


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
