"""The pages are well-formed, say what the graph says, lead somewhere, and escape everything."""

from __future__ import annotations

import importlib
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import pytest
from pyoxigraph import Literal, NamedNode
from starlette.testclient import TestClient

from clausegraph.api.app import create_app
from clausegraph.api.coverage import STATES, cover
from clausegraph.api.nodes import Budget, View
from clausegraph.api.publish import load, publish
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.representations import triples
from clausegraph.api.settings import Settings
from clausegraph.api.sites import Site
from clausegraph.ontology.iris import ID, NS, PREFIXES, mint
from clausegraph.ontology.terms import vocabulary

html5rdf: Any = importlib.import_module("html5rdf")  # a strict HTML5 parser; ships no types
ROOT = ID.removesuffix("id/")
XSD = PREFIXES["xsd"]
DAY = date(2025, 1, 1)
NPA = "/id/instrument/xx-north/npa"
DELETE = "/id/requirement/xx-north/npa/right-to-delete"
PAGES = ["/", "/coverage", "/coverage?asOf=2025-01-01", "/ns", "/id/dataset", NPA, DELETE]
FORMS = ("ttl", "jsonld", "nt", "rdf")


def parsed(text: str) -> Element:
    """The tree of a page. Raises where the page is not valid HTML5 syntax."""
    parser = html5rdf.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree: Element = parser.parse(text)
    return tree


def page(client: TestClient, path: str) -> Element:
    """A page of the server as a tree."""
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, (path, answer.text[:500])
    return parsed(answer.text)


def text(element: Element) -> str:
    """All text of an element, with single spaces."""
    return " ".join("".join(element.itertext()).split())


def at(tree: Element, own: str) -> Element:
    """The element of an id."""
    found = [each for each in tree.iter() if each.get("id") == own]
    assert len(found) == 1, own
    return found[0]


def section(tree: Element, heading: str) -> Element:
    """The section that a heading names."""
    found = [each for each in tree.iter("section") if each.get("aria-labelledby") == heading]
    assert len(found) == 1, heading
    return found[0]


def law_iris(reader: Reader) -> list[str]:
    """Every node of the invented law."""
    graphs = [iri for iri in reader.release.graphs if "/law/" in iri]
    quads = (
        q for g in graphs for q in reader.store.quads_for_pattern(None, None, None, NamedNode(g))
    )
    found = {str(quad.subject).strip("<>") for quad in quads}
    assert len(found) > 80
    return sorted(found)


def path_of(iri: str) -> str:
    """The path of an IRI of ours."""
    return "/" + iri.removeprefix(ROOT)


def iri_of(href: str) -> str:
    """The IRI that a link of a page stands for."""
    if href.startswith("/ns#"):
        prefix, colon, local = href.removeprefix("/ns#").partition(":")
        return PREFIXES[prefix] + local if colon else NS + prefix
    return ROOT + href[1:] if href.startswith("/") else href


def value_of(dd: Element) -> NamedNode | Literal:
    """The RDF term that a value on a page stands for."""
    (shown,) = list(dd)
    own = "".join(shown.itertext())
    datatype = shown.get("title", "")
    if datatype:
        prefix, _, local = datatype.partition(":")
        return Literal(own, datatype=NamedNode(PREFIXES[prefix] + local))
    if shown.tag == "a":
        return NamedNode(iri_of(shown.attrib["href"]))
    if shown.tag == "code":
        return NamedNode(own)
    return Literal(own, language=shown.get("lang")) if shown.get("lang") else Literal(own)


def facts(element: Element) -> Iterator[tuple[str, NamedNode | Literal]]:
    """Property and value of every fact that a list of facts shows."""
    for row in element.iterfind(".//dl/div"):
        (dt,) = row.findall("dt")
        (link,) = list(dt)
        for dd in row.findall("dd"):
            yield iri_of(link.attrib["href"]), value_of(dd)


