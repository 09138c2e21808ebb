"""Stories of customers, `<folder>/<locale>/*.yaml`; the form is docs/story.schema.json."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ivr.adapters.yaml_places import LINE, YamlFault, read_yaml
from ivr.calls.attempts import AttemptResult
from ivr.dialogue.story import KEYS, Ending, Story, StoryTurn

_STORY = {
    "story": str, "wants": str, "caller": str, "agents": bool, "turns": list, "ends": str,
    "settled": list, "tickets": list, "hears": list, "never_hears": list,
    "survey": str, "rings_back": bool, "before": dict, "answers": dict, "result": str, "callback_at": str,
}  # fmt: skip
_NEEDED = ("story", "wants", "caller", "turns", "ends")
_TURN = {
    "says": str, "keys": str, "silence": bool, "noise": bool, "heard": str, "follows": bool,
    "means": str, "again": list, "hears": list,
}  # fmt: skip
_OF_SURVEY = ("rings_back", "before", "answers", "result", "callback_at")
_ACTS = ("says", "keys", "silence", "noise")
_OF_SPEECH = ("heard", "follows", "means", "again")
_WRITE = {
    str: "a text in quotes",
    bool: "true or false",
    list: "a list such as [balance]",
    dict: 'a mapping such as {clear: "5"}',
}


class StoryFault(ValueError):
    """Stories cannot be told. The message has one line for each fault: `file:line: reason. Mend: ...`."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


def read_stories(paths: Sequence[Path]) -> list[Story]:
    """All stories of these files, in order. Raises `StoryFault` with all faults."""
    reader = _Reader()
    for path in paths:
        reader.read(path)
    if reader.faults:
        raise StoryFault(reader.faults)
    return reader.stories


def story_paths(folder: Path, locale: str = "*") -> list[Path]:
    """The files of stories in a folder: those in a folder that is named for a locale."""
    return sorted(path for path in folder.glob(f"{locale}/*.yaml") if "-" in path.parent.name)


def _texts(raw: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in raw.items() if key != LINE}


class _Reader:
    def __init__(self) -> None:
        self.stories: list[Story] = []
        self.faults: list[str] = []
        self._path = Path()
        self._names: dict[str, str] = {}

    def read(self, path: Path) -> None:
        self._path = path
        try:
            data = read_yaml(path)
        except YamlFault as fault:
            mend = "put texts with a colon or a hash in quotes, and save the file as UTF-8"
            return self._fault(fault.line, f"the file {fault}", mend)
        listed = data.get("stories") if isinstance(data, dict) else None
        if not isinstance(listed, list) or set(data) - {LINE, "stories"}:
            return self._fault(1, "there are no stories", "begin with `stories:` and a list of stories")
        for raw in listed:
            story = self._story(raw)
            if story is not None:
                self.stories.append(story)
        return None

    def _story(self, raw: Any) -> Story | None:
        before = len(self.faults)
        line = self._checked(raw, _STORY, "a story", _NEEDED)
        if len(self.faults) > before:
            return None
        name = raw["story"]
        if name in self._names:
            self._fault(
                line, f"there is a story {name} already, in {self._names[name]}", "give it another name"
            )
        self._names[name] = f"{self._path}:{line}"
        if raw["ends"] not in list(Ending):
            self._fault(line, f"ends: {raw['ends']} is no ending", f"write one of {', '.join(Ending)}")
        if raw.get("result", AttemptResult.COMPLETED) not in list(AttemptResult):
            self._fault(line, f"result: {raw['result']} is none", f"write one of {', '.join(AttemptResult)}")
        if alone := [key for key in _OF_SURVEY if key in raw and "survey" not in raw]:
            self._fault(line, f"{', '.join(alone)} belongs to a survey", "write `survey:` beside it")
        turns = [self._turn(each, line) for each in raw["turns"]]
        if not turns:
            self._fault(line, "the story has no turns", "write at least one, such as `- says: 转人工`")
        if len(self.faults) > before:
            return None
        return Story(
            name=name,
            locale=self._path.parent.name,
            wants=raw["wants"],
            caller=raw["caller"],
            turns=tuple(turn for turn in turns if turn is not None),
            ends=Ending(raw["ends"]),
            agents=raw.get("agents", True),
            source=f"{self._path}:{line}",
            survey=raw.get("survey", ""),
            rings_back=raw.get("rings_back", False),
            before=_texts(raw.get("before", {})),
            answers=_texts(raw.get("answers", {})),
            result=raw.get("result", ""),
            callback_at=raw.get("callback_at", ""),
            settled=tuple(raw.get("settled", ())),
            tickets=tuple(raw.get("tickets", ())),
            hears=tuple(raw.get("hears", ())),
            never_hears=tuple(raw.get("never_hears", ())),
        )

    def _turn(self, raw: Any, story_line: int) -> StoryTurn | None:
        before = len(self.faults)
        line = self._checked(raw, _TURN, "a turn", (), story_line)
        if len(self.faults) > before:
            return None
        acts = [act for act in _ACTS if act in raw]
        if len(acts) != 1:
            found = ", ".join(acts) or "none"
            self._fault(line, f"a turn does one thing, found {found}", f"write one of {', '.join(_ACTS)}")
        if wrong := sorted(set(raw.get("keys", "")) - KEYS):
            self._fault(line, f"keys: there is no key {''.join(wrong)}", "use 0-9, *, # and A-D")
        if "says" not in acts and (alone := [key for key in _OF_SPEECH if key in raw]):
            self._fault(line, f"{', '.join(alone)} belongs to what is said", "write `says:` beside it")
        if len(self.faults) > before:
            return None
        values = {key: value for key, value in raw.items() if key != LINE}
        values |= {key: tuple(raw[key]) for key in ("again", "hears") if key in raw}
        return StoryTurn(**values, line=line)

    def _checked(
        self, raw: Any, known: Mapping[str, type], what: str, needed: Sequence[str], near: int = 1
    ) -> int:
        """Check keys and types of a mapping; returns its line."""
        if not isinstance(raw, dict):
            self._fault(near, f"{what} must be a mapping", f"write keys such as {', '.join(list(known)[:3])}")
            return near
        line = int(raw[LINE])
        for key, value in raw.items():
            if key == LINE:
                continue
            if key not in known:
                self._fault(line, f"{what} knows no {key}", f"use {', '.join(known)}")
            elif not isinstance(value, known[key]):
                self._fault(line, f"{key}: cannot be {value!r}", f"write {_WRITE[known[key]]}")
            elif isinstance(value, list) and key != "turns" and not all(isinstance(v, str) for v in value):
                self._fault(line, f"{key}: must be a list of texts", "put numbers in quotes")
        for key in needed:
            if key not in raw:
                self._fault(line, f"{what} needs {key}", f"write `{key}: ...`")
        return line

    def _fault(self, line: int, reason: str, mend: str) -> None:
        self.faults.append(f"{self._path}:{line}: {reason}. Mend: {mend}.")
