"""What somebody who is rung answers to the prompts that they hear. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from ivr.dialogue.script import Script
from ivr.dialogue.steps import AskStep, EndStep, SayStep
from ivr.dialogue.story import KEYS
from ivr.dialogue.survey import ItemKind, Survey
from ivr.grammar.text import is_chinese
from ivr.runtime.callee.population import Role, share

Said = tuple[str, ...]
"""The words for an answer, and others for when it is asked again, or the keys for it."""

_ZH: Mapping[str, Said] = {
    "hello": ("喂，你好",), "hello_again": ("喂？哪位？",), "party": ("对，我是", "我是"),
    "convenient": ("可以，你说吧", "方便"),
    "yes": ("是的", "对，是的"), "no": ("没有", "不是"),
    "refuses": ("我不想参加", "不用了，我不想参加"),
    "stop_calling": ("别再给我打电话了", "以后不要再打了"),
    "wrong_party": ("你打错了", "打错了"),
    "busy_now": ("我现在没空，明天下午三点再打吧", "明天下午三点"),
    "open": ("我觉得介绍得有点快，利息那里没有听明白",),
    "date": ("明天", "就明天吧"), "number": ("两次", "两"),
    "choice": ("第一个", "第一"), "other": ("没有了", "不用了"),
}  # fmt: skip
_EN: Mapping[str, Said] = {
    "hello": ("hello?",), "hello_again": ("hello, who is this?",),
    "party": ("yes, speaking", "yes, that's me"),
    "convenient": ("yes, go ahead", "sure"),
    "yes": ("yes", "yes, that's right"), "no": ("no", "no, it isn't"),
    "refuses": ("I don't want to take part", "no thanks, I'm not interested"),
    "stop_calling": ("don't call me again", "stop calling me"),
    "wrong_party": ("you've got the wrong number", "wrong number"),
    "busy_now": (
        "I'm busy now, call me tomorrow at three in the afternoon", "tomorrow at three in the afternoon",
    ),
    "open": ("I thought it went too fast and I did not understand the interest",),
    "date": ("tomorrow", "tomorrow please"), "number": ("two", "two times"),
    "choice": ("the first one", "number one"), "other": ("no, that's all", "no"),
}  # fmt: skip
_FIGURES_ZH = ("零分", "一分", "两分", "三分", "四分", "五分", "六分", "七分", "八分", "九分", "十分")
_FIGURES_EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_RATINGS = {ItemKind.CSAT: range(1, 6), ItemKind.NPS: range(11), ItemKind.CES: range(1, 8)}
_YES_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Answer:
    """What an item is answered with."""

    value: str
    said: Said


@dataclass(frozen=True, slots=True)
class Questions:
    """The prompts of a survey's script by what they ask."""

    survey: Survey
    items: Mapping[str, str]
    """Prompt to the item that it belongs to."""
    steps: Mapping[str, str]
    """Prompt to the name of the step that asks it, for what is no item."""
    asks: frozenset[str]
    confirms: frozenset[str]
    ends: frozenset[str]


def questions(script: Script) -> Questions:
    """Read off the script. Raises `ValueError` for one that is no survey."""
    if script.survey is None:
        raise ValueError(f"{script.script_id} is no survey")
    ids = {item.item_id for item in script.survey.items}
    items: dict[str, str] = {}
    steps: dict[str, str] = {}
    asks: set[str] = set()
    for name, step in script.steps.items():
        item = next((part for part in name.split(".")[:2] if part in ids), None)
        if isinstance(step, AskStep):
            asks |= {step.ask, step.reprompt, step.choice}
            if item is None:
                steps |= dict.fromkeys((step.ask, step.reprompt, step.choice), name)
            elif not step.ask.startswith("survey_"):
                items[step.ask] = item
        elif isinstance(step, SayStep) and item is not None:
            items |= {prompt: item for prompt in step.prompts if not prompt.startswith("survey_")}
    confirms = {p for s in script.steps.values() if isinstance(s, AskStep) for p in s.confirm.values()}
    ends = {p for s in script.steps.values() if isinstance(s, EndStep) for p in s.prompts}
    confirms |= set(script.confirm_commands.values())
    return Questions(script.survey, items, steps, frozenset(asks), frozenset(confirms), frozenset(ends))


