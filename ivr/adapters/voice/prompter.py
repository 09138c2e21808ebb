"""The `Prompter` port: recordings joined into one clip, synthesis only for words that nobody recorded."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple
from pathlib import Path

import structlog

from ivr.adapters.voice.clip_cache import ClipCache
from ivr.adapters.voice.errors import VoiceError
from ivr.adapters.voice.joining import join
from ivr.adapters.voice.pace import checked_pace, stretched
from ivr.adapters.voice.prompt_files import PromptTexts, load_prompt_texts
from ivr.adapters.voice.recordings import Recordings, load_recordings
from ivr.adapters.voice.samples import LINE_RATE_HZ, Pcm, read_pcm
from ivr.adapters.voice.speaking import natural_voice
from ivr.adapters.voice.synthesis import Synthesis
from ivr.calls.speech import Clip, Say
from ivr.dialogue.prompt_filling import FilledPrompt, Segment, fill
from ivr.dialogue.prompt_text import PromptTextError
from ivr.dialogue.spoken import Place
from ivr.runtime.ports import PromptMissing

_log = structlog.get_logger(__name__)


class RecordedPrompter:
    """Renders prompts from recordings held in memory; what was said before comes from the clip cache."""

    def __init__(
        self, texts: PromptTexts, recordings: Recordings, cache: ClipCache, synthesis: Synthesis
    ) -> None:
        self._texts = texts
        self._recordings = recordings
        self._cache = cache
        self._synthesis = synthesis

    def with_files(self, texts: PromptTexts, recordings: Recordings) -> "RecordedPrompter":
        """One that speaks other texts and recordings, with the same cache and the same synthesis."""
        return RecordedPrompter(texts, recordings, self._cache, self._synthesis)

    @property
    def recordings(self) -> Recordings:
        """All that was recorded."""
        return self._recordings

    async def render(self, says: Sequence[Say], *, locale: str, pace: float = 1.0) -> Clip:
        """Join the prompts into one clip at the rate of the recordings. Raises `PromptMissing`."""
        checked_pace(pace)
        filled = fill_prompts(self._texts, says, locale)
        segments = [segment for prompt in filled for segment in prompt.segments]
        content = json.dumps([self._recordings.fingerprint, pace, [astuple(s) for s in segments]])
        private = any(say.slots for say in says)
        path = self._cache.path(content, private=private)
        duration_ms = await asyncio.to_thread(self._cache.find, path)
        if duration_ms is None:
            recorded = await asyncio.to_thread(self._recorded, segments)
            parts = [
                (pcm if pcm is not None else await self._synthesised(segment, private), segment.place)
                for segment, pcm in zip(segments, recorded, strict=True)
            ]
            duration_ms = await asyncio.to_thread(self._join, path, parts, pace)
        text = " ".join(prompt.text for prompt in filled)
        return Clip(str(path), duration_ms, text)

    def _join(self, path: Path, parts: list[tuple[Pcm, Place]], pace: float) -> int:
        rate_hz = self._recordings.rate_hz
        return self._cache.store(path, stretched(join(parts, rate_hz), rate_hz, pace), rate_hz)

    def _recorded(self, segments: Sequence[Segment]) -> list[Pcm | None]:
        return [self._find(segment) for segment in segments]

    def _find(self, segment: Segment) -> Pcm | None:
        try:
            return self._recordings.find(segment.recordings)
        except OSError as error:
            _log.warning("recording_unreadable", error=str(error), mend="run `ivr prompts check`")
            return None

    async def _synthesised(self, segment: Segment, private: bool) -> Pcm:
        path = self._cache.path(json.dumps(["synthesis", segment.locale, segment.text]), private=private)
        try:
            if await asyncio.to_thread(self._cache.find, path) is None:
                _log.info("prompt_synthesised", recording=next(iter(segment.recordings), None))
                await self._synthesis.speak(segment.text, segment.locale, path)
            return await asyncio.to_thread(read_pcm, path, self._recordings.rate_hz)
        except (VoiceError, OSError) as error:
            name = next(iter(segment.recordings), "free text")
            raise PromptMissing(f"{name} has no recording and cannot be synthesised: {error}") from error


def fill_prompts(texts: PromptTexts, says: Sequence[Say], locale: str) -> list[FilledPrompt]:
    """Find the prompts' texts and fill their slots. Raises `PromptMissing`."""
    filled = []
    for say in says:
        prompt = texts.find(locale, say.prompt_id, say.variant)
        if prompt is None:
            raise PromptMissing(f"no text for the prompt {say.prompt_id} in {locale}: see prompts/{locale}")
        try:
            filled.append(fill(prompt, say.slots, texts.names.get(prompt.spoken_in)))
        except PromptTextError as error:
            raise PromptMissing(str(error)) from None
    return filled


@asynccontextmanager
async def open_prompter(
    prompts_dir: Path, cache_dir: Path, models_dir: Path, rate_hz: int = LINE_RATE_HZ
) -> AsyncIterator[RecordedPrompter]:
    """Load texts and recordings, and end the synthesis process afterwards. Clips come at `rate_hz`.

    Raises `PromptFilesError` for faulty prompt files, `OSError` where the cache cannot be written.
    """
    texts = load_prompt_texts(prompts_dir)
    recordings = await asyncio.to_thread(load_recordings, prompts_dir, rate_hz)
    cache = await asyncio.to_thread(ClipCache, cache_dir)
    natural_voice(models_dir)
    synthesis = Synthesis(prompts_dir, models_dir)
    try:
        yield RecordedPrompter(texts, recordings, cache, synthesis)
    finally:
        await synthesis.close()
