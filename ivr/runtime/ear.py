"""The bot's hearing on one call: audio and keys in, interpreted answers out."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from ivr.dialogue.state import Heard, Listen, NoInput, Trouble
from ivr.grammar.result import Hypothesis, Match
from ivr.media.barge_in import BargeInRules
from ivr.media.endpointing import EndpointRules
from ivr.media.keys import KeyRules
from ivr.media.listening import (
    KeysEntered,
    Listening,
    ListeningEvent,
    ListeningRules,
    NoInputGiven,
    PromptStopped,
    SpeechDropped,
    SpeechStarted,
    SpokenOver,
    UtteranceEnded,
)
from ivr.media.noise_floor import NoiseFloor
from ivr.runtime.ports import GrammarBook, Recogniser, RecogniserLost, SpeechDetector, Utterance

_FRAME_MS = 20
_LEAD_IN_MS = 300
_MOST_KEYS_AHEAD = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer with what the record wants to know of it."""

    event: Heard | NoInput | Trouble
    hypothesis: Hypothesis | None = None
    speech_ms: int = 0
    ended_at_s: float | None = None
    """Loop time at which the caller fell silent or released the last key."""


class Ear:
    """Listens when told to. Everything it finds goes to `post`; `hush` stops the prompt."""

    def __init__(
        self,
        *,
        sample_rate_hz: int,
        recogniser: Recogniser,
        grammars: GrammarBook,
        detector: SpeechDetector,
        post: Callable[[Answer], None],
        hush: Callable[[], None],
    ) -> None:
        self._rate_hz = sample_rate_hz
        self._frame_bytes = sample_rate_hz * _FRAME_MS // 1000 * 2
        self._recogniser = recogniser
        self._grammars = grammars
        self._detector = detector
        self._post = post
        self._hush = hush
        self._floor = NoiseFloor()
        self._rest = b""
        self._lead_in: deque[bytes] = deque(maxlen=_LEAD_IN_MS // _FRAME_MS)
        self._listen: Listen | None = None
        self._rules = ListeningRules()
        self._listening: Listening | None = None
        self._utterance: Utterance | None = None
        self._cut_prompt = False
        self._recognition: asyncio.Task[None] | None = None
        self._hotword: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._keys_ahead: deque[str] = deque(maxlen=_MOST_KEYS_AHEAD)

    def listen(self, listen: Listen, *, barge_in: bool, prompt_plays: bool) -> None:
        """Take the next answer by these rules; keys that were pressed ahead count at once."""
        self.stop()
        self._cut_prompt = False
        self._listen = listen
        self._rules = ListeningRules(
            endpoint=EndpointRules(end_silence_ms=listen.end_silence_ms),
            keys=KeyRules(
                max_keys=listen.keys.max_keys,
                terminator=listen.keys.terminator,
                inter_key_ms=listen.keys.inter_key_ms,
            ),
            barge_in=BargeInRules(),
            barge_in_allowed=barge_in,
            no_input_ms=listen.no_input_ms,
        )
        self._listening = Listening(self._rules)
        while self._keys_ahead and self._listening is not None and not self._listening.done:
            self.press(self._keys_ahead.popleft(), prompt_plays=prompt_plays)

    def stop(self) -> None:
        """Take no answer any more; what is on its way is thrown away."""
        self._listen = self._listening = None
        if self._recognition is not None:
            self._recognition.cancel()
            self._recognition = None
        self._drop_utterance()

    def forget_keys(self) -> None:
        """Keys pressed ahead of a question that was never put are no answer to another one."""
        self._keys_ahead.clear()

    def hear(self, pcm: bytes, *, prompt_played_ms: int | None) -> None:
        """Take caller audio of any length."""
        self._rest += pcm
        while len(self._rest) >= self._frame_bytes:
            chunk, self._rest = self._rest[: self._frame_bytes], self._rest[self._frame_bytes :]
            self._hear_frame(chunk, prompt_played_ms)

    def press(self, key: str, *, prompt_plays: bool) -> None:
        """Take a key. One that comes while speech is still being recognised wins over it."""
        if self._listening is None or self._listen is None:
            self._keys_ahead.append(key)
            return
        if self._recognition is not None:
            self._recognition.cancel()
            self._recognition = None
            self._listening = Listening(self._rules)
        if self._listening.done:
            self._keys_ahead.append(key)
            return
        self._act(self._listening.press(key, prompt_plays=prompt_plays))

    async def close(self) -> None:
        """Stop and wait until nothing of it runs any more."""
        recognition = self._recognition
        self.stop()
        if self._hotword is not None:
            self._hotword.cancel()
        await asyncio.gather(*self._background, *filter(None, [recognition]), return_exceptions=True)

    def _hear_frame(self, chunk: bytes, prompt_played_ms: int | None) -> None:
        frame = self._detector.judge(chunk, self._rate_hz)
        in_speech = self._listening is not None and self._listening.in_speech
        near = self._floor.feed(frame.level_db, frame.length_ms, in_speech=in_speech)
        frame = replace(frame, voiced=frame.voiced and near)
        if self._listening is not None and self._recognition is None:
            floor_db = self._floor.floor_db
            self._act(self._listening.feed(frame, prompt_played_ms=prompt_played_ms, floor_db=floor_db))
        if self._utterance is not None and self._recognition is None:
            self._utterance.feed(chunk)
        self._lead_in.append(chunk)

    def _act(self, events: tuple[ListeningEvent, ...]) -> None:
        listen = self._listen
        assert listen is not None
        for event in events:
            match event:
                case SpeechStarted():
                    self._open_utterance(listen)
                case SpeechDropped():
                    self._drop_utterance()
                case PromptStopped(by=by):
                    self._cut_prompt = by == "speech"
                    self._hush()
                case UtteranceEnded():
                    self._recognise(listen, event)
                case SpokenOver():
                    self._try_hotword(listen, event)
                case KeysEntered(keys=keys):
                    self._drop_utterance()
                    self._post(self._keyed(listen, keys))
                case NoInputGiven():
                    self._post(Answer(NoInput(listen.turn)))

    def _open_utterance(self, listen: Listen) -> None:
        self._drop_utterance()
        self._utterance = self._recogniser.utterance(
            locale=listen.locale,
            grammar=self._grammars.source(listen.grammars, locale=listen.locale),
            sample_rate_hz=self._rate_hz,
        )
        for chunk in self._lead_in:
            self._utterance.feed(chunk)

    def _drop_utterance(self) -> None:
        if self._utterance is not None:
            self._in_background(self._utterance.cancel(), "drop utterance")
            self._utterance = None

    def _keyed(self, listen: Listen, keys: str) -> Answer:
        meaning = self._grammars.interpret_keys(keys, listen.keys.grammars, locale=listen.locale)
        heard = Heard(listen.turn, "keys", meaning)
        return Answer(heard, ended_at_s=asyncio.get_running_loop().time())

    def _recognise(self, listen: Listen, ended: UtteranceEnded) -> None:
        utterance, self._utterance = self._utterance, None
        assert utterance is not None

        async def finish() -> None:
            answer = await self._answer(listen, utterance, ended)
            self._recognition = None
            self._post(answer)

        self._recognition = asyncio.create_task(finish(), name="recognition")

    def _try_hotword(self, listen: Listen, spoken: SpokenOver) -> None:
        """The prompt goes on while we find out whether what was said over it means anything."""
        utterance, self._utterance = self._utterance, None
        assert utterance is not None

        async def finish() -> None:
            answer = await self._answer(listen, utterance, spoken)
            if self._listen is not listen or not _means_something(answer, self._rules.barge_in):
                return
            self._hush()
            self.stop()
            self._post(answer)

        self._hotword = self._in_background(finish(), "hotword")

    async def _answer(
        self, listen: Listen, utterance: Utterance, heard: UtteranceEnded | SpokenOver
    ) -> Answer:
        ended_at_s = asyncio.get_running_loop().time() - heard.silence_ms / 1000
        try:
            hypothesis = await utterance.finish()
        except RecogniserLost:
            return Answer(Trouble(listen.turn), speech_ms=heard.speech_ms, ended_at_s=ended_at_s)
        meaning = self._grammars.interpret(hypothesis, listen.grammars, locale=listen.locale)
        event = Heard(listen.turn, "speech", meaning, cut_prompt=self._cut_prompt)
        return Answer(event, hypothesis, heard.speech_ms, ended_at_s)

    def _in_background(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task


def _means_something(answer: Answer, rules: BargeInRules) -> bool:
    if not isinstance(answer.event, Heard) or not isinstance(answer.event.interpretation, Match):
        return False
    return answer.event.interpretation.confidence >= rules.hotword_confidence
