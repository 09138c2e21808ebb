"""Clips to the caller by the library's C player, which the interpreter's pauses do not disturb."""

import tempfile
import wave
from functools import partial
from typing import Any

import pjsua2 as pj

from ivr.adapters.sip_pjsua2.library import FRAME_MS
from ivr.adapters.sip_pjsua2.media import LineTaps
from ivr.adapters.sip_pjsua2.stack import Stack

_REST_S = 0.2
"""A player must be silent this long before it is dropped, or the library may crash."""


class ClipPlayer:
    """Plays to a call, and to the tap that hears the bot: one clip at a time, and one loop under it.

    Library thread only.
    """

    def __init__(self, stack: Stack, taps: LineTaps) -> None:
        self._stack = stack
        self._taps = taps
        self._player: Any = None
        self._background: Any = None
        self._call_media: Any = None
        self._playback_number = 0

    def connect(self, call_media: Any) -> None:
        """The call has a new slot on the bridge: go on there."""
        self._call_media = call_media
        for player in (self._player, self._background):
            if player is not None:
                player.startTransmit(call_media)

    def disconnect(self) -> None:
        """The call and its slot are gone."""
        self._call_media = None
        self.stop()
        background, self._background = self._background, None
        if background is not None:
            self._retire(background)

    def play(self, path: str, duration_ms: int, from_ms: int = 0) -> tuple[int, int]:
        """Play a clip from `from_ms` on in place of any other.

        Gives the playback's number, and the tick at which the clip's beginning was or would have been heard.
        Raises `OSError` when the file cannot be played.
        """
        player = _open_rest(path, from_ms) if from_ms else _open(path, pj.PJMEDIA_FILE_NO_LOOP)
        self.stop()
        self._player = player
        self._playback_number += 1
        self._start(player)
        # The end is known from the clip's length: the library's own end-of-file callback crashes.
        self._stack.later((duration_ms - from_ms) / 1000 + _REST_S, partial(self.stop, self._playback_number))
        return self._playback_number, self._taps.meter.ticks - from_ms // FRAME_MS

    def stop(self, playback_number: int | None = None) -> None:
        """Silence the player, of this playback only when a number is given."""
        if self._player is None or playback_number not in {None, self._playback_number}:
            return
        player, self._player = self._player, None
        self._retire(player)

    def play_background(self, path: str) -> None:
        """Loop a clip under everything else, in place of any other, until the call ends. Raises `OSError`."""
        background = _open(path, 0)
        if self._background is not None:
            self._retire(self._background)
        self._background = background
        self._start(background)

    def _start(self, player: Any) -> None:
        player.startTransmit(self._taps.bot_port)
        if self._call_media is not None:
            player.startTransmit(self._call_media)

    def _retire(self, player: Any) -> None:
        player.stopTransmit(self._taps.bot_port)
        if self._call_media is not None:
            player.stopTransmit(self._call_media)
        self._stack.later(_REST_S, partial(_drop, [player]))


def _open(path: str, options: int) -> Any:
    player = pj.AudioMediaPlayer()
    try:
        player.createPlayer(path, options)
    except pj.Error as error:
        raise OSError(
            f"cannot play {path}: {error.reason}; a clip is a 16-bit mono PCM WAV file of 20 ms or more"
        ) from None
    return player


def _open_rest(path: str, from_ms: int) -> Any:
    """A player of the clip without its first `from_ms`: the library's own `setPos` aborts the process.

    It takes any position beyond half of the file for an error of the program.
    """
    with tempfile.NamedTemporaryFile(suffix=".wav") as rest:
        try:
            with wave.open(path, "rb") as whole, wave.open(rest, "wb") as cut:
                cut.setparams(whole.getparams())
                whole.setpos(min(from_ms * whole.getframerate() // 1000, whole.getnframes()))
                cut.writeframes(whole.readframes(whole.getnframes()))
        except (wave.Error, EOFError) as error:
            raise OSError(f"cannot play {path}: {error}; a clip is a 16-bit mono PCM WAV file") from None
        rest.flush()
        # The library keeps the file open, so it may lose its name at once.
        return _open(rest.name, pj.PJMEDIA_FILE_NO_LOOP)


def _drop(players: list[Any]) -> None:
    players.clear()
