"""Tests of what counts as the same text: one normaliser, its letters and its digest."""

from __future__ import annotations

import hashlib
import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clausegraph.loaders.markup import link_end
from clausegraph.loaders.normalise import digest, letters, normalise

MARKUP = st.text(
    st.sampled_from(
        [
            *"ab1 \n\t\\`*_~[]()<>!&#;:|=-+.\"'/",
            "\u0301",
            "\u00a0",
            "\u200b",
            "\u2019",
            "\r",
            "\u0338",
        ]
    )
)
PIECES = st.lists(
    st.sampled_from(
        [
            "[a](b)",
            "![",
            "](",
            "https://x.y",
            "<b>",
            "</b>",
            "<!--",
            "-->",
            "<script>",
            "&amp;",
            "&lt;",
            "&#38;",
            "`",
            "```",
            "~~~",
            "#",
            "-",
            "1.",
            "|",
            "\\",
            "[r]:",
            "/u",
            "[r]",
            "<a@b.c>",
            "**",
            "__",
            "==",
            "{#x}",
            "((",
            "))",
            '"',
            "'",
            "\n",
            "\n\n",
            "c",
        ]
    )
).map(" ".join)
ANY = st.one_of(st.text(), MARKUP, PIECES, PIECES.map(lambda text: text.replace(" ", "")))
PLAIN = st.text(st.characters(exclude_characters="[]<>&"))

CASES = {
    "atx": ("## Who we are ##", "Who we are"),
    "anchor": ("## Who we are {#who}", "Who we are"),
    "heading link": ("## [#](#who) Who", "Who"),
    "setext": ("Who\n===\n\nwe\n---", "Who we"),
    "emphasis": ("re**b**uild __it__ *now* ~~or~~ _never_", "rebuild it now or never"),
    "escapes": (r"1\. a\_b \[c\] \*d\* \<b>", "1. ab c d b"),
    "list": ("* a\n    - b\n+ c\n\u2022 d\n1. e", "a b c d 1. e"),
    "table": ("| a | b |\n| --- | :-: |\n| 1 | 2\\|3 |", "a b 1 2 3"),
    "quote": ("> a\n> > b", "a b"),
    "link": ('[our *terms*](https://x.test/t "T").', "our terms."),
    "link with brackets": ("[a](https://x.test/w_(b(c))) d", "a d"),
    "link in angles": ("[a](<https://x.test/w b>) d", "a d"),
    "relative link": ("[a](terms) b", "a b"),
    "no link": ("items](see below) b", "items(see below) b"),
    "torn link": ("[\n\nTitle\n\n](https://x.test)", "Title"),
    "reference": ("[a][1] [b][] [c] [d][2]\n\n[1]: /u\n[b]: </v> 'T'", "a b c d2"),
    "no definition": ("[Note]: important", "Note: important"),
    "image": ("a ![logo [x]](l.png 'T') b", "a b"),
    "linked image": ("[![logo](l.png) Home](/)", "Home"),
    "reference image": ("a ![logo][1] b\n\n[1]: /l.png", "a b"),
    "stray image sign": ("![a\n\nb](https://x.test)", "!a b"),
    "autolink": ("<https://x.test/a> <me@x.test>", "https://x.test/a me@x.test"),
    "footnote": ("a[^1]\n\n[^1]: note", "a^1 ^1: note"),
    "html": ("<p class='x'>a<br/>b <b>c</b>d</p><!-- e\n\nf -->", "a b cd"),
    "script": ("a<script>b < c</script>d<STYLE>e</style>f", "a d f"),
    "unknown tag": ("Dear <name>, 1 < 2 > 0", "Dear name , 1 2 0"),
    "entities": ("a&nbsp;&lt;b&gt; &copy; &#65;&#x42; &nosuch; AT&T", "a b \u00a9 AB nosuch; AT&T"),
    "double entity": ("&amp;lt;", "lt;"),
    "code span": ("`<b>` ``a`b`` `[c](d)`", "b ab c(d)"),
    "code": ("```py\n<b> [c](d)\n```\n[e](f)", "b c(d) e"),
    "tilde code": ("~~~\n```\n[e](f)\n~~~\n[g](h)", "e(f) g"),
    "typography": ("\u201ca\u201d \u2018b\u2019 c\u2014d\u2013e \u2026", "\"a\" 'b' c-d-e ..."),
    "blanks": ("a\u00a0\u2009b\r\nc\rd\u3000e\u2028f", "a b c d e f"),
    "unseen": ("\ufeffa\u200bb\u00ad\u2060c\u200f\x00", "abc"),
    "composed": ("e\u0301", "\u00e9"),
    "right to left": ("\u202b## \u05e9\u05dc\u05d5\u05dd\u202c", "\u05e9\u05dc\u05d5\u05dd"),
    "chinese": (
        "\u6211\u4eec**\u6536\u96c6**\u4fe1\u606f\u3002",
        "\u6211\u4eec\u6536\u96c6\u4fe1\u606f\u3002",
    ),
    "rule": ("a\n\n* * *\n\nb\n\n----", "a b"),
    "nothing": (" \n-\n", ""),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_what_a_reader_sees(text: str, expected: str) -> None:
    """Each trap leaves what a reader sees."""
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("within 30 days", "within 45 days"),
        ("we sell data", "We sell data"),
        ("1. a", "2. a"),
        ("[sell](/a)", "[share](/a)"),
        ("do not sell", "do sell"),
    ],
)
def test_what_a_reader_sees_changed_stays_changed(before: str, after: str) -> None:
    """The bad twins: a change that a reader sees is never folded away."""
    assert normalise(before) != normalise(after)