def test_every_page_is_valid_and_accessible(client: TestClient, reader: Reader) -> None:
    """Syntax, language, title, one heading, unique ids, labels that exist, ordered headings."""
    for path in [
        *PAGES,
        *map(path_of, law_iris(reader)),
        *(f"/list/{k}" for k in ("Event", "Agent")),
    ]:
        tree = page(client, path)
        ids = Counter(each.get("id") for each in tree.iter() if each.get("id"))
        levels = [int(e.tag[1]) for e in tree.iter() if re.fullmatch("h[1-6]", str(e.tag))]
        named = {e.get("aria-labelledby") or e.get("for") for e in tree.iter()} - {None}
        assert tree.get("lang") == "en"
        assert len(text(next(tree.iter("title")))) > 5
        assert levels.count(1) == 1
        assert all(b <= a + 1 for a, b in pairwise(levels)), path
        assert set(ids.values()) == {1}, path
        assert named <= ids.keys(), path
        assert not list(tree.iter("script"))
        assert all(th.get("scope") for th in tree.iter("th"))
        assert "no legal advice" in text(tree).lower()


def test_pages_need_and_allow_no_script(client: TestClient) -> None:
    """The policy of a page allows the one style sheet and nothing that runs."""
    for path in PAGES:
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
    assert client.get("/static/style.css").headers["content-type"].startswith("text/css")


def test_every_internal_link_leads_to_something(client: TestClient, reader: Reader) -> None:
    """Links of home, coverage, terms and all pages of the law answer 200, fragments included."""
    todo = [*PAGES, *map(path_of, law_iris(reader))]
    found: dict[str, str] = {}
    for path in todo:
        tree = page(client, path)
        for link in [*tree.iter("a"), *tree.iter("link")]:
            target = urljoin("http://testserver" + path, link.attrib["href"])
            if urlsplit(target).netloc == "testserver":
                found.setdefault(target, path)
    anchors = {each.get("id") for each in page(client, "/ns").iter()}
    assert len(found) > 700
    for target, origin in found.items():
        url, _, fragment = target.partition("#")
        if url.endswith("/ns"):
            assert not fragment or fragment in anchors, (origin, target)
            continue
        if url.endswith("/lookup?uri="):  # an endpoint: the IRI is put after it
            url += mint("dataset")
        answer = client.get(url, follow_redirects=True, headers={"Accept": "text/html, */*;q=0.5"})
        assert answer.status_code == 200, (origin, target)


def test_page_of_a_node_says_what_the_graph_says(
    client: TestClient, reader: Reader, data: Path
) -> None:
    """The facts on a page, read back as triples, are the triples of the node: no more, no less."""
    site = Site(reader, Releases(data), "http://testserver")
    for iri in [*law_iris(reader), mint("topic", "cure"), mint("scheme", "unit")]:
        shown = list(facts(section(page(client, path_of(iri)), "facts")))
        expected = [
            (t.predicate.value, t.object) for t in triples(site, iri) if t.subject == NamedNode(iri)
        ]
        assert Counter(map(str, shown)) == Counter(map(str, expected)), iri


def test_page_of_the_data_set_says_what_its_description_says(
    client: TestClient, reader: Reader, data: Path
) -> None:
    """The page of a description holds all of it: its own facts and those of its parts."""
    site = Site(reader, Releases(data), "http://testserver")
    for iri in (mint("dataset"), mint("release", reader.release.id)):
        tree = page(client, path_of(iri))
        shown = Counter(map(str, facts(next(tree.iter("main")))))
        expected = Counter(str((t.predicate.value, t.object)) for t in triples(site, iri))
        assert shown == expected


def test_properties_carry_their_definitions(client: TestClient) -> None:
    """A property is named by its label, and its definition is there on request."""
    tree = section(page(client, NPA), "facts")
    titles = {text(a): a.get("title") for dt in tree.iter("dt") for a in dt.iter("a")}

    assert titles["citation pattern"] == vocabulary().term("citationPattern").definition
    assert titles["operative"] == vocabulary().term("operative").definition


