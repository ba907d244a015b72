"""Portfolios and saved queries: from a file to the release, all of it or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from click.testing import CliRunner
from pyoxigraph import NamedNode, Quad

from clausegraph.api.cli_portfolio import portfolio
from clausegraph.api.errors import BusyError, NothingToRemoveError
from clausegraph.api.histories import remove as remove_histories
from clausegraph.api.ledger import Ledger
from clausegraph.api.named import Names
from clausegraph.api.portfolios import InUseError, UnpublishedError, load_file, remove, save
from clausegraph.api.publish import _light, publish
from clausegraph.api.publish import load as load_law
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.store import locked, writing
from clausegraph.loaders.portfolios import Kept, Portfolio, PortfolioError, read_portfolios
from clausegraph.loaders.source import SourceFile
from clausegraph.ontology.iris import ID, PREFIXES, graph, mint
from clausegraph.shapes.report import InvalidGraphError
from tests.published import once
from tests.watched import watched

FILE = """portfolios:
  - id: vendors
    name: Our vendors
    platforms: [quillhaven, Widgetly]
    note: Reviewed in May.
queries:
  - id: vendor-privacy
    name: Privacy at our vendors
    portfolio: vendors
    kinds: [privacy-policy]
    significance: [meaning, wording]
    contains: arbitration
    silent: true
  - {id: fees, name: Fees, platforms: [MOSSGATE], documents: [Mossgate Terms of Service]}
"""


@pytest.fixture(scope="module")
def base(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with histories; nobody may change it."""
    return once(tmp_path_factory, "watched", partial(watched, sources)) / "data"


@pytest.fixture
def own(base: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(base, tmp_path / "data")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write a file of portfolios."""

    def run(text: str) -> Path:
        path = tmp_path / "watch.yaml"
        path.write_text(text)
        return path

    return run


def reader(data: Path) -> Reader:
    """The release that is served."""
    return Reader(Releases(data).current())


def kept(data: Path) -> list[str]:
    """The graphs of portfolios and saved queries in the writer's store."""
    with writing(data) as writer:
        names = [each.value for each in writer.store.named_graphs()]
    return sorted(n for n in names if "/portfolios/" in n or "/saved-queries/" in n)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("portfolios:\n  - {id: A b, name: A, platforms: [x]}",
         "2: portfolios[0].id: 'A b' is not an id of small letters, digits and hyphens"),
        ("portfolios:\n  - id: a\n    platforms: [x]",
         "2: portfolios[0]: 'name' is missing here"),
        ("portfolios:\n  - {id: a, name: A, platforms: []}",
         "2: portfolios[0].platforms: [] should be non-empty"),
        ("portfolios:\n  - {id: a, name: A, platforms: [x], nope: 1}",
         "2: portfolios[0].nope: unknown key; known keys: id, name, note, platforms"),
        ("portfolios:\n  - {id: a, name: ' ', platforms: [x]}",
         "2: portfolios[0].name: ' ' is not text on one line"),
        ("portfolios:\n  - {id: a, name: \"A\\nB\", platforms: [x]}",
         "2: portfolios[0].name: 'A\\nB' is not text on one line"),
        ("queries:\n  - {id: a, name: A}\n  - {id: a, name: B}",
         "3: queries[1].id: 'a' is the id of an earlier entry"),
        ("queries:\n  - {id: a, name: A, significance: [big]}",
         ("2: queries[0].significance[0]: 'big' is not one of: "
         "capture, dates, markup, meaning, wording")),
        ("queries:\n  - {id: a, name: A, silent: maybe}",
         "2: queries[0].silent: 'maybe' is not true or false"),
        ("queries: {id: a}", "1: queries: {'id': 'a'} is not a list"),
        ("- a", "1: (file): the file must be a mapping of keys"),
        ("queries: [\x0b]", "1: (file): not YAML: character number 11 is not text"),
        ("queries:\n  " + "[" * 60_000 + "]" * 60_000,
         "2: (file): not YAML: a value is nested too deeply"),
    ],
)  # fmt: skip
def test_mistakes_of_a_file(write: Callable[[str], Path], text: str, mistake: str) -> None:
    """Each mistake is named with file, line and path."""
    with pytest.raises(PortfolioError) as caught:
        read_portfolios(write(text))

    assert caught.value.message == f"watch.yaml:{mistake}"
    assert "portfolio load" in caught.value.hint


