"""Rows of the page of checked claims: words of a document, findings, claims, as a reader sees them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from textwrap import shorten

from clausegraph.api.reader import Entity, Reader, slug
from clausegraph.loaders.duties import Reads, duties
from clausegraph.ontology.iris import ID, parse

_ROOT = ID.removesuffix("id/")
_LONGEST = 420  # characters of a passage that are shown
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Link:
    """A name that leads to a page of the same server."""

    text: str
    href: str


@dataclass(frozen=True)
class Words:
    """A passage, the day from which it stands, the version in which it is quoted, its nearness."""

    text: str
    since: str
    href: str
    similarity: str = ""


@dataclass(frozen=True)
class DutyRow:
    """A finding on a requirement: its state (a slug) in words, its words or the nearest passages."""

    name: Link
    place: str
    citations: tuple[str, ...]
    state: str
    label: str
    condition: str
    reason: str
    words: tuple[Words, ...]
    near: tuple[Words, ...]
    searched: str


@dataclass(frozen=True)
class ClaimRow:
    """A claim with what came of it; `outcome` is a slug, empty where it was not checked."""

    slug: str
    kind: str
    says: str
    outcome: str
    label: str
    status: str
    why: str
    words: tuple[Words, ...]
    near: tuple[Words, ...]
    law: tuple[Link, ...]
    searched: str


def plain(text: str) -> str:
    """Text of others without characters that steer a terminal or turn the direction of reading."""
    return "".join(
        " " if char.isspace() else "\ufffd" if unicodedata.category(char) in _HIDDEN else char
        for char in text
    )


def href(iri: str) -> str:
    """The page of a node on the same server."""
    return "/" + iri.removeprefix(_ROOT)


def link(reader: Reader, iri: str) -> Link:
    """A node as its name and page."""
    return Link(name(reader, iri), href(iri))


def name(reader: Reader, iri: str) -> str:
    """What a node is called; its id where it has no name."""
    found = reader.entity(iri)
    known = found and (found.one("label") or found.one("title"))
    return plain(str(known or "/".join(parse(iri)[1])))


def concept(reader: Reader, iri: str | None) -> str:
    """The name of a concept of a closed list; empty where there is none."""
    if not iri:
        return ""
    found = reader.entity(iri)
    return str(found.one("label")) if found and found.one("label") else slug(iri).replace("-", " ")


def words(reader: Reader, quotes: Iterable[str]) -> tuple[Words, ...]:
    """The passages of some quotes, in the order given."""
    return tuple(_words(reader, each) for each in quotes)


def _words(reader: Reader, iri: str, similarity: str = "") -> Words:
    quote = reader.entity(iri)
    if quote is None:
        return Words("", "", href(iri), similarity)
    provision = reader.entity(str(quote.one("provision")))
    version = reader.entity(str(quote.one("version")))
    text = str(provision.one("normalisedText")) if provision else str(quote.one("exact"))
    since = str(version.one("capturedAt"))[:10] if version else ""
    shown = shorten(plain(text), _LONGEST, placeholder=" \u2026")
    return Words(shown, since, href(iri), similarity)


def near(reader: Reader, node: Entity) -> tuple[Words, ...]:
    """The passages that come near to what was looked for, the nearest first."""
    found = reader.entities(node.all("nearest"))
    ordered = sorted(found, key=lambda each: int(each.one("order")))
    return tuple(
        _words(reader, str(each.one("quote")), f"{float(each.one('similarity')):.2f}")
        for each in ordered
    )


def searched(node: Entity) -> str:
    """How much was read before it was said; empty where nothing was."""
    passages, versions = node.one("passagesSearched"), len(node.all("searchedVersion"))
    if not passages:
        return ""
    several = "version" if versions == 1 else "versions"
    return f"{passages} passages, {node.one('charactersSearched')} characters, {versions} {several}"


def duty_row(reader: Reader, finding: Entity) -> DutyRow:
    """A finding as a row."""
    requirement = str(finding.one("requirement"))
    version = reader.entity(str(finding.one("requirementVersion")))
    state = str(finding.one("findingState"))
    return DutyRow(
        name=link(reader, requirement),
        place=parse(requirement)[1][0],
        citations=tuple(sorted(version.all("citation"), key=natural)) if version else (),
        state=slug(state),
        label=concept(reader, state),
        condition=condition(requirement),
        reason=concept(reader, finding.one("findingReason")),
        words=words(reader, finding.all("evidence")),
        near=near(reader, finding),
        searched=searched(finding),
    )


def claim_row(reader: Reader, claim: Entity) -> ClaimRow:
    """A claim and its check as a row."""
    found = reader.back(claim.iri, "claim", "ClaimCheck")
    made = found[0] if found else None
    outcome = str(made.one("claimOutcome")) if made else ""
    law = (*made.all("requirementVersion"), *made.all("anchor")) if made else ()
    return ClaimRow(
        slug=slug(claim.iri),
        kind=slug(str(claim.one("claimKind"))),
        says=plain(str(claim.one("summary"))),
        outcome=slug(outcome) if outcome else "",
        label=concept(reader, outcome) or "not checked",
        status=concept(reader, made.one("quoteStatus")) if made else "",
        why=plain(str(made.one("sentence"))) if made else "",
        words=words(reader, made.all("evidence")) if made else (),
        near=near(reader, made) if made else (),
        law=tuple(link(reader, iri) for iri in law),
        searched=searched(made) if made else "",
    )


_DOERS = {
    "": "",
    "sale": "sell data",
    "advertising": "share data or use them for targeted advertising",
    "sale-or-advertising": "sell data, or share or use them for targeted advertising",
    "sensitive": "use sensitive data beyond what is permitted anyway",
}
"""What those do who alone are asked for something, by the condition of the duty."""


def condition(requirement: str) -> str:
    """What those do who alone are asked for what a requirement asks; empty where all are."""
    found = duties({requirement: [Reads(requirement, date.min, None)]})
    return _DOERS[found[0].condition] if found else ""


def natural(text: str) -> list[tuple[int, str]]:
    """A key that puts §9 before §10."""
    parts = re.split(r"(\d+)", text)
    return [(int(each), "") if _NUMBER.fullmatch(each) else (0, each) for each in parts]
