"""The errors of the SPARQL service, and how they are made from what a worker says or ends with."""

from __future__ import annotations

import re
import signal

from clausegraph.api.sparql_worker import Limits
from clausegraph.ontology.errors import ClausegraphError


class QuerySyntaxError(ClausegraphError):
    """The text is not a SPARQL query; `value` holds line and column where they are known."""

    code = "query-syntax"


class UpdateRefusedError(ClausegraphError):
    """The text is an update, and nothing is ever written here."""

    code = "update-refused"


class ServiceRefusedError(ClausegraphError):
    """The query would make the server ask another endpoint."""

    code = "service-refused"


class AnswerTooLargeError(ClausegraphError):
    """The answer has more rows or bytes than the server gives at once."""

    code = "answer-too-large"


class AnswerNotSerializableError(ClausegraphError):
    """The answer holds what the format asked for cannot say."""

    code = "answer-not-serializable"


class QueryTimeLimitError(ClausegraphError):
    """The query took longer than the server lets it."""

    code = "query-time-limit"


class QueryMemoryLimitError(ClausegraphError):
    """The query needed more memory, or is nested deeper, than the server lets it."""

    code = "query-memory-limit"


class QueryUnsupportedError(ClausegraphError):
    """The query asks for something that this engine does not do, such as a function of another."""

    code = "query-unsupported"


class QueryEvaluationError(ClausegraphError):
    """The engine failed at a query that it understood."""

    code = "query-evaluation-failed"


class WorkerLostError(ClausegraphError):
    """The process that was to answer ended for a reason outside the query."""

    code = "query-worker-lost"


class PoolBusyError(ClausegraphError):
    """All workers are busy and enough queries wait already."""

    code = "sparql-busy"


_LESS = "Ask for less at a time with LIMIT and OFFSET, or take a dump of the release."


def from_answer(kind: str, detail: str, limits: Limits) -> ClausegraphError:
    """The error behind an answer of a worker; `kind` is one of `sparql_worker.ERRORS`."""
    match kind:
        case "syntax":
            return _syntax(detail)
        case "service":
            return _service(detail, limits)
        case "rows":
            message = f"the answer has more than {limits.rows} rows or triples"
            return AnswerTooLargeError(message, hint=_LESS, value={"rows": limits.rows})
        case "bytes":
            message = f"the answer is larger than {limits.bytes} bytes"
            return AnswerTooLargeError(message, hint=_LESS, value={"bytes": limits.bytes})
        case "unsupported":
            hint = "SPARQL 1.1 functions and the constructors of XML Schema's data types are known."
            return QueryUnsupportedError(detail, hint=hint)
        case "memory":
            return _memory()
        case "xml":
            return AnswerNotSerializableError(
                "the answer holds a character or a predicate that XML cannot say",
                hint="Ask for JSON, CSV, TSV, Turtle or N-Triples.",
            )
        case _:
            return QueryEvaluationError(
                f"the engine failed at this query ({detail})",
                hint="Report the query and the release; a different form of it may work.",
            )


def from_exit(code: int) -> ClausegraphError:
    """The error behind a worker that ended in the middle of a query, by its exit code.

    The engine aborts where memory ends, and breaks off where its stack does.
    """
    if -code in (signal.SIGABRT, signal.SIGSEGV):
        return _memory()
    return worker_lost("the process that answered this query ended")


def worker_lost(message: str) -> ClausegraphError:
    """No worker could answer."""
    return WorkerLostError(message, hint="Send the query again.")


def busy() -> ClausegraphError:
    """Too many queries at once."""
    return PoolBusyError(
        "the server is busy with other queries", hint="Come again after Retry-After seconds."
    )


def too_slow(seconds: float) -> ClausegraphError:
    """The time limit was reached."""
    return QueryTimeLimitError(
        f"the query was ended after {seconds:g} s",
        hint="Bind more terms; avoid OPTIONAL around several patterns, products of unconnected "
        "patterns and aggregates over the whole graph; or take a dump of the release.",
        value=seconds,
    )


def _memory() -> ClausegraphError:
    return QueryMemoryLimitError(
        "the query needs more memory, or is nested deeper, than the server allows",
        hint="Avoid ORDER BY, DISTINCT and GROUP BY over large results, and deep nesting.",
    )


def _service(name: str, limits: Limits) -> ClausegraphError:
    hint = "Ask that endpoint yourself, or name this one in a SERVICE clause sent to it."
    if limits.services:
        hint = f"As a full IRI, SERVICE may name: {', '.join(limits.services)}."
    return ServiceRefusedError(
        f"the query has a SERVICE clause ({name or 'unclear'}), which is not followed here",
        hint=hint,
        value=name,
    )


def _syntax(detail: str) -> ClausegraphError:
    """Line and column out of what is told of the text: ``error at 3:10: found …``."""
    place = re.match(r"error at (\d+):(\d+): ", detail)
    value = {"line": int(place[1]), "column": int(place[2])} if place else None
    message = detail.splitlines()[0] if detail else "the text is not SPARQL"
    return QuerySyntaxError(
        message[:300],
        hint="The place is where the text stops making sense; the fault may stand before it.",
        value=value,
    )
