"""A call in which something is asked: the answer is heard, and the next question is taken."""

from pathlib import Path
from zoneinfo import ZoneInfo

from phone_call import LoopClock, hear_out, phone, speak, wait

from ivr.adapters.grammar_files import read_grammar_texts
from ivr.calls.events import CallEnded, TurnTaken, WishSettled
from ivr.grammar.intents.example import Intent, IntentBook
from ivr.grammar.open_item import OpenSpeech
from ivr.runtime.grammar_book import CompiledGrammarBook

QUESTIONS = {
    "faq_collateral": ("要不要抵押", "需要抵押吗", "贷款要抵押什么", "没有抵押能办吗"),
    "faq_call_recording": ("这个电话录音吗", "通话录音吗", "为什么要录音", "你在录音吗"),
}
INTENTS = {name: Intent(name, name, (), is_command=False, examples=said) for name, said in QUESTIONS.items()}
SPEECH = OpenSpeech.learn(IntentBook("zh-CN", INTENTS, ("今天天气怎么样", "帮我订一张机票")))
HOME = ZoneInfo("Asia/Shanghai")
BOOK = CompiledGrammarBook(read_grammar_texts(Path("grammars")), LoopClock(), HOME, {"zh-CN": SPEECH})


async def test_a_caller_asks_two_things_and_is_through():
    def caller(line):
        for _ in range(3):
            yield from hear_out(line)
            yield from speak(then_silence_ms=400)
        yield from hear_out(line)
        yield from wait(1000)

    heard = [("需要抵押吗", 0.9), ("这个电话录音吗", 0.9), ("没有了", 0.9)]
    call = await phone(caller, heard, grammars=BOOK)
    assert call.errors == []
    answers = [prompt for prompt in call.prompts if prompt.startswith("faq_")]
    assert answers == [turn.intent + " more_ask" for turn in call.of(TurnTaken)[:2]]
    assert answers == ["faq_collateral more_ask", "faq_call_recording more_ask"]
    assert [event.wish for event in call.of(WishSettled)] == ["faq", "faq"]
    assert call.of(CallEnded)[0].outcome == "settled"
