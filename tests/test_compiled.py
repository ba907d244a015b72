"""Compiled plans give what graphql-core gives, byte for byte, errors included."""

from __future__ import annotations

import gc
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from clausegraph.api import pieces, planreads, policysearch
from clausegraph.api.execution import Executor, Outcome, Prepared
from clausegraph.api.graphql_limits import depth_and_aliases
from clausegraph.api.nodes import TYPES, Budget, View
from clausegraph.api.plancomplete import RuntimeTypes
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.schema import build
from tests.documentwriter import Document, Writer

COUNT = int(os.environ.get("DOCUMENTS", "2000"))
"""How many documents are generated; `DOCUMENTS=50000 pytest tests/test_compiled.py` tries more."""
TODAY = date(2026, 11, 24)
ENOUGH = 20_000


@pytest.fixture(scope="module", autouse=True)
def collected_by_hand() -> Iterator[None]:
    """Look for garbage where a test says so: a third of the time would go into looking for it."""
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture(scope="module")
def reader(demonstration: Path) -> Reader:
    """A reader of the embedded law and the demonstration."""
    return Reader(Releases(demonstration).current())


@pytest.fixture(scope="module")
def executor() -> Executor:
    """An executor of the whole schema."""
    return Executor(build())


def context(reader: Reader, nodes: int = ENOUGH) -> dict[str, Any]:
    """What a request brings: a view with a budget."""
    return {"view": View(reader, TODAY, Budget(nodes, time.monotonic() + 60))}


def written(reader: Reader, seed: int, count: int) -> Iterator[Document]:
    """Documents about what a release holds."""
    ids = {kind: [entity.iri for entity in reader.of_type(kind)][:40] for kind in TYPES}
    known = {kind: iris for kind, iris in ids.items() if iris}
    return Writer(build()._schema, known, seed).documents(count)


def both(
    executor: Executor, document: Document, reader: Reader, nodes: int = ENOUGH
) -> tuple[Outcome, Outcome]:
    """What the executor and what graphql-core answer."""
    prepared = executor.prepare(document.text)
    assert not prepared.errors, (prepared.errors, document.text)
    mine = executor.execute(prepared, document.variables, context(reader, nodes))
    return mine, executor.reference(prepared, document.variables, context(reader, nodes))


def plain(outcome: Outcome) -> tuple[bytes | None, list[dict[str, Any]]]:
    """An outcome as the client would see it."""
    return outcome.data, [dict(error.formatted) for error in outcome.errors]


def test_generated_documents_are_answered_alike(executor: Executor, reader: Reader) -> None:
    """Two thousand documents: the same bytes and errors, and most of them through plans."""
    seen: Counter[str] = Counter()
    for number, document in enumerate(written(reader, 1, COUNT)):
        if number % 1_000 == 999:
            gc.collect()
        mine, theirs = both(executor, document, reader)
        assert plain(mine) == plain(theirs), (document.text, document.variables)
        prepared = executor.prepare(document.text)  # a second time with what is kept by then
        again = executor.execute(prepared, document.variables, context(reader))
        assert plain(again) == plain(theirs), (document.text, document.variables)
        seen.update(document.uses)
        seen["compiled"] += mine.compiled
        seen["failed"] += bool(theirs.errors)
        seen["found something"] += len(mine.data or b"") > 60
        assert mine.compiled or theirs.errors, document.text
    assert seen["compiled"] > COUNT * 0.6
    assert seen["found something"] > COUNT * 0.4
    for use in ("alias", "variable", "directive", "interface", "named fragment", "inline fragment"):
        assert seen[use] > COUNT * 0.2, use
    assert seen["failed"] > COUNT * 0.1


@pytest.mark.parametrize("nodes", [5, 60, 400])
def test_a_budget_ends_both_at_the_same_place(
    executor: Executor, reader: Reader, nodes: int
) -> None:
    """What costs too much costs too much either way, also where objects stand several times."""
    refused = 0
    for document in written(reader, nodes, 150):
        mine, theirs = both(executor, document, reader, nodes)
        assert plain(mine) == plain(theirs), document.text
        refused += any("too many nodes" in error.message for error in theirs.errors)
    assert refused >= 3


