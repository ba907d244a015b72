"""GraphQL types of how judgements come about: methods, rules, and what every judgement carries."""

from __future__ import annotations

import strawberry

from clausegraph.api.enums import RulePlace
from clausegraph.api.nodes import Node, about, choice, edge, shows, value


@shows("Method")
@strawberry.type(description=about("Method"))
class Method(Node):
    """A way of coming to judgements."""

    version: str = value("methodVersion")
    notice: str = value("notice")
    sha256: str = value("sha256", "Digest of everything declared by which it works.")
    note: str | None = value("note")


@shows("Rule")
@strawberry.type(description=about("Rule"))
class Rule(Node):
    """A declared pattern."""

    detects: str = value("detects")
    pattern: str = value("pattern")
    unless: str | None = value("unless")
    looked_for_in: RulePlace = choice("lookedForIn", RulePlace)
    points: int = value("points")
    sha256: str = value("sha256", "Digest of the rule as it is declared.")


@strawberry.interface(
    description="What a method made of texts; the method's notice says what to know before relying "
    "on it."
)
class Judgement(Node):
    """Mixed into every view of something that a method made."""

    method: Method = edge("madeBy")