def test_a_file_becomes_nodes_in_graphs_of_their_own(
    own: Path, write: Callable[[str], Path]
) -> None:
    """Ids and names lead to the same IRIs, and nothing else of the release changes."""
    before = Releases(own).current()
    saved = load_file(own, write(FILE))
    now = reader(own)
    names = [graph("portfolios/vendors"), graph("saved-queries/fees"),
             graph("saved-queries/vendor-privacy")]  # fmt: skip

    assert saved.changed
    assert now.release == saved.release
    assert sorted(now.release.graphs.keys() - before.graphs.keys()) == names
    assert now.release.graphs.items() >= before.graphs.items()
    assert dict(now.entity(saved.iris[0]).values) == {  # type: ignore[union-attr]
        "label": ("Our vendors",),
        "note": ("Reviewed in May.",),
        "platforms": (mint("platform", "quillhaven"), mint("platform", "widgetly")),
    }
    assert dict(now.entity(saved.iris[1]).values) == {  # type: ignore[union-attr]
        "label": ("Privacy at our vendors",),
        "portfolio": (mint("portfolio", "vendors"),),
        "documentKinds": (mint("document-kind", "privacy-policy"),),
        "significances": (mint("significance", "meaning"), mint("significance", "wording")),
        "contains": ("arbitration",),
        "onlySilent": (True,),
    }
    assert dict(now.entity(saved.iris[2]).values) == {  # type: ignore[union-attr]
        "label": ("Fees",),
        "platforms": (mint("platform", "mossgate"),),
        "documents": (mint("document", "mossgate", "terms-of-service"),),
    }


def test_saving_again_changes_nothing(own: Path, write: Callable[[str], Path]) -> None:
    """The same file twice gives one release; another list under the same id takes its place."""
    first = load_file(own, write(FILE))
    again = load_file(own, write(FILE))
    other = load_file(own, write(FILE.replace("[quillhaven, Widgetly]", "[mossgate]")))
    found = reader(own).entity(mint("portfolio", "vendors"))

    assert (again.changed, again.release) == (False, first.release)
    assert other.changed
    assert found is not None
    assert found.all("platforms") == (mint("platform", "mossgate"),)


def test_what_is_removed_leaves_no_trace(own: Path, write: Callable[[str], Path]) -> None:
    """After all is removed, the release is the one before; a portfolio in use stays."""
    before = Releases(own).current().id
    load_file(own, write(FILE))
    with pytest.raises(InUseError, match="vendor-privacy"):
        remove(own, "portfolio", "vendors")
    with pytest.raises(NothingToRemoveError) as caught:
        remove(own, "portfolio", "vendros")
    assert caught.value.hint == "Did you mean vendors?"
    for kind, text in (("saved-query", "fees"), ("saved-query", "Privacy at our vendors"),
                       ("portfolio", mint("portfolio", "vendors"))):  # fmt: skip
        assert remove(own, kind, text).changed

    assert Releases(own).current().id == before
    assert kept(own) == []


def test_what_is_not_there_is_refused(own: Path, write: Callable[[str], Path]) -> None:
    """Unknown names are told with line, path and near matches, and nothing is saved."""
    before = Releases(own).current().id
    text = FILE.replace("quillhaven", "quilhaven").replace("portfolio: vendors", "portfolio: w")
    text = text.replace("Mossgate Terms of", "Mossgate Term of").replace("arbitration", "'?'")
    with pytest.raises(PortfolioError) as caught:
        load_file(own, write(text))

    assert caught.value.message.splitlines() == [
        (
            "watch.yaml:4: portfolios[0].platforms[0]: there is no platform 'quilhaven'. "
            "Did you mean quillhaven?"
        ),
        (
            "watch.yaml:9: queries[0].portfolio: there is no portfolio 'w'. "
            "Known: 1; /list/Portfolio lists them."
        ),
        "watch.yaml:12: queries[0].contains: the text to search for has no word: '?'",
        (
            "watch.yaml:14: queries[1].documents[0]: there is no document 'Mossgate Term of Service'. "
            "Did you mean mossgate/terms-of-service?"
        ),
    ]
    assert Releases(own).current().id == before
    assert kept(own) == []


