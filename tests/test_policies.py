"""From captures to the history of a document: versions, provisions, presences, quotes, changes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Store

from clausegraph.loaders.capture import Capture
from clausegraph.loaders.changes import compare
from clausegraph.loaders.historytexts import sha256_of
from clausegraph.loaders.names import kind_of, slug, slugs
from clausegraph.loaders.normalise import normalise
from clausegraph.loaders.ntriples import lines
from clausegraph.loaders.policies import METHODS, HistoryBuilder, Identity
from clausegraph.loaders.presences import validity
from clausegraph.loaders.unit import Node, filled, to_quads
from clausegraph.ontology.iris import concept, graph
from clausegraph.shapes.validator import validate_fast

WHO = Identity("Mossgate", "Privacy Policy", "mossgate", "privacy-policy", invented=True)
START = datetime(2024, 1, 1, 6, tzinfo=UTC)

KEPT = "We keep the data of your account for 30 days after you close it."
LONGER = KEPT.replace("30", "45")
SHARED = "We may share your address with the carriers who bring your parcels."
ASK = "You may ask us to delete what we know of you."
ANSWER = "We answer every request that reaches us by post within 90 days."
SOLD = "We do not sell personal data to anybody, whatever the price that is offered."
POLICY = f"""\
# Mossgate Privacy Policy

Last updated: March 3, 2024

## What we keep

{KEPT}

{SHARED}

* Log files are kept on servers in Oregon and nowhere else at all.
* Payment details go to Quayside Payments, which charges your card.

## Your rights

{ASK} {ANSWER}

