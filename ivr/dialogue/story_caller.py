"""The customer of a story on a real call: what they answer to the recordings that they hear. Pure.

As people do, they say yes only when they are asked for what they want, put it in other words when they were
not understood or are asked about something else, and begin again when the hotline asks what else it can do
before it has done anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ivr.dialogue.script import Script
from ivr.dialogue.step_data import targets
from ivr.dialogue.steps import AskStep
from ivr.dialogue.story import Story, StoryTurn
from ivr.grammar.text import is_chinese

DONE = "done"
"""Where every service ends: the item that asks what else there is to do."""
HELPED = "helped"
"""The item that asks whether an answer was the right one."""
_MOST_TRIES = 4
_MOST_FAREWELLS = 2
_WORDS = {
    True: ("对，是的", "不是", "没有了，再见"),
    False: ("yes, that's right", "no", "no thanks, goodbye"),
}
"""Yes, no, and farewell: in Chinese and else."""


@dataclass(frozen=True, slots=True)
class Situations:
    """What prompts of a script mean to who hears them."""

    confirms: Mapping[str, frozenset[str]]
    """Prompt to the intents that it asks about; none where it says a value back."""
    asks_again: frozenset[str]
    asks_what_else: frozenset[str]
    asks_if_helped: frozenset[str]
    asks_for: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Question to the intents of the services that put it; none where any service may."""
    asks_for_proof: frozenset[str] = frozenset()
    """Who proves once who they are is not asked again."""


def situations(script: Script) -> Situations:
    """Read off the script."""
    items = [step for step in script.steps.values() if isinstance(step, AskStep)]
    values: dict[str, frozenset[str]] = {
        prompt: frozenset() for item in items for prompt in item.confirm.values()
    }
    services = {service.confirm: frozenset(service.intents) for service in script.services}
    opening = [item for item in items if item.step_id in {script.menu, DONE}]
    helped = [item for item in items if item.step_id == HELPED]
    return Situations(
        confirms=values | services,
        asks_again=frozenset(prompt for item in items for prompt in (item.reprompt, item.choice)),
        asks_what_else=frozenset(item.ask for item in opening),
        asks_if_helped=frozenset(item.ask for item in helped),
        asks_for=_questions_of_services(script),
        asks_for_proof=frozenset(item.ask for item in items if item.secret),
    )


def _questions_of_services(script: Script) -> dict[str, frozenset[str]]:
    shared = {script.menu, DONE, HELPED, *(service.service_id for service in script.services)}
    asked: dict[str, frozenset[str]] = {}
    for service in script.services:
        met: set[str] = set()
        ahead = [service.service_id]
        while ahead:
            step = script.steps[ahead.pop()]
            met.add(step.step_id)
            ahead += [each for each in targets(step) if each in script.steps and each not in met | shared]
            if isinstance(step, AskStep):
                asked[step.ask] = asked.get(step.ask, frozenset()) | frozenset(service.intents)
    return asked


@dataclass(frozen=True, slots=True)
class StoryCaller:
    """Where the customer is in their story."""

    story: Story
    situations: Situations
    said: int = 0
    """How many turns of the story have been taken."""
    tries: int = 0
    """How often the present turn was put again."""
    farewells: int = 0
    proofs: frozenset[int] = frozenset()
    """Turns that proved who they are."""

    def answer(self, heard: Sequence[str]) -> tuple["StoryCaller", StoryTurn | None]:
        """What the customer does after these prompts, by id in order; None when they have nothing to add."""
        where = self.situations
        told = frozenset(heard)
        turn = self._present
        if turn is not None and (asked := [where.confirms[each] for each in heard if each in where.confirms]):
            return self, self._yes_no(not asked[-1] or turn.means in asked[-1])
        if turn is not None and told & where.asks_if_helped:
            return self, self._yes_no(turn.means in told)
        if turn is not None and told & where.asks_again and self.tries < _MOST_TRIES:
            return self._again()
        if self._misled(told) and (begun := self._wish_again()) is not None:
            return begun
        if told & where.asks_what_else and (begun := self._begin_again()) is not None:
            return begun
        return self._go_on(proving=bool(told & where.asks_for_proof))

    @property
    def _present(self) -> StoryTurn | None:
        return self.story.turns[self.said - 1] if self.said else None

    def _go_on(self, *, proving: bool) -> tuple["StoryCaller", StoryTurn | None]:
        left = [n for n in range(self.said, len(self.story.turns)) if proving or n not in self.proofs]
        if left:
            proofs = self.proofs | {left[0]} if proving else self.proofs
            return replace(self, said=left[0] + 1, tries=0, proofs=proofs), self.story.turns[left[0]]
        if self.farewells < _MOST_FAREWELLS:
            return replace(self, farewells=self.farewells + 1), StoryTurn(says=self.words[2])
        return self, None

    def _again(self) -> tuple["StoryCaller", StoryTurn]:
        turn = self.story.turns[self.said - 1]
        words = (*turn.again, turn.says) if turn.says else ()
        again = turn.put(words[self.tries % len(words)]) if words else turn
        return replace(self, tries=self.tries + 1), again

    def _misled(self, told: frozenset[str]) -> bool:
        """Whether a service asks that is not the one they want."""
        asked = [intents for prompt, intents in self.situations.asks_for.items() if prompt in told]
        if not asked or not self._wishes:
            return False
        wanted = self.story.turns[self._wishes[-1]].means
        return all(wanted not in intents for intents in asked)

    def _begin_again(self) -> tuple["StoryCaller", StoryTurn] | None:
        """Where the hotline is done while the customer has answers left, it was about something else."""
        coming = self.story.turns[self.said : -1]
        return self._wish_again() if coming and coming[0].means is None else None

    def _wish_again(self) -> tuple["StoryCaller", StoryTurn] | None:
        """The latest wish, in other words; None without one, or when it was said often enough."""
        if not self._wishes or self.tries >= _MOST_TRIES:
            return None
        return replace(self, said=self._wishes[-1] + 1)._again()

    @property
    def _wishes(self) -> list[int]:
        return [n for n, turn in enumerate(self.story.turns[: self.said]) if turn.means is not None]

    def _yes_no(self, right: bool) -> StoryTurn:
        return StoryTurn(says=self.words[0 if right else 1])

    @property
    def words(self) -> tuple[str, str, str]:
        """How they say yes, no and farewell."""
        return _WORDS[is_chinese(self.story.locale)]
