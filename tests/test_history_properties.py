"""What holds of every history, whatever is captured and however its nodes are made."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Store

from clausegraph.loaders.changes import compare
from clausegraph.loaders.historytexts import sha256_of
from clausegraph.loaders.normalise import normalise
from clausegraph.loaders.ntriples import lines
from clausegraph.loaders.policies import HistoryBuilder
from clausegraph.loaders.unit import filled, to_quads
from tests.mossgate import (
    AWKWARD,
    CUT,
    ERROR,
    NEWER,
    OTHER,
    POLICY,
    POOL,
    SOLD,
    WHO,
    Made,
    captures,
    fingerprint,
    histories,
    made_of,
    statements,
)


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
    order = "from tests.mossgate import fingerprint; print(fingerprint())"
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