{SOLD}
"""
ERROR = "# 404\n\nThe page could not be found.\n"
HOME = "\nGo back to the start, or look at one of the pages that people like most.\n"
BARE = "Loading\n"
CUT = POLICY.partition("\n\n" + SHARED)[0] + "\n"
DATE = "Last updated: March 3, 2024\n\n"


def swap(old: str, new: str, text: str = POLICY) -> str:
    """A text with one exchange, which must be there to be made."""
    assert text.count(old) == 1
    return text.replace(old, new)


OTHER = swap(KEPT, LONGER)


def capture(text: str, number: int, day: float, sha256: str = "") -> Capture:
    """A capture of the policy, some days after the first one."""
    return Capture(
        platform=WHO.platform,
        document=WHO.document,
        commit=f"{number:040x}"[::-1],
        recorded=START + timedelta(days=day),
        label="change",
        snapshot=None,
        sha256=sha256 or hashlib.sha256(text.encode()).hexdigest(),
        text=text,
    )


def captures(texts: Sequence[str], days: Sequence[float] | None = None) -> list[Capture]:
    """Captures of texts, one a day where no days are given."""
    when = range(len(texts)) if days is None else days
    return [
        capture(text, number, day)
        for number, (text, day) in enumerate(zip(texts, when, strict=True), 1)
    ]


class Made:
    """The nodes of a history, and short answers about them; versions go by their ordinals."""

    def __init__(self, *texts: str, days: Sequence[float] | None = None) -> None:
        """Build the history of texts."""
        self.read(captures(texts, days))

    def read(self, found: Sequence[Capture]) -> Made:
        """Build the history of captures."""
        self.builder = HistoryBuilder(WHO, found)
        self.nodes = list(self.builder.nodes())
        self.typed = [node for node in self.nodes if "type" in node]
        self.node = {node["id"]: node for node in self.typed}
        return self

    def of(self, kind: str) -> list[Node]:
        """The nodes of a class in their order."""
        return [node for node in self.typed if node["type"] == kind]

    @property
    def versions(self) -> list[Node]:
        """The versions in their order."""
        return self.of("Version")

    @property
    def states(self) -> list[str]:
        """The state of each version."""
        return [node["captureState"].rpartition("/")[2] for node in self.versions]

    @property
    def current(self) -> int:
        """The ordinal of the current version."""
        (said,) = [node for node in self.nodes if "type" not in node]
        assert said["id"] == WHO.iri("document")
        return self.ordinal(said["currentVersion"])

    def ordinal(self, version: str) -> int:
        """The place of a version, from 1."""
        return int(self.node[version]["ordinal"])

    def words(self, provision: str) -> str:
        """The words of a provision."""
        return str(self.node[provision]["normalisedText"])

    def presences(self, words: str) -> list[Node]:
        """The presences of a provision."""
        return [each for each in self.of("Presence") if self.words(each["provision"]) == words]

    def runs(self, words: str) -> list[tuple[int, int | None]]:
        """First and last version of each run of a provision."""
        last = [each.get("lastVersion") for each in self.presences(words)]
        first = [self.ordinal(each["firstVersion"]) for each in self.presences(words)]
        return [(a, b and self.ordinal(b)) for a, b in zip(first, last, strict=True)]

    def days(self, words: str) -> list[tuple[date | None, date | None]]:
        """First and last day of each run of a provision."""
        return [(each.get("validFrom"), each.get("validUntil")) for each in self.presences(words)]

    @property
    def revised(self) -> dict[str, str]:
        """The earlier wording of provisions that have one; the first, where they have several."""
        found = (each for each in self.of("Provision") if each.get("wasRevisionOf"))
        return {
            each["normalisedText"]: self.words(several(each["wasRevisionOf"])[0]) for each in found
        }

    def steps(self) -> list[tuple[int, int, str, bool]]:
        """From, to, significance and whether it bridges, of each change."""
        return [
            (
                self.ordinal(each["fromVersion"]),
                self.ordinal(each["toVersion"]),
                each["significance"].rpartition("/")[2],
                each.get("bridges", False),
            )
            for each in self.of("Change")
        ]

    def deltas(self, change: Node) -> list[tuple[str, str, str]]:
        """Kind and exact words before and after of each delta of a change."""
        return [
            (
                each["deltaKind"].rpartition("/")[2],
                self.side(each, "before"),
                self.side(each, "after"),
            )
            for each in self.of("Delta")
            if each["change"] == change["id"]
        ]

    def side(self, delta: Node, side: str) -> str:
        """The exact words on a side of a delta; empty where there are none."""
        return str(self.node[delta[side]]["exact"]) if side in delta else ""

    def text(self, quote: Node) -> str:
        """The text from which a quote is taken."""
        return str(self.node[self.node[quote["version"]]["text"]]["content"])

    def faults(self) -> set[tuple[str, str]]:
        """Shapes that the history breaks, with the class of the node."""
        given = ({k: v for k, v in node.items() if v is not None} for node in self.typed)
        quads = to_quads(given, WHO.graph)
        found = validate_fast([*quads, *to_quads(WHO.nodes(), graph("platforms"))]).findings
        return {(each.shape, self.node.get(each.focus, {}).get("type", "")) for each in found}


def several(value: str | list[str]) -> list[str]:
    """One value or several as a list."""
    return value if isinstance(value, list) else [value]


def day_of(day: int) -> date:
    """The day of a capture that was made so many days after the first."""
    return (START + timedelta(days=day)).date()


### Versions, texts, the document


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


### Provisions and presences


def test_provision_is_kept_once() -> None:
    """A provision is one node through all versions, whatever happens to others and to markup."""
    made = Made(POLICY, OTHER, swap(SOLD, f"**{SOLD}**"), swap(SHARED, "") + f"\n{SHARED}\n")

    for words in (SOLD, SHARED):
        (provision,) = [each for each in made.of("Provision") if each["normalisedText"] == words]
        assert provision["normalisedSha256"] == sha256_of(words)
    assert made.runs(SOLD) == [(1, None)]
    assert made.runs(SHARED) == [(1, 3), (4, None)]  # now under another heading


def test_provision_that_stands_twice_is_one() -> None:
    """Words that stand at two places are one provision, quoted where they first stand."""
    made = Made(POLICY + "\n" + KEPT + "\n")

    (presence,) = made.presences(KEPT)
    quote = made.node[presence["quote"]]
    assert (quote["start"], quote["exact"]) == (POLICY.index(KEPT), KEPT)


def test_heading_path() -> None:
    """A presence says under which headings its provision stands, and ends where they change."""
    made = Made(POLICY, swap("## Your rights", "## What you may ask"))

    paths = [presence["headingPath"] for presence in made.presences(SOLD)]
    title = "Mossgate Privacy Policy \u203a "
    assert paths == [f"{title}Your rights", f"{title}What you may ask"]
    assert made.runs(SOLD) == [(1, 1), (2, None)]
    assert "headingPath" not in made.presences("Mossgate Privacy Policy")[0]


def test_run_with_a_gap() -> None:
    """A provision that went and came back has two runs, of which the last is open."""
    gone = swap(SOLD, "")
    made = Made(POLICY, POLICY + "\n", gone, gone + "\n", POLICY)

    assert made.runs(SOLD) == [(1, 2), (5, None)]
    assert made.runs(KEPT) == [(1, None)]
    assert made.days(SOLD) == [(day_of(0), day_of(1)), (day_of(4), None)]


@pytest.mark.parametrize(
    ("accident", "state"),
    [(ERROR, "empty"), (BARE, "empty"), (CUT, "truncated"), (ERROR + HOME, "error")],
)
def test_accident_does_not_interrupt_a_run(accident: str, state: str) -> None:
    """What stands before and after an accident stood through it, on all days."""
    made = Made(POLICY, accident, accident, POLICY, days=[0, 10, 20, 30])

    assert made.states == ["whole", state, state, "whole"]
    assert made.runs(SHARED) == [(1, None)]
    assert made.days(SHARED) == [(day_of(0), None)]
    assert made.faults() == set()


def test_words_of_an_accident_have_runs_of_their_own() -> None:
    """An error page has provisions, which stand on no day; they do not come into the document."""
    notice = "The page could not be found."
    made = Made(ERROR, POLICY, ERROR, ERROR + " ", POLICY, ERROR)

    assert made.runs(notice) == [(1, None)]
    assert made.days(notice) == [(None, None)]
    assert made.runs(KEPT) == [(2, None)]


def test_current_version_is_the_last_whole_one() -> None:
    """An accident at the end does not end a run, nor become the current version."""
    made = Made(POLICY, OTHER, ERROR)

    assert made.current == 2
    assert made.runs(LONGER) == [(2, None)]
    assert made.days(LONGER) == [(day_of(1), None)]
    assert Made(ERROR, BARE).current == 2


def test_empty_capture_is_sound() -> None:
    """A capture without any character is an accident like others, and breaks no shape."""
    made = Made(POLICY, "", POLICY)

    assert made.states == ["whole", "empty", "whole"]
    assert made.runs(KEPT) == [(1, None)]
    assert made.faults() == set()


@pytest.mark.parametrize(
    "accidents",
    [[BARE, ERROR + HOME], [ERROR + HOME, BARE], [BARE, ERROR, BARE], [" \n", BARE]],
)
def test_accident_after_an_accident_is_one(accidents: list[str]) -> None:
    """An error page that comes after an empty capture is no document."""
    made = Made(POLICY, *accidents, POLICY)

    assert made.states[0] == made.states[-1] == "whole"
    assert "whole" not in made.states[1:-1]
    assert made.runs(KEPT) == [(1, None)]


@pytest.mark.parametrize(("last", "state"), [(30.9, "truncated"), (31, "whole")])
def test_cut_that_stays_is_no_accident(last: float, state: str) -> None:
    """What was cut for thirty days, and was not repaired, is the document."""
    made = Made(POLICY, CUT, CUT + "\n", days=[0, 1, last])

    assert made.states == ["whole", state, state]
    assert made.runs(SOLD) == [(1, None if state == "truncated" else 1)]


def test_cut_that_stays_is_a_change() -> None:
    """Between two whole versions a change says what went; it is no accident of capturing."""
    made = Made(POLICY, CUT, CUT + "\n", days=[0, 1, 60])

    assert made.steps()[0] == (1, 2, "meaning", False)
    assert ("removed", SOLD, "") in made.deltas(made.of("Change")[0])


def test_cut_that_was_repaired_is_an_accident() -> None:
    """The same cut for a day has no deltas, which would say that the document changed."""
    made = Made(POLICY, CUT, POLICY)

    assert made.states == ["whole", "truncated", "whole"]
    assert made.steps() == [(1, 2, "capture", False), (2, 3, "capture", False)]
    assert made.of("Delta") == []
    accidents = {each["accident"] for each in made.of("Change")}
    assert accidents == {concept("capture-state", "truncated")}


### Days


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


### Revisions


def test_reworded_provision_goes_back_to_its_earlier_wording() -> None:
    """A reworded sentence is another provision, which was a revision of the first."""
    third = swap("30 days", "60 days")
    made = Made(POLICY, OTHER, third)

    assert made.revised == {LONGER: KEPT, KEPT.replace("30", "60"): LONGER}


def test_return_to_an_earlier_wording_makes_no_circle() -> None:
    """The wording that came first is a revision of nothing, however often it comes back."""
    made = Made(POLICY, OTHER, POLICY, OTHER)

    assert made.revised == {LONGER: KEPT}
    assert made.runs(KEPT) == [(1, 1), (3, 3)]


def test_wording_that_stood_before_goes_back_to_nothing() -> None:
    """What was added as new words is a revision of nothing, though it replaces others later."""
    made = Made(POLICY, POLICY + f"\n{LONGER}\n", POLICY, OTHER)

    (kind,) = [each[0] for each in made.deltas(made.of("Change")[-1])]
    assert kind == "reworded"
    assert made.revised == {}


def test_wording_that_first_stood_in_an_accident_goes_back() -> None:
    """A capture that is cut off may bring a new wording; the whole one after it is compared."""
    made = Made(POLICY, swap(KEPT, LONGER, CUT), OTHER)

    assert made.states == ["whole", "truncated", "whole"]
    assert made.steps()[-1] == (1, 3, "meaning", True)
    assert made.revised == {LONGER: KEPT}


def test_split_passage() -> None:
    """Both parts of a passage that was split go back to it."""
    whole = f"{ASK} {ANSWER}"
    made = Made(POLICY, swap(whole, f"{ASK}\n\n{ANSWER}"))

    (change,) = made.of("Change")
    assert change["significance"] == concept("significance", "markup")
    assert change["splitCount"] == 2
    assert made.deltas(change) == [("split", whole, ASK), ("split", whole, ANSWER)]
    assert made.revised == {ASK: whole, ANSWER: whole}


def test_merged_passages() -> None:
    """A passage that was merged goes back to all of its parts."""
    whole = f"{ASK} {ANSWER}"
    made = Made(swap(whole, f"{ASK}\n\n{ANSWER}"), POLICY)

    (change,) = made.of("Change")
    assert change["mergedCount"] == 2
    assert made.deltas(change) == [("merged", ASK, whole), ("merged", ANSWER, whole)]
    (provision,) = [each for each in made.of("Provision") if each["normalisedText"] == whole]
    assert [made.words(each) for each in provision["wasRevisionOf"]] == [ASK, ANSWER]


def test_split_that_is_taken_back_makes_no_circle() -> None:
    """Parts go back to the whole, and the whole, which came first, to nothing."""
    whole = f"{ASK} {ANSWER}"
    made = Made(POLICY, swap(whole, f"{ASK}\n\n{ANSWER}"), POLICY)

    assert made.revised == {ASK: whole, ANSWER: whole}


def test_moved_passage() -> None:
    """A passage that only moved is one provision with a run under each heading, and no revision."""
    made = Made(POLICY, swap(f"{SHARED}\n\n", "") + f"\n{SHARED}\n")

    (change,) = made.of("Change")
    assert change["movedCount"] == 1
    assert not {f"{kind}Count" for kind in ("added", "removed", "reworded")} & change.keys()
    assert made.deltas(change) == [("moved", SHARED, SHARED)]
    assert made.runs(SHARED) == [(1, 1), (2, None)]
    assert made.revised == {}


### Changes


def test_change_between_neighbours() -> None:
    """A change names its two versions, the moment and the passages, added and removed ones too."""
    made = Made(POLICY, swap(SOLD, "Payments may take up to 14 days to arrive at our bank."))

    (change,) = made.of("Change")
    assert change["observedAt"] == START + timedelta(days=1)
    assert change["label"] == "Mossgate Privacy Policy, 2024-01-02: meaning"
    assert (change["addedCount"], change["removedCount"]) == (1, 1)
    assert {kind for kind, _, _ in made.deltas(change)} == {"added", "removed"}
    added = [each for each in made.of("Delta") if "before" not in each]
    assert all("similarity" not in each for each in made.of("Delta"))
    assert [made.side(each, "after")[:8] for each in added] == ["Payments"]


@pytest.mark.parametrize("accidents", [[ERROR], [ERROR, BARE], [CUT], [ERROR, ERROR + "\n"]])
def test_bridging_change(accidents: list[str]) -> None:
    """What really changed is told against the last whole version, once the capture is repaired."""
    made = Made(POLICY, *accidents, OTHER)

    last = len(accidents) + 2
    *direct, bridge = made.of("Change")
    assert made.steps()[-1] == (1, last, "meaning", True)
    assert [step[:2] for step in made.steps()[:-1]] == [(at, at + 1) for at in range(1, last)]
    assert bridge["id"] == f"{direct[-1]['id']}-bridge"
    assert made.deltas(bridge) == [("reworded", KEPT, LONGER)]
    assert all(made.deltas(each) == [] for each in direct)
    assert made.revised == {LONGER: KEPT}
    assert made.faults() == set()


def test_repair_without_a_change_is_not_bridged() -> None:
    """Where the repaired capture is the last whole one again, there is nothing to tell."""
    assert [step[3] for step in Made(POLICY, ERROR, POLICY).steps()] == [False, False]
    assert [step[3] for step in Made(ERROR, POLICY).steps()] == [False]


NEWER = swap("March 3, 2024", "June 9, 2025")
UNDATED = swap(DATE, "")


@pytest.mark.parametrize(
    ("before", "after", "silent"),
    [
        (POLICY, OTHER, True),
        (POLICY, swap(KEPT, LONGER, NEWER), False),
        (UNDATED, swap(KEPT, LONGER, UNDATED), None),
        (POLICY, swap(KEPT, LONGER, UNDATED), None),
        (UNDATED, OTHER, None),
        (POLICY, NEWER, None),
        (POLICY, swap("parcels", "parcles"), None),
        (POLICY, ERROR, None),
    ],
)
def test_silent(before: str, after: str, silent: bool | None) -> None:
    """Silent is a change of meaning under one announced date; without two dates none can say."""
    (change,) = Made(before, after).of("Change")

    assert change.get("silent") is silent


def test_bridging_change_may_be_silent() -> None:
    """The dates of the two whole versions count, not that of the accident between them."""
    made = Made(POLICY, ERROR, OTHER)

    assert [each.get("silent") for each in made.of("Change")] == [None, None, True]
    dates = [each.get("announcedDate") for each in made.versions]
    assert dates == ["2024-03-03", None, "2024-03-03"]


def terms(made: Made) -> list[tuple[str, str | None, str | None, str, str]]:
    """Group, both words, and the words of the delta on both sides, of each changed term."""
    found = []
    for each in made.of("ChangedTerm"):
        delta = made.node[each["delta"]]
        assert each["change"] == delta["change"]
        sides = made.side(delta, "before"), made.side(delta, "after")
        group = each["termGroup"].rpartition("/")[2]
        found.append((group, each.get("termBefore"), each.get("termAfter"), *sides))
    return sorted(found, key=str)


def test_changed_terms_lead_to_their_passage() -> None:
    """Each number and word of force is linked to the delta in whose sentence it was exchanged."""
    must = SHARED.replace("may", "must")
    answer = f"{ASK} {ANSWER}"
    sooner = answer.replace("90", "45")
    text = swap(KEPT, LONGER, swap(SHARED, must, swap(answer, sooner)))

    assert terms(Made(POLICY, text)) == [
        ("modal", "may", "must", SHARED, must),
        ("number", "30", "45", KEPT, LONGER),
        ("number", "90", "45", answer, sooner),
    ]


def test_terms_of_passages_that_stand_on_one_side() -> None:
    """A number that came or went with its sentence has no word on the other side."""
    added = "Payments may take up to 14 days to arrive at our bank."

    assert terms(Made(POLICY, POLICY + f"\n{added}\n")) == [("number", None, "14", "", added)]
    assert terms(Made(POLICY, swap(KEPT, ""))) == [("number", "30", None, KEPT, "")]


def test_term_in_one_of_two_equal_sentences() -> None:
    """Offsets and not words decide to which passage a term belongs."""
    twice = POLICY + f"\n{KEPT}\n"
    text = POLICY + f"\n{LONGER}\n"
    made = Made(twice, text)

    assert terms(made) == [("number", "30", "45", KEPT, LONGER)]
    (delta,) = made.of("Delta")
    assert made.node[delta["before"]]["start"] == twice.rindex(KEPT)


### All at once

AWKWARD = swap(KEPT, LONGER).replace("parcels", 'p\\arc"els\t\u2028\x85\U0001f4ee')
POOL = [
    POLICY,
    OTHER,
    AWKWARD,
    NEWER,
    CUT,
    ERROR,
    BARE,
    swap(KEPT, LONGER, CUT),
    swap(f"{ASK} {ANSWER}", f"{ASK}\n\n{ANSWER}"),
    swap(f"{SHARED}\n\n", "") + f"\n{SHARED}\n",
    swap(SOLD, "", POLICY.replace("\n", "\r\n")),
    swap("your address", "the [email protected]"),
    "Please log in to continue.\n\nBefore you continue to the policy, agree to all of it.\n",
]
histories = st.lists(
    st.tuples(st.sampled_from(POOL), st.sampled_from([-3, 0, 0.2, 1, 40])), min_size=1, max_size=7
)


def made_of(steps: list[tuple[str, float]]) -> Made:
    """A history of texts with the days between each and the one before it."""
    days = [sum(step for _, step in steps[: at + 1]) for at in range(len(steps))]
    return Made(*(text for text, _ in steps), days=days)


@settings(max_examples=40, deadline=None)
@given(histories)
def test_quotes_are_what_stands_at_their_offsets(steps: list[tuple[str, float]]) -> None:
    """Every quote holds the characters of its version, and the words of its provision."""
    made = made_of(steps)

    for quote in made.of("Quote"):
        assert made.text(quote)[quote["start"] : quote["end"]] == quote["exact"]
        assert normalise(quote["exact"]) == made.words(quote["provision"])
    for presence in made.of("Presence"):
        quote = made.node[presence["quote"]]
        assert quote["version"] == presence["firstVersion"]
        assert quote["provision"] == presence["provision"]
    for provision in made.of("Provision"):
        assert provision["normalisedSha256"] == sha256_of(provision["normalisedText"])


@settings(max_examples=40, deadline=None)
@given(histories)
def test_revisions_never_make_a_circle(steps: list[tuple[str, float]]) -> None:
    """From any wording the way back ends, after fewer steps than there are wordings."""
    revised = made_of(steps).revised

    for words in revised:
        seen: list[str] = []
        while words in revised:
            assert words not in seen
            seen.append(words)
            words = revised[words]


@settings(max_examples=40, deadline=None)
@given(histories)
def test_runs_cover_exactly_what_stands(steps: list[tuple[str, float]]) -> None:
    """A provision of a whole version belongs to one run of its own, and to no other's."""
    made = made_of(steps)
    builder = made.builder
    whole = {at + 1 for at in builder.whole}

    for provision in made.of("Provision"):
        words = provision["normalisedText"]
        key = provision["normalisedSha256"]
        stands = {
            at
            for at, each in enumerate(builder.captures, 1)
            if at in whole and key in builder.texts.places(each)
        }
        runs = [(a, b or len(builder.captures)) for a, b in made.runs(words) if a in whole]
        covered = [at for a, b in runs for at in range(a, b + 1) if at in whole]
        assert sorted(covered) == sorted(stands)


