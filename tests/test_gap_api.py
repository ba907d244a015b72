"""Questions over findings: gaps of platforms, changes of law, two dates at once, triage."""

from __future__ import annotations

import shutil
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from clausegraph.api.gaptypes import Cells
from clausegraph.api.histories import load_files
from clausegraph.api.impacttypes import Platforms, Row
from clausegraph.api.nodes import Budget, View
from clausegraph.api.policyselect import Chosen
from clausegraph.api.portfolios import load_file
from clausegraph.api.problems import BadParameterError
from clausegraph.api.publish import publish
from clausegraph.ontology.iris import ID
from tests.judged import ALPHA, capture, shared
from tests.published import with_law
from tests.small_histories import TODAY, Asker, reader_of

CORRECT = "us-ca/ccpa/right-to-correct"
DELETE = "us-ca/ccpa-regulations/notice-rights-delete"
TRAINING = "us-ct/ctdpa/notice-ai-training"
NUMBERS = "stated denied notStated notExamined tension"


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    """Asks about the invented documents."""
    return Asker(reader_of(shared(tmp_path_factory)))


GAPS = """query($s: [FindingState!]! = [NOT_STATED], $r: RequirementScope, $day: Date, $p: [ID!],
    $first: Int, $after: String) {
    gaps(states: $s, requirements: $r, asOf: $day, platform: $p, first: $first, after: $after) {
    totalCount counts { stated denied notStated notExamined tension } notice
    denominators { tracked captured parsed examined } requirements { id }
    pageInfo { endCursor hasNextPage } nodes { state unexamined platform { label } document { label }
    requirement { id } requirementVersion { validFrom } finding { id reason }
    searched { passages } nearest { order } } } }"""


def cells(ask: Asker, day: str, states: list[str], *requirements: str) -> list[tuple[Any, ...]]:
    """Platform, state and reason of the cells about requirements."""
    found = ask(GAPS, s=states, r={"requirement": list(requirements)}, day=day)["gaps"]
    return [(n["platform"]["label"], n["state"], n["unexamined"]) for n in found["nodes"]]


EVERY = ["STATED", "DENIED", "NOT_STATED", "NOT_EXAMINED", "TENSION"]


def test_every_platform_has_a_cell(ask: Asker) -> None:
    """Who has no finding is not examined, and the reason is told; nobody is called silent."""
    assert cells(ask, "2024-02-01", EVERY, CORRECT) == [
        ("Alphabird", "NOT_STATED", None),
        ("Betafish", "NOT_EXAMINED", "NOT_CAPTURED"),
        ("Gammaroach", "NOT_EXAMINED", "NO_DOCUMENT"),
        ("Midjourney", "NOT_EXAMINED", "NOT_CAPTURED"),
    ]


def test_silence_is_listed_unless_more_is_asked_for(ask: Asker) -> None:
    """The other states are counted only."""
    found = ask(GAPS, r={"requirement": [CORRECT]}, day="2024-03-01")["gaps"]

    assert [node["platform"]["label"] for node in found["nodes"]] == ["Alphabird", "Betafish"]
    assert list(found["counts"].values()) == [0, 0, 2, 2, 0]
    assert list(found["denominators"].values()) == [4, 2, 2, 2]
    assert [len(node["nearest"]) for node in found["nodes"]] == [3, 3]
    assert all(node["searched"]["passages"] > 0 for node in found["nodes"])
    assert {node["finding"]["reason"] for node in found["nodes"]} == {"NO_PASSAGE"}


def test_gaps_are_the_findings_of_the_day(ask: Asker) -> None:
    """Every finding is a cell, and nothing else is but what has none."""
    gaps = ask(GAPS, s=EVERY, day="2025-01-01", first=500)["gaps"]
    found = ask("""{ findings(asOf: "2025-01-01", first: 500) { nodes { id } } }""")["findings"]
    held = [node["finding"]["id"] for node in gaps["nodes"] if node["finding"]]

    assert sorted(held) == sorted(node["id"] for node in found["nodes"])
    assert gaps["totalCount"] == sum(gaps["counts"].values()) == len(gaps["nodes"])
    assert len({(n["platform"]["label"], n["requirement"]["id"]) for n in gaps["nodes"]}) == len(
        gaps["nodes"]
    )


