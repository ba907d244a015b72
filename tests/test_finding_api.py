"""GraphQL over what is judged of documents: findings, mappings, opinions, and what follows."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Store

from clausegraph.api.filters import UnknownIdError
from clausegraph.api.nodes import TYPES
from clausegraph.api.policyindex import NAME
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.review import Given, give
from clausegraph.loaders import methods
from clausegraph.loaders.unit import Node, to_quads
from clausegraph.ontology.iris import ID, concept, graph, mint
from tests.judged import ALPHABIRD, shared
from tests.small_histories import Asker, reader_of
from tests.test_graphql import client_of, every_field

CORRECT = "us-ca/ccpa/right-to-correct"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with three platforms; nobody may change it."""
    return shared(tmp_path_factory)


@pytest.fixture(scope="module")
def ask(base: Path) -> Asker:
    """Asks it."""
    return Asker(reader_of(base))


FINDINGS = """query($f: FindingFilter, $day: Date) { document(id: "alphabird/privacy-policy") {
    findings(filter: $f, asOf: $day, first: 500) { totalCount counts { stated notStated }
    nodes { id state validFrom requirement { id citations } requirementVersion { validFrom }
    evidence { exact start end version { sha256 } } searched { version { id } passages characters }
    nearest { order similarity quote { exact } } method { id version notice }
    reviewState expectedPrecision rules { detects } } } } }"""


def own(ask: Asker, day: str, **wanted: Any) -> list[Any]:
    """The findings of the first platform on a day."""
    found: list[Any] = ask(FINDINGS, f=wanted, day=day)["document"]["findings"]["nodes"]
    return found


@pytest.mark.parametrize(("day", "state"), [("2024-05-31", "NOT_STATED"), ("2024-06-01", "STATED")])
def test_a_document_has_one_finding_a_requirement_and_day(ask: Asker, day: str, state: str) -> None:
    """The day chooses the version of the text."""
    found = own(ask, day, requirement=[CORRECT])

    assert [each["state"] for each in found] == [state]
    assert len({e["requirement"]["id"] for e in own(ask, day)}) == len(own(ask, day)) > 30


def test_the_evidence_is_a_quote_of_a_hashed_text(ask: Asker) -> None:
    """Characters, offsets, and the version whose hash tells what they are offsets in."""
    (found,) = own(ask, "2024-06-01", requirement=[CORRECT])
    (quote,) = found["evidence"]

    assert "the right to correct it" in quote["exact"]
    assert quote["end"] - quote["start"] == len(quote["exact"])
    assert len(quote["version"]["sha256"]) == 64
    assert found["method"]["version"] == "2"
    assert found["method"]["notice"] == methods.NOTICE
    assert found["rules"]
    assert float(found["expectedPrecision"]) > 0.5


def test_not_stated_shows_where_it_looked(ask: Asker) -> None:
    """The scope, and the nearest passages in their order."""
    (found,) = own(ask, "2024-05-31", requirement=[CORRECT])

    assert found["evidence"] == []
    assert found["searched"]["passages"] > 5
    assert found["searched"]["characters"] > 300
    assert [each["order"] for each in found["nearest"]] == [1, 2, 3]
    scores = [float(each["similarity"]) for each in found["nearest"]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        ({"requirement": [f"requirement/{CORRECT}"]}, lambda path: path == CORRECT),
        ({"requirement": ["us-ct/ctdpa/notice-"]}, lambda p: p.startswith("us-ct/ctdpa/notice-")),
        ({"instrument": ["us-ca/ccpa-regulations"]}, lambda p: p.startswith("us-ca/ccpa-reg")),
        ({"regime": ["us-co/cpa"]}, lambda p: p.startswith("us-co/")),
        ({"jurisdiction": ["us-va", "us-ct"]}, lambda p: p.startswith(("us-va/", "us-ct/"))),
        ({"topic": ["right-to-correct"]}, lambda p: p.endswith("/right-to-correct")),
        ({"jurisdiction": ["us-va"], "requirement": [CORRECT]}, lambda _: False),
    ],
)
def test_filters_of_requirements(ask: Asker, wanted: Any, matches: Any) -> None:
    """Each condition leaves what meets it, and all of that."""
    whole = [each["requirement"]["id"] for each in own(ask, "2025-01-01")]
    found = [each["requirement"]["id"] for each in own(ask, "2025-01-01", **wanted)]

    assert found == [iri for iri in whole if matches(iri.removeprefix(f"{ID}requirement/"))]


