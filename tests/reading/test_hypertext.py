"""HTML to text: what shows, where it stood, nothing lost, linear time (RELIABILITY B14, B15)."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.reading.hypertext import looks_like_html, read_html

PAGE = """<!DOCTYPE html>
<html><head><title>The &amp; Title</title><style>p {x: "<p>"}</style><script>var x = "<p>no</p>";</script></head>
<body><nav><a href="/">Home</a></nav>
<h1>A <b>heading</b></h1><p data-x="<p>q</p>" title='a > b'>One &lt;two&gt; &nbsp;three<br>four   five
six&hellip;</p><ul><li>a</li><li>b</li></ul><pre>x
  y</pre><footer>foot</footer></body></html>"""


def test_what_shows():
    read = read_html(PAGE)
    assert read.text == "A heading\n\nOne <two> \xa0three\nfour five six…\n\na\n\nb\n\nx\n  y"
    assert read.title == "The & Title"
    assert read.notes == ()


@pytest.mark.parametrize("name", ["main", "article"])
def test_main_matter_is_preferred_where_it_holds_most(name):
    source = f"<title>T</title><div>Login Search</div><{name}><p>The matter of the page.</p></{name}><div>Rest</div>"
    assert read_html(source).text == "The matter of the page."
    small = f"<p>{'The matter of the page. ' * 5}</p><{name}>x</{name}>"
    assert "matter" in read_html(small).text


def test_title_from_heading():
    assert read_html("<h1>Only <i>this</i></h1><h1>not this</h1>").title == "Only this"
    assert read_html("<p>x</p>").title == ""


@pytest.mark.parametrize("depth", [255, 3000, 50_000])
def test_deep_nesting_loses_no_text(depth):
    assert read_html("<div>" * depth + "deep text" + "</div>" * depth).text == "deep text"


def test_a_text_of_ten_megabytes_is_kept():
    text = "word " * 2_200_000
    assert len(read_html(f"<p>{text}</p>").text) == len(text) - 1


@pytest.mark.parametrize("name", ["script", "nav", "title", "head", "style", "footer", "svg", "textarea"])
def test_an_element_never_closed_hides_nothing(name):
    read = read_html(f"<p>before</p><{name}><p>{'the rest of the page ' * 9}</p>")
    assert read.text.count("the rest of the page") == 9
    assert name in read.notes[0]


def test_a_page_all_in_a_footer_is_read_with_a_note():
    read = read_html(f"<p>Hi</p><footer>{'all of the text ' * 9}</footer>")
    assert read.text.count("all of the text") == 9
    assert "footer" in read.notes[0]


def test_comments_and_broken_tags():
    assert read_html("a<!-- <p>gone --> b < c <3 d").text == "a b < c <3 d"
    assert read_html("a <!-- never closed b").text == "a never closed b"
    assert read_html("a <b never closed").text == "a <b never closed"


TAGS = ["<p>", "</p>", "<b>", "<br>", "<nav>", "</nav>", "<main>", "</main>", "<script>", "</script>", "<title>", "</title>", "<pre>", "</pre>", "<!--", "-->"]
PIECES = st.sampled_from([*TAGS, '<a href="x>', "<a href='<p>'>", "&amp;", "&#8364;", "&", "&copy ", "<", ">", " ", "\n", "word", "İ", "😀", '"'])


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES | st.text(max_size=3), max_size=30).map("".join))
def test_every_character_leads_back_to_itself(source):
    read = read_html(source)
    for i, character in enumerate(read.text):
        at = read.offsets.at(i)
        assert source[at] == character or character in " \n" or source[at] == "&"


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 30))
def test_no_word_outside_hidden_elements_is_lost(shuffler: random.Random, size):
    words = [f"w{i}w" for i in range(size)]
    tags = ["<p>", "</p>", "<div class='a'>", "</div>", "<td>", "<b>", "</i>", "<br/>", "<unknown x=1>", "<!-- c -->", " ", "<form>", "<section>"]
    source = "".join(shuffler.choice(tags) + word + " " for word in words)
    assert read_html(source).text.split() == words


HOSTILE = [
    "<b>",
    "<div>",
    "<",
    "<!--",
    "<a ",
    "<script>",
    "&",
    "&amp",
    "<![CDATA[",
    "<!",
    "</",
    "<a href='",
    "<p>x",
    "<?",
    "<title>x",
    "<nav>a",
    '<a"<a" "',
    "<h1>",
    " ",
]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.timeout(60)  # quadratic code would take minutes
def test_hostile_runs_take_linear_time(piece):
    read_html(piece * 20_000)
    read_html("</nav>" * 10_000 + piece * 10_000 + "</nav>" * 10_000)


@pytest.mark.parametrize(
    ("head", "is_html"), [("<!doctype HTML><p>", True), ("\n <html lang=en>", True), ("<!-- x --><html>", True), ("<mediawiki>", False), ("<p>x", False)]
)
def test_looks_like_html(head, is_html):
    assert looks_like_html(head) is is_html
