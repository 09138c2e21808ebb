"""FFmpeg's audio filters, through PyAV, on samples in memory."""

from fractions import Fraction

from av import AudioFrame
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as NothingMore
from av.filter import Graph

from ivr.adapters.voice.samples import Pcm


def filtered(pcm: Pcm, rate_hz: int, *filters: tuple[str, str]) -> list[AudioFrame]:
    """What comes out of a row of filters, each by name and arguments."""
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=rate_hz, format="s16", layout="mono", time_base=Fraction(1, rate_hz)
    )
    last = source
    for name, arguments in (*filters, ("abuffersink", "")):
        following = graph.add(name, arguments) if arguments else graph.add(name)
        last.link_to(following)
        last = following
    graph.configure()
    speech = AudioFrame.from_ndarray(pcm[None, :], format="s16", layout="mono")
    speech.sample_rate, speech.pts = rate_hz, 0
    graph.push(speech)
    graph.push(None)
    frames: list[AudioFrame] = []
    while True:
        try:
            frame = graph.pull()
        except (NothingYet, NothingMore):
            return frames
        assert isinstance(frame, AudioFrame)
        frames.append(frame)
