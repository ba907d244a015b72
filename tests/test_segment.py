"""Tests of the segmenter: structure, coverage of every version in the corpus, hostile input."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clausegraph.loaders.normalise import letters
from clausegraph.loaders.segment import Segment, segment

BUNDLE = Path(__file__).parents[1].parent / "shared/corpora/ota-genai-versions.bundle"
LINES = st.lists(
    st.sampled_from(
        [
            "",
            " ",
            "Words here",
            "# Title",
            "====",
            "---",
            "**Bold**",
            "* item",
            "    - nested",
            "1. one",
            "(a) clause",
            "1.2 clause",
            "| a | b |",
            "|---|---|",
            "a | b",
            ": meaning",
            "```",
            "~~~ x",
            "<!-- c",
            "-->",
            "<h2>T</h2>",
            "<script>x",
            "</script>",
            "> quoted",
            "[\n",
            "](/u)",
            "## ",
            "\u200b",
            "我",
            "<li>x",
            "\\- x",
            "a\r",
            "\u2028b",
            "__Bold__",
            "<!-- d -->",
        ]
    )
)
ANY = st.one_of(
    st.text(), LINES.map("\n".join), LINES.map("\r\n".join), st.text("ab#*_-=|>`~<!:.1() \n\t")
)

SHAPES = {
    "atx": ("# A\nb", [("heading", "# A", ()), ("paragraph", "b", ("A",))]),
    "levels": (
        "# A\n## B\n### C\n## D\ne",
        [
            ("heading", "# A", ()),
            ("heading", "## B", ("A",)),
            ("heading", "### C", ("A", "B")),
            ("heading", "## D", ("A",)),
            ("paragraph", "e", ("A", "D")),
        ],
    ),
    "setext": (
        "A\n===\n\nB\n---\nc",
        [("heading", "A", ()), ("heading", "B", ("A",)), ("paragraph", "c", ("A", "B"))],
    ),
    "rule, not setext": ("a\n\n---\nb", [("paragraph", "a", ()), ("paragraph", "b", ())]),
    "bold line": (
        "**A**\n\nb\n\n__1\\. C:__\nd",
        [
            ("heading", "**A**", ()),
            ("paragraph", "b", ("A",)),
            ("heading", "__1\\. C:__", ()),
            ("paragraph", "d", ("1. C:",)),
        ],
    ),
    "numbered bold": (
        "1\\. **A**\n\nb",
        [("heading", "1\\. **A**", ()), ("paragraph", "b", ("1. A",))],
    ),
    "bold start, not a heading": ("**A** b", [("paragraph", "**A** b", ())]),
    "bold sentence, not a heading": (
        f"**{'Word ' * 20}end.**",
        [("paragraph", f"**{'Word ' * 20}end.**", ())],
    ),
    "bold inside a paragraph": ("a\n**b**", [("paragraph", "a\n**b**", ())]),
    "html heading": ("<h2>A</h2>\nb", [("heading", "<h2>A</h2>", ()), ("paragraph", "b", ("A",))]),
    "hashtag, not a heading": ("#A\nb", [("paragraph", "#A\nb", ())]),
    "lead-in and list": (
        "We use:\n* a\n  more\n    - b\n\n      c\n* **d**",
        [
            ("paragraph", "We use:", ()),
            ("item", "* a\n  more", ()),
            ("item", "- b", ()),
            ("paragraph", "c", ()),
            ("item", "* **d**", ()),
        ],
    ),
    "numbered clauses": (
        "1. a\n1.2 b\n1.2.3. c\n(a) d\nb) e\n(iv) f\n1\\. g\n\\(h\\) i",
        [("item", part, ()) for part in ["1. a", "1.2 b", "1.2.3. c", "(a) d", "b) e", "(iv) f"]]
        + [("item", "1\\. g", ()), ("item", "\\(h\\) i", ())],
    ),
    "year, not a clause": ("in\n2024. b", [("paragraph", "in\n2024. b", ())]),
    "table": (
        "| a | b |\n|---|---|\n| 1 | 2 |\n\nc",
        [("row", "| a | b |", ()), ("row", "| 1 | 2 |", ()), ("paragraph", "c", ())],
    ),
    "open table": (
        "a | b\n---|---\n1 | 2\n\nc | d",
        [("row", "a | b", ()), ("row", "1 | 2", ()), ("paragraph", "c | d", ())],
    ),
    "definition": ("term\n: what", [("paragraph", "term", ()), ("definition", ": what", ())]),
    "code": (
        "```py\n# a\n\n* b\n```\nc",
        [("code", "```py\n# a\n\n* b\n```", ()), ("paragraph", "c", ())],
    ),
    "open code": ("~~~\n# a\n```\n", [("code", "~~~\n# a\n```", ())]),
    "comment": (
        "<!-- a\n\n# b -->\nc",
        [("paragraph", "<!-- a\n\n# b -->", ()), ("paragraph", "c", ())],
    ),
    "open comment": ("<!-- a\n\n# b", [("paragraph", "<!-- a", ()), ("heading", "# b", ())]),
    "quote": (
        "> # A\n> b\n>\n> c",
        [("heading", "# A", ()), ("paragraph", "b", ("A",)), ("paragraph", "c", ("A",))],
    ),
    "html list": (
        "<ul>\n<li>a</li>\n<li>b</li>",
        [("paragraph", "<ul>", ()), ("item", "<li>a</li>", ()), ("item", "<li>b</li>", ())],
    ),
    "line ends": (
        "# A\r\nb\r\n\r\nc\r",
        [("heading", "# A", ()), ("paragraph", "b", ("A",)), ("paragraph", "c", ("A",))],
    ),
    "nothing": (" \n* * *\n", []),
}


@pytest.mark.parametrize(("text", "expected"), SHAPES.values(), ids=SHAPES)
def test_structure(text: str, expected: list[tuple[str, str, tuple[str, ...]]]) -> None:
    """Each shape of a document gives its passages with kind and headings."""
    found = [(part.kind, text[part.start : part.end], part.headings) for part in segment(text)]
    assert found == expected


def test_a_lost_passage_is_noticed() -> None:
    """The bad twins: the check of coverage sees a lost, a doubled and a swapped passage."""
    text = "a\n\nb"
    first, second = segment(text)
    checks = [_fault(text, parts) for parts in ([first], [first, first], [second, first])]
    assert (_fault(text, [first, second]), checks) == (
        "",
        ["lost after 1", "overlap at 0", "lost before 3"],
    )


@settings(max_examples=500, deadline=None)
@given(ANY)
def test_passages_and_gaps_cover_any_text(text: str) -> None:
    """Passages are in order and apart, and no letter or digit lies between them."""
    parts = segment(text)
    assert (_fault(text, parts), parts) == ("", segment(text))


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_a_heading_stands_alone(text: str) -> None:
    """What follows a heading has it as its innermost heading."""
    parts = segment(text)
    after = [
        (later.headings[-1:], earlier.headings)
        for earlier, later in pairwise(parts)
        if earlier.kind == "heading" and later.kind != "heading"
    ]
    titles = {letters(text[part.start : part.end]) for part in parts if part.kind == "heading"}
    assert [own for own, _ in after if not own or letters(own[0]) not in titles] == []


@pytest.mark.parametrize(
    "unit",
    [
        "> ",
        "* ",
        "#",
        "# ",
        "*",
        "**a**",
        "|",
        "\n",
        "a\n===\n",
        "```\n",
        "<!-- a\n",
        "<script>\n",
        "a | b\n",
        "1.1",
        "(a) ",
        "[",
        "\\",
        "- a\n  ",
        "**a\n",
        "<h1>\n",
        "\u200b\n",
        "a\n",
    ],
)
def test_hostile_input_is_covered(unit: str) -> None:
    """Hostile input is read to its end (a quadratic scan would not end here) and nothing lost."""
    text = unit * 40_000
    assert _fault(text, segment(text)) == ""


def test_every_version_of_the_corpus_is_covered(tmp_path: Path) -> None:
    """No letter of any version is lost, and cutting hides none: each distinct text once."""
    if not BUNDLE.exists():
        pytest.skip("needs ../shared/corpora/ota-genai-versions.bundle")
    texts = _versions(tmp_path / "corpus")
    faults = [fault for text in texts if (fault := _fault(text, segment(text)))]
    assert (faults, len(texts) > 1_000) == ([], True)
    print(f"{len(texts)} distinct texts covered")
    torn = [text[:80] for text in texts[::10] if _joined(text) != letters(text)]
    assert torn == []


def _joined(text: str) -> str:
    """Give the letters of all passages, each normalised alone."""
    return "".join(letters(text[part.start : part.end]) for part in segment(text))


def _fault(text: str, parts: list[Segment]) -> str:
    """Name the first fault in a text's passages, or give an empty string."""
    at = 0
    for part in parts:
        if part.start < at or part.end <= part.start:
            return f"overlap at {part.start}"
        if any(map(str.isalnum, text[at : part.start])):
            return f"lost before {part.start}"
        at = part.end
    return f"lost after {at}" if any(map(str.isalnum, text[at:])) else ""


def _versions(folder: Path) -> list[str]:
    """Read every distinct Markdown text of the corpus' history."""
    _git(folder.parent, "clone", "--quiet", "--bare", str(BUNDLE), str(folder))
    listed = _git(folder, "rev-list", "--all", "--objects", "--filter=object:type=blob")
    names = [line.split(b" ", 1) for line in listed.splitlines()]
    ids = dict.fromkeys(name[0] for name in names if len(name) == 2 and name[1].endswith(b".md"))
    read = _git(folder, "cat-file", "--batch", stdin=b"\n".join(ids) + b"\n")
    texts, at = [], 0
    while at < len(read):
        start = read.index(b"\n", at) + 1
        end = start + int(read[at:start].split()[2])
        texts.append(read[start:end].decode())
        at = end + 1
    return texts


def _git(folder: Path, *words: str, stdin: bytes = b"") -> bytes:
    """Run git in a folder and give what it prints."""
    done = subprocess.run(
        ["git", "-C", folder, *words], input=stdin, capture_output=True, check=True
    )
    return done.stdout
