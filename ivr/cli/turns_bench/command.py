"""Reads the sounds, plays them all, and tells what came of it."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import typer
from rich.console import Console
from rich.progress import Progress

from ivr.adapters.speech_corpus import CorpusError, Recording, read_corpus
from ivr.adapters.voice.samples import LINE_RATE_HZ
from ivr.cli.asr_bench.line import noise_files
from ivr.cli.turns_bench import trials
from ivr.cli.turns_bench.report import Results, as_document, print_report
from ivr.cli.turns_bench.sounds import babble, hold_music, on_the_line, read_rooms, read_speech
from ivr.grammar.asides import is_back_channel
from ivr.media.level import Samples

_ECHOED = 60
"""Recordings that make the long prompt of which the echo is heard."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be measured."""

    noise: list[Path]
    speech: list[Path]
    backchannels: list[Path]
    levels_db: list[float]
    noise_s: float
    limit: int
    seed: int


def measure(wish: Wish, json_to: str) -> None:
    """Do it all. What cannot be done ends with a message and exit code 1."""
    try:
        document = as_document(_Bench(wish).run(), wish.seed)
    except (CorpusError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    text = json.dumps(document, ensure_ascii=False, indent=1)
    if json_to == "-":
        typer.echo(text)
    elif json_to:
        Path(json_to).write_text(text + "\n", "utf-8")
    print_report(document, Console(stderr=json_to == "-"))


class _Bench:
    def __init__(self, wish: Wish) -> None:
        """Read everything. Raises `CorpusError` and `OSError`."""
        self._wish = wish
        self._rng = np.random.default_rng(wish.seed)
        self._rooms = read_rooms(noise_files(wish.noise))
        if not self._rooms:
            raise CorpusError("no noise file lasts 3 s; shorter ones are no room")
        recordings = _recordings(wish.speech)
        self._speech = list(read_speech([r.path for r in self._some(recordings)]))
        self._digits = list(read_speech([r.path for r in recordings if r.category == "digit"]))
        listeners = _recordings(wish.backchannels) or [
            r for r in recordings if r.transcript and is_back_channel(r.transcript, r.language or "en")
        ]
        self._backchannels = list(read_speech([r.path for r in listeners]))
        if len(self._speech) < 2:
            raise CorpusError("the speech holds fewer than two recordings with somebody in them")

    def run(self) -> Results:
        """Play it all."""
        begun_s = time.process_time()
        console = Console(stderr=True, quiet=not Console(stderr=True).is_terminal)
        with Progress(console=console) as self._progress:
            results = Results(self._false_stops(), self._barges(), self._endings())
        results.cpu_s = time.process_time() - begun_s
        return results

    def _false_stops(self) -> list[trials.FalseStops]:
        wish, rng = self._wish, self._rng
        silence = np.zeros(int(wish.noise_s * LINE_RATE_HZ), np.int16)
        rooms = {
            **self._rooms,
            "babble of six": babble(self._speech, wish.noise_s, rng),
            "hold music": hold_music(wish.noise_s, rng),
        }
        found = [
            trials.false_stops(name, on_the_line(silence, room, snr_db, rng), snr_db=snr_db)
            for name, room, snr_db in self._watched(
                "noise", [(name, room, snr_db) for name, room in rooms.items() for snr_db in wish.levels_db]
            )
        ]
        prompt, line = trials.echo(self._speech[:_ECHOED], rng)
        found.append(trials.false_stops("echo of the prompt", line, bot=prompt))
        if self._backchannels:
            line = trials.back_channels(self._backchannels, wish.noise_s * len(self._rooms), rng)
            found.append(trials.false_stops("back-channels", line, statement=True))
        return found

    def _barges(self) -> list[trials.Barge]:
        spoken = trials.long_enough(self._speech, self._rng)
        rooms: list[tuple[float | None, Sequence[Samples | None]]] = [(None, [])]
        rooms += [(snr_db, list(self._rooms.values())) for snr_db in self._wish.levels_db]
        return [
            barge
            for snr_db, those in self._watched("speech over a question", rooms)
            for barge in trials.barges(spoken, those, snr_db, self._rng)
        ]

    def _endings(self) -> list[trials.Ending]:
        if len(self._digits) < 2:
            return []
        count = min(self._wish.limit, 60)
        return [
            ending
            for known in self._watched("numbers with pauses", [True, False])
            for ending in trials.endings(self._digits, count, self._rng, words_known=known)
        ]

    def _some(self, recordings: Sequence[Recording]) -> list[Recording]:
        chosen = self._rng.permutation(len(recordings))[: 2 * self._wish.limit]
        return [recordings[int(index)] for index in sorted(chosen)]

    def _watched(self, what: str, items: Iterable[T]) -> Iterable[T]:
        return self._progress.track(list(items), description=what)


def _recordings(directories: Sequence[Path]) -> list[Recording]:
    return [recording for directory in directories for recording in read_corpus(directory)[0]]
