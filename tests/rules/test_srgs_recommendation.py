"""The examples of the Recommendation (https://www.w3.org/TR/speech-grammar/), in both forms, as one model."""

import pytest

from ivr.grammar.abnf import parse_abnf
from ivr.grammar.abnf_writer import write_abnf
from ivr.grammar.compiled import CompiledGrammar, compile_grammar, compile_source
from ivr.grammar.grxml import parse_grxml
from ivr.grammar.grxml_writer import write_grxml
from ivr.grammar.nodes import GrammarFile, Meta

PUBLIC_ID = '<!DOCTYPE grammar PUBLIC "-//W3C//DTD GRAMMAR 1.0//EN" "http://www.w3.org/TR/speech-grammar/grammar.dtd">'
DIGIT_ABNF = " $digit = 0 | 1;"
DIGIT_XML = '<rule id="digit"><one-of><item>0</item><item>1</item></one-of></rule>'


def abnf(body: str) -> GrammarFile:
    return parse_abnf(f"#ABNF 1.0 ISO-8859-1;\nlanguage en;\nmode voice;\nroot $r;\n{body}")


def grxml(body: str) -> GrammarFile:
    head = f'<?xml version="1.0" encoding="ISO-8859-1"?>\n{PUBLIC_ID}\n'
    names = 'xmlns="http://www.w3.org/2001/06/grammar" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    where = 'xsi:schemaLocation="http://www.w3.org/2001/06/grammar grammar.xsd" xml:lang="en"'
    return parse_grxml(f'{head}<grammar version="1.0" {names} {where} mode="voice" root="r">{body}</grammar>')


