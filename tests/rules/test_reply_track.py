"""Where replies start and end, on drawings of audio: each character is one frame of 20 ms."""

import numpy as np
import pytest

from ivr.media.reply import FRAME_MS, ReplyRule, ReplyTrack, speech_end_ms

RATE_HZ = 8000
LEVELS = {"#": 3000, ".": 0, "-": 60}
"""Loud, digital silence, and hiss of -55 dBov."""


def pcm(drawing: str) -> bytes:
    frame = np.ones(RATE_HZ * FRAME_MS // 1000, dtype=np.int16)
    return b"".join((frame * LEVELS[mark]).astype("<i2").tobytes() for mark in drawing)


def track(drawing: str, **rule: float) -> ReplyTrack:
    heard = ReplyTrack(RATE_HZ, ReplyRule(**rule))  # type: ignore[arg-type]  # one dict for int and float fields
    heard.feed(pcm(drawing))
    return heard


@pytest.mark.parametrize(
    ("drawing", "after_ms", "start_ms"),
    [
        ("", 0, None),
        ("....", 0, None),
        ("----", 0, None),
        ("####", 0, 0),
        ("...####", 0, 60),
        ("...#", 0, None),
        ("...#...##", 0, 140),
        ("##..........####", 40, 240),
        ("####.........####", 40, None),
        ("####..........####", 40, 280),
        ("..........####....", 260, None),
        ("..........####....", 200, 200),
        ("..............####....", 260, 280),
    ],
    ids=[
        "nothing yet",
        "silence",
        "hiss is quiet",
        "speaks from the first frame",
        "starts after three frames",
        "one frame is a click so far",
        "a click is skipped",
        "a reply after 200 ms of quiet",
        "a pause of 180 ms in the old prompt is no start",
        "a pause of 200 ms is",
        "what began before is not asked for",
        "starts at the moment asked",
        "quiet before the moment asked counts",
    ],
)
def test_a_reply_starts_with_energy_after_quiet(drawing: str, after_ms: int, start_ms: int | None) -> None:
    assert track(drawing).start(after_ms) == start_ms


@pytest.mark.parametrize(
    ("drawing", "end_ms"),
    [
        ("###", None),
        ("###" + "." * 49, None),
        ("###" + "." * 50, 60),
        ("###" + "." * 30 + "##" + "." * 50, 35 * FRAME_MS),
        ("###" + "-" * 50, 60),
    ],
    ids=["still speaking", "980 ms of quiet", "a second of quiet", "a pause inside", "hiss is quiet"],
)
def test_a_reply_is_over_after_a_second_of_quiet(drawing: str, end_ms: int | None) -> None:
    assert track(drawing).end(0) == end_ms


def test_the_end_silence_is_a_setting() -> None:
    assert track("###" + "." * 20, end_silence_ms=400).end(0) == 60


def test_audio_in_odd_pieces_gives_the_same_frames() -> None:
    whole, pieces = track("..####.."), ReplyTrack(RATE_HZ, ReplyRule())
    audio = pcm("..####..")
    for start in range(0, len(audio), 111):
        pieces.feed(audio[start : start + 111])
    assert (pieces.length_ms, pieces.start(0)) == (whole.length_ms, whole.start(0)) == (160, 40)


@pytest.mark.parametrize(
    ("start_ms", "before_ms", "last_ms"), [(0, 160, 120), (0, 100, 100), (120, 160, 120)]
)
def test_the_last_energetic_frame_of_a_span(start_ms: int, before_ms: int, last_ms: int) -> None:
    assert track("..####..").last_energetic(start_ms, before_ms) == last_ms


@pytest.mark.parametrize(
    ("drawing", "end_ms"),
    [("..####....", 120), ("..####--", 120), ("####", 80), ("....", 0)],
    ids=["trailing silence", "trailing hiss", "none", "no speech at all"],
)
def test_speech_in_a_clip_ends_with_its_last_energetic_frame(drawing: str, end_ms: int) -> None:
    assert speech_end_ms(pcm(drawing), RATE_HZ) == end_ms