def test_only_what_is_in_force_is_asked(ask: Asker) -> None:
    """Connecticut asks for a word on language models from 2026-07-01."""
    before = ask(GAPS, s=EVERY, r={"requirement": [TRAINING]}, day="2026-06-30")["gaps"]
    after = ask(GAPS, s=EVERY, r={"requirement": [TRAINING]}, day="2026-07-01")["gaps"]

    assert (before["totalCount"], before["requirements"]) == (0, [])
    assert (after["totalCount"], len(after["requirements"])) == (4, 1)
    assert after["nodes"][0]["requirementVersion"] == {"validFrom": "2026-07-01"}


def test_what_nobody_looked_for_is_said_where_it_is_named(ask: Asker) -> None:
    """A threshold is held against no document: not examined, for every platform."""
    assert cells(ask, "2025-01-01", EVERY, "us-ca/ccpa/threshold-volume") == [
        (name, "NOT_EXAMINED", "NO_DOCUMENT")
        for name in ("Alphabird", "Betafish", "Gammaroach", "Midjourney")
    ]


def test_gaps_of_some_platforms(ask: Asker) -> None:
    """Cells and denominators are those of the platforms named."""
    found = ask(GAPS, s=EVERY, p=["gammaroach"], r={"requirement": [CORRECT]}, day="2025-01-01")
    none = ask(GAPS, s=EVERY, p=[], day="2025-01-01")["gaps"]

    assert list(found["gaps"]["denominators"].values()) == [1, 0, 0, 0]
    assert len(found["gaps"]["nodes"]) == 1
    assert (none["totalCount"], list(none["denominators"].values())) == (0, [0, 0, 0, 0])


def test_gaps_and_impact_of_a_portfolio(ask: Asker, tmp_path: Path) -> None:
    """The platforms that it names, and no others, in rows and denominators."""
    data = shutil.copytree(ask.reader.release.path.parent.parent, tmp_path / "data")
    path = tmp_path / "portfolios.yaml"
    path.write_text("portfolios:\n  - {id: fish, name: Fish, platforms: [betafish, gammaroach]}\n")
    load_file(data, path)
    publish(data)
    query = """{ gaps(portfolio: ["fish"], states: [NOT_STATED, NOT_EXAMINED], asOf: "2025-01-01",
        requirements: { requirement: ["us-ca/ccpa/right-to-correct"] }) {
        denominators { tracked captured parsed examined } nodes { platform { label } state } }
        lawChangeImpact(portfolio: ["fish"], act: "us-ct/pa-25-113", asOf: "2026-07-01") {
        denominators { tracked captured parsed examined }
        requirements { platforms { platform { label } } } } }"""
    found = Asker(reader_of(data))(query)
    rows = [(node["platform"]["label"], node["state"]) for node in found["gaps"]["nodes"]]
    told = [[p["platform"]["label"] for p in each["platforms"]]
            for each in found["lawChangeImpact"]["requirements"]]  # fmt: skip

    assert rows == [("Betafish", "NOT_STATED"), ("Gammaroach", "NOT_EXAMINED")]
    assert list(found["gaps"]["denominators"].values()) == [2, 1, 1, 1]
    assert found["lawChangeImpact"]["denominators"] == found["gaps"]["denominators"]
    assert told
    assert all(each == ["Betafish", "Gammaroach"] for each in told)


@pytest.mark.parametrize("size", [1, 7, 200])
def test_pages_of_gaps_meet(ask: Asker, size: int) -> None:
    """Cells with and without a finding stand on pages of all sizes once."""
    wanted = {"s": EVERY, "day": "2024-02-01", "r": {"instrument": ["us-va/vcdpa"]}}
    whole = ask(GAPS, first=500, **wanted)["gaps"]["nodes"]
    found: list[Any] = []
    cursor, more = None, True
    while more:
        page = ask(GAPS, first=size, after=cursor, **wanted)["gaps"]
        found += page["nodes"]
        cursor, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert found == whole
    assert len(whole) > 40


def test_any_number_of_requirements_can_be_asked(ask: Asker) -> None:
    """More than a statement may join with UNION; each makes a cell of each platform."""
    (any_version, *_) = ask.reader.of_type("RequirementVersion")
    reads = {f"{ID}requirement/us-xx/many/number-{n}": any_version for n in range(1_200)}
    view = View(ask.reader, TODAY, Budget(5_000, time.monotonic() + 60))
    none = Chosen(view, Cells(view, (), {}).choice())

    assert Chosen(view, Cells(view, (), reads).choice()).count() == 4 * len(reads)
    assert none.count() == 0