@settings(max_examples=15, deadline=None)
@given(histories)
def test_histories_conform(steps: list[tuple[str, float]]) -> None:
    """Whatever was captured, its history breaks no shape and has no id twice."""
    made = made_of(steps)

    assert made.faults() == set()
    assert len(made.node) == len(made.typed)


def test_planted_mistake_is_found() -> None:
    """The checks above do see a quote that was tampered with."""
    made = Made(POLICY, OTHER)
    quote = made.node[made.presences(SOLD)[0]["quote"]]
    quote["exact"] = quote["exact"].replace("not ", "")

    assert made.faults() == {("quoteStands", "Quote")}


### The same nodes, however they are made


def statements(found: Sequence[Capture], remembered: bool = False) -> list[str]:
    """The lines of a history in the order in which they are made."""
    compared = lru_cache(None)(compare) if remembered else compare
    return list(lines(HistoryBuilder(WHO, found, compared).nodes()))


def fingerprint() -> str:
    """The hash of a history with something of everything in it."""
    return sha256_of("\n".join(statements(captures(POOL))))


def test_same_nodes_whether_built_in_one_go_or_not() -> None:
    """Each capture more gives what all captures at once give, with results remembered or not."""
    found = captures([*POOL, *POOL[::-1]])
    remembered = lru_cache(None)(compare)

    for count in range(1, len(found) + 1):
        grown = list(lines(HistoryBuilder(WHO, found[:count], remembered).nodes()))
        assert grown == statements(found[:count])


