"""Some nodes beside others are held to the same shapes as all of them together.

What is judged of a document is validated beside the whole law, by those checks alone that can be
about it (`clausegraph.shapes.engine`): nothing may be passed over for that.
"""

from __future__ import annotations

import pytest
from pyoxigraph import Quad, Store

from clausegraph.loaders.unit import iri_of
from clausegraph.shapes.report import Finding
from clausegraph.shapes.validator import engine, validate_fast, validate_part
from tests.test_engine import law
from tests.test_shapes import TWINS


def part(quads: list[Quad], focus: set[str]) -> set[Finding]:
    """What is wrong with some nodes, looked at by themselves."""
    store = Store()
    store.bulk_extend(quads)
    return set(validate_part(store, focus).findings)


@pytest.mark.parametrize("name", TWINS)
def test_a_part_is_held_to_every_shape(name: str) -> None:
    """Each bad twin breaks, beside the law, what it breaks where everything is looked at."""
    quads = [*law(), *TWINS[name].bad]
    focus = {iri_of(quad.subject) for quad in TWINS[name].bad}
    whole = {each for each in validate_fast(quads).findings if each.focus in focus}

    assert part(quads, focus) == whole
    assert TWINS[name].breaks in {each.shape for each in whole}


def test_what_is_not_looked_at_is_not_told() -> None:
    """The faults of other nodes are not those of the part."""
    (name, *_) = TWINS
    bad = TWINS[name].bad
    assert part([*law(), *bad], {iri_of(law()[0].subject)}) == set()


def test_checks_of_other_nodes_are_told_apart() -> None:
    """Most checks say what their nodes are; those of a rule on the whole graph cannot."""
    sought = [each.sought for each in engine().checks]
    assert sum(map(bool, sought)) > len(sought) * 0.8
    assert not all(sought)
