"""A quotation is verified to the character, repaired in typography only, or not found at all."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clausegraph.loaders.capture import Capture
from clausegraph.loaders.normalise import letters
from clausegraph.loaders.ota import history
from clausegraph.loaders.quotes import Archive, QuoteError, Verdict, verify
from clausegraph.loaders.segment import segment
from clausegraph.loaders.visible import visible

SHARED = Path(__file__).parents[1].parent / "shared"
BUNDLE = SHARED / "corpora" / "ota-genai-versions.bundle"
SEED = SHARED / "seed" / "conductatlas-midjourney-ccpa.txt"

POLICY = """\
Privacy at Acorn Post
=====================

We **do not** sell your [letters](https://acorn.example/letters "sold") to strangers. We keep \
postcards for 1.5 years\\* and parcels for 30 days, at a fee of $12 or 15% of the price.

## What we collect

We collect the following:

* your street &amp; house number;
* the colour of your door
* your cat\u2019s name, which we\u2019re fond of

| Item | Kept |
| --- | --- |
| Stamps | 90 days |
| Wax seals | 1,000 days |

We can't open non-refundable parcels, and we are unable to read <em>sealed</em> let\u00adters.
Older pigeons carry mail between 10\u201315 miles.

数据不会共享给第三方。我们保护你的信息。
"""


def captures(*texts: str) -> list[Capture]:
    """Make a history of the invented platform."""
    return [
        Capture(
            "Acorn",
            "Privacy Policy",
            f"{number:040x}",
            datetime(2025, 3, 1, tzinfo=UTC) - timedelta(days=number),
            "change",
            None,
            "0" * 64,
            text,
        )
        for number, text in enumerate(texts)
    ]


def check(quote: str, *texts: str) -> Verdict:
    """Look a quotation up in the invented policy."""
    return verify(quote, captures(*(texts or (POLICY,))))


def quoted(verdict: Verdict) -> str:
    """The source's characters that a verdict points at."""
    assert verdict.passage is not None
    return verdict.passage.capture.text[verdict.passage.start : verdict.passage.end]


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        (
            "We do not sell your letters",
            'We **do not** sell your [letters](https://acorn.example/letters "sold")',
        ),
        ("  We do not sell\n", "We **do not** sell"),
        ("We **do not** sell", "We **do not** sell"),
        (
            "strangers. We keep postcards for 1.5 years* and",
            "strangers. We keep postcards for 1.5 years\\* and",
        ),
        ("$12 or 15% of the price.", "$12 or 15% of the price."),
        ("your street & house number;", "your street &amp; house number;"),
        ("your street &amp; house number;", "your street &amp; house number;"),
        (
            "your cat\u2019s name, which we\u2019re fond of",
            "your cat\u2019s name, which we\u2019re fond of",
        ),
        (
            "your street & house number;\nthe colour",
            "your street &amp; house number;\n* the colour",
        ),
        (
            "What we collect\n\nWe collect the following:",
            "What we collect\n\nWe collect the following:",
        ),
        ("Stamps\t90 days", "Stamps | 90 days"),
        ("unable to read sealed let\u00adters.", "unable to read <em>sealed</em> let\u00adters."),
        ("let\u00adters. Older pigeons", "let\u00adters.\nOlder pigeons"),
        ("let\u00adters.\nOlder pigeons", "let\u00adters.\nOlder pigeons"),
        ("共享给第三方", "共享给第三方"),
    ],
)
def test_exact_characters_are_verified(quote: str, source: str) -> None:
    """What a reader sees, or the source holds, is verified, and the offsets are the source's."""
    verdict = check(quote)
    assert verdict.status == "VERIFIED"
    assert quoted(verdict).removesuffix('](https://acorn.example/letters "sold")') == (
        source.removesuffix('](https://acorn.example/letters "sold")')
    )


