"""Pages of lists whose entities nobody has read yet: one read of the store fetches all of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from pyoxigraph import Quad

from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.rows import Values
from clausegraph.api.source import EmbeddedSource
from tests.small_histories import Asker, reader_of


class Noting(EmbeddedSource):
    """The same store, which notes how many things each read asks for."""

    def __init__(self, source: EmbeddedSource) -> None:
        """Note nothing yet."""
        super().__init__(source.store)
        self.reads: list[int] = []

    def describe(self, iris: Sequence[str]) -> dict[str, list[Quad]]:
        """Note and read."""
        self.reads.append(len(iris))
        return super().describe(iris)

    def told(self, iris: Sequence[str], keys: Mapping[str, str]) -> dict[str, Values]:
        """Note and read."""
        self.reads.append(len(iris))
        return super().told(iris, keys)


@pytest.mark.parametrize("way", ["first", "last"])
@pytest.mark.parametrize("kind", ["provisions", "documents"])
def test_a_page_is_read_in_one_go(histories: Path, kind: str, way: str) -> None:
    """Whichever its size and direction; the nodes are those of a reader that has all of them."""
    data = histories / "data"
    known = reader_of(data)
    source = known.store
    assert isinstance(source, EmbeddedSource)
    text = f"{{ {kind}({way}: 6) {{ nodes {{ id label }} }} }}"
    whole = Asker(known)(text.replace("6", "500"))[kind]["nodes"]
    noting = Noting(source)
    found = Asker(Reader(Releases(data).current(), noting))(text)[kind]["nodes"]
    assert found == (whole[:6] if way == "first" else whole[-6:])
    assert noting.reads == [len(found)]
    assert len(found) > 1