@dataclass(frozen=True, slots=True)
class Mind:
    """Somebody on the telephone."""

    role: Role
    number: str
    locale: str
    today: date
    questions: Questions
    seed: int = 1
    item: str = ""
    """The item that was asked last."""
    last: str = ""
    times: int = 0
    """How often that was answered."""
    meant: Mapping[str, str] = field(default_factory=dict)
    """What was answered so far, by item."""

    @property
    def words(self) -> Mapping[str, Said]:
        """All that is not a figure."""
        return _ZH if is_chinese(self.locale) else _EN

    def answer(self, heard: Sequence[str]) -> tuple["Mind", str | None]:
        """What they say to these prompts (by id, in order), or press; None to say nothing more."""
        asked = self.questions
        item = next((asked.items[each] for each in reversed(heard) if each in asked.items), self.item)
        mind = replace(self, item=item)
        if any(each in asked.ends for each in heard):
            return mind, None
        if any(each in asked.confirms for each in heard):
            return mind._say("yes:confirm", self.words["yes"])
        prompt = next((each for each in reversed(heard) if each in asked.asks), None)
        step = asked.steps.get(prompt or "", "")
        if step or prompt is None:
            return mind._say(*mind._beside(step))
        found = mind.to(item)
        return replace(mind, meant={**mind.meant, item: found.value})._say(item, found.said)

    def to(self, item_id: str) -> Answer:
        """What they answer to an item."""
        kind = next((each.kind for each in self.questions.survey.items if each.item_id == item_id), None)
        drawn = share(f"{self.seed}:{self.number}:{item_id}")
        if kind in _RATINGS:
            figure = _RATINGS[kind][int(drawn * len(_RATINGS[kind]))]
            keys = f"{figure:02}" if kind is ItemKind.NPS else str(figure)
            return Answer(str(figure), (*_figures(self.locale)[figure], keys))
        match kind:
            case ItemKind.YES_NO | ItemKind.STATEMENT:
                value = "yes" if drawn < _YES_SHARE or kind is ItemKind.STATEMENT else "no"
                return Answer(value, self.words[value])
            case ItemKind.DATE:
                return Answer((self.today + timedelta(days=1)).isoformat(), self.words["date"])
            case ItemKind.NUMBER:
                return Answer("2", self.words["number"])
            case ItemKind.CHOICE:
                return Answer("1", self.words["choice"])
            case _:
                return Answer(self.words["open"][0], self.words["open"])

    def _beside(self, step: str) -> tuple[str, Said]:
        """What they say to what is no item, by their role; `step` is empty where nothing was understood."""
        own = {
            Role.STOP_CALLING: ("party", "stop_calling"),
            Role.WRONG_PARTY: ("party", "wrong_party"),
            Role.REFUSES: ("convenient", "refuses"),
            Role.BUSY_NOW: ("convenient", "busy_now"),
        }.get(self.role)
        if step == "when" or (own is not None and step == own[0]):
            key = "busy_now" if step == "when" else own[1] if own else ""
            return key, self.words[key]
        if step in {"party", "convenient"}:
            return step, self.words[step]
        if step == "promise":
            return step, self.words["yes"]
        return (step or "hello_again"), self.words["other" if step else "hello_again"]

    def _say(self, what: str, said: Said) -> tuple["Mind", str]:
        times = self.times + 1 if what == self.last else 0
        words = said[times % len(said)]
        return replace(self, last=what, times=times), hesitant(words, self.locale, self.role)


def _figures(locale: str) -> list[Said]:
    """Each figure in two ways."""
    if is_chinese(locale):
        return [(text, f"我打{text}") for text in _FIGURES_ZH]
    return [(text, f"I'd give it {text}") for text in _FIGURES_EN]


def hesitant(words: str, locale: str, role: Role) -> str:
    """The words as this role says them; keys are pressed by all alike."""
    if role is not Role.HESITATES or set(words) <= KEYS:
        return words
    return f"嗯，{words}" if is_chinese(locale) else f"er, {words}"


def all_words(locale: str, survey: Survey, roles: Collection[Role]) -> list[str]:
    """Everything that these roles may say, to be spoken before the first call."""
    words = [text for said in (_ZH if is_chinese(locale) else _EN).values() for text in said]
    if any(item.kind in _RATINGS for item in survey.items):
        words += [text for said in _figures(locale) for text in said]
    return list(dict.fromkeys(hesitant(text, locale, role) for role in roles for text in words))