def test_many_unknown_names(own: Path, write: Callable[[str], Path]) -> None:
    """Each is told, and the first ones with what may have been meant."""
    names = ", ".join(f"quilhaven{number}" for number in range(2_000))
    with pytest.raises(PortfolioError) as caught:
        load_file(own, write(f"portfolios:\n  - {{id: a, name: A, platforms: [{names}]}}\n"))

    assert len(caught.value.mistakes) == 2_000
    assert sum("Did you mean quillhaven?" in str(each) for each in caught.value.mistakes) == 20


def test_what_breaks_a_shape_is_not_written(own: Path) -> None:
    """Whoever passes the form by still meets the shapes."""
    entry = Portfolio("empty", "Empty", ())
    with pytest.raises(InvalidGraphError) as caught:
        save(own, Kept(SourceFile("x.yaml", "", {}, {}), (entry,), ()))

    (finding,) = caught.value.report.findings
    assert (finding.shape, finding.where) == ("portfolioPlatforms", "x.yaml")
    assert kept(own) == []


def test_a_refused_release_takes_the_change_back(own: Path, write: Callable[[str], Path]) -> None:
    """Where something else keeps the store from being published, nothing was saved."""
    load_file(own, write(FILE))
    before = Releases(own).current().id
    npa, label = NamedNode(graph("law/xx-north/npa")), NamedNode(PREFIXES["rdfs"] + "label")
    with writing(own) as writer:
        quad = next(iter(writer.store.quads_for_pattern(None, label, None, npa)))
        twin = NamedNode(graph("portfolios/twin"))
        twice = Quad(quad.subject, quad.predicate, quad.object, twin)
        writer.store.add(twice)
    other = FILE.replace("[quillhaven, Widgetly]", "[mossgate]").replace("id: fees", "id: more")
    with Ledger(own) as ledger:
        declared = ledger.declared()
    with pytest.raises(InvalidGraphError, match="oneGraph"):
        load_file(own, write(other))
    with pytest.raises(InvalidGraphError, match="oneGraph"):
        remove(own, "saved-query", "fees")
    graphs = kept(own)
    with writing(own) as writer, Ledger(own) as ledger:
        assert ledger.declared() == declared
        writer.store.remove_graph(twice.graph_name)
    publish(own)

    assert graphs == [twin.value, graph("portfolios/vendors"), graph("saved-queries/fees"),
                      graph("saved-queries/vendor-privacy")]  # fmt: skip
    assert Releases(own).current().id == before


@pytest.mark.parametrize("what", ["law", "history", "open"])
def test_what_others_have_not_published_stays_unpublished(
    own: Path, sources: Path, tmp_path: Path, write: Callable[[str], Path], what: str
) -> None:
    """A portfolio publishes itself, not what somebody loaded to look at it before."""
    load_file(own, write(FILE))
    before = Releases(own).current().id
    if what == "law":
        folder = shutil.copytree(sources, tmp_path / "less")
        shutil.rmtree(folder / "claims")
        load_law(own, folder)
    elif what == "history":
        remove_histories(own, "Mossgate")
    else:
        with writing(own), Ledger(own) as ledger:
            ledger.open([next(iter(ledger.documents().values())).identity])
    again = load_file(own, write(FILE))
    path = write(FILE.replace("Our vendors", "All vendors"))
    with pytest.raises(UnpublishedError) as caught:
        load_file(own, path)
    with pytest.raises(UnpublishedError):
        remove(own, "saved-query", "fees")

    assert not again.changed
    assert caught.value.hint == "Run `clausegraph publish` first."
    assert Releases(own).current().id == before
    publish(own)
    saved = load_file(own, path)
    assert saved.changed
    assert reader(own).entity(saved.iris[0]).one("label") == "All vendors"  # type: ignore[union-attr]


