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
from ivr.config import Settings
from ivr.dialogue.prompt_filling import fill
from ivr.dialogue.script import Script
from ivr.dialogue.story import Story, Verdict, judge
from ivr.runtime.ports import PromptMissing
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
        script = self._script(story)
        loans = MemoryLoanBook(list(self._book.files.values()), clock=self._clock)
        hotline = StoryHotline(
            script=script,
            policy=self._rulebook.policy,
            grammars=self._rulebook.grammars,
            services=with_recent_context(
                open_services(self._settings, loans, self._clock, MemoryTicketDesk()),
                script,
                MemoryRecentDialogues(),
                self._clock,
                self._settings,
                channel="voice",
            ),
            wording=self._worded,
            slots=self._slots(script, story),
        )
        return judge(story, await tell(story, self._book.phone(story.caller), hotline))

    def _script(self, story: Story) -> Script:
        if not story.survey:
            return self._rulebook.script
        surveys = self._rulebook.surveys
        if story.survey not in surveys:
            raise ValueError(
                f"{story.source}: there is no survey {story.survey}; known are {', '.join(surveys)}"
            )
        return surveys[story.survey]

    def _slots(self, script: Script, story: Story) -> Mapping[str, SlotValue]:
        """What the survey knows of its invented contact, who has the name of the caller."""
        if script.survey is None:
            return {}
        facts = {**script.survey.samples, "customer_name": self._book.name(story.caller)}
        return script.survey.opening_slots(facts, answers=story.before)

    def _worded(self, say: Say, locale: str) -> str:
        prompt = self._rulebook.prompts.find(locale, say.prompt_id, say.variant)
        if prompt is None:
            raise PromptMissing(f"no text for {say.prompt_id} in {locale}")
        return fill(prompt, say.slots).text
