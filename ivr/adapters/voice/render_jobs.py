"""Speaking takes: one after the other in this process, or shared out among several."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ivr.adapters.voice.errors import VoiceError
from ivr.adapters.voice.recordings import fingerprint
from ivr.adapters.voice.samples import CutSpeech
from ivr.adapters.voice.takes import Take
from ivr.adapters.voice.voices import VoiceChoice, Voices

if TYPE_CHECKING:
    from ivr.adapters.voice.kokoro import KokoroVoice


@dataclass(frozen=True, eq=False, slots=True)
class Job:
    """A take to be spoken, and with whose voice."""

    take: Take
    voices: Voices

    @property
    def choice(self) -> VoiceChoice:
        """The voice at the pace of the take."""
        choice = self.voices.prompts[self.take.locale]
        return replace(choice, speed=choice.speed * self.take.pace)

    @property
    def length(self) -> float:
        """How long it takes to speak, roughly, in seconds of speech."""
        characters = sum(map(len, self.take.spoken_parts()))
        per_second = 5 if self.take.locale.startswith("zh") else 15
        return 0.5 + characters / per_second / self.choice.speed

    def fingerprint(self, index: int) -> str:
        """What the recording that is cut out of part `index` is made from."""
        return fingerprint(self.take, index, self.voices.prompts[self.take.locale], self.voices.readings)


Speak: TypeAlias = Callable[[Sequence[Job]], Iterator[tuple[Job, CutSpeech]]]
"""Gives each job's speech when it is done, in any order. Raises `VoiceError`."""


def speak_here(model_dir: Path, voices: Voices, *, threads: int = 1) -> Speak:
    """Speak in this process. Raises `VoiceError` where the model is missing."""
    voice = _load(model_dir, voices, threads)

    def speak(jobs: Sequence[Job]) -> Iterator[tuple[Job, CutSpeech]]:
        for job in jobs:
            yield job, voice.synthesise_parts(job.take.spoken_parts(), job.take.locale, job.choice)

    return speak


def speak_in_processes(model_dir: Path, voices: Voices, *, processes: int) -> Speak:
    """Speak in several processes, each with a model of its own (about 0.6 GB) and one thread."""

    def speak(jobs: Sequence[Job]) -> Iterator[tuple[Job, CutSpeech]]:
        pool = ProcessPoolExecutor(
            processes, get_context("spawn"), initializer=_start, initargs=(model_dir, voices)
        )
        try:
            waiting: dict[Future[CutSpeech], Job] = {pool.submit(_speak, job): job for job in jobs}
            for done in as_completed(waiting):
                yield waiting.pop(done), done.result()
        except BrokenProcessPool as error:
            raise VoiceError(
                "a speaking process ended: it may have lacked memory; run it again with fewer --jobs"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)

    return speak


_voice: "KokoroVoice | None" = None
"""The model of a speaking process."""


def _start(model_dir: Path, voices: Voices) -> None:
    global _voice  # noqa: PLW0603 - a pool's processes have no other place for it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which lets us finish
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _voice = _load(model_dir, voices, 1)


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _speak(job: Job) -> CutSpeech:
    assert _voice is not None
    return _voice.synthesise_parts(job.take.spoken_parts(), job.take.locale, job.choice)


def _load(model_dir: Path, voices: Voices, threads: int) -> "KokoroVoice":
    from ivr.adapters.voice.kokoro import KokoroVoice  # noqa: PLC0415 - takes a second

    return KokoroVoice(model_dir, voices, threads=threads)