IMPACT = """query($act: ID, $r: [ID!], $day: Date, $starts: Date, $p: [ID!]) {
    lawChangeImpact(act: $act, requirement: $r, asOf: $day, startsOn: $starts, platform: $p) {
    act { id } asOf notice denominators { tracked captured parsed examined } others { id }
    requirements { requirement { id } version { validFrom } earlier { validFrom } begun
    counts { stated denied notStated notExamined tension }
    platforms { platform { label } state before { state evidence { exact } }
    atStart { state } after { state evidence { exact } } }
    silent: platforms(states: [NOT_STATED]) { platform { label } } } } }"""


def impact(ask: Asker, requirement: str, **given: Any) -> Any:
    """The answer about one requirement."""
    found = ask(IMPACT, **given)["lawChangeImpact"]["requirements"]
    return next(each for each in found if each["requirement"]["id"].endswith(requirement))


def test_an_act_and_who_is_silent(ask: Asker) -> None:
    """PA 25-113 of 2026-07-01: what is new has no before, what changed has one."""
    whole = ask(IMPACT, act="us-ct/pa-25-113", day="2026-07-01")["lawChangeImpact"]
    new = impact(ask, TRAINING, act="us-ct/pa-25-113", day="2026-07-01")
    changed = impact(ask, "ctdpa/notice-contact", act="us-ct/pa-25-113", day="2026-07-01")

    assert list(whole["denominators"].values()) == [4, 2, 2, 2]
    assert whole["act"] == {"id": f"{ID}instrument/us-ct/pa-25-113"}
    assert (new["earlier"], changed["earlier"]) == (None, {"validFrom": "2023-07-01"})
    assert [each["platform"]["label"] for each in new["silent"]] == ["Alphabird", "Betafish"]
    assert list(new["counts"].values()) == [0, 0, 2, 2, 0]
    assert all(each["before"] is None for each in new["platforms"])
    assert changed["platforms"][0]["before"]["state"] == "STATED"
    assert "alphabird" in changed["platforms"][0]["after"]["evidence"][0]["exact"]
    assert changed["platforms"][2]["state"] == "NOT_EXAMINED"
    assert changed["platforms"][2]["after"] is None
    assert any("threshold-volume" in each["id"] for each in whole["others"])


def test_what_came_of_it_since(ask: Asker) -> None:
    """The CPRA brought the right to correct; a policy took it up a year and a half later."""
    found = impact(ask, CORRECT, act="us-ca/cpra", day="2024-06-01")
    sides = found["platforms"][0]

    assert found["version"]["validFrom"] == "2023-01-01"
    assert (sides["before"], sides["atStart"]) == (None, None)
    assert sides["after"]["state"] == sides["state"] == "STATED"
    assert "correct" in sides["after"]["evidence"][0]["exact"]


def test_a_text_of_its_own_can_be_meant(ask: Asker) -> None:
    """The regulations of 2023-03-29 and those of 2026-01-01 are two changes."""
    first = impact(ask, DELETE, act="us-ca/ccpa-regulations", day="2024-06-01")
    second = impact(ask, DELETE, act="us-ca/ccpa-regulations", day="2026-01-01")
    old = impact(
        ask, DELETE, act="us-ca/ccpa-regulations", day="2026-01-01", starts="2023-03-29"
    )  # fmt: skip

    assert (first["version"]["validFrom"], first["earlier"]) == ("2023-03-29", None)
    assert second["version"]["validFrom"] == "2026-01-01"
    assert second["platforms"][0]["before"]["state"] == "STATED"
    assert old["version"]["validFrom"] == "2023-03-29"


def test_a_change_to_come_is_told_for_the_text_as_it_stands(ask: Asker) -> None:
    """On the day before, the states are those of the first day, and it is said."""
    found = impact(ask, TRAINING, act="us-ct/pa-25-113", day="2026-06-30")
    later = impact(ask, TRAINING, act="us-ct/pa-25-113", day="2026-07-01")

    assert (found["begun"], later["begun"]) == (False, True)
    assert found["platforms"] == later["platforms"]
    assert found["platforms"][0]["after"] == {"state": "NOT_STATED", "evidence": []}


