"""What was found valid is not held to the shapes again; what changed since is, and can be refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad

from clausegraph.api.portfolios import load_file
from clausegraph.api.publish import load, publish
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.review import Given, give
from clausegraph.api.store import digest, ontology_graphs, writing
from clausegraph.api.storecheck import check_store
from clausegraph.loaders import methods
from clausegraph.ontology.iris import PREFIXES, graph
from clausegraph.shapes.report import InvalidGraphError
from tests.judged import shared
from tests.published import copied

LAW, KEPT = "validate law", "validate what is kept"
FILE = "portfolios:\n  - {id: fish, name: Fish, platforms: [betafish]}\n"
QUERY = "queries:\n  - {id: fishy, name: Fishy, portfolio: fish}\n"
LABEL = NamedNode(PREFIXES["rdfs"] + "label")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole law and invented documents, published, with a portfolio, a query, an opinion."""
    data = copied(shared(tmp_path_factory), tmp_path_factory.mktemp("checked") / "data")
    (data / "lists.yaml").write_text(FILE + QUERY)
    load_file(data, data / "lists.yaml")
    finding = Reader(Releases(data).current()).ids("Finding")[0]
    give(data, Given(finding, "Ada Quill", "confirm", "Seen."))
    return data


@pytest.fixture
def own(base: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return copied(base, tmp_path / "data")


def checks(data: Path, **given: bool) -> list[str]:
    """What a publication holds to the shapes."""
    steps: list[str] = []
    publish(data, steps.append, **given)
    return [step for step in steps if step.startswith("validate ")]


def alter(data: Path, start: str, how: Callable[[str], str]) -> str:
    """Change the lines of the first graph that begins so, behind everybody's back."""
    with writing(data) as writer:
        name = min(each for each in writer.names() if each.startswith(start))
        assert writer.amend(name, [how(str(quad.triple)) for quad in writer.of(name)])
    return name


def test_what_was_valid_is_not_validated_again(own: Path) -> None:
    """Neither after a load nor after a publication, unless it is asked for."""
    assert checks(own) == []
    load(own)
    assert checks(own) == [KEPT]
    assert checks(own) == []
    assert LAW in checks(own, verify=True)
    assert checks(own) == []


def test_shapes_of_before_are_no_proof(own: Path) -> None:
    """What was found valid by other shapes, or is not known to be, is validated once."""
    (own / "validated").write_text((own / "validated").read_text().replace(" ", " 0"))
    assert checks(own) == [LAW]
    assert checks(own) == []
    (own / "validated").unlink()
    assert checks(own) == [LAW]


def test_what_people_keep_is_validated_without_the_law(own: Path) -> None:
    """Another portfolio or opinion does not call the law into question."""
    alter(own, graph("portfolios"), lambda line: line.replace("Fish", "Fishes"))
    assert checks(own) == [KEPT]


@pytest.mark.parametrize(
    ("start", "old", "new"),
    [
        ("portfolios", "/id/platform/betafish", "/id/platform/nobody"),
        ("saved-queries", "/id/portfolio/fish", "/id/platform/betafish"),
        ("opinions", '"Seen."', '""'),
        ("opinions", "/id/requirement/", "/id/platform/"),
    ],
)
def test_what_is_kept_can_be_refused(own: Path, start: str, old: str, new: str) -> None:
    """A planted fault in what people keep, or in what it refers to, as with the law around it."""
    before = Releases(own).current().id
    name = alter(own, graph(start), lambda line: line.replace(old, new))
    with pytest.raises(InvalidGraphError) as alone:
        publish(own)
    with writing(own) as writer, pytest.raises(InvalidGraphError) as whole:
        check_store(writer)

    assert alone.value.report.findings == whole.value.report.findings
    assert any(each.where == name for each in alone.value.report.findings)
    assert Releases(own).current().id == before
    with pytest.raises(InvalidGraphError):  # a refusal is no proof either
        publish(own)


def test_a_method_can_be_refused(own: Path) -> None:
    """The examination writes methods anew; a stranger beside them stays, and is seen."""
    stranger = NamedNode(methods.method("reading") + "-stranger")
    kind = NamedNode(PREFIXES["rdf"] + "type")
    method = NamedNode(PREFIXES["cg"] + "Method")
    with writing(own) as writer:
        writer.store.add(Quad(stranger, kind, method, NamedNode(graph("portfolios/strange"))))
    with pytest.raises(InvalidGraphError, match="version"):
        publish(own)


def test_what_is_kept_of_the_law_follows_what_is_written(own: Path) -> None:
    """Who writes sees it at once, as whoever opens the store next does."""
    with writing(own) as writer:
        before = writer.digests()
        name = next(each for each in before if each.startswith(graph("law")))
        first, *others = writer.lines(name)
        assert writer.amend(name, others)
        amended = writer.digests()
        assert writer.amend(graph("portfolios/twin"), others[:1])
        assert (others[0], graph("portfolios/twin")) in writer.repeated()
        assert writer.amend(graph("portfolios/twin"), [])
    with writing(own) as writer:
        assert writer.digests() == amended
        writer.put(f"{first} <{name}> .\n".encode())
        assert writer.digests() == before
        some = writer.of(name)[1:]
        assert writer.replace(ontology_graphs() | {name: some}, ("law", "ontology"))
        laws = {key: each for key, each in writer.digests().items() if key.startswith(graph("law"))}
        assert laws == {name: digest(some)}

    assert {each for each in before if amended[each] != before[each]} == {name}


def test_the_law_can_be_refused(own: Path) -> None:
    """A law that was changed in the store is validated, and its fault is told with its file."""
    alter(own, graph("law/us-va/vcdpa"), lambda line: line.replace("/id/topic/", "/id/nothing/"))
    for verify in (False, True):
        with pytest.raises(InvalidGraphError) as refused:
            publish(own, verify=verify)
        assert any(each.where == "us-va/vcdpa.yaml" for each in refused.value.report.findings)


ROOT = Path(__file__).parents[1]
PAST = re.compile(r"writer\.store\.(?:update|bulk_\w+|remove\w*|add|extend|load|clear\w*)\(")
"""How something is written past `Writer`, which keeps what it has read."""


def test_nothing_is_written_past_the_writer() -> None:
    """Law that was changed so would be published under the digest of what it was."""
    sources = [each for part in ("api", "loaders") for each in (ROOT / part).glob("*.py")]
    assert len(sources) > 200
    assert PAST.search("    writer.store.bulk_load(input=data)")
    assert [each.name for each in sources if PAST.search(each.read_text())] == []
