"""One call without people or machines: sounds on one side, the rules of turn-taking on the other."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ivr.adapters.vad_silero import SileroVoiceDetector
from ivr.adapters.vad_webrtc import WebRtcSpeechDetector
from ivr.adapters.voice.samples import LINE_RATE_HZ
from ivr.grammar.outlook import Outlook
from ivr.media.echo import EchoGauge
from ivr.media.level import Samples
from ivr.media.listening import (
    Listening,
    ListeningEvent,
    ListeningRules,
    Prompt,
    PromptStopped,
    UtteranceEnded,
)
from ivr.media.pace import Pace
from ivr.runtime.senses import FRAME_MS, Senses

_FRAME = LINE_RATE_HZ * FRAME_MS // 1000
_NEVER_MS = 10**9

Words = Callable[[int, int], Outlook | None]
"""What is known of the words at a moment of a pause: (audio so far, silence so far), both in ms."""


@dataclass
class Heard:
    """What the rules made of it, each event with the audio time at which it was told."""

    events: list[tuple[int, ListeningEvent]] = field(default_factory=list)
    audio_ms: int = 0

    def times(self, kind: type[ListeningEvent]) -> list[int]:
        """When events of this kind came."""
        return [at_ms for at_ms, event in self.events if isinstance(event, kind)]


class Stage:
    """Listens to one caller for as long as there is sound; a prompt that was stopped goes on afterwards."""

    def __init__(self, rules: ListeningRules, *, confirm: bool) -> None:
        """`confirm`: ask the second detector, as calls do."""
        self._rules = rules
        self._senses = Senses(
            LINE_RATE_HZ, WebRtcSpeechDetector(), SileroVoiceDetector() if confirm else None
        )
        self._pace = Pace()
        self._echo = EchoGauge()

    def play(
        self,
        caller: Samples,
        *,
        bot: Samples | None = None,
        prompt: bool,
        statement: bool = False,
        words: Words | None = None,
    ) -> Heard:
        """Take the caller's audio, frame by frame.

        `bot` is what the prompt sounds like, silence where only its being there matters. With `prompt` one
        plays all the time, except from where it is stopped to the end of that utterance.
        """
        heard = Heard()
        listening, stopped = self._listening(), False
        own = np.zeros_like(caller) if bot is None else np.resize(bot, caller.size)
        for at in range(0, caller.size - _FRAME + 1, _FRAME):
            plays = Prompt(_NEVER_MS, statement) if prompt and not stopped else None
            frame = self._senses.frame(
                caller[at : at + _FRAME].tobytes(),
                (own[at : at + _FRAME] if plays else own[:_FRAME] * 0).tobytes(),
                in_speech=listening.in_speech,
                over_prompt=plays is not None,
                decided=listening.decided,
            )
            heard.audio_ms += FRAME_MS
            events = listening.feed(frame, prompt=plays, floor_db=self._senses.floor_db)
            if words is not None and listening.paused:
                known = words(heard.audio_ms, listening.silence_ms)
                if known is not None:
                    listening.expect(known)
            heard.events += [(heard.audio_ms, event) for event in events]
            stopped = stopped or any(isinstance(event, PromptStopped) for event in events)
            if any(isinstance(event, UtteranceEnded) for event in events):
                listening, stopped = self._listening(), False
        return heard

    def _listening(self) -> Listening:
        return Listening(self._rules, pace=self._pace, echo=self._echo)
