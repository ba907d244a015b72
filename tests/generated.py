"""What is generated and committed: one function a file; `make generate` writes them all.

`test_generated.py` compares each with what is committed.
"""

from __future__ import annotations

import csv
import importlib
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path

import yaml

from clausegraph.api.problems import STATUSES
from clausegraph.api.schema import sdl
from clausegraph.api.settings import Settings, variable
from clausegraph.loaders.law import embedded
from clausegraph.ontology.context import text as context
from clausegraph.ontology.errors import ClausegraphError

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "tests" / "questions"


def settings() -> str:
    """docs/settings.md: every setting with its variable, default and meaning."""
    rows = [
        f"| `{variable(each.name)}` | {_default(each.name)} | {each.metadata['about']} |"
        for each in fields(Settings)
    ]
    head = [
        "# Settings",
        "",
        "Settings are read from the environment once, when a command starts.",
        "`--data`, `--host` and `--port` win over their variables.",
        "",
        "| variable | default | meaning |",
        "| --- | --- | --- |",
    ]
    return "\n".join([*head, *rows]) + "\n"


def _default(name: str) -> str:
    found = next(each for each in fields(Settings) if each.name == name)
    return (
        "the user data directory of the platform"
        if found.default is MISSING
        else f"`{found.default}`"
    )


def left_out() -> dict[str, str]:
    """Facts of the research notes that are not in the graph, each with the reason."""
    found: dict[str, str] = yaml.safe_load((ROOT / "docs" / "law-left-out.yaml").read_text()) or {}
    return found


def facts() -> Counter[str]:
    """How many nodes of the embedded law carry each fact number."""
    return Counter(
        fact
        for unit in embedded()
        for node in unit.nodes.values()
        for fact in node.get("factId", ())
    )


def law_coverage() -> str:
    """docs/law-coverage.md: which numbered facts of the research notes the graph holds."""
    lines = [
        "# Which facts of the research notes are in the graph",
        "",
        "Each fact of law carries the number under which it stands in the project's research notes (`cg:factId`).",
        "The table counts the nodes that carry a number; the list above it names what was left out, and why.",
        "",
        "## Left out",
        "",
    ]
    lines += [f"- {fact}: {reason}" for fact, reason in sorted(left_out().items())] or ["Nothing."]
    lines += ["", "## In the graph", "", "| fact | nodes |", "| --- | --- |"]
    lines += [f"| {fact} | {count} |" for fact, count in sorted(facts().items())]
    return "\n".join(lines) + "\n"


def questions() -> str:
    """docs/questions.md: what the graph answers, a line a competency question."""
    lines = [
        "# What it can answer",
        "",
        "Each question is a tested SPARQL query in `tests/questions/` with its expected rows;",
        "where a GraphQL document stands beside it, its answer is equal.",
        "",
        "| question | rows | GraphQL |",
        "| --- | --- | --- |",
    ]
    for path in sorted(QUESTIONS.glob("*.rq")):
        title = path.read_text().splitlines()[0].removeprefix("#").strip()
        rows = len(list(csv.reader(io.StringIO(path.with_suffix(".csv").read_text())))) - 1
        also = "yes" if path.with_suffix(".graphql").exists() else "no"
        lines.append(f"| [{title}](../tests/questions/{path.name}) | {rows} | {also} |")
    return "\n".join(lines) + "\n"


def errors() -> str:
    """docs/errors.md: every error with its code, its meaning and its HTTP status."""
    for layer in ("ontology", "shapes", "loaders", "api"):
        for path in sorted((ROOT / layer).glob("*.py")):
            if not path.stem.startswith("__"):
                importlib.import_module(f"clausegraph.{layer}.{path.stem}")
    lines = [
        "# Errors",
        "",
        "Every error has a stable code, a message with the offending value, and a hint what to do.",
        "HTTP answers carry it as a problem document (RFC 9457), GraphQL in `extensions.code`,",
        "the command line on standard error with exit code 1 (wrong input), 2 (wrong use) or 3",
        "(nothing to read, a busy or damaged store, no address to listen on).",
        "",
        "| code | meaning | HTTP |",
        "| --- | --- | --- |",
    ]
    for each in sorted(_family(ClausegraphError), key=lambda each: each.code):
        meaning = (each.__doc__ or "").partition("\n")[0]
        lines.append(f"| `{each.code}` | {meaning} | {STATUSES.get(each.code, '')} |")
    lines += [
        "",
        "GraphQL has three more, for what has no class of its own:",
        "`invalid-query` (the document does not fit the schema), `bad-request` (not GraphQL over HTTP)",
        "and `internal-error` (a fault of the server, which logs it).",
    ]
    return "\n".join(lines) + "\n"


def _family(base: type[ClausegraphError]) -> set[type[ClausegraphError]]:
    """All errors of ours below a class."""
    own = {each for each in base.__subclasses__() if each.__module__.startswith("clausegraph.")}
    return own.union(*map(_family, own))


FILES: dict[str, Callable[[], str]] = {
    "api/schema.graphql": sdl,
    "docs/errors.md": errors,
    "docs/law-coverage.md": law_coverage,
    "docs/questions.md": questions,
    "docs/settings.md": settings,
    "ontology/context.jsonld": context,
}


def main() -> None:
    """Write every generated file, after all of them could be made."""
    texts = {name: make() for name, make in FILES.items()}
    for name, text in texts.items():
        (ROOT / name).write_text(text)


if __name__ == "__main__":
    main()
