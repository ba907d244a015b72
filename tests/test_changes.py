"""Changes between two captures get their class, their deltas and a summary that can be checked."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.changes import DOCUMENT, SAMPLES, Share, document, reader, rows, score
from clausegraph.loaders.changes import SIGNIFICANCES, Change, compare
from clausegraph.loaders.deltas import gaps
from clausegraph.loaders.signals import MEANING, is_error
from clausegraph.loaders.visible import visible
from clausegraph.loaders.words import tokens

SHARED = Path(__file__).parents[1].parent / "shared"
MARKED = st.text(alphabet="ab1 .,-\n*_[]()<>&;|#\\'\"%$é数@", max_size=80)

POLICY = """\
Lanternfish Privacy Policy
==========================

Last updated: March 3, 2024

What we collect
---------------

We collect your email address and the pictures that you upload to the service.

You may ask us to delete your account within 30 days of writing to help@lanternfish.example.

* We keep log files for 90 days and then remove them from our servers.
* We do not sell personal information to anybody, under any circumstances.

Whom we share it with
---------------------

We share billing details with Quayside Payments, Inc. so that it can charge your card.

Disputes are decided by the courts of Oregon, whatever the country in which you live.
"""


def _with(old: str, new: str) -> Change:
    """Compare the policy with itself after one exchange, which must be there to be made."""
    assert POLICY.count(old) == 1
    return compare(POLICY, POLICY.replace(old, new))


MARKUP = [
    ("We collect your", "We **collect** your"),
    ("the service.\n", "[the service](https://lanternfish.example/s).\n"),
    ("* We keep", "- We keep"),
    ("Quayside Payments", "Quayside  Payments"),
    ("What we collect\n---------------", "## What we collect"),
    ("Disputes are", "![a boat](boat.png)\n\nDisputes are"),
]
DATES = [("March 3, 2024", "June 9, 2025"), ("March 3, 2024", "9 June 2025")]
WORDING = [
    ("pictures that", "picturse that"),
    ("your card.", "your card.\n\n[Skip to content](#top)"),
    ("Lanternfish Privacy Policy\n====", "Select language\n\nLanternfish Privacy Policy\n===="),
    ("We collect your", "we collect your"),
    ("under any", "Under any"),
    ("the pictures that", "pictures that"),
    ("your card.\n", "your card.\n\nRelated articles\n"),
]
MEANING_CASES = [
    ("may ask", "must ask"),
    ("We share billing", "We store billing"),
    ("30 days", "45 days"),
    ("We do not sell", "We sell"),
    ("do not sell", "do not rent"),
    ("Oregon", "Nevada"),
    ("Quayside Payments, Inc.", "Saltmarsh Payments, Inc."),
    ("help@lanternfish.example", "care@lanternfish.example"),
    ("email address and the", "email address, voice recordings and the"),
    ("for 90 days and", "for 90 weeks and"),
    ("* We do not sell personal information to anybody, under any circumstances.\n", ""),
    (
        "Whom we share it with\n",
        "Training\n---\n\nWe train models on uploads if you agree.\n\nWhom we share it with\n",
    ),
    ("to the service.", "to the service, if you are older than 16."),
]


@pytest.mark.parametrize(("old", "new"), MARKUP)
def test_markup(old: str, new: str) -> None:
    """Markup, link targets, images, bullets and white space are no change of the text."""
    assert _with(old, new).significance == "markup"


@pytest.mark.parametrize(("old", "new"), DATES)
def test_dates(old: str, new: str) -> None:
    """The document's own date is a class of its own."""
    assert _with(old, new).significance == "dates"


@pytest.mark.parametrize(("old", "new"), WORDING)
def test_wording(old: str, new: str) -> None:
    """Typos, capitals, articles, menus and links around the text change nothing for a reader."""
    assert _with(old, new).significance == "wording"


@pytest.mark.parametrize(("old", "new"), MEANING_CASES)
def test_meaning(old: str, new: str) -> None:
    """A word of force, a number, a name, an address or a sentence more changes the meaning."""
    change = _with(old, new)

    assert change.significance == "meaning"
    assert any(MEANING.intersection(delta.signals) for delta in change.deltas)


@pytest.mark.parametrize(
    "after",
    [
        "",
        "404: Not Found",
        "This page isn't available\n\nAn unexpected error has occurred. Try reloading the page.",
        "Just a moment...\n\nEnable JavaScript and cookies to continue",
        POLICY[:160],
    ],
)
def test_accident_and_its_repair(after: str) -> None:
    """An empty, cut off or failed capture is an accident, and so is the text's return."""
    assert [
        compare(POLICY, after).significance,
        compare(after, POLICY).significance,
    ] == ["capture", "capture"]


