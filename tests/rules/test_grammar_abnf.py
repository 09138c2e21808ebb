"""Grammar texts: what the ABNF form says, what is refused and why, and sources that stand alone."""

import pytest

from ivr.grammar.compiled import CompiledGrammar, combine, compile_grammar, compile_source
from ivr.grammar.errors import ExpansionTooLarge, GrammarError


def chinese(body: str) -> str:
    return f"#ABNF 1.0 UTF-8;\nlanguage zh-CN;\nroot $r;\n{body}"


def english(body: str) -> CompiledGrammar:
    return compile_source(f"#ABNF 1.0 UTF-8; language en-US; root $r; {body}")


@pytest.mark.parametrize(
    ("body", "phrases"),
    [
        ("$r = one two;", ["one two"]),
        ("$r = one | two;", ["one", "two"]),
        ("$r = (one | two) three;", ["one three", "two three"]),
        ("$r = [please] go;", ["go", "please go"]),
        ("$r = go<2>;", ["go go"]),
        ("$r = go<1-3>;", ["go", "go go", "go go go"]),
        ("$r = go<0-1> on;", ["on", "go on"]),
        ('$r = "New York";', ["New York"]),
        ("$r = $s now; $s = go | stop;", ["go now", "stop now"]),
        ("$r = /0.2/ go | /3/ stop;", ["go", "stop"]),
        ("$r = go ($NULL | now);", ["go", "go now"]),
        ("$r = go ($VOID | now);", ["go now"]),
        ("$r = go {a=1} | go {b=2};", ["go"]),
        ("// one\n$r = go /* two */ on; /** three */", ["go on"]),
        ("public $r = go; private $s = stop;", ["go"]),
        ('meta "author" is "a | b"; $r = go;', ["go"]),
    ],
)
def test_a_rule_lists_its_phrases_in_the_order_they_are_written(body: str, phrases: list[str]) -> None:
    assert english(body).phrases(10) == tuple(phrases)


