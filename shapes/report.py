"""What a validation found, for people: which file, which node, which rule, what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clausegraph.ontology.errors import ClausegraphError

Locate = Callable[[str], str]


@dataclass(frozen=True, order=True)
class Finding:
    """One breach of one shape.

    `where` is ``file:line`` when the caller knows it, else ``file``, else ``""``.
    """

    where: str
    focus: str
    shape: str
    message: str
    advice: str
    path: str = ""
    value: str = ""

    def __str__(self) -> str:
        """Read as three lines: place and rule, node, advice."""
        value = f" (value: {self.value})" if self.value else ""
        place = f"{self.where}: " if self.where else ""
        return (
            f"{place}{self.message} [{self.shape}]\n"
            f"    node: {self.focus}{value}\n"
            f"    do:   {self.advice}"
        )


@dataclass(frozen=True)
class Report:
    """The findings of a validation, in the order of files and nodes."""

    findings: tuple[Finding, ...]

    @property
    def conforms(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def __str__(self) -> str:
        """All findings, a blank line between, and their number at the end."""
        count = len(self.findings)
        return "\n\n".join([*map(str, self.findings), f"{count} breach{'es'[: 2 * (count != 1)]}"])


class InvalidGraphError(ClausegraphError):
    """The graph breaks a shape, so nothing of it is published."""

    code = "graph-invalid"

    def __init__(self, report: Report) -> None:
        """Hold the report; its text is the message."""
        self.report = report
        super().__init__(
            str(report),
            hint="Mend the files named above and publish again; the last release keeps serving.",
            value=[finding.shape for finding in report.findings],
        )
