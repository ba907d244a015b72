"""Plain text becomes Markdown by the habits of those who write it, and no letter is lost."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clausegraph.loaders.normalise import normalise
from clausegraph.loaders.plain_text import markdown
from clausegraph.loaders.segment import segment

FULL = "We keep what you tell us for as long as you have an account, as said in part"
PROSE = f"{FULL}\ntwo of this policy, and no longer than the law of the place wants it.\n"

TEXTS = {
    "wrapped": (PROSE, PROSE.replace("\n", " ").strip() + "\n"),
    "underlined": (f"Title\n=====\n\nPart\n----\n{PROSE}", "# Title\n\n## Part\n\n"),
    "framed title": (f"=====\nTitle\n=====\n\n{PROSE}", "# Title\n\n"),
    "capitals": (f"TITLE\n\nPART ONE\n\n{PROSE}", "# TITLE\n\n## PART ONE\n\n"),
    "capitals on top": (f"PART ONE\n{PROSE}", "## PART ONE\n\n"),
    "capitals, a sentence": (f"WE SELL NOTHING.\n\n{PROSE}", "WE SELL NOTHING.\n\n"),
    "numbered": (f"1. Part\n\n1.1 Smaller\n\n{PROSE}", "## 1\\. Part\n\n### 1.1 Smaller\n\n"),
    "numbered list": (f"1. One\n\n2. Two\n\n{PROSE}", "1.  One\n2.  Two\n\n"),
    "titles": (f"Our Policy\n\nWhat we keep\n\n{PROSE}", "# Our Policy\n\n### What we keep\n\n"),
    "no title": (f"Our Policy\n\nUpdated: May\n\n{PROSE}", "# Our Policy\n\nUpdated: May\n\n"),
    "items": (
        f"We keep:\n- a\n* b\n  c\n   - d\n\u2022 e\no  f\n(a) g\nLast.\n\n{PROSE}",
        "We keep:\n\n*   a\n*   b  \n    c\n*   d\n*   e\n*   f\n(a) g\n\nLast.\n\n",
    ),
    "wrapped at a mark": (
        f"{FULL}\n(b) of it and - as\n- said - there.\n\n{PROSE}",
        f"{FULL} (b) of it and - as\n\n*   said - there.\n\n",
    ),
    "address": (f"Studio\n12 Lane\nFoldham\n\n{PROSE}", "Studio  \n12 Lane  \nFoldham\n\n"),
    "indented first lines": (
        f"  {FULL}\ntwo.\n  {FULL}\ntwo.\n\n{PROSE}",
        f"{FULL} two.\n\n{FULL} two.\n\n",
    ),
    "columns": (
        f"Who      What they get\nHosts    Sketches, and\n         plans\nDesk     Letters\n\n{PROSE}",
        "| Who | What they get |\n| --- | --- |\n| Hosts | Sketches, and plans |\n| Desk | Letters |\n\n",
    ),
    "tabs": (f"a\tb\nc\td\n\n{PROSE}", "| a | b |\n| --- | --- |\n| c | d |\n\n"),
    "frame": (
        f"+---+---+\n| a | b |\n+===+===+\n| c | d |\n+---+---+\n\n{PROSE}",
        "| a | b |\n| --- | --- |\n| c | d |\n\n",
    ),
    "two blanks behind a sentence": (
        f"One.  Two.\nThree.  Four.\n\n{PROSE}",
        "One. Two.  \nThree. Four.\n\n",
    ),
    "signs": (f"# a *b* <c> [d](e)\n\n{PROSE}", "\\# a \\*b\\* \\<c> \\[d\\](e)\n\n"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts(name: str) -> None:
    """Each habit becomes the Markdown that stands for it, before a paragraph that ends the text."""
    text, expected = TEXTS[name]
    rest = PROSE.replace("\n", " ").strip() + "\n"
    assert markdown(text)[0] == (expected if name == "wrapped" else expected + rest)


def test_long_lines_are_passages() -> None:
    """In a text that was not wrapped every line is a passage, with blank lines or without."""
    line = "We keep what you tell us. " * 8
    assert markdown(f"{line}\n{line}\n- a\n\n{line}")[0] == (
        f"{line.strip()}\n\n{line.strip()}\n\n*   a\n\n{line.strip()}\n"
    )


def test_lines_without_blank_lines() -> None:
    """In a wrapped text without blank lines a short line ends a passage."""
    assert markdown((FULL + "\ntwo of this.\n") * 8)[0] == f"{FULL} two of this.\n\n" * 7 + (
        f"{FULL} two of this.\n"
    )


LINES = st.lists(
    st.one_of(
        st.text("abA1 .-*|=+_#>\t<[&"),
        st.sampled_from(
            ["", "Title", "=====", "- a", "1. b", "a   b", "| a | b |", "+--+--+", FULL]
        ),
        st.text(st.characters(categories=["L", "N", "P", "S"])),
    )
).map("\n".join)


@settings(max_examples=500, deadline=None)
@given(LINES)
def test_no_letter_is_lost(text: str) -> None:
    """Every letter and digit is there again, in order, but for the letter o that marks an item."""
    made = markdown(text)[0]
    seen = "".join(normalise(made[part.start : part.end]) for part in segment(made))
    assert _letters(seen) == _letters(text)


def _letters(text: str) -> str:
    """The letters and digits of a text but o, in Unicode's normal form C."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", text))).replace("o", "")
