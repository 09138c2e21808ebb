"""What callers may want at any moment, recognised in free words: an agent, again, slower, never again."""

import re

from ivr.grammar.meanings.plain import plain
from ivr.grammar.text import is_chinese

COMMANDS = (
    "stop_calling",
    "not_me",
    "agent",
    "call_later",
    "slower",
    "repeat",
    "main_menu",
    "back",
    "language",
)
"""All of them, the most pressing first: of two in one sentence that one counts."""

_ZH = {
    "stop_calling": (
        r"(?:别|不要|不许|不准|不用|停止|禁止|少)(?:老是|总是|一直)?再?(?:[给跟对]我)?"
        r"(?:再|一直|老)?(?:打|来|致电|骚扰|联系|推销)",
        "拉黑",
        "骚扰(?:电话|我)",
        "(?:取消|退订).{0,3}(?:来电|电话|推销)",
        "从.{0,4}名单.{0,3}(?:删|去)",
    ),
    "not_me": (
        "[打找拨]错|认错人",
        "不是我?本人",
        "没有?(?:你说的)?这个?人",
        "不认识(?:这个|他|她)",
        "(?:号码|电话|手机)(?:已经)?(?:换人|不是(?:他|她|本人))",
        "我不(?:是|叫)(?:他|她|.{1,4}(?:先生|女士|小姐)$)",
    ),
    "agent": (
        "[转接找要叫换请让帮想有].{0,4}(?:人工|客服|真人|活人|坐席|经理)",
        "^(?:人工|客服|真人)(?:服务|客服)?[啊吧]?$",
        "(?:跟|和)(?:真?人|人工|客服)[说讲聊谈]",
        "不[想要](?:跟|和)机器",
        "^有(?:没有)?人(?:在)?吗?$",
    ),
    "call_later": (
        "正?在(?:忙|开会|开车|上班|吃饭|外面)|正忙",
        "没有?(?:空|时间)",
        "不太?方便",
        "^再(?:打|联系)",
        "(?:晚一?[点些]|一会|待会|等会|回头|改天|过会|之后|以后|再过|后"
        "|[早午晚]上?|[点天号半刻初底末中一二三四五六日午])儿?"
        ".{0,6}再(?:打|联系|说|聊|来电)",
    ),
    "slower": ("慢一?[点些]", "慢慢[说讲来]", "太快", "语速"),
    "repeat": (
        "再(?:[说讲念来]|重复)一?[遍次下]",
        "重复|重说|重听",
        "没有?听[清见懂到明]",
        "听不[清见到懂]",
        "[说讲]的?[什啥]",
    ),
    "main_menu": ("主菜单|首页", "重新(?:开始|来)", "从头"),
    "back": ("返回", "上一[步级层个页]", "退回|退出|回去"),
    "language": (
        "(?:[说讲用换转听到请]|换成|麻烦|帮我|我要|我想)(?:一下)?(?:英文|英语|中文|普通话|国语|汉语)",
        "^(?:英文|英语|中文|普通话)(?:服务)?$",
        "english|mandarin",
    ),
}
_CALL_EN = "(?:call|ring|phone|contact|bother|harass)"
_PERSON_EN = (
    "(?:human|real person|live person|(?:live |human )?agent|representative|operator|customer service)"
)
_SOMEBODY_EN = "(?:someone|somebody|a person|a human|(?:a|your) manager)"
_EN = {
    "stop_calling": (
        rf"(?:stop|quit|don't|do not|never)(?: ever)? {_CALL_EN}(?:ing)?\b",
        "take me off|remove (?:me|my number)|no more calls|unsubscribe|leave me alone",
    ),
    "not_me": (
        "wrong (?:number|person)",
        "(?:that's|that is|i'm|i am|it's|this is) not (?:me|him|her|the person|that person)",
        "(?:no one|nobody) (?:here )?(?:by|with|of) that name",
        "don't know (?:him|her|that person|who that is)(?:$| so| and| sorry| at all| either)",
        "not (?:my|his|her) (?:number|phone)",
        "(?:doesn't|does not) live here",
    ),
    "agent": (
        rf"\b{_PERSON_EN}\b",
        "^person(?: please)?$",
        rf"(?:speak|talk|connect me|put me through|transfer me) (?:to|with) {_SOMEBODY_EN}",
        rf"(?:get|give) me {_SOMEBODY_EN}|i (?:want|need) {_SOMEBODY_EN}",
        "transfer me|connect me|put me through",
        "have (?:someone|somebody|an agent) call",
    ),
    "call_later": (
        "(?:i'm|i am|we're) (?:a bit |very |too |kind of |really )?"
        "(?:busy|driving|in a meeting|at work|working|eating|not free)",
        r"(?:call|ring|phone|try)(?: me)? (?:back|again|later|another time|tomorrow|tonight)\b",
        r"(?:call|ring|phone|try)(?: me)? (?:in|at|on|this|next)\b",
        "not a good time|bad time|can't talk",
    ),
    "slower": ("slow(?:er|ly| down)", "too fast|so fast"),
    "repeat": (
        "(?:say|repeat) (?:that|it|this)|say again|repeat|come again|pardon|once more",
        "(?:didn't|did not|couldn't|could not|can't) (?:quite )?(?:hear|catch|get|understand)",
        "what did you say|sorry what",
    ),
    "main_menu": ("main menu", "start (?:over|again)", "from the (?:start|beginning|top)"),
    "back": ("(?:go|take me) back", "^(?:please )?back(?: please)?$", "previous|last (?:step|menu|page)"),
    "language": (
        "(?:in|speak|switch to|change to|to|talk) (?:chinese|mandarin|english)",
        "(?:chinese|mandarin)(?: please)?$|^english(?: please)?$",
        "中文|普通话",
    ),
}
_DENIED_ZH = re.compile("(?:不(?:要|用|想|需要|必)?|别)(?:给我)?[转接找换].{0,3}(?:人工|客服|真人)")
_DENIED_EN = re.compile(
    "(?:don't|do not|didn't|not) (?:want|need|ask for|like)?(?: to)?(?: (?:speak|talk) (?:to|with))?"
    rf"(?: an?| the| any)? ?{_PERSON_EN}\b"
)
_ZH_PATTERNS = {name: re.compile("|".join(_ZH[name])) for name in COMMANDS}
_EN_PATTERNS = {name: re.compile("|".join(_EN[name])) for name in COMMANDS}


def read_command(text: str, language: str) -> str | None:
    """The one of `COMMANDS` that a free sentence holds, the most pressing of several; else None."""
    chinese = is_chinese(language)
    said = plain(text, language).text if chinese or text.isascii() else text
    said = (_DENIED_ZH if chinese else _DENIED_EN).sub(" ", said)
    patterns = _ZH_PATTERNS if chinese else _EN_PATTERNS
    return next((name for name in COMMANDS if patterns[name].search(said)), None)