EXPANSIONS = [
    # 2.1 tokens
    ('$r = "San Francisco";', '<rule id="r">"San Francisco"</rule>'),
    ('$r = "  San    Francisco ";', '<rule id="r"><token> San\n Francisco </token></rule>'),
    ("$r = this is a test;", '<rule id="r"> this is\n a test </rule>'),
    # 2.2.3 special rules
    ("$r = a $NULL b;", '<rule id="r">a <ruleref special="NULL"/> b</rule>'),
    (
        "$r = a | $VOID;",
        '<rule id="r"><one-of><item>a</item><item><ruleref special="VOID"/></item></one-of></rule>',
    ),
    ("$r = a ();", '<rule id="r">a <item/></rule>'),
    # 2.4 alternatives and weights
    (
        "$r = /10/ small | /2/ medium | large;",
        '<rule id="r"><one-of><item weight="10">small</item><item weight="2">medium</item>'
        "<item>large</item></one-of></rule>",
    ),
    (
        '$r = /3.1415/ pie | /1.414/ "root beer" | /.25/ cola | /2./ tea;',
        '<rule id="r"><one-of><item weight="3.1415">pie</item>'
        '<item weight="1.414"><token>root beer</token></item>'
        '<item weight=".25">cola</item><item weight="2.">tea</item></one-of></rule>',
    ),
    (
        "$r = Michael | Yuriko | Mary | Duke | $other; $other = Boston | Philadelphia | Fargo;",
        '<rule id="r"><one-of><item>Michael</item><item>Yuriko</item><item>Mary</item><item>Duke</item>'
        '<item><ruleref uri="#other"/></item></one-of></rule>'
        '<rule id="other"><one-of><item>Boston</item><item>Philadelphia</item><item>Fargo</item></one-of>'
        "</rule>",
    ),
    # 2.5 repeats
    ("$r = [very] big;", '<rule id="r"><item repeat="0-1">very</item> big</rule>'),
    (
        "$r = $digit <0-> a;" + DIGIT_ABNF,
        f'<rule id="r"><item repeat="0-"><ruleref uri="#digit"/></item>a</rule>{DIGIT_XML}',
    ),
    (
        "$r = $digit <1->;" + DIGIT_ABNF,
        f'<rule id="r"><item repeat="1-"><ruleref uri="#digit"/></item></rule>{DIGIT_XML}',
    ),
    (
        "$r = $digit <4-6>;" + DIGIT_ABNF,
        f'<rule id="r"><item repeat="4-6"><ruleref uri="#digit"/></item></rule>{DIGIT_XML}',
    ),
    (
        "$r = $digit<10>;" + DIGIT_ABNF,
        f'<rule id="r"><item repeat="10"><ruleref uri="#digit"/></item></rule>{DIGIT_XML}',
    ),
    (
        "$r = [[very] big] pizza ([with | and] $topping)<0->; $topping = cheese | pepperoni;",
        '<rule id="r"><item repeat="0-1"><item repeat="0-1">very</item> big</item> pizza <item repeat="0-">'
        '<item repeat="0-1"><one-of><item>with</item><item>and</item></one-of></item>'
        '<ruleref uri="#topping"/></item></rule>'
        '<rule id="topping"><one-of><item>cheese</item><item>pepperoni</item></one-of></rule>',
    ),
    ("$r = a very<0-1 /0.6/>;", '<rule id="r">a <item repeat="0-1" repeat-prob="0.6">very</item></rule>'),
    (
        "$r = $digit <2-4 /.8/>;" + DIGIT_ABNF,
        f'<rule id="r"><item repeat="2-4" repeat-prob=".8"><ruleref uri="#digit"/></item></rule>{DIGIT_XML}',
    ),
    ("$r = a b<0>;", '<rule id="r">a <item repeat="0">b</item></rule>'),
    # 2.6 tags
    (
        "$r = open {action=open} | $close {action=shut}; $close = close {a+=b};",
        '<rule id="r"><one-of><item>open <tag>action=open</tag></item>'
        '<item><ruleref uri="#close"/><tag> action = shut </tag></item></one-of></rule>'
        '<rule id="close">close<tag>a+=b</tag></rule>',
    ),
    ("$r = a {!{x={braces}}!};", '<rule id="r">a<tag>x={braces}</tag></rule>'),
    (
        "$r = [the] (a b) {what:=words};",
        '<rule id="r"><item repeat="0-1">the</item><item>a b</item><tag>what:=words</tag></rule>',
    ),
    # 2.7 language
    (
        "$r = oui!fr-CA | yes!en-US;",
        '<rule id="r"><one-of><item xml:lang="fr-CA">oui</item>'
        '<item><token xml:lang="en-US">yes</token></item></one-of></rule>',
    ),
    (
        '$r = May I speak to ("Michel Tremblay" | Robert!en-US)!fr-CA;',
        '<rule id="r">May I speak to <one-of xml:lang="fr-CA"><item><token>Michel Tremblay</token></item>'
        '<item xml:lang="en-US">Robert</item></one-of></rule>',
    ),
    # 3 rules
    (
        "public $r = $action $object; private $action = open; $object = [the | a] (window | file);",
        '<rule id="r" scope="public"><ruleref uri="#action"/><ruleref uri="#object"/></rule>'
        '<rule id="action" scope="private"><example> open </example>open</rule>'
        '<rule id="object"><item repeat="0-1"><one-of><item>the</item><item>a</item></one-of></item>'
        "<one-of><item>window</item><item>file</item></one-of></rule>",
    ),
    # 2.2.2 other files
    (
        "$r = $<places.gram#city> | $<places.gram>~<application/srgs> | $<./other%20places.grxml#state>;",
        '<rule id="r"><one-of><item><ruleref uri="places.gram#city"/></item>'
        '<item><ruleref uri="places.gram" type="application/srgs"/></item>'
        '<item><ruleref uri="./other%20places.grxml#state"/></item></one-of></rule>',
    ),
]


@pytest.mark.parametrize(("abnf_body", "xml_body"), EXPANSIONS)
def test_both_forms_say_the_same_and_are_written_as_they_are_read(abnf_body: str, xml_body: str) -> None:
    file = abnf(abnf_body)
    assert grxml(xml_body) == file
    assert parse_abnf(write_abnf(file)) == file
    assert parse_grxml(write_grxml(file)) == file


