"""From captures to a history: versions, texts, the document, and the days of each."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clausegraph.loaders.capture import Capture
from clausegraph.loaders.historytexts import sha256_of
from clausegraph.loaders.policies import METHODS, Identity
from clausegraph.loaders.presences import validity
from clausegraph.ontology.iris import concept
from tests.mossgate import (
    ANSWER,
    ASK,
    KEPT,
    LONGER,
    OTHER,
    POLICY,
    SHARED,
    SOLD,
    START,
    WHO,
    Made,
    capture,
    captures,
    day_of,
    swap,
)


def test_first_capture() -> None:
    """One capture: a version that follows nothing, every passage present and open, no change."""
    made = Made(POLICY)

    (version,) = made.versions
    assert version["ordinal"] == 1
    assert version["captureState"] == concept("capture-state", "whole")
    assert not {"wasRevisionOf", "returnsTo", "validUntil"} & version.keys()
    assert version["validFrom"] == day_of(0)
    assert made.current == 1
    assert made.of("Change") == made.of("Delta") == made.of("ChangedTerm") == []
    assert [each["label"] for each in made.of("Provision")][:3] == [
        "Mossgate Privacy Policy",
        "Last updated: March 3, 2024",
        "What we keep",
    ]
    assert len(made.of("Provision")) == len(made.of("Presence")) == len(made.of("Quote")) == 10
    assert all(made.runs(words) == [(1, None)] for words in (KEPT, SHARED, f"{ASK} {ANSWER}", SOLD))


def test_history_names_its_methods() -> None:
    """The graph says of itself which document it holds and what made it."""
    (history,) = Made(POLICY).of("History")

    assert history["id"] == WHO.graph
    assert history["document"] == WHO.iri("document")
    assert history["method"] == list(METHODS)


def test_no_captures() -> None:
    """A document of which nothing was captured has a history without parts."""
    assert [node["type"] for node in Made().nodes] == ["History"]


def test_version_says_what_its_capture_says() -> None:
    """Snapshots, engine, commit and label of a capture are those of its version."""
    one = Capture(
        platform=WHO.platform,
        document=WHO.document,
        commit="c" * 40,
        recorded=START,
        label="technical",
        snapshot="https://a.example/1",
        sha256=sha256_of("bytes"),
        text=POLICY,
        snapshots=("https://a.example/1", "https://a.example/2"),
        engine="2.3.1",
        media_type="text/html",
    )

    (version,) = Made().read([one]).versions

    assert version["id"] == WHO.iri("version", "2024-01-01-cccccccccccc")
    assert version["sha256"] == sha256_of("bytes")
    assert version["snapshot"] == ["https://a.example/1", "https://a.example/2"]
    assert (version["engine"], version["mediaType"]) == ("2.3.1", "text/html")
    assert version["archiveLabel"] == concept("archive-label", "technical")
    assert version["capturedAt"] == START


def test_versions_follow_each_other() -> None:
    """Each version was a revision of the one before it, in the order of the archive."""
    made = Made(POLICY, OTHER, POLICY, days=[0, 5, 3])

    assert [each["ordinal"] for each in made.versions] == [1, 2, 3]
    before = [each.get("wasRevisionOf") for each in made.versions]
    assert before == [None, *(each["id"] for each in made.versions[:-1])]


@pytest.mark.parametrize(
    ("texts", "returns"),
    [
        ([POLICY, OTHER, POLICY], {3: 1}),
        ([POLICY, POLICY], {}),
        ([POLICY, OTHER, POLICY, OTHER], {3: 1, 4: 2}),
        ([POLICY, OTHER, POLICY, OTHER, POLICY], {3: 1, 4: 2, 5: 3}),
        ([POLICY, swap(KEPT, f"**{KEPT}**"), OTHER], {}),
    ],
)
def test_repeated_text(texts: list[str], returns: dict[int, int]) -> None:
    """A version leads to the last earlier one with its text, if another stood between them."""
    made = Made(*texts)

    found = {each["ordinal"]: each["returnsTo"] for each in made.versions if "returnsTo" in each}
    assert {at: made.ordinal(version) for at, version in found.items()} == returns
    assert len(made.of("Text")) == len(set(texts))
    assert [made.node[each["text"]]["content"] for each in made.versions] == texts


def test_text_has_its_hashes() -> None:
    """A text has the hash of its characters, and one of its words that markup does not change."""
    made = Made(POLICY, swap(KEPT, f"**{KEPT}**"), OTHER)

    plain, bold, other = made.of("Text")
    assert [each["sha256"] for each in (plain, bold, other)] == [
        sha256_of(POLICY),
        sha256_of(swap(KEPT, f"**{KEPT}**")),
        sha256_of(OTHER),
    ]
    assert plain["normalisedSha256"] == bold["normalisedSha256"] != other["normalisedSha256"]
    assert plain["characters"] == len(POLICY)


@pytest.mark.parametrize("unseen", ["<!-- for the editor -->", "[1]: https://a.example/"])
def test_what_nobody_sees_does_not_change_the_normalised_digest(unseen: str) -> None:
    """A comment or the target of a link is nothing that a reader sees."""
    made = Made(POLICY, swap("## Your rights", f"{unseen}\n\n## Your rights"))

    assert len(made.of("Text")) == 2
    assert len({each["normalisedSha256"] for each in made.of("Text")}) == 1


def test_same_bytes_that_were_read_otherwise() -> None:
    """A file that another reader reads to another text has the provisions of that text."""
    before = capture(POLICY, 1, 0)
    made = Made().read([before, capture(OTHER, 2, 1, sha256=before.sha256)])

    assert made.runs(KEPT) == [(1, 1)]
    assert made.runs(LONGER) == [(2, None)]
    assert made.revised == {LONGER: KEPT}


def test_identity_describes_platform_and_document() -> None:
    """What is absent of a platform is left out; the type of document gets its kind."""
    platform, document = WHO.nodes()
    named = Identity("A", "Trackers Policy", "a", "trackers-policy", "A, Inc.", "a-inc")

    assert platform["invented"] is True
    assert "provider" not in platform
    assert document["label"] == "Mossgate Privacy Policy"
    assert document["documentKind"] == concept("document-kind", "privacy-policy")
    assert [node["type"] for node in named.nodes()] == ["Provider", "Platform", "Document"]


def test_days_of_versions() -> None:
    """Each version holds until the day before the next; the last one has no end."""
    made = Made(POLICY, OTHER, POLICY, days=[0, 10, 30])

    assert [(each.get("validFrom"), each.get("validUntil")) for each in made.versions] == [
        (day_of(0), day_of(9)),
        (day_of(10), day_of(29)),
        (day_of(30), None),
    ]
    assert made.days(KEPT) == [(day_of(0), day_of(9)), (day_of(30), None)]


def test_two_captures_on_one_day() -> None:
    """A version that was followed on its own day has no day, and runs count without it."""
    third = swap("30 days", "60 days")
    made = Made(POLICY, OTHER, third, days=[0, 5, 5.2])

    assert [each.get("validFrom") for each in made.versions] == [day_of(0), None, day_of(5)]
    assert made.days(LONGER) == [(None, None)]
    assert made.days(SOLD) == [(day_of(0), None)]
    assert made.days(KEPT) == [(day_of(0), day_of(4))]
    assert made.faults() == set()


def test_run_that_begins_with_a_version_without_a_day() -> None:
    """A run begins on the first day that one of its versions has."""
    made = Made(POLICY, OTHER, OTHER + "\n", days=[0, 5, 5.2])

    assert made.runs(LONGER) == [(2, None)]
    assert made.days(LONGER) == [(day_of(5), None)]


def test_clock_that_runs_backwards() -> None:
    """The order of the archive decides: a version counts from the latest moment recorded."""
    made = Made(POLICY, OTHER, POLICY, OTHER, days=[0, 10, 5, 20])

    assert [(each.get("validFrom"), each.get("validUntil")) for each in made.versions] == [
        (day_of(0), day_of(9)),
        (None, None),
        (day_of(10), day_of(19)),
        (day_of(20), None),
    ]
    assert made.faults() == set()


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.data())
def test_days_leave_no_gap_and_do_not_overlap(days: list[int], data: st.DataObject) -> None:
    """From the first whole version on, each day belongs to one version, whatever the clocks."""
    found = captures([POLICY] * len(days), days)
    places = st.sets(st.sampled_from(range(len(days))), min_size=1)
    whole = sorted(data.draw(places))

    held = validity(found, whole)

    assert all(held[at] == (None, None) for at in range(len(days)) if at not in whole)
    dated = [(first, last) for first, last in held if first is not None]
    assert dated[0][0] == found[whole[0]].recorded.date()
    assert dated[-1][1] is None
    for (first, last), (after, _) in pairwise(dated):
        assert last is not None
        assert first <= last
        assert after == last + timedelta(days=1)
