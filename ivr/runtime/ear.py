"""The bot's hearing on one call: audio and keys in, interpreted answers out."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from ivr.dialogue.state import Heard, Listen, NoInput, Trouble
from ivr.grammar.result import Hypothesis, Match
from ivr.media.barge_in import BargeInRules, Reason
from ivr.media.echo import EchoGauge
from ivr.media.endpointing import EndpointRules, EndReason
from ivr.media.keys import KeyRules
from ivr.media.leftover import Leftover
from ivr.media.listening import (
    KeysEntered,
    Listening,
    ListeningEvent,
    ListeningRules,
    NoInputGiven,
    Prompt,
    PromptStopped,
    SpeechDropped,
    SpeechStarted,
    SpokenOver,
    UtteranceEnded,
)
from ivr.media.pace import Pace
from ivr.media.temper import Temper
from ivr.runtime.last_answer import LastAnswer
from ivr.runtime.ports import GrammarBook, Recogniser, RecogniserLost, SpeechDetector, VoiceDetector
from ivr.runtime.senses import FRAME_MS, Senses
from ivr.runtime.spoken import Answered, Spoken

_MOST_KEYS_AHEAD = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer with what the record wants to know of it."""

    event: Heard | NoInput | Trouble
    hypothesis: Hypothesis | None = None
    speech_ms: int = 0
    ended_at_s: float | None = None
    """Loop time at which the caller fell silent or released the last key."""
    end_reason: EndReason | None = None
    """Why speech was taken to be over."""