def test_a_text_that_is_replaced_first_never_meets_the_change(ask: Asker) -> None:
    """Seen from a day on which another text stood, nobody held that text against the new reading."""
    found = impact(ask, CORRECT, act="us-ca/cpra", day="2022-12-31")
    assert found["begun"] is False
    early = impact(ask, TRAINING, act="us-ct/pa-25-113", day="2024-02-01")
    late = impact(ask, TRAINING, act="us-ct/pa-25-113", day="2024-06-02")
    alpha = [
        next(each for each in told["platforms"] if each["platform"]["label"] == "Alphabird")
        for told in (early, late)
    ]
    assert (alpha[0]["state"], alpha[0]["after"]) == ("NOT_EXAMINED", None)
    assert alpha[1]["state"] == "NOT_STATED"


@pytest.mark.parametrize("order", [1, -1])
def test_the_document_that_says_most_speaks_for_its_platform(ask: Asker, order: int) -> None:
    """Of two documents on a day one is silent and one states; on the next day there is one."""
    view = View(ask.reader, TODAY, Budget(10, time.monotonic() + 60))
    rows = [
        Row(CORRECT, "birds", "finding/a", "not-stated", "2024-01-01", "~"),
        Row(CORRECT, "birds", "finding/b", "stated", "2024-01-01", "2024-01-01"),
    ]
    held = Platforms(view, ["birds"], {(CORRECT, "birds"): rows[::order]})

    assert held.on(CORRECT, "birds", date(2024, 1, 1)) == rows[1]
    assert held.on(CORRECT, "birds", date(2024, 1, 2)) == rows[0]
    assert held.on(CORRECT, "birds", date(2023, 12, 31)) is None


def test_requirements_can_be_named_instead(ask: Asker) -> None:
    """With an act both have to be met; without either nothing is asked."""
    alone = ask(IMPACT, r=[CORRECT], day="2025-01-01")["lawChangeImpact"]
    both = ask(IMPACT, r=["us-ct/ctdpa/notice-"], act="us-ct/pa-25-113", day="2026-07-01")
    other = ask(IMPACT, r=[CORRECT], act="us-ct/pa-25-113", day="2026-07-01")["lawChangeImpact"]
    ids = [each["requirement"]["id"] for each in both["lawChangeImpact"]["requirements"]]

    assert (alone["act"], len(alone["requirements"])) == (None, 1)
    assert all("/us-ct/ctdpa/notice-" in each for each in ids)
    assert len(ids) > 5
    assert other["requirements"] == other["others"] == []
    assert isinstance(ask.error(IMPACT, day="2025-01-01"), BadParameterError)


READINGS = """query($day: Date, $r: [ID!]) { document(id: "alphabird/privacy-policy", asOf: $day) {
    readings(requirements: { requirement: $r }) { version { id } versionMissing requirement { id }
    requirementVersion { validFrom } requirementMissing finding { state }
    mappings { relation requirementVersion { validFrom } quote { exact } } } } }"""


@pytest.mark.parametrize(
    ("day", "requirement", "missing", "state", "reads"),
    [
        ("2024-01-09", CORRECT, ("NOT_CAPTURED", None), None, "2023-01-01"),
        ("2024-05-31", CORRECT, (None, None), "NOT_STATED", "2023-01-01"),
        ("2024-06-01", CORRECT, (None, None), "STATED", "2023-01-01"),
        ("2025-12-31", DELETE, (None, None), "STATED", "2023-03-29"),
        ("2026-01-01", DELETE, (None, None), "STATED", "2026-01-01"),
        ("2026-06-30", TRAINING, (None, "NOT_IN_FORCE"), None, None),
        ("2022-12-31", CORRECT, ("NOT_CAPTURED", "NOT_IN_FORCE"), None, None),
    ],
)
def test_two_dates_at_once(
    ask: Asker, day: str, requirement: str, missing: Any, state: str | None, reads: str | None
) -> None:
    """The text and the law of one day; a side that has nothing says why."""
    (found,) = ask(READINGS, day=day, r=[requirement])["document"]["readings"]
    version = found["requirementVersion"]

    assert (found["versionMissing"], found["requirementMissing"]) == missing
    assert (found["version"] is None) is (missing[0] is not None)
    assert (version and version["validFrom"]) == reads
    assert (found["finding"] and found["finding"]["state"]) == state
    assert bool(found["mappings"]) is (state == "STATED")
    assert all(each["requirementVersion"]["validFrom"] == reads for each in found["mappings"])


