"""Yes or no, with all the ways in which Chinese and English deny a denial."""

import re

from ivr.grammar.text import is_chinese, normalise

_UNSURE_ZH = (
    r"(?:是|对|行|好|要|能|会|想)不(?:是|对|行|好|要|能|会|想)|可不可以|有没有|是否|不知道|不清楚|不确定"
    r"|不一定|不好说|也许|可能|看情况|随便|再说|考虑|不太确定|[吗么]"
)
_DENIED_ZH = (
    r"不是不(?:行|可以|想|要|愿意|好|对|能|肯|同意|需要)|没有?不(?:对|行|好|同意|可以)|不能不"
    r"|(?:怎么|怎|为什么|干嘛)不(?:行|可以|好|要|呢)|没有?(?:错|问题|意见|毛病)|正是|不错|不介意|不反对"
    r"|不会错|不假"
)
_YES_ZH = (
    r"可以|确认|确定|当然|正确|准确|需要|愿意|同意|方便|就是|肯定|必须|是|对|行|要|想|有|能|会|成|中|yes"
    r"|yeah|ok|okay"
)
_WEAK_YES_ZH = r"嗯哼|嗯|好|哎|诶|哦"
_NO_ZH = (
    r"不(?:是|对|行|可以|能|用|要|需要|想|必|好|愿意|同意|确认|成|了|正确|准确|会|肯|太行|太好|太对|太想"
    r"|太?方便|可能|大行)|当然不(?:是|行|可以|要|能|会)?|还?没有|还?没(?:必要)?|别|算了|免了|拒绝"
    r"|[搞听说弄]?错|否|不|no"
)
_NEUTRAL_ZH = (
    r"谢谢|多谢|你好|您好|对不起|不好意思|麻烦|这个|那个|这样|现在|真的|其实|应该|觉得|完全|绝对|非常|一下"
    r"|先|我|你|您|就|那|这|个|也|都|真|很|挺|说|的|了|啊|呀|吧|呢|嘛|哈|啦|喽|喂|请|给|帮|呃|额|唉|哟|嘞"
    r"|滴|本人"
)
_UNSURE_EN = (
    r"not (?:so |too |very |quite |really )?sure|i'm not certain|maybe|perhaps|possibly"
    r"|i (?:don't|do not) know|it depends|not necessarily|no idea|what|who|how|i guess not sure|could be"
)
_DENIED_EN = (
    r"why not|i (?:don't|do not|wouldn't) mind|sure thing|by all means|fine by me|you're right"
    r"|i already did|i wouldn't say no|can't say no|no (?:problem|doubt|worries|objections?)|not a problem"
    r"|never better|not (?:wrong|bad|incorrect)|i (?:can't|cannot) disagree|i (?:don't|do not) disagree"
    r"|i (?:do )?(?:think|guess|suppose|believe|hope) so|i (?:do|would|am|did|have|will|can|agree|confirm)"
    r"|(?:it|that|they) (?:is|are)(?=$| please| thanks| yes)|of course(?! not)|uh huh|mm hmm|mhm"
    r"|you (?:bet|got it)|go ahead|sounds good|please do|for sure|all right|alright|that works"
)
_YES_EN = (
    r"yes|yeah|yep|yup|ya|sure|right|correct|exactly|absolutely|definitely|certainly|indeed|fine|true"
    r"|affirmative|agreed|perfect|good|great"
)
_WEAK_YES_EN = r"okay|ok|yeah|well yes|mm|hmm"
_NO_EN = (
    r"(?:of course|absolutely|definitely|certainly|probably|i suppose|i (?:think|guess|hope|am afraid)"
    r"|i'm afraid|i'd (?:rather|prefer)|i would rather|i am|i'm|they're|why) not"
    r"|(?:it is|it's|that is"
    r"|that's) not(?: (?:right|correct|true|it|good|okay|ok|fine|mine|what i (?:said|meant|want)))?"
    r"|(?:no|not) (?:thanks|thank you|way|chance|right|correct|true|really|at all|today|now|yet|interested"
    r"|that|this|for me|exactly|quite)|i (?:do not|don't) (?:think|believe|suppose|guess) so"
    r"|i (?:do not|don't|did not|didn't|would not|wouldn't|won't|will not|can't|cannot|haven't"
    r"|am not)(?: want(?: to| that| it)?| need(?: it| that)?)?"
    r"|(?:it|that|this|he|she) (?:is not|isn't|wasn't|doesn't)|don't|do not|never mind|nevermind|never"
    r"|forget it|rather not|i disagree|you're wrong|hell no|no|nope|nah|not|wrong|incorrect|false|negative"
    r"|untrue|neither"
)
_NEUTRAL_EN = (
    r"please|thanks|thank you|very much|that's|that is|it's|it was|it|that|this|i'm|i|the|then|well|oh|so"
    r"|a|an|one|my|yet|sir|madam|ma'am|actually|just|quite|very|all|um|uh|er|with|me|is|you|do|to|be|would"
    r"|hey|hello|bye|goodbye"
)

_PARTS_ZH = re.compile(
    rf"(?P<unsure>{_UNSURE_ZH})|对不起|不好意思|(?P<denied>{_DENIED_ZH})|(?P<no>{_NO_ZH})"
    rf"|(?P<yes>{_YES_ZH})|(?P<weak>{_WEAK_YES_ZH})|{_NEUTRAL_ZH}"
)
_PARTS_EN = re.compile(
    rf"(?:(?P<unsure>{_UNSURE_EN})|(?P<denied>{_DENIED_EN})|(?P<no>{_NO_EN})|(?P<weak>{_WEAK_YES_EN})"
    rf"|(?P<yes>{_YES_EN})|{_NEUTRAL_EN})(?: |$)"
)
"""Denied denials come before denials, and both before plain words."""


def read_yes_no(text: str, language: str) -> str | None:
    """`yes`, `no`, or None for anything that is not clearly one of them.

    Denied denials are yes: 不是不行, 没错, "why not", "no problem". A sound of attention before a denial
    (嗯, 不用了) does not make it doubtful, but two answers in one do (是的不是). Questions (是不是), doubts
    ("not sure") and texts with any word beyond answers and politeness have no meaning.
    """
    said = normalise(text, language)
    found = _polarities(said, is_chinese(language))
    if found is None:
        return None
    if found <= {"no", "weak"} and "no" in found:
        return "no"
    return "yes" if found and found <= {"yes", "weak"} else None


def _polarities(said: str, chinese: bool) -> set[str] | None:
    """The kinds of answer within a text, None when it holds anything else."""
    parts, at = _PARTS_ZH if chinese else _PARTS_EN, 0
    found: set[str] = set()
    while at < len(said):
        part = parts.match(said, at)
        if part is None or part["unsure"]:
            return None
        found |= {kind for kind in ("no", "weak") if part[kind]} | {
            "yes" for kind in ("yes", "denied") if part[kind]
        }
        at = part.end()
    return found