def test_new_captures_take_nothing_away_but_what_was_the_last() -> None:
    """Citations stay good: only what is current changes, and open ends are closed."""
    found = captures([POLICY, OTHER, ERROR, POLICY, AWKWARD, CUT, NEWER, OTHER])
    current = f"<{WHO.iri('document')}> "

    for before, after in pairwise(set(statements(found[:count])) for count in range(1, 9)):
        assert all(line.startswith(current) for line in before - after)


def test_same_nodes_in_every_process() -> None:
    """No order of sets or hashes of this process gets into a history."""
    order = "from tests.test_policies import fingerprint; print(fingerprint())"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", order],
            cwd=Path(__file__).parents[1],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == fingerprint()


def quads_of(made: Made) -> set[str]:
    """The statements of a history as quads make them."""
    return {str(quad.triple) for quad in to_quads(map(filled, made.typed), WHO.graph)}


@settings(max_examples=25, deadline=None)
@given(histories)
def test_lines_are_the_statements_of_quads(steps: list[tuple[str, float]]) -> None:
    """The fast way to write nodes and the plain one make the same statements."""
    made = made_of(steps)

    assert set(lines(made.typed)) == quads_of(made)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_is_written_as_quads_write_it(text: str) -> None:
    """Quotes, ends of lines, controls and signs of every plane are escaped alike."""
    node = {"id": WHO.iri("text", "1"), "type": "Text", "content": text, "characters": len(text)}

    assert set(lines([node])) == {str(quad.triple) for quad in to_quads([node], WHO.graph)}


