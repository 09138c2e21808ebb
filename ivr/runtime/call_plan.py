"""What one call is to do, and what it works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ivr.calls.events import CallEvent
from ivr.calls.ids import CallId, LegId, WorkerId
from ivr.calls.speech import SlotValue
from ivr.dialogue.ladder import LadderPolicy
from ivr.dialogue.script import Script
from ivr.runtime.ports import (
    Clock,
    GrammarBook,
    Prompter,
    Recogniser,
    Recorder,
    SilentSeat,
    SpeechDetector,
    VoiceDetector,
)
from ivr.runtime.service_port import Services
from ivr.runtime.silent_seat import NobodySeat


@dataclass(frozen=True, slots=True)
class CallPlan:
    """What holds for one call: settled before it is answered, recorded with it."""

    call_id: CallId
    leg_id: LegId
    worker_id: WorkerId
    script: Script
    policy: LadderPolicy
    locale: str
    agent_uri: str = ""
    longest_s: float = 900.0
    rulebook_version: str = ""
    """Which words and rules the call goes by, as a short hash of their content."""
    direction: str = "inbound"
    """`inbound`, or `outbound` for a call that we place."""
    slots: Mapping[str, SlotValue] = field(default_factory=dict, repr=False)
    """What is known before the call, such as of the contact that is rung: `ivr.runtime.surveying`."""


@dataclass(frozen=True, slots=True)
class CallDevices:
    """What a call works with.

    `recorder` is None where calls are not recorded, `voice_detector` where one detector's word will do.
    """

    recogniser: Recogniser
    prompter: Prompter
    grammars: GrammarBook
    detector: SpeechDetector
    services: Services
    clock: Clock
    emit: Callable[[CallEvent], None]
    report: Callable[[str, Exception], None]
    recorder: Recorder | None = None
    voice_detector: VoiceDetector | None = None
    silent_seat: SilentSeat = field(default_factory=NobodySeat)