def test_other_language() -> None:
    """The same document in another language is an accident of capturing."""
    english = "We use the data that you give to us, and we keep it for the time you are with us. "
    german = "Wir nutzen die Daten, die Sie uns geben, und wir speichern sie nicht für immer. "

    assert compare(english * 12, german * 12).significance == "capture"
    assert compare(english * 12, german * 12).summary["accident"] == "language"


def test_hidden_address() -> None:
    """An address that a mail obfuscator hides is an accident; another address is none."""
    change = _with("help@lanternfish.example", "[email\u00a0protected]")

    assert change.significance == "capture"


def test_us_and_uk_spelling() -> None:
    """A switch of spelling is wording."""
    before = "We authorize our center to honor and analyze the licensed behavior of every user."
    after = "We authorise our centre to honour and analyse the licensed behaviour of every user."

    assert compare(before, after).significance == "wording"


def test_reordering() -> None:
    """Passages that only change places are moved, and the change is one of wording."""
    one = "* We keep log files for 90 days and then remove them from our servers.\n"
    two = "* We do not sell personal information to anybody, under any circumstances.\n"
    change = compare(POLICY, POLICY.replace(one + two, two + one))

    assert change.significance == "wording"
    assert {"moved"} == {delta.kind for delta in change.deltas}


def test_postponement() -> None:
    """The same revision with another first day changes when it binds."""
    text = "Updated: May 2, 2024\n\nEffective: June 1, 2024\n\n" + POLICY.split("2024\n", 1)[1]
    later = text.replace("June 1", "July 15")

    assert compare(text, later).significance == "meaning"
    assert compare(text, later.replace("May 2", "May 20")).significance == "dates"


def test_currency_and_decimals_are_not_markup() -> None:
    """Signs that bear a value count although they are neither letters nor digits."""
    text = "The monthly fee for the service is $15 for every seat of your team."

    assert compare(text, text.replace("$", "€")).significance == "meaning"


def test_strongest_class_wins() -> None:
    """A new date beside a new period is a change of meaning."""
    changed = POLICY.replace("March 3, 2024", "May 5, 2024").replace("30 days", "10 days")

    assert compare(POLICY, changed).significance == "meaning"


def test_same_text() -> None:
    """Nothing changed: no delta, and the weakest class."""
    change = compare(POLICY, POLICY)

    assert (change.significance, change.deltas) == ("markup", ())


def test_summary_spans_quote_the_texts() -> None:
    """Every fact of the summary stands at its offsets in the text that it comes from."""
    after = POLICY.replace("30 days", "45 days").replace("may ask", "must ask")
    facts = compare(POLICY, after).summary["facts"]

    assert tuple(facts["number"][0][side]["text"] for side in ("before", "after")) == ("30", "45")
    assert tuple(facts["modal"][0][side]["text"] for side in ("before", "after")) == ("may", "must")
    for group in facts.values():
        for fact in group:
            for side, text in (("before", POLICY), ("after", after)):
                if fact[side]:
                    assert fact[side]["text"] == text[fact[side]["start"] : fact[side]["end"]]


def test_summary_counts_and_headings() -> None:
    """The summary counts deltas by kind and names the headings that they stand under."""
    change = _with("30 days", "45 days")

    assert change.summary["counts"] == {"reworded": 1}
    assert any("What we collect" in path[-1] for path in change.summary["headings"])


def test_recut_paragraphs_are_no_change() -> None:
    """A paragraph cut in two without a letter changed is markup."""
    joined = "We keep your files for as long as you ask. We delete them when you tell us to."

    assert compare(joined, joined.replace("ask. ", "ask.\n\n")).significance == "markup"


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ("Access denied", True),
        ("We collect what you enter when you first sign in to your account and keep it.", False),
    ],
)
def test_error_notice(seen: str, expected: bool) -> None:
    """A notice begins with the error; a sentence of a policy that mentions one is none."""
    assert expected == is_error(seen)


def test_tokens_keep_offsets() -> None:
    """A token stands at its offsets, also behind markup and escapes."""
    text = "Pay **\\$12.50** by [May 4, 2024](https://x.example/2023) to **P**ost"

    assert [t.text for t in tokens(text)] == ["Pay", "$12.50", "by", "May 4, 2024", "to", "Post"]
    assert "12.50" in text[tokens(text)[1].start : tokens(text)[1].end]