@pytest.mark.parametrize(
    ("text", "place", "reason", "mend"),
    [
        ("", "1:1", "header is missing", "#ABNF 1.0 UTF-8;"),
        ("hello", "1:1", "header is missing", "#ABNF 1.0 UTF-8;"),
        ("#ABNF 1.0; $r = a;", "1:1", "no language", "language zh-CN;"),
        ("#ABNF 2.0; language en; $r = a;", "1:1", "header is missing", "#ABNF 1.0"),
        ("#ABNF 1.0; language en!;", "1:23", "`!` does not belong", "after a word or a bracket"),
        ("#ABNF 1.0; language english; $r = a;", "1:21", "`english` is not a language", "BCP 47"),
        ("#ABNF 1.0; language en; language zh; $r = a;", "1:34", "declared twice", "keep one"),
        ("#ABNF 1.0; language en; mode fax; $r = a;", "1:30", "no mode `fax`", "voice or dtmf"),
        ("#ABNF 1.0; language en; {a=1}; $r = a;", "1:25", "{a=1} belongs to no words", "into a rule"),
        ("#ABNF 1.0; language en; tag-format <x>; $r = a;", "1:36", "tag format", "semantics/1.0-literals"),
        (chinese("$r = 好"), "4:6", "ends within a rule", "semicolon"),
        (chinese("$r = 好 $s = 不;"), "4:11", "`=`", "semicolon"),
        (chinese("$r = (好;"), "4:8", "a bracket is open", "close it"),
        (chinese("$r = 好；"), "4:7", "`；` does not belong", "half-width ;"),
        (chinese("$r = （好）;"), "4:6", "`（` does not belong", "half-width ("),
        (chinese("$r = “好”;"), "4:6", "`“` does not belong", 'half-width "'),
        (chinese("$r = 好*;"), "4:7", "`*`", "<0->"),
        (chinese("$r = 好 | ;"), "4:10", "`;`", "$NULL"),
        (chinese("$r = 好 {balance};"), "4:8", "names no slot", "{slot=value}"),
        (chinese("$r = 好 {a=1;"), "4:8", "`{`", "close the tag"),
        (chinese("$r = 好<3-2>;"), "4:7", "is empty", "low-high"),
        (chinese("$r = 好<2000>;"), "4:7", "more than 1000 times", "lower"),
        (chinese("$r = /0/ 好 | 不;"), "4:6", "weight of zero", "positive"),
        (chinese("$r = /a/ 好;"), "4:6", "`/`", "positive number"),
        (chinese("$r = 好<0-1 /1.5/>;"), "4:7", "`1.5` is not a probability", "0 to 1"),
        (chinese("$r = 好 {a=1}!en;"), "4:13", "`!en`", "after a word or a bracket"),
        (chinese("$r = 好!english;"), "4:7", "`english` is not a language", "BCP 47"),
        (chinese("$r = (好 {a:=x}<2>);"), "4:15", "{a:=x} is repeated alone", "brackets"),
        (chinese("$r = 好 {!{a=}!b}!};"), "4:8", "holds }!", "leave it out"),
        (chinese('$r = "好;'), "4:6", '`"`', "close the quotation mark"),
        (chinese("$r = $next-due;"), "4:6", "`next-due` cannot be the name", "letters, digits and _"),
        (chinese("$VOID = 好;"), "4:1", "$VOID is a special rule", "another name"),
        (chinese("$r = 好 $GARBAGE;"), "4:8", "$GARBAGE takes anything", "alternatives"),
        (
            chinese("$r = $<http://example.com/a.gram#b>;"),
            "4:6",
            "would have to be fetched",
            "beside this one",
        ),
        (chinese("$r = $<a.gram#b>~<text/plain>;"), "4:6", "`text/plain` is no grammar", "application/srgs"),
        (chinese("$r = $<>;"), "4:6", "names neither a file nor a rule", "file.gram#rule"),
        (chinese("$r = 好;\n$r = 不;"), "5:1", "defined twice, first in line 4", "rename"),
        (chinese("$r = 好 $s;"), "4:8", "$s is not defined", "there are $r"),
        (chinese("$r = $r 好;"), "4:6", "back to itself ($r > $r)", "repeat"),
        (chinese("$r = 好 $s; $s = $r | 不;"), "4:17", "back to itself ($r > $s > $r)", "repeat"),
        (chinese("$r = 、;"), "4:6", "`、` is no word", "punctuation"),
        (chinese("$r = [好];"), "4:1", "matches silence", "other than optional"),
        (chinese("$r = 好 $VOID;"), "4:1", "matches nothing", "$VOID"),
        (chinese("$r = (好 | [不])<1->;"), "4:15", "may be silent", "at least one word"),
        (chinese("$r = ((好<900>)<900>)<900>;"), "4:8", "more than 20000 places", "lower"),
        (chinese("$r = " + "(" * 21 + "好" + ")" * 21 + ";"), "4:26", "20 brackets", "rules"),
        (chinese("$r = $<other.gram#s>;"), "4:6", "no file other.gram", "source"),
        ("#ABNF 1.0; language en; root $s; $r = a;", "1:1", "root rule $s is not defined", "define"),
        ("#ABNF 1.0; mode dtmf; root $r; $r = 1 x;", "1:39", "`x` is no key", "star and pound"),
    ],
)
def test_a_bad_grammar_is_refused_with_place_reason_and_mend(
    text: str, place: str, reason: str, mend: str
) -> None:
    with pytest.raises(GrammarError) as caught:
        compile_source(text)
    where, _, rest = str(caught.value).partition(": ")
    said, _, mended = rest.partition(" Mend: ")
    assert where.removeprefix("source:") == place
    assert reason in said
    assert mend in mended


def test_rules_that_nest_without_end_are_refused_and_not_followed() -> None:
    chain = "$r = 好 $s0;" + "".join(f"$s{n} = 好 $s{n + 1};" for n in range(100)) + "$s100 = 好;"
    with pytest.raises(GrammarError, match="more than 40 deep"):
        compile_source(chinese(chain))
    upwards = "".join(f"$s{n} = 好 [$s{n - 1}];" for n in range(1, 80)) + "$s0 = 好;"
    known_first = "$r = " + " | ".join(f"$s{n}" for n in range(80)) + ";"
    with pytest.raises(GrammarError, match="unfolds too deep"):
        compile_source(chinese(known_first + upwards))