class Ear:
    """Listens when told to. Everything it finds goes to `post`; `hush` stops the prompt."""

    def __init__(
        self,
        *,
        sample_rate_hz: int,
        recogniser: Recogniser,
        grammars: GrammarBook,
        detector: SpeechDetector,
        voice_detector: VoiceDetector | None = None,
        post: Callable[[Answer], None],
        hush: Callable[[], None],
    ) -> None:
        self._rate_hz = sample_rate_hz
        self._frame_bytes = sample_rate_hz * FRAME_MS // 1000 * 2
        self._recogniser = recogniser
        self._grammars = grammars
        self._senses = Senses(sample_rate_hz, detector, voice_detector)
        self._post = post
        self._hush = hush
        self._pace, self._echo, self._temper = Pace(), EchoGauge(), Temper()
        self._rest = self._own_rest = b""
        self._listen: Listen | None = None
        self._rules = ListeningRules()
        self._listening: Listening | None = None
        self._spoken: Spoken | None = None
        self._last_answer, self._leftover = LastAnswer(), Leftover()
        self._cut_prompt: PromptStopped | None = None
        self._recognition: asyncio.Task[None] | None = None
        self._hotword: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._keys_ahead: deque[str] = deque(maxlen=_MOST_KEYS_AHEAD)

    def listen(self, listen: Listen, *, barge_in: bool, prompt_plays: bool) -> None:
        """Take the next answer by these rules; keys that were pressed ahead count at once."""
        self.stop()
        self._cut_prompt = None
        self._listen = listen
        # What comes so soon belongs to the answer before, and stops the reply to it at any moment.
        follows = self._last_answer.recent is not None
        self._rules = ListeningRules(
            endpoint=EndpointRules(item_silence_ms=listen.end_silence_ms),
            keys=KeyRules(
                max_keys=listen.keys.max_keys,
                terminator=listen.keys.terminator,
                inter_key_ms=listen.keys.inter_key_ms,
            ),
            barge_in=BargeInRules(first_ms=0) if follows else BargeInRules(),
            barge_in_allowed=barge_in,
            no_input_ms=listen.no_input_ms,
        )
        self._listening = self._new_listening()
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

    @property
    def back_ms(self) -> int:
        """How far before this moment a prompt that is cut off now should go on, if it does."""
        return self._senses.back_ms

    def hear(self, caller: bytes, bot: bytes, *, prompt: Prompt | None) -> None:
        """Take the same stretch of caller audio and of what the bot sent, of any length."""
        self._rest += caller
        self._own_rest += bot
        size = self._frame_bytes
        while len(self._rest) >= size:
            chunk, self._rest = self._rest[:size], self._rest[size:]
            own, self._own_rest = self._own_rest[:size], self._own_rest[size:]
            self._hear_frame(chunk, own, prompt)

    def press(self, key: str, *, prompt_plays: bool) -> None:
        """Take a key. One that comes while speech is still being recognised wins over it."""
        if self._listening is None or self._listen is None:
            self._keys_ahead.append(key)
            return
        if self._recognition is not None:
            self._recognition.cancel()
            self._recognition = None
            self._listening = self._new_listening()
        if self._listening.done:
            self._keys_ahead.append(key)
            return
        if self._listening.in_speech:
            self._leftover.begin()
        self._act(self._listening.press(key, prompt_plays=prompt_plays))

    async def close(self) -> None:
        """Stop and wait until nothing of it runs any more."""
        recognition = self._recognition
        self.stop()
        if self._hotword is not None:
            self._hotword.cancel()
        await asyncio.gather(*self._background, *filter(None, [recognition]), return_exceptions=True)

    def _new_listening(self) -> Listening:
        return Listening(self._rules, pace=self._pace, echo=self._echo)

    def _hear_frame(self, chunk: bytes, own: bytes, prompt: Prompt | None) -> None:
        listening = self._listening if self._recognition is None else None
        frame = self._senses.frame(
            chunk,
            own,
            in_speech=listening is not None and listening.in_speech,
            over_prompt=prompt is not None and listening is not None,
            decided=listening is not None and listening.decided,
        )
        frame = replace(frame, voiced=self._leftover.is_new(frame.voiced, frame.length_ms))
        in_use = self._spoken is not None and self._spoken.follows
        self._last_answer.hear(chunk, self._senses.heard_ms, prompt, in_use=in_use)
        if listening is None:
            return
        if self._spoken is not None:
            self._spoken.feed(chunk)
        self._act(listening.feed(frame, prompt=prompt, floor_db=self._senses.floor_db))
        self._judge_pause()

    def _judge_pause(self) -> None:
        """Let the words that the caller has paused after decide how long to wait for more."""
        listening, spoken = self._listening, self._spoken
        if listening is None or spoken is None or not listening.paused:
            return
        outlook = spoken.outlook(listening.silence_ms)
        if outlook is not None:
            listening.expect(outlook)

    def _act(self, events: tuple[ListeningEvent, ...]) -> None:
        listen = self._listen
        assert listen is not None
        for event in events:
            match event:
                case SpeechStarted():
                    self._open_utterance(listen)
                case SpeechDropped():
                    self._drop_utterance()
                case PromptStopped():
                    self._cut_prompt = event
                    self._hush()
                case UtteranceEnded():
                    self._recognise(listen, event)
                case SpokenOver():
                    self._try_hotword(listen, event)
                case KeysEntered(keys=keys):
                    self._drop_utterance()
                    self._last_answer.forget()
                    self._post(self._keyed(listen, keys))
                case NoInputGiven():
                    self._post(Answer(NoInput(listen.turn)))

    def _open_utterance(self, listen: Listen) -> None:
        self._drop_utterance()
        self._spoken = Spoken(
            self._recogniser,
            self._grammars,
            listen,
            sample_rate_hz=self._rate_hz,
            before=self._last_answer.recent,
        )
        self._spoken.feed(self._senses.lead_in, known_before=True)

    def _drop_utterance(self) -> None:
        if self._spoken is not None:
            self._in_background(self._spoken.cancel(), "drop utterance")
            self._spoken = None

    def _keyed(self, listen: Listen, keys: str) -> Answer:
        meaning = self._grammars.interpret_keys(keys, listen.keys.grammars, locale=listen.locale)
        heard = Heard(listen.turn, "keys", meaning)
        return Answer(heard, ended_at_s=asyncio.get_running_loop().time())

    def _recognise(self, listen: Listen, ended: UtteranceEnded) -> None:
        spoken, self._spoken = self._spoken, None
        assert spoken is not None

        async def finish() -> None:
            answer = await self._answer(listen, spoken, ended)
            self._recognition = None
            self._post_spoken(answer)

        self._last_answer.keep(Answered(listen, spoken.pcm, self._senses.heard_ms - ended.silence_ms))
        self._recognition = asyncio.create_task(finish(), name="recognition")

    def _try_hotword(self, listen: Listen, over: SpokenOver) -> None:
        """The prompt goes on while we find out whether what was said over it means anything."""
        spoken, self._spoken = self._spoken, None
        assert spoken is not None
        ended_ms = self._senses.heard_ms - over.silence_ms

        async def finish() -> None:
            answer = await self._answer(listen, spoken, over)
            if self._listen is not listen or not _means_something(answer, self._rules.barge_in):
                return
            self._hush()
            self.stop()
            self._last_answer.keep(Answered(listen, spoken.pcm, ended_ms))
            self._post_spoken(answer)

        self._hotword = self._in_background(finish(), "hotword")

    def _post_spoken(self, answer: Answer) -> None:
        self._last_answer.meant(answer.event.interpretation if isinstance(answer.event, Heard) else None)
        self._post(answer)

    async def _answer(self, listen: Listen, spoken: Spoken, heard: UtteranceEnded | SpokenOver) -> Answer:
        ended_at_s = asyncio.get_running_loop().time() - heard.silence_ms / 1000
        reason = heard.reason if isinstance(heard, UtteranceEnded) else None
        cut = self._cut_prompt
        told = heard.reason is Reason.BACK_CHANNEL or (cut is not None and cut.statement)
        try:
            read = await spoken.finish(heard.silence_ms, over_statement=told)
        except RecogniserLost:
            return Answer(Trouble(listen.turn), None, heard.speech_ms, ended_at_s, reason)
        event = Heard(
            listen.turn,
            "speech",
            read.interpretation,
            speech_ms=heard.speech_ms,
            cut_prompt=cut is not None and cut.by == "speech",
            follows=spoken.follows,
            amendment=read.amendment,
            agitated=self._temper.judge(spoken.delivery(read.hypothesis, heard.speech_ms)),
        )
        return Answer(event, read.hypothesis, heard.speech_ms, ended_at_s, reason)

    def _in_background(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task


def _means_something(answer: Answer, rules: BargeInRules) -> bool:
    if not isinstance(answer.event, Heard) or not isinstance(answer.event.interpretation, Match):
        return False
    return answer.event.interpretation.confidence >= rules.hotword_confidence