@pytest.mark.parametrize(
    "quote",
    [
        "We do not  sell your letters",
        "WE DO NOT SELL YOUR LETTERS",
        "your cat's name, which we're fond of",
        "“We do not sell your letters”",
        "[w]e do not sell your letters",
        "your street & house number; the colour of your door",
        "Stamps 90 days",
        "Wax seals 1000 days",
        "sealed letters",
        "let-ters. Older",
        "parcels for 30\u00a0days",
        "between 10-15 miles",
        "15 % of the price",
        "We keep postcards…",
    ],
)
def test_typography_is_repaired(quote: str) -> None:
    """Spacing, case, quotes, dashes and borders may differ, and the letters are those quoted."""
    verdict = check(quote)
    assert verdict.status == "REPAIRED"
    assert letters(quoted(verdict)) == letters(quote)


@pytest.mark.parametrize(
    "quote",
    [
        "We do sell your letters to strangers.",
        "We sell your letters",
        "We do not sell your parcels to strangers.",
        "We keep postcards for 15 years",
        "We keep postcards for 1.6 years",
        "parcels for 3 days",
        "parcels for 300 days",
        "a fee of 12",
        "fee of €12",
        "12 or 15",
        "15 of the price",
        "1,5 years",
        "able to read sealed letters",
        "refundable parcels",
        "We can",
        "open non-",
        "up to 15 miles",
        "15 miles",
        "https://acorn.example/letters",
        "sold",
        "your street; the colour of your door",
        "Stamps 1,000 days",
        "We do … sell your letters",
        "We do not sell your letters [...] for 30 days",
        "数据会共享给第三方",
    ],
)
def test_other_words_are_never_found(quote: str) -> None:
    """A changed word or number, a dropped "not", a cut word, a gap or a link's target is refused."""
    verdict = check(quote)
    assert (verdict.status, verdict.passage, verdict.stands_in) == ("NOT_FOUND", None, 0)
    assert (verdict.first, verdict.last, verdict.searched) == (None, None, 1)
    assert all(near.similarity < 1 for near in verdict.nearest)


def test_nearest_is_the_true_sentence() -> None:
    """The sentence of which one word was changed comes first, in the last capture that has it."""
    verdict = check(
        "Older pigeons carry gold between 10\u201315 miles.", POLICY, POLICY, "Gone away."
    )
    first = verdict.nearest[0]
    assert (
        first.capture.text[first.start : first.end]
        == "Older pigeons carry mail between 10\u201315 miles"
    )
    assert first.capture.commit == f"{1:040x}"
    assert first.similarity == pytest.approx(6 / 7)
    assert len(verdict.nearest) <= 3


def test_a_gap_shows_its_parts() -> None:
    """Each part around a gap has a verdict of its own, and the whole says that words are left out."""
    verdict = check("We do not sell […] postcards for 1.5  years … forever")
    assert [part.status for part in verdict.parts] == ["VERIFIED", "REPAIRED", "NOT_FOUND"]
    assert verdict.note == "The quotation leaves words out; 2 of its 3 parts stand by themselves."


def test_an_ellipsis_of_the_source_is_no_gap() -> None:
    """Where the capture itself has the ellipsis the quotation is verified."""
    assert check("We wait … and see", "We wait … and see.").status == "VERIFIED"


def test_presence_is_told_over_the_history() -> None:
    """First, last and count follow the order given, never the dates, and leave out repaired ones."""
    old, new = "We hold “acorns” here.", 'We hold "acorns" here.'
    verdict = check("“acorns” here", "Nothing.", old, "Empty.", old + "\n\nMore.", new)
    assert verdict.status == "VERIFIED"
    assert [getattr(verdict.first, "commit", ""), getattr(verdict.last, "commit", "")] == [
        f"{1:040x}",
        f"{3:040x}",
    ]
    assert (verdict.stands_in, verdict.repaired_in, verdict.searched) == (2, 1, 5)


def test_a_repeated_text_is_counted_by_capture() -> None:
    """Captures with the same text are counted one by one."""
    verdict = check("We hold acorns", *["We hold acorns."] * 3)
    assert (verdict.stands_in, verdict.searched) == (3, 3)


