"""Speech through the codecs of a telephone line, there and back."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import av
import numpy as np

from ivr.media.level import Samples


@dataclass(frozen=True, slots=True)
class Codec:
    """A codec by its RTP name; `library_name` is empty for plain samples."""

    name: str
    sample_rate_hz: int
    library_name: str = ""


CODECS = {
    codec.name: codec
    for codec in (
        Codec("pcma", 8000, "pcm_alaw"),
        Codec("pcmu", 8000, "pcm_mulaw"),
        Codec("g722", 16000, "g722"),
        Codec("none", 16000),
    )
}


def through_codec(samples: Samples, codec: Codec) -> Samples:
    """As many samples, at the codec's rate, as the far end hears them; G.722 brings them 1.4 ms late."""
    if not codec.library_name or not samples.size:
        return samples
    encoder, decoder = _context(codec, "w"), _context(codec, "r")
    encoder.format = "s16"
    encoder.time_base = Fraction(1, codec.sample_rate_hz)
    frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
    frame.sample_rate, frame.pts = codec.sample_rate_hz, 0
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    heard = [piece.to_ndarray()[0] for packet in [*packets, None] for piece in decoder.decode(packet)]
    return np.concatenate(heard)[: samples.size]


def _context(codec: Codec, mode: Literal["r", "w"]) -> av.AudioCodecContext:
    context = av.CodecContext.create(codec.library_name, mode)
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate = codec.sample_rate_hz
    context.layout = "mono"
    return context
