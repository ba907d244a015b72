"""Rows as columns: results in Arrow and Parquet, made by the worker; needs `pyarrow`.

A column whose values are all of one numeric, date or boolean type of XML Schema gets that type;
every other column is text. What is not bound is null.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, QuerySolutions

if TYPE_CHECKING:
    import pyarrow as pa

ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_READ: dict[str, Callable[[str], Any]] = {
    _XSD + "integer": int,
    _XSD + "decimal": Decimal,
    _XSD + "double": float,
    _XSD + "float": float,
    _XSD + "boolean": lambda text: text in ("true", "1"),
    _XSD + "date": date.fromisoformat,
    _XSD + "dateTime": datetime.fromisoformat,
}


def rows_of(result: QuerySolutions, limit: int) -> list[list[Any]] | None:
    """The terms of each column; None where there are more rows than `limit`."""
    columns: list[list[Any]] = [[] for _ in result.variables]
    for number, row in enumerate(result):
        if number >= limit:
            return None
        for index, column in enumerate(columns):
            column.append(row[index])
    return columns


def written(names: Sequence[str], columns: Sequence[Sequence[Any]], media_type: str) -> bytes:
    """Columns of terms in the media type, `ARROW` or `PARQUET`."""
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.Table.from_arrays([_array(column) for column in columns], names=list(names))
    output = io.BytesIO()
    if media_type == PARQUET:
        parquet.write_table(table, output)
    else:
        with pa.ipc.new_stream(output, table.schema) as stream:
            stream.write_table(table)
    return output.getvalue()


def _array(column: Iterable[Any]) -> pa.Array:
    """One column, typed where all its values are of one type that both sides know."""
    import pyarrow as pa

    terms = list(column)
    kinds = {_kind(term) for term in terms if term is not None}
    read = _READ.get(kinds.pop()) if len(kinds) == 1 else None
    if read is not None:
        try:
            return pa.array([None if term is None else read(term.value) for term in terms])
        except (ArithmeticError, ValueError, pa.ArrowException):
            pass  # a year of five digits, an integer of seventy bits: kept as text
    return pa.array([None if term is None else _text(term) for term in terms], pa.string())


def _kind(term: Any) -> str:
    return str(term.datatype.value) if isinstance(term, Literal) else ""


def _text(term: Any) -> str:
    """A term as CSV results write it."""
    return str(getattr(term, "value", term))