@settings(max_examples=400, deadline=None)
@given(ANY)
@example("&\u200b#65;")
@example("&*lt;")
@example("=<b> x")
@example("\u1fef<b>")
def test_a_second_time_changes_nothing(text: str) -> None:
    """Normalising is idempotent, on any input."""
    once = normalise(text)
    assert normalise(once) == once


@settings(max_examples=400, deadline=None)
@given(PLAIN)
def test_letters_of_plain_text_stay_in_order(text: str) -> None:
    """Text without brackets, tags and entities keeps its letters and digits, in order."""
    assert _signs(normalise(text)) == _signs(_unfenced(text))


@settings(max_examples=400, deadline=None)
@given(st.text())
def test_escaped_signs_hide_nothing(text: str) -> None:
    """With every ASCII sign escaped, every letter and digit is seen."""
    escaped = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
    assert _signs(normalise(escaped)) == _signs(unicodedata.normalize("NFC", text))


@settings(max_examples=200, deadline=None)
@given(ANY)
def test_nothing_that_is_markup_is_left(text: str) -> None:
    """The result is one line, trimmed, without signs that could be read as markup."""
    seen = normalise(text)
    assert (seen.split(), re.findall(r"[\\*_`~\[\]<>|\n\u200b]", seen)) == (
        [word for word in seen.split(" ") if word],
        [],
    )


@settings(max_examples=200, deadline=None)
@given(ANY)
def test_letters_are_those_of_the_normalised_text(text: str) -> None:
    """Letters do not depend on whether the text was normalised before."""
    assert letters(normalise(text)) == letters(text)


def test_letters() -> None:
    """Letters and digits alone, casefolded, with the vowels that are combining marks."""
    assert letters("**We** don't\u2014ever! 30\u00a0days, Stra\u00dfe, \u0939\u093f") == (
        "wedontever30daysstrasse\u0939\u093f"
    )


def test_digest_is_of_the_normalised_text() -> None:
    """Two spellings of one text share a digest, and it is SHA-256 over UTF-8."""
    assert digest("# A  *b*") == digest("A b") == hashlib.sha256(b"A b").hexdigest()


def test_lone_surrogates_have_a_digest() -> None:
    """Text that UTF-8 cannot say does not raise."""
    assert len(digest("a\ud800b")) == 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(/a)b", (4, "/a")),
        ("( /a(b) 'c)' )", (14, "/a(b)")),
        ("(<a b>)", (7, "a b")),
        ("(a b)", None),
        ("(a", None),
        ("(a(b)", None),
        ("(a 'b)", None),
    ],
)
def test_link_targets(text: str, expected: tuple[int, str] | None) -> None:
    """A link's target ends where CommonMark says, and what is not one is not read as one."""
    assert link_end(text, 0) == expected


@pytest.mark.parametrize(
    "unit",
    [
        "[",
        "![",
        "](",
        "[a](",
        '](a "',
        "<b ",
        "<!--",
        "<script>",
        "`a``b```c",
        "&",
        "&#",
        "\\",
        "> ",
        "- ",
        "#",
        "# ",
        "*",
        "|",
        "\n",
        "\n\n[",
        "[a]: /b\n",
        "```\n",
        "[x][y]",
        "](\\(",
    ],
)
def test_deep_nesting_ends(unit: str) -> None:
    """Hostile nesting is read to its end (a quadratic scan would not end here) and only once."""
    seen = normalise(unit * 40_000)
    assert normalise(seen) == seen


def _signs(text: str) -> str:
    """Keep letters and digits, in Unicode's normal form C."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", text)))


def _unfenced(text: str) -> str:
    """Take the lines that open code away: what they say beside their ticks is not shown."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line for line in lines if "```" not in line and "~~~" not in line)
