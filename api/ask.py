"""Questions from the command line: SPARQL and GraphQL over the current release, and coverage."""

from __future__ import annotations

import asyncio
import re
from typing import Any, BinaryIO

import orjson

from clausegraph.api.graphql_http import limited_schema, shown, view_now
from clausegraph.api.releases import Releases
from clausegraph.api.served import Served
from clausegraph.api.settings import Settings
from clausegraph.ontology.errors import ClausegraphError

_GRAPHQL = re.compile(r"\s*(?:#[^\n]*\n\s*)*(?:\{|(?:query|fragment)\b)")


class QueryError(ClausegraphError):
    """The question could not be answered."""

    code = "query-failed"


def ask(settings: Settings, question: str, language: str | None, form: str, out: BinaryIO) -> None:
    """Answer a question and write the answer as a table, CSV or JSON."""
    language = language or ("graphql" if _GRAPHQL.match(question) else "sparql")
    if language == "graphql":
        data = _graphql(settings, question)
        out.write(orjson.dumps(data, default=str, option=orjson.OPT_INDENT_2) + b"\n")
        return
    answer = asyncio.run(_sparql(settings, question, form))
    out.write(answer if form != "table" else _table(answer))


def _graphql(settings: Settings, question: str) -> Any:
    view = view_now(Served(Releases(settings.data)), settings)
    result = limited_schema(settings).execute_sync(question, context_value={"view": view})
    if result.errors:
        messages = [shown(error)["message"] for error in result.errors]
        raise QueryError("; ".join(messages), hint="The schema is served at /graphql.")
    return result.data