def test_a_wrong_plan_is_noticed(
    executor: Executor, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison fails where a plan reads something else than the resolvers do."""

    def wrong(key: str) -> planreads.Read:
        return lambda run, parents, times: [() for _ in parents]

    monkeypatch.setitem(planreads.SHORTCUTS, "every", wrong)
    other, fresh = Executor(build()), Reader(reader.release)  # of which no piece is kept
    found = [both(other, document, fresh) for document in written(reader, 1, 150)]
    assert any(plain(mine) != plain(theirs) for mine, theirs in found if mine.compiled)


PIECES = """{ mappings(first: 40) { nodes { id %s requirement { id label %s
  instrument { title jurisdiction { id label } } jurisdiction { label } } } } }"""


def test_pieces_cost_what_their_nodes_cost(executor: Executor, reader: Reader) -> None:
    """Written anew, taken from what is kept, or through graphql-core: the same is left."""
    fresh, left = Reader(reader.release), []
    for run in (executor.execute, executor.execute, executor.reference):
        given = context(fresh)
        outcome = run(executor.prepare(PIECES % ("relation", "")), None, given)
        assert not outcome.errors
        budget = given["view"].budget
        left.append((outcome.data, budget.nodes, budget.characters))
    assert left[0] == left[1] == left[2]
    assert left[0][1] < ENOUGH - 100


def test_pieces_are_shared_by_what_they_ask(executor: Executor, reader: Reader) -> None:
    """Another document with the same fields takes them; other fields and other keys do not."""
    fresh = Reader(reader.release)
    kept = pieces._kept(fresh)
    executor.execute(executor.prepare(PIECES % ("relation", "")), None, context(fresh))
    signs = set(kept.groups)
    again = "query Other { m: mappings(first: 3) { nodes { id relation requirement { ...R } } } }"
    parts = "id label instrument { title jurisdiction { id label } } jurisdiction { label }"
    text = f"{again} fragment R on Requirement {{ {parts} }}"
    assert executor.execute(executor.prepare(text), None, context(fresh)).compiled
    assert set(kept.groups) == signs
    for more in ("name: label", "kind"):
        executor.execute(executor.prepare(PIECES % ("relation", more)), None, context(fresh))
        assert set(kept.groups) > signs
        signs = set(kept.groups)


def test_pieces_are_bounded(
    executor: Executor, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is asked for, no more of them is kept, and the answers stay the same."""
    monkeypatch.setattr(pieces, "MOST", 20_000)
    fresh = Reader(reader.release)
    kept = pieces._kept(fresh)
    for number in range(8):
        document = PIECES % (f"a{number}: label", f"b{number}: label")
        mine = executor.execute(executor.prepare(document), None, context(fresh))
        theirs = executor.reference(executor.prepare(document), None, context(fresh))
        assert plain(mine) == plain(theirs)
        assert kept.size == sum(kept.sizes.values()) <= 20_000
        assert kept.sizes.keys() == kept.groups.keys()


def test_what_is_not_there_has_no_piece(executor: Executor, reader: Reader) -> None:
    """Nor is it kept that it is not there: anybody can ask for any number of such."""
    types = RuntimeTypes(executor.core, executor.core.type_map["Jurisdiction"])
    read = planreads.own_label()
    part = pieces.Part("label", "leaf", read, lambda _, values, __: values, None, False, "label")
    still = pieces.Still("Jurisdiction", types, (part,))
    good, none = reader.ids("Jurisdiction")[0], "https://w3id.org/clausegraph/id/nowhere"
    given = context(reader)
    found = still.of(planreads.Run(None, given, given["view"].budget), [good, none])  # type: ignore[arg-type]
    assert found[good][0] is not None
    assert found[none] is pieces.NOWHERE
    assert [*pieces._kept(reader).group(still.sign)] == [good]


EDGES = """{ provisions(first: %d, asOf: "2026-07-14") { nodes {
  id label kind normalisedText document { label platform { label } }
  presence { validFrom } presences { validFrom firstVersion { capturedAt } }
  mappings { relation requirement { label jurisdiction { label } instrument { label } } } } } }"""


def test_a_level_is_read_at_once(
    executor: Executor, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the number of parents, the index is asked equally often."""
    from clausegraph.api.policyselect import PolicyIndex

    asked = []
    real = PolicyIndex.rows

    def counted(self: PolicyIndex, *args: Any) -> Any:
        asked.append(args)
        return real(self, *args)

    monkeypatch.setattr(PolicyIndex, "rows", counted)
    counts = []
    for size in (1, 40):
        fresh = Reader(reader.release)
        asked.clear()
        outcome = executor.execute(executor.prepare(EDGES % size), None, context(fresh))
        assert outcome.compiled
        assert outcome.data is not None
        assert len(orjson.loads(outcome.data)["provisions"]["nodes"]) == size
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_views_hold_nothing_but_entity_and_view() -> None:
    """Plans take two views of the same node on the same day for one."""
    for kind, cls in TYPES.items():
        given = {each.name for each in fields(cls) if each.init}
        assert given == {"entity", "view"}, kind


def test_switches_choose_the_plan(executor: Executor, reader: Reader) -> None:
    """A document has a plan for each set of values of the variables in its directives."""
    text = """query($with: Boolean!) { platforms(first: 1) { nodes { id label @include(if: $with) } } }"""
    prepared = executor.prepare(text)
    for value in (True, False, True):
        outcome = executor.execute(prepared, {"with": value}, context(reader))
        assert outcome.compiled
        (node,) = orjson.loads(outcome.data or b"")["platforms"]["nodes"]
        assert ("label" in node) is value
    assert len(prepared.plans) == 2


def test_documents_are_kept_by_text_and_operation(executor: Executor) -> None:
    """A valid document is prepared once; an invalid one is not kept."""
    text = "query A { __typename } query B { release { id } }"
    assert executor.prepare(text, "A") is executor.prepare(text, "A")
    assert executor.prepare(text, "A") is not executor.prepare(text, "B")
    assert executor.prepare(text, "C").errors[0].message == "Unknown operation named 'C'."
    assert executor.prepare(text).errors[0].message.startswith("Must provide operation name")
    assert executor.prepare("{ nothing }") is not executor.prepare("{ nothing }")


def test_introspection_runs_through_graphql_core(executor: Executor, reader: Reader) -> None:
    """What plans do not cover is answered all the same."""
    prepared = executor.prepare("{ __schema { queryType { name } } release { id } }")
    outcome = executor.execute(prepared, None, context(reader))
    assert not outcome.compiled
    assert orjson.loads(outcome.data or b"")["__schema"] == {"queryType": {"name": "Query"}}


def test_rules_come_first() -> None:
    """Rules of a server refuse a document before it is kept."""
    limited = Executor(build(), (depth_and_aliases(2, 5),), max_tokens=50)
    deep = limited.prepare("{ platforms { nodes { documents { id } } } }")
    assert "levels deep" in deep.errors[0].message
    long = limited.prepare("{ " + "release { id } " * 20 + "}")
    assert "too many" in long.errors[0].message.lower() or "token" in long.errors[0].message


def test_a_time_limit_ends_a_plan(executor: Executor, reader: Reader) -> None:
    """Time that is over is over for a plan, too, and the answer is the refusal."""
    prepared: Prepared = executor.prepare("{ platforms { nodes { id } } }")
    late = {"view": View(reader, TODAY, Budget(ENOUGH, time.monotonic() - 1))}
    outcome = executor.execute(prepared, None, late)
    assert outcome.data == b"null"
    assert outcome.errors[0].message == "the request takes too long"


SEARCH = """query($first: Int, $after: String, $last: Int, $before: String) {
  searchProvisions(text: "you", first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
    nodes { score provision { id } text { hit } heading { hit } } } }"""


def test_words_that_tell_none_apart_are_not_ranked(
    executor: Executor, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same provisions as ranked ones, in the order of documents, a page at a time."""

    def page(**given: Any) -> Any:
        outcome = executor.execute(executor.prepare(SEARCH), given, context(Reader(reader.release)))
        assert not outcome.errors
        return orjson.loads(outcome.data or b"")["searchProvisions"]

    ranked = page(first=500)
    monkeypatch.setattr(policysearch, "RANKED", 10)
    found, after = [], None
    while True:
        part = page(first=7, after=after)
        found += part["nodes"]
        after = part["pageInfo"]["endCursor"]
        if not part["pageInfo"]["hasNextPage"]:
            break
    ids = [node["provision"]["id"] for node in found]
    back = page(last=7, before=after)
    assert len(ids) > 30
    assert sorted(ids) == sorted(node["provision"]["id"] for node in ranked["nodes"])
    assert {node["score"] for node in found} == {None}
    assert {node["score"] for node in ranked["nodes"]}.isdisjoint({None})
    assert [node["provision"]["id"] for node in back["nodes"]] == ids[-8:-1]
    assert part["totalCount"] == len(ids) == ranked["totalCount"]
    assert all(any(part["hit"] for part in node["text"] + node["heading"]) for node in found)