def test_what_points_at_a_node_is_listed_with_counts(client: TestClient, reader: Reader) -> None:
    """Incoming references stand in groups by property and kind, each with its number."""
    tree = section(page(client, NPA), "incoming")
    headings = [text(h3) for h3 in tree.iter("h3")]
    links = {a.get("href") for a in tree.iter("a")}

    assert "requirement, by “instrument” (3)" in headings
    assert "amendment, by “amends” (2)" in headings
    for key in ("instrument", "amends", "isPartOf", "refersTo"):
        for iri in reader.referrers(mint("instrument", "xx-north", "npa"), key):
            assert path_of(iri) in links


def test_instrument_shows_its_time_line(client: TestClient) -> None:
    """Everything that happened to an instrument stands in the order of days."""
    lines = [text(li) for li in section(page(client, NPA), "timeline").iter("li")]

    assert lines[0] == "2021-03-01 NPA: enacted 2021-03-01"
    assert "2023-02-01 suspended" in lines
    assert "2023-06-01 suspension ends" in lines
    assert "2026-01-01 starts: Right to delete" in lines
    assert lines == sorted(lines, key=lambda line: line[:10])


def test_requirement_shows_its_versions(client: TestClient) -> None:
    """Each version is a line: interval, citation, summary, confidence, source."""
    table = section(page(client, DELETE), "versions")
    cells = [[text(cell) for cell in row] for row in table.iterfind(".//tbody/tr")]

    assert [row[:2] for row in cells] == [
        ["2022-01-01", "2025-12-31"],
        ["2026-01-01", "no end known"],
    ]
    assert cells[1][2:5] == [
        "A business must delete all data about the person who asks.",
        "North. Code §12:7(b)(1)",
        "Judgement",
    ]
    assert "A lawyer's notes on Northland" in cells[1][5]


def test_home_tells_the_release_and_its_counts(client: TestClient, reader: Reader) -> None:
    """Home names the release and its day, and counts classes with a link to the list of each."""
    tree = page(client, "/")
    counts = {text(row[0]): int(text(row[1])) for row in tree.iterfind(".//tbody/tr")}
    links = {a.get("href") for a in tree.iter("a")}

    assert reader.release.id in text(tree)
    assert reader.release.published in text(tree)
    assert counts["Requirement version"] == len(reader.ids("RequirementVersion")) == 8
    assert counts["Jurisdiction"] == 2
    assert {"/graphql", "/sparql", "/list/Requirement", "/id/jurisdiction/xx-north"} <= links


def test_list_of_a_class_names_every_node(client: TestClient, reader: Reader) -> None:
    """A list leads to all nodes of a class; what is no class or page is refused."""
    links = {a.get("href") for a in page(client, "/list/Section").iter("a")}
    wrong = client.get("/list/Section", params={"page": "2"})

    assert {path_of(iri) for iri in reader.ids("Section")} <= links
    assert client.get("/list/Nothing").json()["code"] == "not-found"
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad-parameter")
    assert client.get("/list/Section?page=0").status_code == 400
    assert client.get("/list/Section?page=%D9%A1").status_code == 400


def test_term_page_has_an_anchor_for_every_term(client: TestClient) -> None:
    """Terms of ours are found under their local names, with everything that describes them."""
    tree = page(client, "/ns")
    ids = {each.get("id") for each in tree.iter()}
    links = {a.get("href") for a in tree.iter("a")}
    whole = text(tree)
    for term in vocabulary().terms.values():
        if term.iri.startswith(NS):
            assert term.iri.removeprefix(NS) in ids
        for said in (term.label, term.definition, term.example):
            assert " ".join(said.split()) in whole, term.iri
    for scheme in vocabulary().schemes.values():
        assert f"scheme-{scheme.slug}" in ids
        assert path_of(scheme.iri) in links
        for concept in scheme.concepts.values():
            assert f"/id/{scheme.slug}/{concept.slug}" in links
            assert " ".join(concept.definition.split()) in whole


def test_term_page_says_what_the_vocabulary_says(
    client: TestClient, reader: Reader, data: Path
) -> None:
    """The facts under each anchor are the triples of the term."""
    site = Site(reader, Releases(data))
    tree = page(client, "/ns")
    by_anchor = {
        heading.get("id"): list(facts(term))
        for term in tree.iter("section")
        if term.get("class") == "term" and (heading := term.find("h3")) is not None
    }
    for term in vocabulary().terms.values():
        if term.iri.startswith(NS):
            expected = [(t.predicate.value, t.object) for t in triples(site, term.iri)]
            shown = by_anchor[term.iri.removeprefix(NS)]
            assert Counter(map(str, shown)) == Counter(map(str, expected)), term.iri


