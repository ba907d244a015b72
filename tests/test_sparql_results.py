"""Results in CSV, TSV and JSON equal the W3C's expected files."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from tests.sparql_app import EX, W3C_SUITE, in_graph, make_app, make_release, w3c_suite

W3C = W3C_SUITE / "w3c/sparql/sparql11"


def result_tests(folder: str) -> list[tuple[str, str, str]]:
    """Query, data and expected result of each test in a folder of the W3C."""
    manifest = W3C / folder / "manifest.ttl"
    if not manifest.is_file():
        return []
    pattern = r"qt:query +<(.*?)>.*?qt:data +<(.*?)>.*?mf:result +<(.*?)>"
    return re.findall(pattern, manifest.read_text(), re.DOTALL)


CSV_TSV = result_tests("csv-tsv-res")
JSON_RES = result_tests("json-res")
KEPT = pytest.mark.xfail(strict=True, reason="Oxigraph stores xsd:negativeInteger as xsd:integer")
RESULTS = [
    pytest.param(*test, marks=KEPT) if test[2] == "csvtsv03.tsv" else test
    for test in CSV_TSV + JSON_RES
]


@w3c_suite
def test_the_suite_has_result_tests() -> None:
    """The tests below are not empty by accident."""
    assert (len(CSV_TSV), len(JSON_RES)) == (6, 4)


@w3c_suite
@pytest.mark.parametrize(("query", "data", "result"), RESULTS)
def test_w3c_result_formats(tmp_path: Path, query: str, data: str, result: str) -> None:
    """The answer equals the W3C's expected file, but for labels of blank nodes and order."""
    folder = W3C / ("json-res" if result.endswith("srj") else "csv-tsv-res")
    release = make_release(
        tmp_path,
        "r1",
        [in_graph(quad, EX) for quad in ox.parse(path=str(folder / data))],
    )
    form = "json" if result.endswith("srj") else result.rpartition(".")[2]
    with TestClient(make_app(release)) as client:
        text = (folder / query).read_text()
        answer = client.get("/sparql", params={"query": text, "format": form})
    read = {"json": of_json, "csv": of_csv, "tsv": of_tsv}[form]

    assert answer.status_code == 200, answer.text
    assert read(answer.text) == read((folder / result).read_text())


def of_json(text: str) -> Any:
    """Results in JSON, ready to compare."""
    found = json.loads(text)
    if "boolean" in found:
        return found["boolean"]
    rows = found["results"]["bindings"]
    terms = (json.dumps(_plain(row), sort_keys=True) for row in rows)
    return sorted(found["head"]["vars"]), Counter(terms)


def _plain(row: dict[str, dict[str, str]]) -> dict[str, object]:
    """A row without labels of blank nodes and with `literal` for the older `typed-literal`."""
    plain: dict[str, object] = {}
    for name, term in row.items():
        kind = term["type"].replace("typed-literal", "literal")
        plain[name] = "blank" if kind == "bnode" else {**term, "type": kind}
    return plain


def of_csv(text: str) -> Any:
    """Results in CSV, ready to compare: columns by name, numbers by value."""
    head, *rows = csv.reader(io.StringIO(text))
    return sorted(head), Counter(_by_name(head, map(_value, row)) for row in rows)


def of_tsv(text: str) -> Any:
    """Results in TSV, ready to compare."""
    head, *rows = (line.split("\t") for line in text.splitlines())
    return sorted(head), Counter(_by_name(head, map(_value, row)) for row in rows)


def _by_name(head: list[str], row: Any) -> tuple[Any, ...]:
    return tuple(sorted(zip(head, row, strict=True)))


def _value(cell: str) -> str:
    """A blank node without its label, a double by its value: the store keeps no spelling."""
    double = re.fullmatch(r'([\d.]+[eE]\d+)|"(\d+)"\^\^<.*#double>|(\d+000)', cell)
    if double is not None:
        return str(float(double[1] or double[2] or double[3]))
    return "_:" if cell.startswith("_:") else cell
