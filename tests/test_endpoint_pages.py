"""Pages, representations and quotations over an endpoint: the same as over the store itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from clausegraph.api.app import create_app
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.settings import Settings
from clausegraph.ontology.iris import ID
from tests import engines

FORMS = (".ttl", ".jsonld", ".nt", ".html")
KINDS = ("Version", "Document", "Provision", "Finding", "Mapping", "Quote", "Change", "Instrument",
         "Enforcer", "RequirementVersion", "Topic")  # fmt: skip
PAGES = ("/", "/coverage", "/ns.ttl", f"/lookup?uri={ID}topic/appeal",
         "/feeds/changes.atom", "/id/topic/nothing")  # fmt: skip


@dataclass
class Both:
    """A server of a release's own store, and one of an endpoint with the same quads."""

    reader: Reader
    here: TestClient
    there: TestClient

    def get(self, path: str) -> tuple[str, str]:
        """What both answer, without what tells one release from the other."""
        found = []
        for client in (self.here, self.there):
            release = client.app.state.served.current()  # type: ignore[attr-defined]
            asked = path.replace("RELEASE", release.id)
            answer = client.get(asked, headers={"accept": "text/html"})
            text = answer.text.replace(release.id, "RELEASE").replace(release.published, "MOMENT")
            found.append(f"{answer.status_code} {text}".replace(release.published[:10], "DAY"))
        return found[0], found[1]


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def both(
    request: pytest.FixtureRequest, demonstration: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Both]:
    """Both servers, for each engine."""
    folder = tmp_path_factory.mktemp(request.param)
    release = Releases(demonstration).current()
    quads = engines.dump(release.open(), folder / "release.nq")
    with getattr(engines, request.param)(quads, folder) as url:
        own = Settings(data=demonstration)
        other = Settings(data=folder / "data", endpoint=url)
        with TestClient(create_app(own)) as here, TestClient(create_app(other)) as there:
            yield Both(Reader(release), here, there)


@pytest.mark.parametrize("form", FORMS)
def test_every_representation_is_the_same(both: Both, form: str) -> None:
    """One node of each of many classes, in every form."""
    for kind in KINDS:
        path = both.reader.ids(kind)[0].removeprefix(ID)
        mine, theirs = both.get(f"/id/{path}{form}")
        assert mine == theirs, path
        assert mine.startswith("200 ")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_the_same(both: Both, page: str) -> None:
    """What people and crawlers look at."""
    mine, theirs = both.get(page)
    assert mine == theirs
    assert mine.startswith("404" if "nothing" in page else "200")


def test_the_data_set_counts_the_same(both: Both) -> None:
    """Classes, properties, subjects, objects; what an endpoint cannot know is not made up."""
    for path in ("dataset", "release/RELEASE"):
        mine, theirs = (set(text.splitlines()) for text in both.get(f"/id/{path}.nt"))
        more = {line.split(" ")[1].rpartition("/")[2] for line in mine - theirs}
        assert theirs < mine
        assert more == {"issued>", "modified>", "identifier>"}
        assert len(theirs) > 20
    for form in FORMS:
        for part in ("service/sparql", "distribution/graphql", "class/cg:Requirement"):
            mine_, theirs_ = both.get(f"/id/dataset/{part}{form}")
            assert mine_ == theirs_, part
            assert mine_.startswith("200 "), part


QUOTE = """query($t: String!) { verifyQuote(text: $t, document: "inkwarren/privacy-policy") {
    status versionCount note } }"""


def test_a_quotation_is_looked_up(both: Both) -> None:
    """Words that stand in a policy, and words that do not."""
    (provision,) = both.reader.entities(both.reader.ids("Provision")[:1])
    stands = provision.one("normalisedText")
    answers: list[Any] = []
    for client in (both.here, both.there):
        for words in (stands, "we never wrote these very words anywhere at all"):
            body = {"query": QUOTE, "variables": {"t": words}}
            answers.append(client.post("/graphql", json=body).json())
    assert answers[:2] == answers[2:]
    assert answers[0] != answers[1]
    assert "errors" not in answers[0]
