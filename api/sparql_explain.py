"""What a query means and what it costs: its algebra, its dataset, and a measured run.

The engine tells no plan through its Python interface, so none is shown. The algebra is the one
that the SPARQL specification gives the text (section 18), as rdflib translates it: what is to be
answered, and not how the engine answers it. Rows and time are those of the engine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from pyoxigraph import QuerySolutions, QueryTriples

from clausegraph.api.sparql_guard import names_dataset, query_form

EXPLAIN = "application/vnd.clausegraph.explain+json"
WHOSE = (
    "The algebra is rdflib's translation of the query by section 18 of SPARQL 1.1, not the plan "
    "of the engine, which tells none. Rows and seconds were measured on the engine."
)


def explained(
    query: str, base: str | None, prefixes: Mapping[str, str], dataset: Mapping[str, object]
) -> dict[str, Any]:
    """The static part: form, dataset, algebra; where rdflib cannot read the text, why not."""
    given = any(dataset.values())
    own = "the query's own FROM clauses" if names_dataset(query) else "the union of all graphs"
    found: dict[str, Any] = {
        "about": WHOSE,
        "form": query_form(query),
        "dataset": dict(dataset) if given else own,
    }
    try:
        algebra, used = _algebra(query, base, prefixes)
        return found | {"prefixes": used, "algebra": algebra}
    except Exception as error:  # noqa: BLE001  rdflib raises what it likes
        return found | {"algebra": None, "why": f"rdflib does not read it: {error}"[:300]}


def measured(run: Callable[[], Any], limit: int) -> dict[str, Any]:
    """Run a query and count, up to `limit` rows or triples."""
    start = time.perf_counter()
    result = run()
    rows, whole = 1, True
    if isinstance(result, QuerySolutions | QueryTriples):
        rows = 0
        for _ in result:
            rows += 1
            if rows > limit:
                rows, whole = limit, False
                break
    seconds = round(time.perf_counter() - start, 6)
    return {"rows": rows, "complete": whole, "seconds": seconds}


def text(document: Mapping[str, Any]) -> str:
    """The same for people to read."""
    lines = [f"# {document['about']}", f"form: {document['form']}"]
    lines.append(f"dataset: {document['dataset']}")
    lines += [f"prefix {name}: <{iri}>" for name, iri in document.get("prefixes", {}).items()]
    if "run" in document:
        run = document["run"]
        more = "" if run["complete"] else " (and more: the limit)"
        lines.append(f"run: {run['rows']} rows{more} in {run['seconds']} s")
    lines += ["limits: " + ", ".join(f"{k} {v}" for k, v in document["limits"].items()), ""]
    return "\n".join([*lines, document["algebra"] or document["why"]]) + "\n"


def _algebra(
    query: str, base: str | None, prefixes: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """The algebra, one operator a line, and the prefixes that the text uses."""
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    translated = translateQuery(parseQuery(query), base=base, initNs=dict(prefixes))
    used = {name: iri for name, iri in prefixes.items() if f"{name}:" in query}
    return "\n".join(_lines(translated.algebra, 0)), used


def _lines(node: Any, depth: int) -> list[str]:
    """One operator and what is below it, indented."""
    from rdflib.plugins.sparql.parserutils import CompValue

    pad = "  " * depth
    if not isinstance(node, CompValue):
        return [pad + _short(node)]
    lines = [f"{pad}({node.name}"]
    for key, value in node.items():
        if key in ("_vars", "lazy"):
            continue
        each = value if isinstance(value, list) else [value]
        lines.append(f"{pad}  {key}:")
        lines += [line for part in each for line in _lines(part, depth + 2)]
    return [*lines, pad + ")"]


def _short(node: Any) -> str:
    if isinstance(node, tuple | list):
        return " ".join(_short(part) for part in node)
    return str(node.n3()) if hasattr(node, "n3") else str(node)
