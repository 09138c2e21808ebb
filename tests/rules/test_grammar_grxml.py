"""The XML form: what is refused, with line and column, and what strangers' files cannot do."""

import pytest

from ivr.grammar.errors import GrammarError
from ivr.grammar.grxml import parse_grxml

HEAD = '<grammar version="1.0" xmlns="http://www.w3.org/2001/06/grammar" xml:lang="zh-CN" root="r">\n'


def rule(body: str) -> str:
    return f'{HEAD}<rule id="r">\n{body}</rule></grammar>'


@pytest.mark.parametrize(
    ("text", "place", "reason", "mend"),
    [
        ("<grammar", "1:1", "this is not XML: unclosed token", "close every tag"),
        (rule("<item>好</rule>"), "3:10", "mismatched tag", "close every tag"),
        (rule("好 & 不"), "3:4", "not XML", "&amp;"),
        (rule("好 &nbsp; 不"), "3:3", "undefined entity", "&amp;"),
        ("<vxml/>", "1:1", "<vxml> is not an SRGS grammar", "begin it with <grammar"),
        ('<grammar version="2.0"/>', "1:1", "version 2.0", 'version="1.0"'),
        ('<grammar version="1.0"/>', "1:1", "no language is declared", "xml:lang"),
        (HEAD + "</grammar>", "1:1", "root rule $r is not defined", "define it"),
        (HEAD + "好</grammar>", "2:1", "`好` does not belong", "in an <item>"),
        (HEAD + "<tag>a=1</tag></grammar>", "2:1", "belongs to no words", "into a rule"),
        (HEAD + "<item>好</item></grammar>", "2:1", "<item> does not belong here", "holds rules"),
        (HEAD + "<rule>好</rule></grammar>", "2:1", "<rule> lacks id", "add id"),
        (HEAD + '<rule id="r"/></grammar>', "2:1", "rule $r is empty", "NULL"),
        (HEAD + '<rule id="a-b">好</rule></grammar>', "2:1", "`a-b` cannot be the name", "letters"),
        (HEAD + '<rule id="r" scope="all">好</rule></grammar>', "2:1", "no scope `all`", "public or private"),
        (
            HEAD + '<rule id="r">好</rule>\n <rule id="r">不</rule></grammar>',
            "3:2",
            "defined twice",
            "rename",
        ),
        (rule("<one-of>好</one-of>"), "3:9", "`好` does not belong", "in an <item>"),
        (rule("<one-of></one-of>"), "3:1", "offers nothing", "<item>"),
        (rule('好 <item weight="2">不</item>'), "3:3", "between the items of a <one-of>", "remove"),
        (rule('<item repeat="x">好</item>'), "3:1", "`x` is no repeat", "0-"),
        (rule('<item repaet="2">好</item>'), "3:1", "no attribute repaet", "repeat, repeat-prob"),
        (rule('<one-of><item weight="-1">好</item></one-of>'), "3:9", "`-1` is not a weight", "0.5"),
        (rule("<ruleref/>"), "3:1", "either a uri or a special rule", "uri="),
        (rule('<ruleref special="GARBAGE"/>'), "3:1", "$GARBAGE takes anything", "alternatives"),
        (rule('<ruleref special="ALL"/>'), "3:1", "`ALL` is no special rule", "NULL or VOID"),
        (
            rule('<ruleref uri="https://example.com/a.grxml"/>'),
            "3:1",
            "have to be fetched",
            "beside this one",
        ),
        (rule("好\n  <tag>yes</tag>"), "4:3", "<tag>yes</tag> names no slot", "{slot=value}"),
        (rule("下 月<tag>d:=date</tag>"), "3:4", "captures the last word only", "brackets"),
        (rule("<token> </token>"), "3:1", "an empty token", "NULL"),
        (rule('好 " 不'), "3:3", "quotation mark stands alone", "close it"),
        (rule("<token><item/></token>"), "3:8", "<item> does not belong here", "only text"),
        (rule("<b>好</b>"), "3:1", "<b> does not belong here", "speech-grammar"),
        (rule("<item>" * 101 + "好" + "</item>" * 101), "3:589", "100 elements are open", "close"),
    ],
)
def test_a_bad_file_is_refused_with_place_reason_and_mend(
    text: str, place: str, reason: str, mend: str
) -> None:
    with pytest.raises(GrammarError) as caught:
        parse_grxml(text, "a.grxml")
    error = caught.value
    assert (error.file, f"{error.line}:{error.column}") == ("a.grxml", place)
    assert reason in error.reason
    assert mend in error.mend


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE grammar [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE grammar [<!ENTITY secret SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE grammar [<!ENTITY % outside SYSTEM "http://127.0.0.1:1/a.dtd"> %outside;]>',
    ],
)
def test_a_file_that_defines_entities_is_refused(doctype: str) -> None:
    with pytest.raises(GrammarError, match="defines entities"):
        parse_grxml(doctype + rule("好"))


def test_a_document_type_elsewhere_is_not_fetched() -> None:
    absent = '<!DOCTYPE grammar PUBLIC "-//W3C//DTD GRAMMAR 1.0//EN" "http://127.0.0.1:1/grammar.dtd">'
    assert parse_grxml(absent + rule("好")).root == "r"
