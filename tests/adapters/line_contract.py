"""What every endpoint and every line promise, as stories told on an endpoint that calls itself.

Run as a script it tells them all on the real endpoint, in this process, and prints one JSON line each.
"""

import asyncio
import json
import math
import tempfile
import traceback
from array import array
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sip_process import LOUD, QUIET, tone_file

from ivr.adapters.sip_pjsua2.endpoint import Pjsua2Endpoint
from ivr.adapters.sip_pjsua2.settings import SipSettings
from ivr.calls.sip import Answered, AudioReceived, Disconnected, Invite, KeyPressed, LineEvent
from ivr.calls.speech import Clip
from ivr.runtime.ports import DialledLine, Line, LineLost, SipEndpoint

E = TypeVar("E", bound=LineEvent)
Story = Callable[[SipEndpoint, str, Path], Awaitable[None]]


async def until(line: Line, kind: type[E]) -> E:
    async with asyncio.timeout(5):
        while not isinstance(event := await line.next_event(), kind):
            assert not isinstance(event, Disconnected), f"over before {kind.__name__}"
    return event


async def listen(line: Line, ms: int) -> AudioReceived:
    """The latest stretch of both channels."""
    caller = bot = b""
    length = ms * line.sample_rate_hz // 500
    while len(caller) < length:
        audio = await until(line, AudioReceived)
        assert len(audio.caller) == len(audio.bot) > 0
        caller, bot = caller + audio.caller, bot + audio.bot
    return AudioReceived(caller, bot)


def loudness(pcm: bytes) -> float:
    samples = array("h", pcm)
    return math.sqrt(sum(s * s for s in samples) / len(samples))


async def call(endpoint: SipEndpoint, uri: str) -> tuple[DialledLine, Line]:
    outer = await endpoint.dial(uri)
    inner = await endpoint.next_line()
    await inner.answer()
    await until(outer, Answered)
    return outer, inner


async def hang_up(*lines: Line) -> None:
    for line in lines:
        await line.hangup()
    for line in lines:
        await until(line, Disconnected)


async def each_end_hears_the_other_as_caller_and_itself_as_bot(
    endpoint: SipEndpoint, uri: str, clip: Path
) -> None:
    outer, inner = await call(endpoint, uri)
    await inner.play(Clip(str(clip), 3000, ""))
    await listen(outer, 200)
    heard, said = await listen(outer, 300), await listen(inner, 500)
    assert loudness(heard.caller) > LOUD
    assert loudness(heard.bot) < QUIET
    assert loudness(said.bot) > LOUD
    assert loudness(said.caller) < QUIET
    assert outer.codec == inner.codec != ""
    await hang_up(outer, inner)


async def a_playback_counts_audio_until_it_is_stopped(endpoint: SipEndpoint, uri: str, clip: Path) -> None:
    outer, inner = await call(endpoint, uri)
    playback = await inner.play(Clip(str(clip), 3000, ""))
    assert playback.duration_ms == 3000
    await listen(inner, 400)
    playback.stop()
    played_ms = playback.played_ms
    assert 200 <= played_ms <= 600
    playback.stop()
    await listen(inner, 300)
    assert playback.played_ms == played_ms
    assert loudness((await listen(inner, 200)).bot) < QUIET
    await hang_up(outer, inner)


async def a_clip_is_played_from_the_middle(endpoint: SipEndpoint, uri: str, clip: Path) -> None:
    outer, inner = await call(endpoint, uri)
    playback = await inner.play(Clip(str(clip), 3000, ""), from_ms=2400)
    assert 2400 <= playback.played_ms <= 2600
    assert loudness((await listen(inner, 300)).bot) > LOUD
    assert 2600 <= playback.played_ms <= 3000
    await listen(inner, 500)
    assert playback.played_ms == playback.duration_ms
    assert loudness((await listen(inner, 200)).bot) < QUIET
    await hang_up(outer, inner)


async def keys_come_in_order_and_once(endpoint: SipEndpoint, uri: str, clip: Path) -> None:
    outer, inner = await call(endpoint, uri)
    await outer.send_keys("1199*#")
    assert "".join([(await until(inner, KeyPressed)).key for _ in range(6)]) == "1199*#"
    with pytest.raises(ValueError, match="keys"):
        await outer.send_keys("x")
    await hang_up(outer, inner)