def test_a_section_stands_for_all_within_it(ask: Asker) -> None:
    """11 CCR §7011(e)(2) has a letter for each right; the section itself has all of them."""
    part = own(ask, "2025-01-01", section=["us-ca/ccpa-regulations/7011/e/2"])
    whole = own(ask, "2025-01-01", section=["us-ca/ccpa-regulations/7011"])

    assert 0 < len(part) < len(whole)
    assert all("§7011(e)(2)" in str(each["requirement"]["citations"]) for each in part)
    assert all("§7011" in str(each["requirement"]["citations"]) for each in whole)


@pytest.mark.parametrize(
    "wanted",
    [
        {"requirement": ["us-ca/ccpa/nothing-of-the-sort"]},
        {"instrument": ["us-ca/nothing"]},
        {"section": ["us-ca/ccpa/9999"]},
        {"requirement": ["document/alphabird"]},
    ],
)
def test_what_is_not_there_is_an_error(ask: Asker, wanted: Any) -> None:
    """An empty answer would look like knowledge."""
    assert isinstance(ask.error(FINDINGS, f=wanted, day="2025-01-01"), UnknownIdError)


ROOT = """query($f: FindingsFilter, $day: Date, $first: Int, $after: String) {
    findings(filter: $f, asOf: $day, first: $first, after: $after) { totalCount asOf notice
    counts { stated denied notStated notExamined tension }
    denominators { tracked captured parsed examined } pageInfo { hasNextPage endCursor }
    nodes { id state document { id } requirement { id } validFrom validUntil } } }"""


@pytest.mark.parametrize(
    ("day", "numbers"),
    [
        ("2023-12-31", [4, 0, 0, 0]),
        ("2024-01-10", [4, 1, 1, 1]),
        ("2024-03-01", [4, 2, 2, 2]),
    ],
)
def test_denominators_keep_what_was_not_examined(ask: Asker, day: str, numbers: list[int]) -> None:
    """Of one platform there are terms alone, of another claims alone; nobody calls them silent."""
    found = ask(ROOT, day=day, first=500)["findings"]

    assert list(found["denominators"].values()) == numbers
    assert len({node["document"]["id"] for node in found["nodes"]}) == numbers[3]
    assert sum(found["counts"].values()) == found["totalCount"]
    assert found["notice"] == methods.NOTICE


def test_what_no_rule_tells_is_not_counted_as_examined(ask: Asker) -> None:
    """There is a finding for each policy, and it says that nobody looked."""
    wanted = {"requirement": ["us-ca/ccpa-regulations/notice-metrics"]}
    found = ask(ROOT, day="2024-03-01", f=wanted)["findings"]

    assert [node["state"] for node in found["nodes"]] == ["NOT_EXAMINED"] * 2
    assert list(found["denominators"].values()) == [4, 2, 2, 0]


def test_findings_of_all_days_are_shares_of_what_was_ever_there(ask: Asker) -> None:
    """With a day before every capture, `ever` lists the same and counts the same platforms."""
    early, late = (
        ask(ROOT, day=day, f={"ever": True}, first=0)["findings"]
        for day in ("2020-01-01", "2026-11-24")
    )
    on_the_day = ask(ROOT, day="2020-01-01", first=0)["findings"]

    assert early["totalCount"] == late["totalCount"] > 0
    assert list(early["denominators"].values()) == [4, 2, 2, 2]
    assert early["denominators"] == late["denominators"]
    assert list(on_the_day["denominators"].values()) == [4, 0, 0, 0]


def test_pages_of_findings_meet(ask: Asker) -> None:
    """All findings of all days, each once, in the order of the list."""
    wanted = {"ever": True}
    whole = ask(ROOT, f=wanted, first=500)["findings"]["totalCount"]
    found: list[str] = []
    cursor, more = None, True
    while more:
        page = ask(ROOT, f=wanted, first=37, after=cursor)["findings"]
        found += [node["id"] for node in page["nodes"]]
        cursor, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert len(found) == len(set(found)) == whole
    assert set(found) == set(ask.reader.ids("Finding"))


