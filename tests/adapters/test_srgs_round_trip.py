"""Whatever a grammar says, both written forms say it again."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.adapters.grammar_files import read_grammar_texts
from ivr.grammar import nodes
from ivr.grammar.abnf import parse_abnf
from ivr.grammar.abnf_writer import write_abnf
from ivr.grammar.errors import GrammarError
from ivr.grammar.grxml import parse_grxml
from ivr.grammar.grxml_writer import write_grxml
from ivr.grammar.nodes import Capture, Expansion, GrammarFile, Meta, Option, Repeat, Rule, RuleRef, Tag, Token
from ivr.grammar.srgs import decode_grammar, parse_grammar

SHIPPED = read_grammar_texts(Path(__file__).parents[2] / "grammars")

NAMES = st.sampled_from(["r", "digit", "余额", "_x1"])
LANGUAGES = st.sampled_from(["", "", "", "en-US", "zh-CN"])
WORDS = st.sampled_from(
    ["a", "it's", "New York", "余额", "*", "#", "<&>", "x;y", "//", "is", "public", "!", "$r", "{", "1"]
)
VALUES = st.sampled_from(["1", "yes", "a b", "{x}", "}", "=", "+=2", "<b>", "转人工", "//", "a;b"])
NUMBERS = st.sampled_from([0.001, 0.25, 0.5, 1.0, 3.1415, 10.0, 1e-7, 123456.0])

leaves = st.one_of(
    st.builds(Token, WORDS, LANGUAGES),
    st.builds(Tag, st.sampled_from(["a", "slot_1"]), VALUES, st.booleans()),
    st.builds(RuleRef, NAMES),
    st.builds(RuleRef, st.one_of(st.just(""), NAMES), st.sampled_from(["b.gram", "c d.grxml", "余额.gram"])),
    st.just(nodes.NULL),
    st.just(nodes.VOID),
)


def grown(inner: st.SearchStrategy[Expansion]) -> st.SearchStrategy[Expansion]:
    highs = st.one_of(st.none(), st.integers(0, 3))
    repeats = st.builds(
        lambda item, low, extra, likely: Repeat(item, low, None if extra is None else low + extra, likely),
        inner,
        st.integers(0, 2),
        highs,
        st.one_of(st.none(), st.sampled_from([0.0, 0.6, 1.0])),
    )
    captured = inner.filter(lambda item: not isinstance(item, Tag))
    return st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(nodes.sequence),
        st.lists(st.builds(Option, inner, NUMBERS), min_size=2, max_size=4).map(nodes.alternatives),
        repeats,
        st.builds(Capture, captured, st.sampled_from(["when", "what"]), st.sampled_from(["date", "amount"])),
    )


EXPANSIONS = st.recursive(leaves, grown, max_leaves=12)
METAS = st.builds(
    Meta, st.sampled_from(["Author", "it's", 'a "b"']), st.sampled_from(["", "0", "a & b"]), st.booleans()
)


@st.composite
def grammar_files(draw: st.DrawFn) -> GrammarFile:
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    rules = {name: Rule(name, draw(EXPANSIONS), draw(st.booleans())) for name in names}
    mode = draw(st.sampled_from(["voice", "dtmf"]))
    language = draw(st.sampled_from(["zh-CN", "en"] if mode == "voice" else ["", "en"]))
    root = draw(st.sampled_from(["", names[0]]))
    lexicons = tuple(draw(st.lists(st.sampled_from(["a.pls", "http://example.com/b?c=d&e=f"]), max_size=2)))
    return GrammarFile("", language, mode, root, rules, lexicons, tuple(draw(st.lists(METAS, max_size=2))))


@pytest.mark.parametrize("locale", SHIPPED)
def test_the_shipped_grammars_are_the_same_in_both_forms(locale: str) -> None:
    for name, text in SHIPPED[locale].items():
        file = parse_grammar(text, name)
        assert parse_abnf(write_abnf(file), name) == file, name
        assert parse_grxml(write_grxml(file), name) == file, name


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(grammar_files())
def test_what_is_written_in_either_form_is_read_again(file: GrammarFile) -> None:
    assert parse_abnf(write_abnf(file)) == file
    assert parse_grxml(write_grxml(file)) == file


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet="$r=;|()[]{}<>/!\"#0-9a余 \n\\&'~", max_size=40), st.booleans())
def test_no_text_does_worse_than_being_refused(body: str, as_xml: bool) -> None:
    text = f'<grammar xml:lang="en">{body}</grammar>' if as_xml else f"#ABNF 1.0; language en;\n{body}"
    with suppress(GrammarError):
        assert parse_grammar(text, "a").language == "en"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=40), st.sampled_from([b"", b"\xff\xfe", b"#ABNF 1.0 GBK;", b"#ABNF 1.0 hex;"]))
def test_no_bytes_do_worse_than_being_refused(tail: bytes, head: bytes) -> None:
    with suppress(GrammarError):
        assert isinstance(decode_grammar(head + tail, "a"), str)