def test_a_number_is_looked_for_at_every_place() -> None:
    """The second place counts where the first has the letters but another number."""
    text = "We hold 1.5 acorns and we hold 15 acorns."
    assert quoted(check("HOLD 15 ACORNS", text)) == "hold 15 acorns"


def test_nothing_captured_is_out_of_scope() -> None:
    """Without captures nothing is said of the quotation."""
    verdict = verify("We hold acorns", [])
    assert (verdict.status, verdict.searched, verdict.nearest) == ("OUT_OF_SCOPE", 0, ())


def test_empty_captures_were_searched() -> None:
    """A capture without text is searched, so the quotation is not found."""
    verdict = check("We hold acorns", "")
    assert (verdict.status, verdict.searched, verdict.nearest) == ("NOT_FOUND", 1, ())


@pytest.mark.parametrize("quote", ["", " \n", "…", "“ ”", "***", "a" * 20_001])
def test_an_unusable_quotation_is_an_error(quote: str) -> None:
    """A quotation without letters or without end raises, even where nothing was captured."""
    with pytest.raises(QuoteError) as caught:
        verify(quote, [])
    assert caught.value.code == "quote-unusable"
    assert caught.value.hint


@given(st.text(alphabet="ab1 .,-…\n*_[]()<>&;|#\\'\"%$é数", max_size=80))
def test_seen_characters_map_into_the_source(text: str) -> None:
    """Every seen span lies inside the source, in order, whatever the markup."""
    shown = visible(text)
    spans = [shown.source(at, at + 1) for at in range(len(shown.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)


@given(st.text(alphabet="ab1 .,-:=+\n\t*_[]()#\\", max_size=80))
@example("](  )")
@example("a](\n\n\tb  'c')")
def test_white_space_is_layout(text: str) -> None:
    """A run of white space is one sign, and none stands at the ends, whatever the markup."""
    shown = visible(text).text
    assert (shown.strip(), re.findall(r"\s\s", shown)) == (shown, [])


@given(st.text(alphabet="ab1 .,-…\n*_[]()<>&;|#\\'\"%$é数", max_size=60), st.data())
def test_hostile_text_never_breaks_a_verdict(text: str, data: st.DataObject) -> None:
    """A repaired passage has the quotation's letters; no markup makes the search fail."""
    start = data.draw(st.integers(0, len(text)))
    quote = data.draw(st.sampled_from([text[start:], text[:start].upper(), "a b", "1.1"]))
    if not letters(quote):
        return
    verdict = check(quote, text)
    if verdict.status == "REPAIRED":
        assert letters(quote) in letters(text)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> list[Capture]:
    """The captures of the corpus, where it is at hand."""
    if not BUNDLE.exists():
        pytest.skip("../shared/corpora is not here")
    clone = tmp_path_factory.mktemp("ota") / "genai.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(BUNDLE), str(clone)], check=True)
    return list(history(clone))


@pytest.fixture(scope="module")
def archive(real: list[Capture]) -> Archive:
    """One index over the whole corpus."""
    return Archive(real)


def sentences(real: list[Capture], count: int) -> list[str]:
    """Sentences of at least eight words, as a reader sees them, drawn with a fixed seed."""
    draw, found = random.Random(20251124), list[str]()
    while len(found) < count:
        text = draw.choice(real).text
        if parts := segment(text):
            part = draw.choice(parts)
            seen = visible(text[part.start : part.end], part.kind == "row").text
            pieces = re.split(r"(?<=[.!?])\s+|[\n\t]", seen)
            found += [s for s in draw.sample(pieces, 1) if len(re.findall("[A-Za-z]{2,}", s)) > 7]
    return found


def changed(sentence: str) -> str:
    """The sentence with one word in the middle replaced by one that no policy has."""
    words = [match.span() for match in re.finditer(r"(?<!\S)[A-Za-z]{2,}(?!\S)", sentence)]
    start, end = words[len(words) // 2]
    return f"{sentence[:start]}quixotically{sentence[end:]}"


@pytest.mark.parametrize("number", range(20))
def test_real_sentences(real: list[Capture], archive: Archive, number: int) -> None:
    """A real sentence is verified, its look-alikes repaired, and it is nearest to its forgery."""
    sentence = sentences(real, 20)[number]
    assert archive.verify(sentence).status == "VERIFIED"
    assert archive.verify(sentence.replace(" ", "  ", 2)).status == "REPAIRED"
    assert archive.verify(f"\u2039{sentence.swapcase()}\u203a").status == "REPAIRED"
    forged = archive.verify(changed(sentence))
    assert forged.status == "NOT_FOUND"
    first = forged.nearest[0]
    near = letters(first.capture.text[first.start : first.end])
    assert letters(sentence) in near or near in letters(sentence)


def test_letters_of_segments_agree_with_the_normaliser(real: list[Capture]) -> None:
    """What is searched has the letters that the normaliser leaves, in every segment."""
    distinct = {
        (text[part.start : part.end], part.kind == "row")
        for text in {capture.text for capture in real}
        for part in segment(text)
    }
    differ = [
        source for source, row in distinct if letters(visible(source, row).text) != letters(source)
    ]
    assert len(differ) <= len(distinct) // 5000


def test_the_seed_excerpt_is_not_in_the_policy(real: list[Capture]) -> None:
    """The excerpt that the seed page ascribes to Midjourney's policy stands in no capture of it."""
    if not SEED.exists():
        pytest.skip("../shared/seed is not here")
    excerpt = re.search(r'"([^"]+)— Excerpt from', SEED.read_text(encoding="utf-8"))
    policy = [c for c in real if (c.platform, c.document) == ("Midjourney", "Privacy Policy")]
    assert excerpt is not None
    assert len(policy) == 3
    verdict = verify(excerpt[1], policy)
    assert (verdict.status, verdict.searched) == ("NOT_FOUND", 3)
    assert 0 < verdict.nearest[0].similarity < 0.8


HOSTILE = [
    " ", "\u00a0", "\u3000", "\t", "\n", " \n", "\r\n", ".", ". ", "...", "…", "[", "[ ", "[…] ", "(",
    "*", "_", "`", "|", "<", "&", "-", "'", "1", "1,", "1. ", "1:", "a-", "a\n", "you ", "数", "![",
]  # fmt: skip
LOOKED_UP = """
import resource, sys
from clausegraph.loaders.quotes import Archive
from tests.test_quotes import HOSTILE, POLICY, captures

resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
archive = Archive(captures(POLICY))
for sign in HOSTILE:
    quote = ("privacy" + sign * 20_000)[: 20_000 - 2] + "zz"
    print(archive.verify(quote).status)
"""


def test_hostile_quotations_end() -> None:
    """A run of one sign, as long as a quotation may be: were it quadratic, it would take minutes.

    All of them together take two seconds; after twenty the process is killed.
    """
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", LOOKED_UP], cwd=root, capture_output=True, text=True, check=False
    )

    assert done.stdout.split() == ["NOT_FOUND"] * len(HOSTILE), done.stderr


def test_a_word_that_stands_everywhere_is_judged_once_a_segment() -> None:
    """Each of 20,000 places of a word in one segment is not held to the whole segment again."""
    archive = Archive(captures("We and you " * 20_000, "And you too."))
    found = archive.verify("YOU")

    assert (found.status, found.stands_in) == ("REPAIRED", 2)
    assert archive.verify("you").stands_in == 2


def test_a_long_quotation_of_a_common_word_is_read_once() -> None:
    """Signs around one letter make a long quotation with as many places as the letter has."""
    archive = Archive(captures(*(f"I keep letter {number}." for number in range(20_000))))
    found = archive.verify("I" + "\n." * 9_000)

    assert (found.status, found.stands_in) == ("REPAIRED", 20_000)