@pytest.mark.parametrize(
    ("wanted", "test"),
    [
        ({"state": ["STATED", "DENIED"]}, lambda e: e["state"] in ("STATED", "DENIED")),
        ({"state": []}, lambda e: False),
        ({"platform": ["betafish"]}, lambda e: "betafish" in e["document"]["id"]),
        ({"document": [ALPHABIRD]}, lambda e: "alphabird" in e["document"]["id"]),
        ({"documentKind": ["TERMS_OF_SERVICE"]}, lambda e: False),
        ({"review": ["CONFIRMED"]}, lambda e: False),
    ],
)
def test_filters_of_findings(ask: Asker, wanted: Any, test: Any) -> None:
    """Each condition leaves what meets it, and all of that."""
    whole = ask(ROOT, first=500)["findings"]["nodes"]
    found = ask(ROOT, f=wanted, first=500)["findings"]

    assert found["nodes"] == [each for each in whole if test(each)]
    assert found["totalCount"] == len(found["nodes"])


def test_a_finding_a_mapping_and_a_method_by_id(ask: Asker) -> None:
    """Each is found by its id, and by nothing else's."""
    finding, mapping = ask.reader.ids("Finding")[0], ask.reader.ids("Mapping")[0]
    found = ask(
        """query($f: ID!, $m: ID!) { finding(id: $f) { id } mapping(id: $m) { id }
        no: finding(id: $m) { id } method(id: "reading/2") { version notice sha256 note } }""",
        f=finding, m=mapping,
    )  # fmt: skip

    assert (found["finding"], found["mapping"]) == ({"id": finding}, {"id": mapping})
    assert found["no"] is None
    assert found["method"]["notice"] == methods.NOTICE


MAPPINGS = """query($day: Date, $r: [MappingRelation!]) {
    document(id: "alphabird/privacy-policy", asOf: $day) { provisions(first: 500) { nodes { id
    mappings(relation: $r) { relation requirement { id } requirementVersion { validFrom validUntil }
    quote { exact provision { id } } provision { id } matchedWords speechAct population
    rules { detects } validFrom method { id } } } } } }"""


def test_provisions_lead_to_the_law_of_the_day(ask: Asker) -> None:
    """Each provision of the day has its mappings, in the reading of the day."""
    nodes = ask(MAPPINGS, day="2026-02-01")["document"]["provisions"]["nodes"]
    found = [(node["id"], each) for node in nodes for each in node["mappings"]]

    assert len(found) > 5
    for provision, each in found:
        assert each["provision"]["id"] == each["quote"]["provision"]["id"] == provision
        assert each["requirementVersion"]["validFrom"] <= "2026-02-01"
        assert each["validFrom"] <= "2026-02-01"
    read = {each["requirementVersion"]["validFrom"] for _, each in found}
    assert "2026-01-01" in read


def test_mappings_by_relation(ask: Asker) -> None:
    """What is our reasoning can be told from what the text does."""

    def relations(*wanted: str) -> list[str]:
        nodes = ask(MAPPINGS, day="2025-01-01", r=list(wanted) or None)["document"]["provisions"]
        return sorted(m["relation"] for node in nodes["nodes"] for m in node["mappings"])

    whole = relations()
    assert {"DESCRIBES", "INFERS"} <= set(whole)
    assert relations("INFERS") == [each for each in whole if each == "INFERS"]


def test_a_requirement_knows_its_findings_and_mappings(ask: Asker) -> None:
    """The same that the root finds."""
    found = ask(
        """query($id: ID!) { requirement(id: $id, asOf: "2024-06-01") { citations
        findings { counts { stated notStated } denominators { tracked examined }
        nodes { document { id } } } mappings { nodes { provision { id } } } }
        mappings(filter: { requirement: [$id] }, asOf: "2024-06-01") { nodes { provision { id } } } }""",
        id=CORRECT,
    )  # fmt: skip

    assert found["requirement"]["findings"]["counts"] == {"stated": 1, "notStated": 1}
    assert found["requirement"]["findings"]["denominators"] == {"tracked": 4, "examined": 2}
    assert "Cal. Civ. Code §1798.106" in found["requirement"]["citations"]
    assert found["requirement"]["mappings"] == found["mappings"]
    assert len(found["mappings"]["nodes"]) == 1