def test_readings_of_all_that_a_document_touches(ask: Asker) -> None:
    """Where no requirement is named, those that its passages of the day lead to."""
    query = """query($day: Date) { document(id: "alphabird/privacy-policy", asOf: $day) {
        readings { requirement { id } mappings { id } } } }"""
    found = ask(query, day="2024-06-01")["document"]["readings"]
    ids = [each["requirement"]["id"] for each in found]

    assert ids == sorted(set(ids))
    assert f"{ID}requirement/{CORRECT}" in ids
    assert all(each["mappings"] for each in found)
    assert ask(query, day="2023-01-01")["document"]["readings"] == []


def test_provisions_of_a_platform(ask: Asker) -> None:
    """Those of its documents that stand on the day."""
    query = """query($day: Date) { platform(id: "alphabird") { provisions(asOf: $day) {
        totalCount nodes { id } } }
        document(id: "alphabird/privacy-policy", asOf: $day) { provisions { nodes { id } } } }"""
    found = ask(query, day="2024-06-01")

    assert found["platform"]["provisions"]["nodes"] == found["document"]["provisions"]["nodes"]
    assert ask(query, day="2024-01-01")["platform"]["provisions"]["totalCount"] == 0


TRIAGE = """query($r: [MappingRelation!]) { changes(filter: { significance: [MEANING] }) {
    suppressed { significance count } nodes { touches(relation: $r) { requirement { id }
    before { relation provision { id } } after { relation provision { id } } }
    movedFindings { requirement { id } before { state evidence { exact } }
    after { state evidence { exact } } }
    deltas { nodes { kind touches(relation: $r) { requirement { id } before { id } after { id } } } }
    } } }"""


def test_a_change_tells_what_it_touches(ask: Asker) -> None:
    """The right that was added: its requirements are touched after and not before."""
    (change,) = ask(TRIAGE)["changes"]["nodes"]
    touched = {
        each["requirement"]["id"].rpartition("requirement/")[2]: each for each in change["touches"]
    }
    correct = touched[CORRECT]

    assert correct["before"] == []
    assert {each["relation"] for each in correct["after"]} == {"DESCRIBES"}
    assert touched["us-ca/ccpa/right-to-delete"]["before"] != []
    assert list(touched) == sorted(touched)
    parts = {t["requirement"]["id"] for d in change["deltas"]["nodes"] for t in d["touches"]}
    assert parts == {each["requirement"]["id"] for each in change["touches"]}


def test_our_reasoning_is_asked_for(ask: Asker) -> None:
    """What is only inferred stays apart."""
    (plain,) = ask(TRIAGE)["changes"]["nodes"]
    (inferred,) = ask(TRIAGE, r=["INFERS"])["changes"]["nodes"]

    def relations(change: Any) -> set[str]:
        return {m["relation"] for t in change["touches"] for m in (*t["before"], *t["after"])}

    assert "INFERS" not in relations(plain)
    assert relations(inferred) <= {"INFERS"}


def test_a_change_tells_which_findings_moved(ask: Asker) -> None:
    """From not stated to stated, with the words; those that stay as they are do not show."""
    (change,) = ask(TRIAGE)["changes"]["nodes"]
    moved = {
        m["requirement"]["id"].rpartition("requirement/")[2]: m for m in change["movedFindings"]
    }

    assert set(moved) >= {CORRECT, "us-va/vcdpa/right-to-correct"}
    assert "us-ca/ccpa/right-to-delete" not in moved
    assert moved[CORRECT]["before"] == {"state": "NOT_STATED", "evidence": []}
    assert moved[CORRECT]["after"]["state"] == "STATED"
    assert all(each["before"]["state"] != each["after"]["state"] for each in moved.values())


def test_an_accident_moves_no_finding(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """An error page is no silence; what moved is told by the change across it."""
    data = with_law(tmp_path_factory, tmp_path / "data")
    after = ALPHA.format(date="June 1, 2024", correct=", the right to correct it")
    error = "# Error 503\n\nService unavailable. Please try again later.\n"
    texts = {
        "2024-01-10": ALPHA.format(date="January 5, 2024", correct=""),
        "2024-05-30": error,
        "2024-06-01": after,
    }
    load_files(data, [capture(tmp_path, "Alphabird", text, day) for day, text in texts.items()])
    publish(data)
    query = (
        """{ changes { nodes { significance bridges movedFindings { requirement { id } } } } }"""
    )
    changes = Asker(reader_of(data))(query)["changes"]["nodes"]
    moved = sorted(
        (c["significance"], c["bridges"], bool(c["movedFindings"])) for c in changes
    )  # fmt: skip

    assert moved == [("CAPTURE", False, False)] * 2 + [("MEANING", True, True)]