def test_every_declaration_of_the_header_is_read_in_both_forms() -> None:
    from_abnf = parse_abnf(
        "\ufeff#ABNF 1.0 UTF-8;\n// a comment\nlanguage en-US;\nmode voice;\nroot $city;\n"
        "tag-format <semantics/1.0-literals>;\nbase <cities/>;\nlexicon <http://example.com/lexicon.file>;\n"
        "lexicon <strange-city-names.file>~<application/pls+xml>; /* another\n comment */\n"
        'meta "Author" is "Stephanie Williams";\nhttp-equiv "Expires" is \'0\';\n'
        "/** documentation */ $city = Boston | $<more.gram#city>;"
    )
    from_xml = parse_grxml(
        f"{PUBLIC_ID}<!-- a comment -->"
        '<grammar version="1.0" xmlns="http://www.w3.org/2001/06/grammar" xml:lang="en-US" mode="voice"'
        ' root="city" tag-format="semantics/1.0-literals" xml:base="cities/">'
        '<lexicon uri="http://example.com/lexicon.file"/>'
        '<lexicon uri="strange-city-names.file" type="application/pls+xml"/>'
        '<meta name="Author" content="Stephanie Williams"/><meta http-equiv="Expires" content="0"/>'
        '<metadata><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">a &amp; b</r:RDF></metadata>'
        '<rule id="city"><one-of><item>Boston</item><item><ruleref uri="more.gram#city"/></item></one-of>'
        "</rule>"
        "</grammar>"
    )
    assert from_xml == from_abnf
    assert (from_abnf.language, from_abnf.mode, from_abnf.root) == ("en-US", "voice", "city")
    assert from_abnf.lexicons == ("http://example.com/lexicon.file", "strange-city-names.file")
    assert from_abnf.metas == (Meta("Author", "Stephanie Williams"), Meta("Expires", "0", http=True))
    assert "$<cities/more.gram#city>" in write_abnf(from_abnf)
    assert parse_abnf(write_abnf(from_abnf)) == from_abnf
    assert parse_grxml(write_grxml(from_abnf)) == from_abnf


def test_the_pin_of_appendix_e_takes_keys() -> None:
    digits = " | ".join("0123456789")
    pin = compile_source(
        f'#ABNF 1.0 ISO-8859-1; mode dtmf; root $pin; $digit = {digits};public $pin = $digit <4> "#" | "*" 9;'
    )
    assert pin.match_keys("1234#") == ({},)
    assert pin.match_keys("*9") == ({},)
    assert pin.match_keys("123#") == ()


def test_the_xml_pin_of_appendix_e_takes_keys() -> None:
    items = "".join(f"<item>{digit}</item>" for digit in "0123456789")
    pin = compile_source(
        '<grammar version="1.0" xmlns="http://www.w3.org/2001/06/grammar" mode="dtmf" root="pin">'
        f'<rule id="digit"><one-of>{items}</one-of></rule><rule id="pin" scope="public"><one-of>'
        '<item><item repeat="4"><ruleref uri="#digit"/></item> #</item><item>* 9</item></one-of></rule>'
        "</grammar>"
    )
    assert pin.match_keys("1234#") == ({},)
    assert pin.match_keys("*9") == ({},)
    assert compile_source(pin.source) == pin


MOVES = {
    "politeness.gram": "#ABNF 1.0; language en; "
    "public $startPolite = (please | kindly | could you | oh mighty computer) <0->;"
    "public $endPolite = [please | thanks | thank you];",
    "commands.grxml": '<grammar version="1.0" xmlns="http://www.w3.org/2001/06/grammar" xml:lang="en"'
    ' root="basicCmd"><rule id="basicCmd" scope="public"><example>please move the window</example>'
    '<ruleref uri="politeness.gram#startPolite"/><ruleref uri="#command"/>'
    '<ruleref uri="politeness.gram#endPolite"/></rule>'
    '<rule id="command"><ruleref uri="#action"/><ruleref uri="#object"/></rule>'
    '<rule id="action"><one-of><item weight="10">open <tag>do=open</tag></item>'
    '<item weight="2">close <tag>do=close</tag></item><item weight="1">delete <tag>do=delete</tag></item>'
    '<item weight="1">move <tag>do=move</tag></item></one-of></rule>'
    '<rule id="object"><item repeat="0-1"><one-of><item>the</item><item>a</item></one-of></item>'
    "<one-of><item>window</item><item>file</item><item>menu</item></one-of></rule></grammar>",
    "main.gram": "#ABNF 1.0; language en; root $r; $r = $<commands.grxml> | hello;",
}


def moves(file: str) -> CompiledGrammar:
    return compile_grammar(MOVES, file)


@pytest.mark.parametrize("file", ["commands.grxml", "main.gram"])
@pytest.mark.parametrize(
    ("text", "meanings"),
    [
        ("please move the window", [{"do": "move"}]),
        ("open a file", [{"do": "open"}]),
        ("oh mighty computer please open menu thanks", [{"do": "open"}]),
        ("open", []),
    ],
)
def test_files_of_both_forms_refer_to_each_other(
    file: str, text: str, meanings: list[dict[str, str]]
) -> None:
    assert list(moves(file).match(text)) == meanings