def test_lines_come_back_from_a_store_as_they_were() -> None:
    """Numbers, moments and texts are in the form that a store keeps, so hashes can be compared."""
    made = set(statements(captures(POOL)))
    store = Store()
    store.load("".join(f"{line} .\n" for line in made).encode(), format=RdfFormat.N_TRIPLES)

    assert {str(quad.triple) for quad in store} == made


def test_node_without_a_type_adds_to_another_graph() -> None:
    """Of the document a history says only which version is current."""
    said = [line for line in statements(captures([POLICY, OTHER])) if "/document/" in line[:60]]

    (version,) = [each["id"] for each in Made(POLICY, OTHER).versions if each["ordinal"] == 2]
    predicate = "https://w3id.org/clausegraph/ns#currentVersion"
    assert said == [f"<{WHO.iri('document')}> <{predicate}> <{version}>"]


### Names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Midjourney", "midjourney"),
        ("  Le Chat / Pro ", "le-chat-pro"),
        ("Caf\u00e9 N\u00ba 5", "cafe-no-5"),
        ("\u5fae\u4fe1", "\u5fae\u4fe1"),
        ("\u5fae\u4fe1 WeChat", "wechat"),
    ],
)
def test_slug(name: str, expected: str) -> None:
    """Small Latin letters, digits and hyphens; a name without any stays what it is."""
    assert slug(name) == expected
    assert slug(expected) == expected


