"""The hotline that customers' stories are told to: everything real but audio, time and the store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.adapters.chat_memory import MemoryRecentDialogues
from ivr.adapters.store_memory import MemoryLoanBook, MemoryTicketDesk
from ivr.adapters.story_customers import StoryBook
from ivr.bootstrap.rulebook import load_rulebook
from ivr.bootstrap.services import open_services, with_recent_context
from ivr.calls.speech import Say, SlotValue
from ivr.calls.tickets import Ticket, TicketRequest
from ivr.config import Settings
from ivr.dialogue.prompt_filling import fill
from ivr.dialogue.script import Script
from ivr.dialogue.story import Story, Verdict, judge
from ivr.dialogue.survey import RUNG_ABOUT, RUNG_BACK, RUNG_SURVEY
from ivr.runtime.ports import PromptMissing
from ivr.runtime.service_port import Services
from ivr.runtime.services import Found
from ivr.runtime.story_call import StoryHotline, tell


@dataclass(frozen=True, slots=True)
class _StoppedClock:
    """It is always the same moment."""

    at: datetime

    def now(self) -> datetime:
        """That moment."""
        return self.at


class StoryTeller:
    """Compiles and learns once, then tells stories, each on a fresh loan book."""

    def __init__(self, settings: Settings, book: StoryBook) -> None:
        """Raises what loading the script, grammars, intents and prompts raises."""
        self._settings = settings
        self._book = book
        self._clock = _StoppedClock(book.now)
        self._rulebook = load_rulebook(settings, self._clock)

    async def tell(self, story: Story) -> Verdict:
        """Tell it and judge what came of it.

        Raises `ValueError` for a caller whom the book does not know, or a survey that there is not.
        """
        survey = self._survey(story) if story.survey else None
        rings_back = story.rings_back and survey is not None
        script = self._rulebook.script if survey is None or rings_back else survey
        slots = self._slots(survey, story) if survey is not None else {}
        services = self._services(script)
        hotline = StoryHotline(
            script=script,
            policy=self._rulebook.policy,
            grammars=self._rulebook.grammars,
            services=_TakenUp(services, slots) if rings_back else services,
            wording=self._worded,
            slots=_rung(survey, story) if survey is not None and rings_back else slots,
        )
        return judge(story, await tell(story, self._book.phone(story.caller), hotline))

    def _services(self, script: Script) -> Services:
        loans = MemoryLoanBook(list(self._book.files.values()), clock=self._clock)
        return with_recent_context(
            open_services(self._settings, loans, self._clock, MemoryTicketDesk()),
            script,
            MemoryRecentDialogues(),
            self._clock,
            self._settings,
            channel="voice",
        )

    def _survey(self, story: Story) -> Script:
        surveys = self._rulebook.surveys
        if story.survey not in surveys:
            raise ValueError(
                f"{story.source}: there is no survey {story.survey}; known are {', '.join(surveys)}"
            )
        return surveys[story.survey]

    def _slots(self, script: Script, story: Story) -> Mapping[str, SlotValue]:
        """What the survey knows of its invented contact, who has the name of the caller."""
        survey = script.survey
        assert survey is not None, script.script_id
        facts = {**survey.samples, "customer_name": self._book.name(story.caller)}
        return survey.opening_slots(facts, answers=story.before)

    def _worded(self, say: Say, locale: str) -> str:
        prompt = self._rulebook.prompts.find(locale, say.prompt_id, say.variant)
        if prompt is None:
            raise PromptMissing(f"no text for {say.prompt_id} in {locale}")
        return fill(prompt, say.slots).text


def _rung(script: Script, story: Story) -> Mapping[str, SlotValue]:
    """What the hotline knows of somebody who was rung in vain."""
    about = script.survey.ring_back if script.survey is not None else {}
    return {RUNG_ABOUT: about.get(story.locale, ""), RUNG_SURVEY: story.survey}


class _TakenUp:
    """Services of a call on which a survey is taken up as soon as somebody agrees to it."""

    def __init__(self, services: Services, opening: Mapping[str, SlotValue]) -> None:
        self._services = services
        self._opening = opening

    async def look_up(
        self, service: str, caller: str, slots: Mapping[str, SlotValue], secrets: Mapping[str, str]
    ) -> Found:
        """As `Services.look_up`."""
        if service == "take_up_survey":
            return Found("taken", {**self._opening, RUNG_BACK: "yes"})
        return await self._services.look_up(service, caller, slots, secrets)

    async def open_ticket(self, request: TicketRequest) -> Ticket:
        """As `Services.open_ticket`."""
        return await self._services.open_ticket(request)