def coverage_cells(tree: Element) -> dict[tuple[str, str], Element]:
    """The cells of the coverage table by place and topic."""
    (table,) = [each for each in tree.iter("table") if each.get("class") == "coverage"]
    places = [a.attrib["href"] for a in table.iterfind("./thead//a")]
    return {
        (iri_of(place), iri_of(topic.attrib["href"])): cell
        for row in table.iterfind("./tbody/tr")
        for topic in row.findall("./th[@scope='row']/a")
        for place, cell in zip(places, row.findall("td"), strict=True)
    }


def test_coverage_page_shows_the_three_states(client: TestClient, reader: Reader) -> None:
    """Each cell tells its state in words and in form, and leads to its evidence."""
    cells = coverage_cells(page(client, f"/coverage?asOf={DAY}"))
    found = cover(View(reader, DAY, Budget(10**6, float("inf")))).cells
    assert len(cells) == len(found) > 200
    states = Counter[str]()
    for each in found:
        cell = cells[each.jurisdiction.entity.iri, each.topic.entity.iri]
        links = {iri_of(a.attrib["href"]) for a in cell.iter("a")}
        state = each.state.value.rpartition("/")[2]
        states[state] += 1
        assert cell.get("class") == state
        if each.versions:
            assert links == {v.entity.one("versionOf") for v in each.versions}
        elif each.absences:
            assert links == {a.entity.iri for a in each.absences}
            assert text(cell) == "none (known)"
        else:
            assert text(cell) == "not examined"
    assert states.keys() == {"requirement", "known-absence", "not-examined"}


def test_coverage_counts_have_denominators(client: TestClient) -> None:
    """Counts of all cells, of each place and of each group name what they are of."""
    tree = page(client, f"/coverage?asOf={DAY}")
    cells = coverage_cells(tree)
    states = Counter(cell.get("class") for cell in cells.values())
    north = mint("jurisdiction", "xx-north")
    in_north = Counter(cell.get("class") for (place, _), cell in cells.items() if place == north)
    (counts, _) = list(tree.iter("table"))
    rows = [[text(cell) for cell in row] for row in counts.iterfind("./tbody/tr")]
    groups = [text(th) for th in tree.iter("th") if th.get("scope") == "rowgroup"]

    for row, state in zip(rows, STATES, strict=True):
        assert row[1] == f"{states[state]} of {len(cells)}"
        assert row[2] == f"{in_north[state]} of {in_north.total()}"
    examined = [re.search(r"(\d+) of (\d+) cells examined", group) for group in groups]
    assert sum(int(match[1]) for match in examined if match) == len(cells) - states["not-examined"]
    assert sum(int(match[2]) for match in examined if match) == len(cells)


def test_coverage_follows_the_day(client: TestClient) -> None:
    """Before its first day a requirement is not in its cell; the form keeps the day asked for."""
    signal = (mint("jurisdiction", "xx-south"), mint("topic", "opt-out-signal"))
    early = page(client, "/coverage?asOf=2023-12-31")
    late = page(client, "/coverage?asOf=2024-01-01")

    assert coverage_cells(early)[signal].get("class") == "other-days"
    assert coverage_cells(late)[signal].get("class") == "requirement"
    assert at(late, "asOf").get("value") == "2024-01-01"
    assert client.get("/coverage?asOf=").status_code == 200


@pytest.mark.parametrize("day", ["yesterday", "2025-02-30", "20250101", "2025-W01-1", "0000-01-01"])
def test_what_is_no_day_is_refused(client: TestClient, day: str) -> None:
    """A bad day is a 400 with a code and the value."""
    answer = client.get("/coverage", params={"asOf": day})

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["value"]) == ("bad-parameter", day)


EVIL = """<script>alert("1")</script>'"&amp;{{ 7*7 }}"""


