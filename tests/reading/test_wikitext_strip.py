"""Wikitext to text: what goes, what stays, where it stood, and how long it takes (RELIABILITY B23, B25)."""


import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.reading.wikitext import strip

CASES = {
    "'''bold''' and ''italic'' and '''''both'''''": "bold and italic and both",
    "a {{template|x={{inner|y}}}} b": "a b",
    "a {{{parameter}}} b": "a b",
    "see [[Target|the label]] and [[Target]] and [[a|b|c]]": "see the label and Target and b|c",
    "[http://x.org a label] and [http://x.org] end": "a label and end",
    "bare http://x.org/a_(b), then": "bare , then",
    "(http://x.org/a)": "",
    "quoted.\n(http://x.org/a)\n\nnext": "quoted.\n\nnext",
    "([http://x.org one], [http://y.org])": "(one, )",
    "a<ref>gone [[x]]</ref> b<ref name=q /> c": "a b c",
    "a <!-- [[gone --> b": "a b",
    "{|\n! head\n|-\n| {{x}} cell\n|}\nafter": "after",
    "a\n{|\n| outer\n{|\n| inner\n|}\n|}\nb": "a\n\nb",
    "x [[File:a.png|thumb|words [[link|l]] end]] y": "x y",
    "x [[Image:a.png]]\n[[Category:Foo]] [[:Category:Foo]]": "x \n Category:Foo",
    "__NOTOC__ text": "text",
    "the __init__ method": "the __init__ method",
    "one\n== Heading ==\ntwo": "one\n\ntwo",
    "* one\n** two\n# three\n:four": "one\ntwo\nthree\nfour",
    "R&amp;D &eacute; &#8364; &nosuch; AT&T": "R&D é € &nosuch; AT&T",
    "<nowiki>[[kept]]</nowiki> {{gone}}": "[[kept]]",
    "a<br />b <div class='x'>c</div>": "a\nb \nc",
    "1 < 2 and <john@x.org> > 3": "1 < 2 and <john@x.org> > 3",
    "'''= a one-line definition'''": "a one-line definition",
    "= a definition, closed nowhere": "a definition, closed nowhere",
    "URL = http://x.org (in French)\ntext": "text",
    "before {{never closed": "before {{never closed",
    "before [[never closed\n\nafter]] end": "before [[never closed\n\nafter]] end",
    "before <!-- never closed": "before <!-- never closed",
    "before <ref>never closed": "before never closed",
    "<nowiki>never [[closed]]": "never closed",
    "before\n{| never closed\n| cell": "before\n{| never closed\n| cell",
    "don't, the 1990's": "don't, the 1990's",
    "call main() now": "call main() now",
    "----\ntext": "text",
    "": "",
}


@pytest.mark.parametrize(("source", "text"), CASES.items())
def test_strip(source, text):
    assert strip(source).text == text


PIECES = st.sampled_from(
    [
        "[[",
        "]]",
        "{{",
        "}}",
        "|",
        "''",
        "'''",
        "[http://a.b ",
        "]",
        "<ref>",
        "</ref>",
        "<b>",
        "<br>",
        "<!--",
        "-->",
        "\n",
        "\n\n",
        "{|\n",
        "\n|}",
        "=",
        "== h ==\n",
        "* ",
        "(",
        ")",
        "http://x.y/z",
        "<nowiki>",
        "</nowiki>",
        "&amp;",
        "&",
        "__TOC__",
        "[[File:x|",
        "[[Category:y]]",
        "word",
        " ",
        "  ",
        "İ",
        "😀",
        "ﬁ",
        "URL = ",
        ":",
        "}",
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES | st.text(max_size=3), max_size=30).map("".join))
def test_every_character_leads_back_to_itself(source):
    result = strip(source)
    for i, character in enumerate(result.text):
        at = result.offsets.at(i)
        assert 0 <= at < len(source)
        assert source[at] == character or character in " \n" or source[at] == "&"
    places = [result.offsets.at(i) for i in range(len(result.text))]
    assert places == sorted(places)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["alpha", "beta", "gamma", " ", "\n\n", "'''", "[[", "{{", "{|", "<!--", "<ref>", "[http://q "]), max_size=25).map("".join))
def test_what_is_never_closed_loses_no_word(source):
    text = strip(source).text
    for word in ("alpha", "beta", "gamma"):
        assert text.count(word) == source.count(word)


HOSTILE = [
    "<b>",
    "<ref>",
    "<ref ",
    "<!--",
    "<nowiki>",
    "<pre>",
    "[http://a {{",
    "{|\n|",
    "[[",
    "{{",
    "{{ }} ",
    "'",
    "=\n",
    "=",
    "&",
    "(",
    "()",
    " ",
    " \n",
    "\n",
    "*",
    "|}\n",
]
HOSTILE += ["http://", "[[a|", "[[File:", "[[Category:", "}}", "]]", '"', " \t:", "''' ", "<ref></nowiki>", "URL = ", "=a=\n", "&#1", "__A"]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.timeout(60)  # quadratic code would take minutes
def test_hostile_runs_take_linear_time(piece):
    source = piece * 20_000
    strip(source)


@pytest.mark.parametrize(
    ("opens", "closes"), [("[[", "]]"), ("{{", "}}"), ("{{a|", "}}"), ("[http://a ", "]"), ("{|\n", "\n|}"), ("<ref>", "</ref>"), ("'''", "'''")]
)
@pytest.mark.timeout(60)  # quadratic code would take minutes
def test_hostile_nests_take_linear_time(opens, closes):
    strip(opens * 20_000 + closes * 20_000)