async def after_the_end_commands_say_that_the_line_is_lost(
    endpoint: SipEndpoint, uri: str, clip: Path
) -> None:
    outer, inner = await call(endpoint, uri)
    await outer.hangup()
    assert (await until(outer, Disconnected)).by_remote is False
    assert (await until(inner, Disconnected)).by_remote is True
    for line in (outer, inner):
        await line.hangup()
        with pytest.raises(LineLost):
            await line.send_keys("1")
        with pytest.raises(LineLost):
            await line.play(Clip(str(clip), 3000, ""))


async def a_refusal_reaches_the_caller_with_its_code(endpoint: SipEndpoint, uri: str, clip: Path) -> None:
    outer = await endpoint.dial(uri)
    inner = await endpoint.next_line()
    await inner.reject(480, retry_after_s=30)
    refused = await until(outer, Disconnected)
    assert (refused.sip_code, refused.by_remote) == (480, True)
    assert (await until(inner, Disconnected)).by_remote is False


async def a_caller_who_goes_away_while_it_rings_is_lost(endpoint: SipEndpoint, uri: str, clip: Path) -> None:
    outer = await endpoint.dial(uri)
    inner = await endpoint.next_line()
    await outer.hangup()
    assert (await until(outer, Disconnected)).sip_code == 487
    over = await until(inner, Disconnected)
    assert (over.sip_code, over.by_remote) == (487, True)
    with pytest.raises(LineLost):
        await inner.answer()


async def the_invite_says_who_called_whom(endpoint: SipEndpoint, uri: str, clip: Path) -> None:
    headers = [("Accept-Language", "en-US")]
    outer = await endpoint.dial(uri, from_user="+8613800000001", headers=headers)
    inner = await endpoint.next_line()
    invite: Invite = inner.invite
    assert (invite.remote_user, invite.dialled_user) == ("+8613800000001", "hotline")
    assert invite.accept_language == "en-US"
    assert invite.sip_call_id == outer.invite.sip_call_id != ""
    await hang_up(outer, inner)


async def beyond_the_last_line_calls_are_refused(endpoint: SipEndpoint, uri: str, clip: Path) -> None:
    outer, inner = await call(endpoint, uri)
    assert endpoint.capacity == 3
    third = await endpoint.dial(uri)
    assert (await until(third, Disconnected)).sip_code == 503
    with pytest.raises(ValueError, match="no SIP URI"):
        await endpoint.dial("hotline")
    await hang_up(outer, inner)


async def what_is_no_audio_is_refused_in_words(endpoint: SipEndpoint, uri: str, clip: Path) -> None:
    outer, inner = await call(endpoint, uri)
    broken = clip.with_name("broken.wav")
    broken.write_bytes(b"this is not a WAV file")
    with pytest.raises(OSError, match="cannot play"):
        await inner.play(Clip(str(broken), 1000, ""))
    await hang_up(outer, inner)


STORIES: tuple[Story, ...] = (
    each_end_hears_the_other_as_caller_and_itself_as_bot,
    a_playback_counts_audio_until_it_is_stopped,
    a_clip_is_played_from_the_middle,
    keys_come_in_order_and_once,
    after_the_end_commands_say_that_the_line_is_lost,
    a_refusal_reaches_the_caller_with_its_code,
    a_caller_who_goes_away_while_it_rings_is_lost,
    the_invite_says_who_called_whom,
    beyond_the_last_line_calls_are_refused,
    what_is_no_audio_is_refused_in_words,
)


async def tell_all(folder: Path) -> None:
    settings = SipSettings(bind_host="127.0.0.1", port=0, rtp_port_first=36800, rtp_port_last=36899)
    endpoint = await Pjsua2Endpoint.start(settings)
    clip = tone_file(folder / "tone.wav", seconds=3)
    for story in STORIES:
        failure = ""
        try:
            await story(endpoint, f"sip:hotline@127.0.0.1:{endpoint.port}", clip)
        except (Exception, pytest.fail.Exception):
            failure = traceback.format_exc()
        print(json.dumps({"story": story.__name__, "failure": failure}), flush=True)
    await endpoint.shutdown()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(tell_all(Path(name)))