@pytest.fixture(scope="module")
def changed(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server over the invented law with a hostile name and 130 more requirements."""
    root = tmp_path_factory.mktemp("changed")
    law = root / "law"
    shutil.copytree(sources, law)
    file = law / "xx-south" / "spa.yaml"
    hostile = file.read_text().replace("name: Signals", "name: '" + EVIL.replace("'", "''") + "'")
    more = "".join(map(partial(str.format, REQUIREMENT), range(130)))
    file.write_text(hostile + more)
    place = law / "xx-south" / "jurisdiction.yaml"
    place.write_text(place.read_text().replace("name: Southland,", "name: '<b>South</b>land',"))
    load(root / "data", law)
    publish(root / "data")
    with TestClient(create_app(Settings(data=root / "data"))) as found:
        yield found


REQUIREMENT = """
  - id: extra-{0}
    kind: duty
    topics: [waiver]
    name: Extra {0}
    versions:
      - {{from: 2023-01-01, says: Nothing., cite: nowhere}}
"""


def test_what_people_write_is_escaped(changed: TestClient) -> None:
    """A hostile name is shown as it is written, and runs nowhere."""
    signals = "/id/requirement/xx-south/spa/opt-out-signal"
    paths = [
        signals,
        "/coverage?asOf=2025-01-01",
        "/",
        "/list/Requirement",
        signals + "/2024-01-01",
    ]
    for path in [*paths, "/id/jurisdiction/xx-south", "/id/instrument/xx-south/spa"]:
        answer = changed.get(path, headers={"Accept": "text/html"})
        assert "<script" not in answer.text.lower()
        assert "<b>" not in answer.text
        parsed(answer.text)
    assert text(next(page(changed, signals).iter("h1"))) == EVIL


def test_long_lists_say_how_many_more_there_are(changed: TestClient) -> None:
    """At most a hundred links of a group are shown, and the rest is counted."""
    tree = section(page(changed, "/id/instrument/xx-south/spa"), "incoming")
    headings = [text(h3) for h3 in tree.iter("h3")]
    more = [text(p) for p in tree.iter("p")]

    assert "requirement, by “instrument” (132)" in headings
    assert any(line.startswith("The first 100 of 132; 32 more") for line in more)
    assert len(list(tree.iter("li"))) < 120


def test_long_classes_have_pages(changed: TestClient) -> None:
    """The pages of a list hold every node once."""
    first, second = page(changed, "/list/Requirement"), page(changed, "/list/Requirement?page=2")
    shown = [[a.get("href") for a in tree.iterfind(".//ol//a")] for tree in (first, second)]

    assert [len(links) for links in shown] == [100, 36]
    assert len({*shown[0], *shown[1]}) == 136
    assert [a.get("href") for a in first.iter("a") if a.get("rel") == "next"] == [
        "/list/Requirement?page=2"
    ]


def luminance(colour: str) -> float:
    """Relative luminance of a colour (WCAG 2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_colours_have_enough_contrast(client: TestClient) -> None:
    """Text, links and quiet text reach 4.5 to 1 on every background, in both colour schemes."""
    sheet = client.get("/static/style.css").text
    schemes = [
        dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)
    ]
    assert len(schemes) == 2
    for colours in schemes:
        for front in ("text", "link", "quiet"):
            for back in ("back", "soft", "has", "none", "unseen"):
                pair = sorted(luminance(colours[name]) for name in (front, back))
                assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (front, back)


def test_home_leads_to_claims_where_there_are_some(
    client: TestClient, sources: Path, tmp_path: Path
) -> None:
    """The invented law has a page of claims; without its file there is nothing to lead to."""
    home = page(client, "/")
    assert "/claims" in {each.get("href") for each in home.iter("a")}
    assert "(1 page)" in text(section(home, "ask"))
    bare = shutil.copytree(sources, tmp_path / "law")
    shutil.rmtree(bare / "claims")
    load(tmp_path / "data", bare)
    publish(tmp_path / "data")
    with TestClient(create_app(Settings(data=tmp_path / "data"))) as without:
        assert "/claims" not in {each.get("href") for each in page(without, "/").iter("a")}
