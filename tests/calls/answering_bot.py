"""A small voice agent in a process of its own: greets, replies to speech and keys with clips, hangs up.

Run: python answering_bot.py PORT DIRECTORY [--goodbye-after N] [--drop-after-s S] [--busy]. It plays
`greeting.wav` and `reply.wav` of the directory, prints `ready` when it can be called, and after each call a
JSON line of the keys, the Accept-Language and the caller's number that it got.
"""

import argparse
import asyncio
import json
from contextlib import suppress
from pathlib import Path

import soundfile

from ivr.adapters.sip_pjsua2.endpoint import Pjsua2Endpoint
from ivr.adapters.sip_pjsua2.settings import SipSettings
from ivr.calls.sip import AudioReceived, Disconnected, KeyPressed
from ivr.calls.speech import Clip
from ivr.media.reply import ReplyRule, ReplyTrack
from ivr.runtime.ports import Line, LineLost

ENDPOINT_MS = 500
KEYS_END_MS = 400


def clip(path: Path) -> Clip:
    found = soundfile.info(path)
    return Clip(str(path), round(found.duration * 1000), "")


class Agent:
    """One call. Everything is decided in audio time, as the real agent does."""

    def __init__(self, line: Line, arguments: argparse.Namespace) -> None:
        self.line = line
        self.arguments = arguments
        self.keys = ""
        self.replies = 0
        self.ear = ReplyTrack(line.sample_rate_hz, ReplyRule(energetic_db=-35.0, end_silence_ms=ENDPOINT_MS))
        self.heard_until_ms = 0
        self.key_at_ms: int | None = None

    async def talk(self) -> None:
        await self.line.answer()
        playback = await self.line.play(clip(self.arguments.directory / "greeting.wav"))
        while True:
            match await self.line.next_event():
                case Disconnected():
                    return
                case KeyPressed(key=key):
                    playback.stop()
                    self.keys += key
                    self.key_at_ms = self.ear.length_ms
                case AudioReceived(caller=pcm):
                    self.ear.feed(pcm)
                    if self.ear.length_ms >= self.arguments.drop_after_s * 1000:
                        await self.line.hangup()
                    if self.ear.start(self.heard_until_ms) is not None:
                        playback.stop()
                    if self._caller_has_finished():
                        if self.replies == self.arguments.goodbye_after:
                            await self.line.hangup()
                            continue
                        self.replies += 1
                        playback = await self.line.play(clip(self.arguments.directory / "reply.wav"))

    def _caller_has_finished(self) -> bool:
        if self.key_at_ms is not None and self.ear.length_ms - self.key_at_ms >= KEYS_END_MS:
            self.key_at_ms = None
            return True
        start_ms = self.ear.start(self.heard_until_ms)
        end_ms = None if start_ms is None else self.ear.end(start_ms)
        if end_ms is None:
            return False
        self.heard_until_ms = self.ear.length_ms
        return True


async def serve(arguments: argparse.Namespace) -> None:
    rate_hz = soundfile.info(arguments.directory / "greeting.wav").samplerate
    settings = SipSettings(bind_host="127.0.0.1", port=arguments.port, clock_rate_hz=rate_hz)
    endpoint = await Pjsua2Endpoint.start(settings)
    print("ready", endpoint.port, flush=True)
    while True:
        line = await endpoint.next_line()
        if arguments.busy:
            await line.reject(486)
            continue
        agent = Agent(line, arguments)
        with suppress(LineLost):
            await agent.talk()
        report = {
            "keys": agent.keys,
            "language": line.invite.accept_language,
            "from": line.invite.remote_user,
        }
        print(json.dumps(report), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--goodbye-after", type=int, default=-1)
    parser.add_argument("--drop-after-s", type=float, default=1e9)
    parser.add_argument("--busy", action="store_true")
    asyncio.run(serve(parser.parse_args()))
