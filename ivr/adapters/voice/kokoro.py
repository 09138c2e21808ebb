"""Kokoro-82M: natural Mandarin and English from an ONNX model, offline."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from ivr.adapters.voice.errors import VoiceError
from ivr.adapters.voice.phonemes import phonemes, teach_readings
from ivr.adapters.voice.samples import CutSpeech, Samples
from ivr.adapters.voice.voices import VoiceChoice, Voices

_FRAME = 600
"""Samples to one unit of predicted duration."""
_MAX_TOKENS = 500
_DURATIONS = "/encoder/Clip_output_0"
"""The tensor inside the graph that holds each token's duration in frames."""
_SENTENCE_END = re.compile(r"(?<=[.!?。！？;；])\s*")


class KokoroVoice:
    """The model in memory; not thread-safe, and on one busy core it computes about as long as it speaks."""

    rate_hz = 24000
    """Rate of what it speaks."""

    def __init__(self, model_dir: Path, voices: Voices, *, threads: int = 1) -> None:
        """Load `model.onnx` and `vocab.json` of `model_dir`. Raises `VoiceError`."""
        self._voices_dir = voices.directory
        if not (model_dir / "model.onnx").is_file():
            raise VoiceError(f"no model in {model_dir}: run `ivr models pull {model_dir.name}`")
        teach_readings(voices.readings)
        self._styles: dict[str, Samples] = {}
        try:
            vocabulary = json.loads((model_dir / "vocab.json").read_text(encoding="utf-8"))
            self._vocabulary: dict[str, int] = vocabulary["vocab"]
            self._session = _session(model_dir / "model.onnx", threads)
        except Exception as error:  # onnxruntime's own errors have no base below Exception
            raise VoiceError(f"the model in {model_dir} is broken: run `ivr models verify`") from error

    def synthesise(self, text: str, locale: str, choice: VoiceChoice) -> Samples:
        """Speak any text, sentence by sentence where it is long. Raises `VoiceError`."""
        whole = self._tokens(text, locale)
        texts = [text] if len(whole) <= _MAX_TOKENS else [s for s in _SENTENCE_END.split(text) if s]
        spoken = [self.synthesise_parts([t], locale, choice).samples for t in texts]
        return np.concatenate(spoken)

    def synthesise_parts(self, parts: Sequence[str], locale: str, choice: VoiceChoice) -> CutSpeech:
        """Speak the parts as one sentence and tell where each begins, so that they can be cut apart."""
        rows = [self._tokens(part, locale) for part in parts]
        space = self._vocabulary[" "]
        tokens: list[int] = []
        starts: list[int] = []
        for row in rows:
            tokens += [space] if tokens else []
            starts.append(len(tokens))
            tokens += row
        if not tokens or len(tokens) > _MAX_TOKENS:
            raise VoiceError(f"a text of {len(tokens)} phonemes cannot be spoken in one breath")
        samples, durations = self._run(tokens, self._style(choice.voice), choice.speed)
        # Token 0 is the padding before the text, so `ends[start - 1]` is where the space before a part
        # begins; the space's time belongs to the consonant that follows it.
        ends = np.cumsum(durations) * _FRAME
        between = [int(ends[start - 1]) for start in starts[1:]]
        return CutSpeech(samples, self.rate_hz, (0, *between, len(samples)))

    def _run(self, tokens: list[int], style: Samples, speed: float) -> tuple[Samples, Any]:
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": style[len(tokens) - 1][None, :].astype(np.float32),
            "speed": np.array([speed], dtype=np.float32),
        }
        audio, durations = self._session.run(["audio", _DURATIONS], inputs)
        return np.asarray(audio, np.float32).ravel(), np.asarray(durations).ravel()

    def _tokens(self, text: str, locale: str) -> list[int]:
        return [self._vocabulary[c] for c in phonemes(text, locale) if c in self._vocabulary]

    def _style(self, voice: str) -> Samples:
        if voice not in self._styles:
            path = self._voices_dir / f"{voice}.npy"
            try:
                self._styles[voice] = np.load(path).astype(np.float32)
            except (OSError, ValueError) as error:
                known = ", ".join(sorted(p.stem for p in self._voices_dir.glob("*.npy"))) or "none"
                raise VoiceError(f"no voice {voice} in {self._voices_dir}; there are: {known}") from error
        return self._styles[voice]


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    model = path.read_bytes() + _declare_output(_DURATIONS)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _declare_output(tensor: str) -> bytes:
    """ModelProto bytes that, appended to a model, add a float tensor of its graph to its outputs.

    Protocol Buffers merge a message that occurs twice, and lists within it are joined: `graph` is field 7 of
    ModelProto, `output` field 12 of GraphProto, `name` 1 and `type` 2 of ValueInfoProto.
    """
    float_tensor = _field(1, bytes([1 << 3, 1]))
    return _field(7, _field(12, _field(1, tensor.encode()) + _field(2, float_tensor)))


def _field(number: int, payload: bytes) -> bytes:
    return bytes([number << 3 | 2, len(payload)]) + payload