def test_names_with_one_slug_get_two_ids() -> None:
    """The later of two names with one slug gets digits of its hash, the same every time."""
    digits = sha256_of("Acme!")[:4]

    assert slugs(["Acme!", "Acme", "Bolt"], {}) == {
        "Acme": "acme",
        "Acme!": f"acme-{digits}",
        "Bolt": "bolt",
    }
    assert slugs(["Acme"], {"acme": "Acme!"}) == {"Acme": f"acme-{sha256_of('Acme')[:4]}"}
    assert slugs(["Acme!"], {"acme": "Acme!"}) == {"Acme!": "acme"}


def test_id_that_was_given_is_kept() -> None:
    """A name keeps its id, though the one without digits has become free."""
    digits = sha256_of("Acme!")[:4]

    assert slugs(["Acme!"], {f"acme-{digits}": "Acme!"}) == {"Acme!": f"acme-{digits}"}


def test_name_that_is_another_ones_id_with_digits() -> None:
    """Three names have three ids, even if one is spelled like an id that another gets."""
    given_ = slugs(["Acme", f"Acme {sha256_of('Acme!')[:4]}", "Acme!"], {})

    assert len(set(given_.values())) == 3


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Privacy Policy", "privacy-policy"),
        ("  terms  OF Service", "terms-of-service"),
        ("Data Processor Agreement", "data-processing-agreement"),
        ("Song Lyrics", "other"),
    ],
)
def test_kind_of_document(name: str, kind: str) -> None:
    """The type in the words of an archive leads to a kind of the closed list."""
    assert kind_of(name) == kind


