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
    "stop_calling": r"(?:别|不要|不许|不准|不用|停止|禁止|少)(?:老是|总是|一直)?再?(?:[给跟对]我)?"
    r"(?:再|一直|老)?(?:来|打|致|骚扰|联系|推销)"
    r"|拉黑|骚扰(?:电话|我)|投诉你们.*电话|(?:取消|退订).{0,3}(?:来电|电话|推销)|从.{0,4}名单.{0,3}(?:删|去)",
    "not_me": r"打错|找错|认错人|拨错|不是(?:我)?本人|(?:这里|我们?这)?没有?(?:你说的)?(?:这个|这)人"
    r"|我?不认识(?:这个|他|她)"
    r"|(?:这|这个)?(?:号码|电话|手机)(?:已经)?(?:换人|不是(?:他|她|本人))|我不(?:是|叫)(?!很|太|想"
    r"|要|不)\w{1,4}(?:先生|女士|小姐)?$|我不是(?:他|她)",
    "agent": r"(?:转|接|找|要|叫|换|想要|需要).{0,4}(?:人工|客服|真人|活人|坐席|经理)"
    r"|^(?:人工|客服|真人)(?:服务|客服)?(?:啊|吧)?$|(?:跟|和)(?:真?人|人工|客服)(?:说|讲|聊|谈)"
    r"|不[想要](?:跟|和)机器",
    "call_later": r"(?:在|正在|正)(?:忙|开会|开车|上班|吃饭|外面)|没(?:有)?(?:空|时间)|不(?:太)?方便(?:接"
    r"|说)?"
    r"|(?:晚点|晚些|一会|待会|等会|回头|改天|过会|之后|以后|再过|后|[早午晚]上?"
    r"|[点天号半刻一二三四五六])儿?.{0,6}再(?:打|联系|说|聊|来电)",
    "slower": r"(?:说|讲)?(?:得|的)?慢(?:一)?(?:点|些)|慢慢(?:说|讲|来)|太快|语速",
    "repeat": r"再(?:说|讲|念|重复|来)(?:一)?[遍次下]|重复|重说|重听|没(?:有)?听(?:清|见|懂|到|明白)"
    r"|听不(?:清|见|到|懂)|(?:说|讲)(?:的)?(?:什么|啥)",
    "main_menu": r"主菜单|首页|重新(?:开始|来)|从头",
    "back": r"返回|上一(?:步|级|层|个|页)|退回|退出|回去",
    "language": r"(?:[说讲用换转听]|换成|切换到?)(?:一下)?(?:英文|英语|中文|普通话|国语|汉语)|^(?:英文|英语"
    r"|中文|普通话)(?:服务)?$|english|mandarin",
}
_EN = {
    "stop_calling": r"(?:stop|quit|don't|do not|never) (?:ever )?(?:call(?:ing)?|ring(?:ing)?|phon(?:e|ing)"
    r"|contact(?:ing)?|bother(?:ing)?|harass(?:ing)?)"
    r"(?! (?:back )?later)|take me off|remove (?:me|my number)|do not call|no more calls"
    r"|unsubscribe|leave me alone",
    "not_me": r"wrong (?:number|person)|(?:that's|that is|i'm|i am|it's|this is) not (?:me|him|her|the person"
    r"|that person)"
    r"|(?:no one|nobody|no person) (?:here )?(?:by|with|of) that name|don't know (?:him|her"
    r"|that person|who that is)|not (?:my|his|her) (?:number|phone)"
    r"|does(?:n't| not) live here",
    "agent": r"(?:an? |the )?(?:human|real person|live person|(?:live |human )?agent|representative|operator"
    r"|customer service)\b|(?:speak|talk) (?:to|with) (?:someone|somebody|a person|a manager"
    r"|your manager)|transfer me|put me through",
    "call_later": r"(?:i'm|i am|we're) (?:a bit |very |too |kind of |really )?(?:busy|driving|in a meeting"
    r"|at work|working|eating|not free)"
    r"|(?:call|ring|phone|try) (?:me )?(?:back|again|later|another time|tomorrow|tonight|in|at|on"
    r"|this|next)\b|not a good time|bad time|can't talk",
    "slower": r"slow(?:er|ly| down)|too fast",
    "repeat": r"(?:say|repeat|tell me) (?:that|it|this)(?: one)?(?: again| once more)?(?<!tell me that)"
    r"|say again|repeat|come again|pardon"
    r"|(?:didn't|did not|couldn't|could not|can't) (?:quite )?(?:hear|catch|get|understand)"
    r"|what did you say|once more",
    "main_menu": r"main menu|start (?:over|again)|from the (?:start|beginning|top)",
    "back": r"(?:go|going|take me) back|previous|last (?:step|menu|page)",
    "language": r"(?:in|speak|switch to|change to|to|talk) (?:chinese|mandarin|english)|^(?:chinese|mandarin"
    r"|english)(?: please)?$|中文|普通话",
}
_DENIED_ZH = re.compile(r"(?:不(?:要|用|想|需要|必)?|别)(?:给我)?(?:转|接|找|换).{0,3}(?:人工|客服|真人)")
_DENIED_EN = re.compile(
    r"(?:don't|do not|didn't|not) (?:want|need|ask for|like|transfer me)?(?: to)?(?: (?:speak"
    r"|talk) (?:to|with))?"
    r"(?: an?| the| any)? ?(?:human|real person|live person|live agent|human agent|agent"
    r"|representative|operator)\b"
)
_ZH_PATTERNS = {name: re.compile(_ZH[name]) for name in COMMANDS}
_EN_PATTERNS = {name: re.compile(_EN[name]) for name in COMMANDS}


def read_command(text: str, language: str) -> str | None:
    """The one of `COMMANDS` that a free sentence holds, the most pressing of several; else None."""
    chinese = is_chinese(language)
    said = plain(text, language).text if chinese or text.isascii() else text
    said = (_DENIED_ZH if chinese else _DENIED_EN).sub(" ", said)
    patterns = _ZH_PATTERNS if chinese else _EN_PATTERNS
    return next((name for name in COMMANDS if patterns[name].search(said)), None)
