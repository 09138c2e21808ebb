"""Wishes that are heard at every item: again, slower, back, another language, a person."""

from collections.abc import Mapping
from dataclasses import replace

from ivr.dialogue.steps import AskStep
from ivr.dialogue.walk import Walk

_SLOW = 0.8
"""Of the recordings' pace: clearly slower, and still a natural voice."""


def obey(walk: Walk, meaning: Mapping[str, str]) -> None:
    """Do what the caller commands. A command that no script knows gets a person: nobody shrugs it off."""
    state, script = walk.state, walk.script
    match meaning["command"]:
        case "agent":
            walk.human("asked_for_agent")
        case "repeat":
            walk.repeat()
        case "slower":
            walk.state = replace(state, pace=_SLOW)
            walk.repeat()
        case "main_menu":
            walk.enter(script.menu)
        case "back":
            _back(walk)
        case "language":
            locales = script.locales
            at = locales.index(state.locale) if state.locale in locales else -1
            walk.state = replace(state, locale=locales[(at + 1) % len(locales)])
            walk.say(script.prompts.language_switched)
            walk.put_anew(walk.ask_step())
        case command if command in script.command_steps:
            # What was said in the same breath, such as when to ring back, goes with it.
            said = {slot: value for slot, value in meaning.items() if slot != "command"}
            walk.state = replace(state, slots={**state.slots, **said}, pending=None, unconfirmed=0)
            walk.enter(script.command_steps[command])
        case command:
            walk.human(command)


def _back(walk: Walk) -> None:
    """To the item before this one, even if its answer is known; from the first one to the menu."""
    trail = walk.state.trail
    earlier = trail if walk.ask_step().aside else trail[:-1]
    target = walk.script.steps.get(earlier[-1]) if earlier else None
    if not isinstance(target, AskStep):
        return walk.enter(walk.script.menu)
    forgotten = set(target.branch_on) | {target.dictation}
    slots = {slot: value for slot, value in walk.state.slots.items() if slot not in forgotten}
    walk.state = replace(walk.state, trail=earlier, slots=slots)
    return walk.put_anew(target)