def test_a_version_has_the_findings_of_its_days(ask: Asker) -> None:
    """One in force over a change of law has two for a requirement that changed."""
    versions = ask(
        """query($r: [ID!]) { document(id: "alphabird/privacy-policy") { versions { nodes {
        findings(requirement: $r) { state validFrom } } } } }""",
        r=[CORRECT, "us-ca/ccpa-regulations/notice-rights-delete"],
    )["document"]["versions"]["nodes"]  # fmt: skip

    assert [[(f["state"], f["validFrom"]) for f in each["findings"]] for each in versions] == [
        [("STATED", "2024-01-10"), ("NOT_STATED", "2024-01-10")],
        [("STATED", "2024-06-01"), ("STATED", "2026-01-01"), ("STATED", "2024-06-01")],
    ]


def reviewed(base: Path, folder: Path) -> tuple[Asker, str, Path]:
    """A copy in which somebody confirms the finding on the right to correct."""
    data = shutil.copytree(base, folder / "data")
    (found,) = own(Asker(reader_of(data)), "2024-06-01", requirement=[CORRECT])
    at = datetime(2024, 7, 1, tzinfo=UTC)
    give(data, Given(found["id"], "Ada Reader", "confirm", "The words say it."), at=at)
    return Asker(reader_of(data)), found["id"], data


def test_opinions_stand_beside_a_finding(base: Path, tmp_path: Path) -> None:
    """With author, time and reason; the index follows, and only what was judged is replaced."""
    ask, finding, data = reviewed(base, tmp_path)
    found = ask(
        """query($id: ID!) { finding(id: $id) { reviewState earlierOpinions { id } opinions {
        author { label } givenAt decision state reason judgement { id } document { id } } }
        document(id: "alphabird/privacy-policy") { findings(filter: { requirement:
        ["us-ca/ccpa/right-to-correct"], ever: true }) { nodes { opinions { id }
        earlierOpinions { id } } } }
        findings(filter: { review: [CONFIRMED], ever: true }) { nodes { id } } }""",
        id=finding,
    )  # fmt: skip
    index = Releases(data).current().path / NAME
    before = Releases(base).current().path / NAME

    assert found["finding"]["reviewState"] == "CONFIRMED"
    assert found["finding"]["opinions"] == [
        {
            "author": {"label": "Ada Reader"}, "givenAt": "2024-07-01T00:00:00Z",
            "decision": "CONFIRM", "state": "STATED", "reason": "The words say it.",
            "judgement": {"id": finding}, "document": {"id": f"{ID}document/{ALPHABIRD}"},
        }
    ]  # fmt: skip
    sides = [
        (len(each["opinions"]), len(each["earlierOpinions"]))
        for each in found["document"]["findings"]["nodes"]
    ]
    assert sides == [(0, 1), (1, 0)]
    assert found["findings"]["nodes"] == [{"id": finding}]
    assert index.stat().st_ino != before.stat().st_ino


def invented(reader: Reader) -> list[Node]:
    """An assessment with two statements and a check of a claim, all made up."""
    document = f"{ID}document/{ALPHABIRD}"
    version = reader.referrers(document, "document")
    first = min(iri for iri in version if iri.startswith(f"{ID}version/"))
    finding = next(each for each in reader.of_type("Finding") if each.one("document") == document)
    claim = reader.ids("Claim")[0]
    assessment = mint("assessment", *ALPHABIRD.split("/"), "00000000000000aa")
    made = {"madeBy": methods.method("assessment")}
    statement = {"type": "Statement", "assessment": assessment, "anchor": [finding.iri], **made}
    return [
        {"id": assessment, "type": "Assessment", "label": "Low", "document": document,
         "firstVersion": first, "validFrom": date(2019, 1, 1), "validUntil": date(2019, 12, 31),
         "exposureLevel": concept("exposure-level", "low"), "points": 3, "input": [finding.iri],
         **made},
        {"id": f"{assessment}/action-1", "part": concept("statement-part", "action"), "order": 1,
         "sentence": "Ask the bird.", "template": "action/ask",
         "condition": concept("profile-condition", "role-third-party"),
         "assignee": concept("assignee", "vendor"),
         "evidenceKind": concept("evidence-kind", "vendor-answer"), **statement},
        {"id": f"{assessment}/summary-1", "part": concept("statement-part", "summary"), "order": 1,
         "sentence": "It names a contact.", "template": "summary/contact", **statement},
        {"id": mint("claim-check", "invented", "one"), "type": "ClaimCheck", "label": "Not there",
         "claim": claim, "claimOutcome": concept("claim-outcome", "does-not-hold"),
         "quoteStatus": concept("quote-status", "not-found"), "anchor": [finding.iri],
         "requirementVersion": [finding.one("requirementVersion")], "searchedVersion": [first],
         "nearest": [f"{ID}claim-check/invented/one/near-1"], "passagesSearched": 7,
         "charactersSearched": 70, "sentence": "It stands nowhere.",
         "madeBy": methods.method("claim-check")},
        {"id": f"{ID}claim-check/invented/one/near-1", "type": "NearPassage", "order": 1,
         "quote": reader.ids("Quote")[0], "similarity": 0.4},
    ]  # fmt: skip