@settings(max_examples=300, deadline=None)
@given(MARKED)
@example("a [b c](/d) e&amp;f **g** \\$5 h")
@example("<a,b@c> d")
def test_tokens_stand_where_the_passage_shows_them(text: str) -> None:
    """Each token's offsets are those of its characters in the seen passage, whatever the markup."""
    seen, at = visible(text), 0
    for token in tokens(text):
        at = seen.text.index(token.text, at)
        assert (token.start, token.end) == seen.source(at, at + len(token.text))
        at += len(token.text)


def test_kept_tokens_move_with_their_passage() -> None:
    """A passage that stands twice has its facts at either place."""
    again = POLICY.replace("90 days", "30 days of writing") + "\nWe keep it for 90 days, too.\n"
    twice = again + "\nWe keep it for 90 days, too.\n"
    facts = compare(again, twice).summary["facts"]["number"]

    assert [twice[each["after"]["start"] : each["after"]["end"]] for each in facts] == ["90"]
    assert facts[0]["after"]["start"] > twice.index("for 90 days") + 4


@pytest.mark.parametrize("unit", ["a.", "a_", "\u6570", "a@"])
def test_hostile_words_are_read_to_their_end(unit: str) -> None:
    """Words without an end are read once (looking ahead from each of them would not end here)."""
    words = tokens(unit * 100_000)

    assert words[-1].end > 100_000 * len(unit) - 256


def test_gaps_lie_between_common_items() -> None:
    """What two sequences have in common is left out, the rest comes in order."""
    assert list(gaps("abc", "acd")) == [((1, 2), (1, 1)), ((3, 3), (2, 3))]


def test_large_documents_take_moderate_time() -> None:
    """Ten thousand different paragraphs with a few changes are compared within the test's time."""
    lines = [f"Paragraph {n} says that item {n * 7} is kept by us." for n in range(10_000)]
    changed = [*lines[:4_000], "We may now sell it.", *lines[4_000:9_000], *lines[9_010:]]
    change = compare("\n\n".join(lines), "\n\n".join(changed))

    assert change.summary["counts"] == {"added": 1, "removed": 10}


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the Open Terms Archive bundle; skip where it is absent."""
    bundle = SHARED / "corpora" / "ota-genai-versions.bundle"
    if not bundle.exists():
        pytest.skip(f"{bundle} is absent")
    folder = tmp_path_factory.mktemp("ota") / "genai.git"
    subprocess.run(["git", "clone", "-q", "--bare", bundle, folder], check=True)
    return folder


def test_memo_commits_are_meaning(clone: Path) -> None:
    """Every commit that an analyst found worth a memo is a change of meaning."""
    memos = json.loads((SHARED / "corpora" / "ota-memo-commits.json").read_text())["commits"]
    text = reader(clone)
    found = {
        compare(text("^" + memo["commit"], path), text(memo["commit"], path)).significance
        for memo in memos
        for path in memo["path"]
    }

    assert len(memos) == 18
    assert found == {"meaning"}


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_is_well_formed(name: str) -> None:
    """Each sample names 150 different pairs, each with a class and a reason."""
    found = rows(SAMPLES[name])

    assert len({(row["commit"], row["path"]) for row in found}) == 150
    assert {row["label"] for row in found} <= set(SIGNIFICANCES)
    assert all(row["reason"] for row in found)


def test_samples_are_apart() -> None:
    """No pair of the blind sample was seen by the author of the rules in the other."""
    blind, other = ({(r["commit"], r["path"]) for r in rows(path)} for path in SAMPLES.values())

    assert blind.isdisjoint(other)


def test_interval_is_wilsons() -> None:
    """The interval of 8 of 10 is the one in the literature."""
    low, high = Share(8, 10).interval

    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_recall_and_false_alarms(clone: Path, name: str) -> None:
    """Recall of meaning is 0.98 or more, and no pair of markup is called meaning."""
    found = score(reader(clone), SAMPLES[name])

    assert sum(found.pairs.values()) == 150
    assert found.recall.hits / found.recall.total >= 0.98
    assert found.false_alarms.hits == 0
    assert found.precision.hits / found.precision.total >= 0.85


def test_document_says_what_comes_out(clone: Path) -> None:
    """docs/change-detection.md is what the program says today."""
    assert DOCUMENT.read_text() == document(clone)