### Accidents, as a reviewer found them wrong

LONG = (
    POLICY
    + "\n"
    + "\n\n".join(
        f"Clause {n} says what we do with letters of kind {n * 7} that reach the office."
        for n in range(40)
    )
)
GERMAN = "\n\n".join(
    f"Wir und die Leute, die mit uns arbeiten, werden Ihre Briefe nicht für {n} Tage lesen, "
    "und das ist der Grund, aus dem Sie zu uns oder mit Ihren Fragen zu der Stelle kommen." for n in range(30)
)  # fmt: skip
ENGLISH = "\n\n".join(
    f"We and the people with whom we work keep the letters that you send to our office for {n} days, "
    "and this is the reason for which you may come to us with your questions or to the board." for n in range(30)
)  # fmt: skip


def test_what_differs_between_accidents_is_no_news() -> None:
    """From one error page to another, nothing changes its meaning."""
    made = Made(POLICY, "Access denied", "503 Service Unavailable", POLICY)

    assert [step[2] for step in made.steps()] == ["capture"] * 3
    assert made.of("Delta") == []


def test_accident_in_another_language() -> None:
    """An English page for a day is the accident of a German document, not the other way round."""
    made = Made(GERMAN, ENGLISH, GERMAN)

    assert made.states == ["whole", "language", "whole"]
    assert made.current == 3


def test_rewrite_after_a_cut_is_whole() -> None:
    """A text as long as before ends the accident, be it another text."""
    half = LONG[: len(LONG) // 4]
    other = LONG.replace("letters", "parcels").replace("office", "harbour")
    made = Made(LONG, half, other, other + "\n\nWe sell none of it to anybody at any price.\n")

    assert made.states[1:] == ["truncated", "whole", "whole"]
    assert made.current == 4