@pytest.fixture(scope="module")
def more(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy whose release also has what is invented above, and an opinion."""
    folder = tmp_path_factory.mktemp("more")
    _, _, data = reviewed(base, folder)
    release = Releases(data).current()
    nodes = invented(Reader(release))
    store = Store(str(release.path / "store"))
    store.extend(to_quads(nodes, graph("invented")))
    store.flush()
    del store
    return data


def test_an_assessment_leads_to_its_findings(more: Path) -> None:
    """Level, points, inputs; statements by part, each with its anchors; the day decides."""
    found = Asker(reader_of(more))(
        """{ document(id: "alphabird/privacy-policy", asOf: "2019-06-01") { assessment { level points
        method { notice } inputs { __typename } firstVersion { ordinal } lastVersion { id }
        statements { part sentence anchors { __typename } condition assignee evidenceKind template
        method { version } } some: statements(part: [SUMMARY]) { order }
        none: statements(condition: []) { sentence } } later: assessment(asOf: "2018-01-01") { id } } }"""
    )["document"]
    made = found["assessment"]

    assert (made["level"], made["points"], made["inputs"]) == (
        "LOW",
        3,
        [{"__typename": "Finding"}],
    )
    assert [each["part"] for each in made["statements"]] == ["SUMMARY", "ACTION"]
    assert all(each["anchors"] == [{"__typename": "Finding"}] for each in made["statements"])
    assert made["statements"][1]["assignee"] == "VENDOR"
    assert made["some"] == [{"order": 1}]
    assert made["none"] == [{"sentence": "It names a contact."}]
    assert found["later"] is None


def test_a_claim_has_its_check(more: Path) -> None:
    """Outcome, status of the quotation, what was searched and what is nearest."""
    reader = reader_of(more)
    query = """query($id: ID!) { node(id: $id) { ... on Claim { check { outcome quoteStatus sentence
        passagesSearched searchedVersions { id } nearest { order } anchors { __typename }
        requirementVersions { __typename } evidence { id } claim { id } method { version } } } } }"""
    found = Asker(reader)(query, id=reader.ids("Claim")[0])["node"]["check"]
    other = Asker(reader)(query, id=reader.ids("Claim")[1])["node"]["check"]

    assert (found["outcome"], found["quoteStatus"]) == ("DOES_NOT_HOLD", "NOT_FOUND")
    assert found["claim"] == {"id": reader.ids("Claim")[0]}
    assert (found["nearest"], found["evidence"]) == ([{"order": 1}], [])
    assert found["requirementVersions"] == [{"__typename": "RequirementVersion"}]
    assert other is None


def test_every_field_of_every_judgement_answers(more: Path) -> None:
    """No field of any node fails, and each class is found by its id."""
    client, reader = client_of(more), reader_of(more)
    kinds = {
        "Assessment", "ClaimCheck", "Finding", "Mapping", "Method", "NearPassage", "Opinion", "Rule",
        "Statement",
    }  # fmt: skip
    assert kinds <= TYPES.keys()
    for kind in sorted(kinds):
        ids = list(reader.ids(kind))[:60]
        query = f"""query($ids: [ID!]!) {{ nodes(ids: $ids, asOf: "2025-03-01") {{ __typename
            ... on {kind} {{ {every_field(kind, client)} }} }} }}"""
        answer = client.post("/graphql", json={"query": query, "variables": {"ids": ids}}).json()
        assert "errors" not in answer, answer["errors"][0]
        assert ids
        assert [node["__typename"] for node in answer["data"]["nodes"]] == [kind] * len(ids)
