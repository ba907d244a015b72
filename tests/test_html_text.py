"""HTML becomes Markdown that shows what the page shows, passage by passage."""

from __future__ import annotations

import html
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clausegraph.loaders.html_text import markdown
from clausegraph.loaders.normalise import normalise
from clausegraph.loaders.segment import segment

PAGES = {
    "headings": ("<h1>A</h1><h2><b>B</b> c</h2><h6>D</h6>", "# A\n\n## **B** c\n\n###### D\n"),
    "heading by its role": ('<div role="heading" aria-level="3">A</div>b', "### A\n\nb\n"),
    "paragraphs": ("<p>a\n  b</p>c<div>d<div>e</div>f</div>", "a b\n\nc\n\nd\n\ne\n\nf\n"),
    "line breaks": ("<p>a<br>b<br><br>c<br> </p>", "a  \nb\n\nc\n"),
    "blanks around marks": ("<p>a<b> b </b>c<b> </b>d</p>", "a **b** c d\n"),
    "bold heading": ("<p><strong>A</strong></p><p>b</p>", "**A**\n\nb\n"),
    "bold over passages": ("<b><p>A</p><p>B</p></b>", "**A**\n\n**B**\n"),
    "bold by style": ('<p><span style="font-weight: 700">A</span></p>', "**A**\n"),
    "not bold by style": ('<b style="font-weight:normal"><p>a</p></b>', "a\n"),
    "links": ('<a href="/a b">a</a><a href="#x"></a>', "[a](/a%20b)\n"),
    "link over passages": ('<a href="/x"><p>a</p><p>b</p></a>', "[a](/x)\n\n[b](/x)\n"),
    "link with bold": ('<a href="/x">a <b>b</b></a>', "[a](/x) **[b](/x)**\n"),
    "list": ("<ul><li>a<li>b<p>c</p></ul>d", "*   a\n*   b\n\n    c\n\nd\n"),
    "nested": ("<ul><li>a<ol><li>b</ol>c</ul>", "*   a\n    1.  b\n\n    c\n"),
    "list in list": ("<ul><li><ul><li>a</ul></ul>", "    *   a\n"),
    "numbers": (
        "<ol start=3><li>a<li value=7>b<li>c</ol><ol type=a><li>d</ol><ol type=I><li>e<li>f</ol>",
        "3.  a\n7.  b\n8.  c\na.  d\nI.  e\nII. f\n",
    ),
    "items by sign": ("<p>\u2022 a<br>\u2022 b</p>", "\u2022 a  \n\u2022 b\n"),
    "definitions": ("<dl><dt>a<dd>b<p>c</dl>", "a\n\n: b\n\nc\n"),
    "quote": ("<blockquote><p>a</p><ul><li>b</ul></blockquote>", "> a\n\n> *   b\n"),
    "quoted words": ("<q>a</q>", '"a"\n'),
    "table": (
        (
            "<table><caption>t</caption><thead><tr><th>a<th>b</thead>"
            "<tr><td><p>c</p><p>d|e</p><td><ul><li>f<li>g</ul><tr><td colspan=2>h</table>i"
        ),
        "t\n\n| a | b |\n| --- | --- |\n| c d\\|e | f g |\n| h |\n\ni\n",
    ),
    "table for layout": (
        "<table><tr><td><h2>a</h2><td>b<table><tr><td>c<td>d</table></table>",
        "## a\n\nb\n\n| c | d |\n| --- | --- |\n",
    ),
    "table of one column": ("<table><tr><td>a<tr><td>b</table>", "a\n\nb\n"),
    "table for presentation": ("<table role=presentation><tr><td>a<td>b</table>", "a\n\nb\n"),
    "code": ("<pre><code>a\n  *b*\n</code></pre>", "```\na\n  *b*\n```\n"),
    "plain text": ("<pre>TITLE\n=====\n\n- a\n  b</pre>", "# TITLE\n\n*   a  \n    b\n"),
    "controls": ("<button>a</button><button>b</button><input value=c>", "a b\n"),
    "signs": (
        "<p># a</p><p>- b</p><p>1. c</p><p>&lt;d> [e](f) *g* `h` \\ &amp;amp; &amp; i</p>",
        "\\# a\n\n\\- b\n\n1\\. c\n\n\\<d> \\[e\\](f) \\*g\\* \\`h\\` \\\\ \\&amp; & i\n",
    ),
    "underline in a text": ("<p>a<br>===<br>---</p>", "a  \n\\===  \n\\---\n"),
    "nothing": ("<p> </p><ul><li></ul><h1><img src=x></h1>", ""),
}
WORDS = st.text(
    st.one_of(st.characters(categories=["L", "N", "P", "S"]), st.sampled_from(" \n*_`[]()<>&#-|"))
)


@pytest.mark.parametrize("name", PAGES)
def test_pages(name: str) -> None:
    """Each element becomes the Markdown that stands for it."""
    page, expected = PAGES[name]
    assert markdown(page)[0] == expected


@settings(max_examples=300, deadline=None)
@given(WORDS)
def test_no_letter_is_lost_or_read_as_markup(words: str) -> None:
    """Whatever a paragraph shows, its Markdown shows, as one passage unless it has a mark of its own."""
    text = markdown(f"<p>{html.escape(words)}</p>")[0]
    seen = "".join(normalise(text[part.start : part.end]) for part in segment(text))
    assert _letters(seen) == _letters(words)


def _letters(text: str) -> str:
    """The letters and digits of a text in Unicode's normal form C."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", text)))
