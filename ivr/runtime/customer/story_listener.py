"""A customer who lives their story on a real call: hears which prompts are played, and answers them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from ivr.dialogue.story import Story
from ivr.dialogue.story_caller import StoryCaller
from ivr.runtime.customer.plan import Press, Speak, Step


class StoryListener:
    """A `Listener`. `heard` gives the ids of the prompts in audio, `clips` all that the customer may say."""

    def __init__(
        self, caller: StoryCaller, heard: Callable[[bytes], Sequence[str]], clips: Mapping[str, Speak]
    ) -> None:
        self._caller = caller
        self._heard = heard
        self.clips = clips

    async def next_step(self, reply: bytes) -> Step | None:
        """As `Listener.next_step`."""
        prompts = await asyncio.to_thread(self._heard, reply)
        self._caller, turn = self._caller.answer(prompts)
        if turn is None:
            return None
        if turn.keys is not None:
            return Step(Press(turn.keys))
        assert turn.says is not None
        return Step(self.clips[turn.says])


def why_not_callable(story: Story) -> str:
    """What keeps this story from being told on a call; empty where nothing does."""
    unheard = next((turn for turn in story.turns if turn.silence or turn.noise or turn.follows), None)
    return f"line {unheard.line}: silence, noise and `follows` are for text only" if unheard else ""


def texts_of(caller: StoryCaller) -> tuple[str, ...]:
    """All that the customer may come to say."""
    ways = [turn.put(words) for turn in caller.story.turns for words in (turn.says, *turn.again) if words]
    return tuple(dict.fromkeys((*(turn.says for turn in ways if turn.says), *caller.words)))