def test_a_portfolio_keeps_its_platforms_known(own: Path, write: Callable[[str], Path]) -> None:
    """A platform whose documents are removed stays named, so that the release stays sound."""
    load_file(own, write(FILE))
    assert remove_histories(own, "Mossgate") == 1
    assert remove_histories(own, "Quillhaven") == 1
    publish(own)
    known = reader(own)
    assert {each.one("label") for each in known.of_type("Platform")} == {
        "Mossgate", "Quillhaven", "Widgetly"
    }  # fmt: skip
    assert not known.ids("Version")
    remove(own, "saved-query", "fees")

    labels = {each.one("label") for each in reader(own).of_type("Platform")}
    assert labels == {"Quillhaven", "Widgetly"}


def test_one_writer_at_a_time(own: Path, write: Callable[[str], Path]) -> None:
    """While another process writes, a change waits, and then says so."""
    path = write(FILE)
    with locked(own), pytest.raises(BusyError):
        save(own, read_portfolios(path), patience=0.05)

    assert save(own, read_portfolios(path), patience=0.05).changed


def test_few_statements_need_no_compaction(own: Path) -> None:
    """The store is compacted again only where more than portfolios changed since the release."""
    graphs = dict(Releases(own).current().graphs)
    history = graph("policies/mossgate/terms-of-service")

    assert _light(own, graphs | {graph("portfolios/x"): ("0", 1)})
    assert not _light(own, graphs | {history: ("0", 1)})
    assert not _light(own / "nothing", graphs)


@pytest.mark.parametrize(
    ("text", "found"),
    [("a-b", "a-b"), ("platform/a-b", "a-b"), (f"{ID}platform/a-b", "a-b"), ("A B", "a-b"),
     ("a b", "a-b"), ("Twin", None), ("twin", None), ("TWIN", "upper"), ("", None), ("a", None)],
)  # fmt: skip
def test_names(text: str, found: str | None) -> None:
    """An IRI, an id or a name will do, unless two things have the name."""
    labels = {"a-b": "A B", "one": "Twin", "two": "Twin", "upper": "TWIN"}
    names = Names("platform", {f"{ID}platform/{key}": label for key, label in labels.items()})

    assert names.find(text) == (found and f"{ID}platform/{found}")
    assert names.near("Twin") == ["one", "two", "upper"]
    assert names.near("x" * 10_000) == []


def invoke(*words: str | Path, code: int = 0) -> Any:
    """What a command prints as JSON, or its error output."""
    done = CliRunner().invoke(portfolio, [*map(str, words)])
    assert done.exit_code == code, done.output
    return orjson.loads(done.stdout) if "--json" in words else done.output


def test_the_command_line(own: Path, write: Callable[[str], Path]) -> None:
    """What is loaded is listed in the form of the file, and removed by its id."""
    path = write(FILE)
    loaded = invoke("load", "--data", own, "--json", path)
    listed = invoke("list", "--data", own, "--json")
    shown = invoke("list", "--data", own)
    gone = invoke("remove", "--data", own, "--json", "--query", "fees")
    wrong = invoke("remove", "--data", own, "fees", code=1)
    again = path.parent / "again.yaml"
    again.write_text(yaml.safe_dump(listed))

    assert loaded["release"] != gone["release"] == Releases(own).current().id
    assert listed["portfolios"] == [
        {"id": "vendors", "name": "Our vendors", "platforms": ["quillhaven", "widgetly"],
         "note": "Reviewed in May."}
    ]  # fmt: skip
    assert "fees: Fees (saved query; platforms mossgate" in shown
    assert wrong.startswith("nothing-to-remove: there is no portfolio 'fees'")
    assert invoke("load", "--data", own, "--json", again)["release"] == loaded["release"]


def test_mistakes_on_the_command_line(own: Path, write: Callable[[str], Path]) -> None:
    """A wrong file ends with exit code 1 and all its mistakes."""
    output = invoke("load", "--data", own, write(FILE.replace("quill", "q")), code=1)

    assert output.startswith("portfolio-invalid: watch.yaml:4: portfolios[0].platforms[0]: ")