HEAD = "#ABNF 1.0 UTF-8; language zh-CN;"
FILES = {
    "main.gram": HEAD + "root $r; $r = $polite 查 $<parts.gram#what> | $<parts.gram>; $polite = 请;",
    "parts.gram": HEAD
    + "root $all; public $what = $polite 余额 {i=b}; private $polite = 我 的; $all = 全部;",
    "private.gram": HEAD + "root $r; $r = $<parts.gram#polite>;",
    "rootless.gram": HEAD + "public $r = 好;",
    "needs_root.gram": HEAD + "root $r; $r = $<rootless.gram>;",
    "english.gram": "#ABNF 1.0 UTF-8; language en-US; root $r; public $r = yes;",
    "mixed.gram": HEAD + "root $r; $r = $<english.gram#r>;",
}


def test_rules_of_other_files_are_bundled_into_one_source_under_names_of_their_own() -> None:
    grammar = compile_grammar(FILES, "main.gram")
    assert grammar.phrases(10) == ("请查我的余额", "全部")
    assert "parts.gram" not in grammar.source
    alone = compile_source(grammar.source)
    assert alone == grammar
    assert alone.source == grammar.source
    assert alone.match("请查我的余额") == ({"i": "b"},)


def test_a_file_may_refer_to_a_variant_of_its_language_and_to_any_keys() -> None:
    files = {
        "words.gram": "#ABNF 1.0; language en-US; root $r; $r = $<more.gram#s>;",
        "more.gram": "#ABNF 1.0; language en; public $s = yes;",
        "keys.gram": "#ABNF 1.0; mode dtmf; root $r; $r = $<stars.gram#s>;",
        "stars.gram": "#ABNF 1.0; language en; mode dtmf; public $s = star;",
    }
    assert compile_grammar(files, "words.gram").match("yes") == ({},)
    assert compile_grammar(files, "keys.gram").match_keys("*") == ({},)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("private.gram", "private.gram:1:47: rule $polite of parts.gram is private"),
        ("needs_root.gram", "needs_root.gram:1:47: rootless.gram declares no root"),
        ("mixed.gram", "mixed.gram:1:47: english.gram is voice en-US, not voice zh-CN"),
        ("absent.gram", "absent.gram:1:1: there is no file absent.gram"),
    ],
)
def test_a_reference_that_may_not_be_followed_is_refused_where_it_stands(file: str, reason: str) -> None:
    with pytest.raises(GrammarError) as caught:
        compile_grammar(FILES, file)
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize(
    "body",
    [
        "$r = a [b] (c | d)<2-3> (e<2>)<3> f<1->;",
        "$r = /0.5/ a | /2/ (b | c) | (/3/ d | e) f;",
        "$r = a {x=1} | b {!{y+=a}b}!} | $NULL c;",
        '$r = a ("New York" | "it\'s") [[b] c];',
    ],
)
def test_the_source_of_a_grammar_compiles_to_the_same_source(body: str) -> None:
    grammar = english(body)
    again = compile_source(grammar.source)
    assert again.source == grammar.source
    assert again.bundle.rules == grammar.bundle.rules


def test_listing_stops_at_the_limit_and_says_so() -> None:
    many = english("$r = (a | b)<30>;")
    with pytest.raises(ExpansionTooLarge, match="more than 1000"):
        many.phrases(1000)
    with pytest.raises(ExpansionTooLarge):
        english("$r = a<1->;").phrases(1000)
    assert len(english("$r = (a | a | a)<6>;").phrases(1)) == 1


def test_grammars_of_one_language_and_mode_combine_and_others_do_not() -> None:
    left = english("$r = yes $s {a=1}; $s = please;")
    right = english("$r = no $s {a=2}; $s = thanks;")
    both = combine(left, right)
    assert both.phrases(10) == ("yes please", "no thanks")
    assert both.match("no thanks") == ({"a": "2"},)
    assert compile_source(both.source) == both
    assert combine(left) is left
    with pytest.raises(GrammarError, match="cannot be combined"):
        combine(left, compile_source(chinese("$r = 好;")))
