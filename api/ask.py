"""Questions from the command line: SPARQL and GraphQL over the current release."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import sys
from collections.abc import Sequence
from typing import Any, BinaryIO

import click
import orjson

from clausegraph.api.releases import Releases
from clausegraph.api.settings import Settings
from clausegraph.ontology.errors import ClausegraphError

_GRAPHQL = re.compile(r"\s*(?:#[^\n]*\n\s*)*(?:\{|(?:query|fragment)\b)")
Rows = list[dict[str, Any]]


class QueryError(ClausegraphError):
    """The question could not be answered."""

    code = "query-failed"


def ask(settings: Settings, question: str, language: str | None, form: str, out: BinaryIO) -> None:
    """Answer a question and write the answer as a table, CSV or JSON.

    A graph (CONSTRUCT, DESCRIBE) is written as Turtle, or as JSON-LD where JSON is asked for.
    """
    language = language or ("graphql" if _GRAPHQL.match(question) else "sparql")
    answer = graphql if language == "graphql" else sparql
    out.write(answer(settings, question, form))


def graphql(settings: Settings, question: str, form: str) -> bytes:
    """Answer in GraphQL; a table or CSV holds the first list of the answer, nested keys dotted."""
    from graphql.execution.values import VariableValues

    from clausegraph.api import graphql_hints
    from clausegraph.api.graphql_errors import shown
    from clausegraph.api.graphql_http import executor_of, view_now
    from clausegraph.api.served import Served

    view = view_now(Served(Releases(settings.data)), settings)
    executor = executor_of(settings)
    prepared = executor.prepare(question)
    result = executor.execute(prepared, None, {"view": view})
    if result.errors:
        told = [shown(error) for error in result.errors]
        hints = dict.fromkeys(h for each in told if (h := each["extensions"].get("hint")))
        raise QueryError(
            "; ".join(each["message"] for each in told),
            hint=" ".join(hints) or "`clausegraph serve` shows the schema.",
        )
    if missing := graphql_hints.unmet(prepared, result.data or b""):
        values = executor.variables(prepared, None)
        assert isinstance(values, VariableValues)  # it was executed with them
        for hint in graphql_hints.hints(view.reader, missing, values.coerced):
            click.echo(f"{hint['message']}. {hint['hint']}", err=True)
    data = orjson.loads(result.data or b"{}")
    if form == "json":
        return orjson.dumps(data, option=orjson.OPT_INDENT_2) + b"\n"
    return written(rows_of(data), form)


def rows_of(data: dict[str, Any]) -> Rows:
    """The first list of an answer as rows: a field's own, or one right below a field.

    An answer without such a list is one row.
    """
    below = [each for value in data.values() if isinstance(value, dict) for each in value.values()]
    items = next((each for each in (*data.values(), *below) if isinstance(each, list)), [data])
    return [dict(_flat("", item)) for item in items]


def _flat(prefix: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        start = f"{prefix}." if prefix else ""
        return [pair for key, each in value.items() for pair in _flat(start + key, each)]
    if isinstance(value, list):
        value = "; ".join(" ".join(str(v) for _, v in _flat("", each)) for each in value)
    return [(prefix or "value", value)]


def sparql(settings: Settings, question: str, form: str) -> bytes:
    """Answer in SPARQL, in a worker process with the server's limits; our prefixes are known."""
    from clausegraph.api.sparql_guard import query_form

    graph = query_form(question) in ("CONSTRUCT", "DESCRIBE")
    if graph:
        media = "application/ld+json" if form == "json" else "text/turtle"
        return asyncio.run(_run(settings, question, media))
    if form == "csv":
        return asyncio.run(_run(settings, question, "text/csv"))
    answer = asyncio.run(_run(settings, question, "application/sparql-results+json"))
    return answer if form == "json" else written(_bindings(orjson.loads(answer)), form)


async def _run(settings: Settings, question: str, media: str) -> bytes:
    from clausegraph.api.sparql_pool import Job, QueryPool
    from clausegraph.ontology.iris import PREFIXES

    store = Releases(settings.data).current().store_path
    pool = QueryPool(workers=1, timeout=settings.sparql_seconds)
    try:
        answer = await pool.run(Job(store, question, media, prefixes=PREFIXES))
    finally:
        await pool.close()
    return answer.body


def _bindings(results: Any) -> Rows:
    if "boolean" in results:
        return [{"answer": str(results["boolean"]).lower()}]
    names = results["head"]["vars"]
    return [
        {name: row.get(name, {}).get("value", "") for name in names}
        for row in results["results"]["bindings"]
    ]


def written(rows: Rows, form: str) -> bytes:
    """Rows as CSV or as a table for people."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [["" if row.get(n) is None else str(row[n]) for n in names] for row in rows]
    return _csv(names, cells) if form == "csv" else _table(names, cells)


def _csv(names: Sequence[str], cells: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([names, *cells])
    return text.getvalue().encode()


def _table(names: Sequence[str], cells: Sequence[Sequence[str]]) -> bytes:
    from rich.console import Console
    from rich.table import Table

    table = Table(*names)
    for row in cells:
        table.add_row(*row)
    text = io.StringIO()
    width = None if sys.stdout.isatty() else 200
    Console(file=text, width=width, markup=False, highlight=False).print(table)
    return text.getvalue().encode()
