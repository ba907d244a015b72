"""One run from sources and an archive to a published page of checked claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from clausegraph.api.claimpage import stems
from clausegraph.api.errors import NoReleaseError
from clausegraph.api.histories import load_archive
from clausegraph.api.ledger import Ledger
from clausegraph.api.publish import compile_law, load_units, publish_held, silent
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.store import writing
from clausegraph.loaders.gitopen import opened
from clausegraph.loaders.names import slug
from clausegraph.loaders.ota import plan
from clausegraph.loaders.unit import Unit
from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.iris import mint, parse

Step = Callable[[str], None]
_FOLDER = "claims/"


class UnknownClaimsError(ClausegraphError):
    """No file of claims has this name."""

    code = "unknown-claims"


def known_pages(data: Path) -> list[tuple[str, str, str]]:
    """The pages of claims of the current release; where none is published, the installed ones."""
    with suppress(NoReleaseError):
        return stems(Reader(Releases(data).current()))
    return sorted(
        (_stem(unit), _one(unit, "Source"), _one(unit, "Document"))
        for unit in _pages(compile_law(None))
    )


def run(
    data: Path,
    stem: str,
    archive: Path | None,
    words: str | None,
    sources: Path | None = None,
    step: Step = silent,
) -> None:
    """Load the law and the captures of the claims' document, examine, check, publish.

    Raises `UnknownClaimsError`, and what loading, examining and publishing raise.
    """
    step("law")
    law = compile_law(sources)
    unit = _named(law, stem)
    load_units(data, law, step)
    if archive is not None:
        step("captures")
        load_archive(data, archive, *_in_archive(archive, unit))
    with writing(data) as writer, Ledger(data) as ledger:
        publish_held(data, writer, ledger, step, excerpts=_shown(unit, words))


def _pages(law: list[Unit]) -> list[Unit]:
    """The units of claims."""
    return [unit for unit in law if unit.name.startswith(_FOLDER)]


def _named(law: list[Unit], stem: str) -> Unit:
    units = {_stem(unit): unit for unit in _pages(law)}
    if stem not in units:
        raise UnknownClaimsError(
            f"there are no claims {stem!r}",
            hint=f"There are: {', '.join(sorted(units)) or 'none'}.",
            value=stem,
        )
    return units[stem]


def _stem(unit: Unit) -> str:
    return unit.name.removeprefix(_FOLDER).removesuffix(".yaml")


def _one(unit: Unit, kind: str) -> str:
    """The name of the first node of a class."""
    return next(str(node["label"]) for node in unit.nodes.values() if node["type"] == kind)


def _in_archive(archive: Path, unit: Unit) -> tuple[str, str]:
    """The names that an archive has for the platform and document of some claims.

    Where it has none that lead to their ids, those are the names that the claims have, and nothing
    is found.
    """
    document = next(iri for iri, node in unit.nodes.items() if node["type"] == "Document")
    wanted = parse(document)[1]
    with opened(archive) as objects:
        for each in plan(objects, report=lambda notice: None):
            if (slug(each.platform), slug(each.document)) == wanted:
                return each.platform, each.document
    return _one(unit, "Platform"), _one(unit, "Document")


def _shown(unit: Unit, words: str | None) -> Mapping[str, str] | None:
    """The words given, for every claim that is a quotation."""
    if words is None:
        return None
    excerpt = mint("claim-kind", "excerpt")
    return {iri: words for iri, node in unit.nodes.items() if node.get("claimKind") == excerpt}
