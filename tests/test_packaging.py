"""The import name, the folders, the wheel's list and the layers agree."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("ontology", "shapes", "loaders", "api")


def packages(root: Path) -> set[str]:
    """Dotted names of the folders of `root` that hold an ``__init__.py``."""
    found = (init.parent for layer in LAYERS for init in (root / layer).rglob("__init__.py"))
    return {"clausegraph." + ".".join(folder.relative_to(root).parts) for folder in found}


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and layer of each import of ours in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            first, _, rest = name.partition(".")
            if first == "clausegraph":
                yield node.lineno, rest.partition(".")[0]  # type: ignore[attr-defined]  # has a line


def upward(root: Path) -> list[str]:
    """Imports that point to a higher layer, as ``file:line``."""
    found = []
    for height, layer in enumerate(LAYERS):
        for path in (root / layer).rglob("*.py"):
            found += [
                f"{path.relative_to(root)}:{line}"
                for line, used in imports(path)
                if used not in LAYERS[: height + 1]
            ]
    return found


def test_every_package_folder_is_listed() -> None:
    """A folder that pyproject.toml forgets would be missing from the wheel."""
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]

    assert packages(ROOT) == set(setuptools["packages"])


def test_a_forgotten_folder_is_seen(tmp_path: Path) -> None:
    """The check above fails when a package is not listed."""
    init = tmp_path / "loaders" / "sub" / "__init__.py"
    init.parent.mkdir(parents=True)
    init.touch()

    assert packages(tmp_path) == {"clausegraph.loaders.sub"}


def test_imports_point_one_way() -> None:
    """ontology <- shapes <- loaders <- api, and every layer has files to look at."""
    assert all(list((ROOT / layer).glob("*.py")) for layer in LAYERS)
    assert upward(ROOT) == []


@pytest.mark.parametrize(
    "line", ["from clausegraph.api.store import Writer", "import clausegraph.loaders.law"]
)
def test_an_upward_import_is_seen(tmp_path: Path, line: str) -> None:
    """A lower layer that imports a higher one is named with its line."""
    for layer in LAYERS:
        (tmp_path / layer).mkdir()
    (tmp_path / "shapes" / "bad.py").write_text(f"import os\n{line}\n")

    assert upward(tmp_path) == ["shapes/bad.py:2"]


def test_every_link_for_type_checkers_leads_to_its_folder() -> None:
    """typings/clausegraph/ links each layer."""
    links = {link.name: link.resolve() for link in (ROOT / "typings/clausegraph").iterdir()}

    assert links == {layer: ROOT / layer for layer in LAYERS}
