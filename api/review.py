"""People's opinions of mappings and findings: written beside them, never over them.

An opinion is kept with its author, its time, its reason and the digest of the words it was given
on. What follows from all opinions together is worked out by the examination
(`clausegraph.loaders.opinions`), so that a new run of the method never loses one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path

from pyoxigraph import NamedNode

from clausegraph.api.examine import due
from clausegraph.api.ledger import Known, Ledger
from clausegraph.api.opinionstore import opinions_graph, opinions_of
from clausegraph.api.portfolios import Saved, UnpublishedError
from clausegraph.api.publish import Step, publish_held, silent, unpublished
from clausegraph.api.store import Writer, writing
from clausegraph.loaders.findings import short
from clausegraph.loaders.names import slug
from clausegraph.loaders.opinions import MERGED, states
from clausegraph.loaders.unit import Node, to_quads
from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.iris import ID, NS, PREFIXES, concept, graph, mint

REVIEWERS = graph("reviewers")
"""The graph of the people who gave opinions."""
DECISIONS = tuple(MERGED)
LONGEST = 2_000  # characters of a reason
_NAME = 120  # characters of an author's name


class OpinionError(ClausegraphError):
    """An opinion cannot be taken as it was given; nothing was written."""

    code = "opinion-invalid"


class NoJudgementError(ClausegraphError):
    """There is no finding or mapping of this id."""

    code = "no-such-judgement"


@dataclass(frozen=True)
class Given:
    """An opinion as somebody gives it: `state` for an amended one, else empty.

    Only a finding can be amended; who holds that a mapping is wrong rejects it and says why.
    """

    judgement: str
    author: str
    decision: str
    reasoning: str
    state: str = ""


@dataclass(frozen=True)
class _About:
    """What is judged: a finding or mapping with its document, as the store has it."""

    iri: str
    known: Known
    requirement: str
    evidence: str
    state: str


def give(
    data: Path,
    given: Given,
    step: Step = silent,
    patience: float | None = None,
    at: datetime | None = None,
) -> Saved:
    """Take an opinion and publish; the same opinion given again changes nothing.

    Raises `OpinionError`, `NoJudgementError`, `UnpublishedError` where law or histories are not
    published yet, `InvalidGraphError` and `BusyError`.
    """
    _check(given)
    with writing(data, patience) as writer, Ledger(data) as ledger:
        about = _about(writer, ledger, given)
        agent = {"id": mint("agent", slug(given.author)), "type": "Agent", "label": given.author}
        _refuse_others(data, writer, ledger)
        node = _node(given, about, agent["id"], _moment(writer, about, at))
        same = _same(writer, about, node)
        with _undone(writer, about):
            if same is None:
                _write(writer, about, agent, node)
            release = publish_held(data, writer, ledger, step)
    return Saved((same or node["id"],), release, same is None)


def _moment(writer: Writer, about: _About, at: datetime | None) -> datetime:
    """When an opinion is given: now, and in any case after those given before on the document."""
    others = opinions_of(writer, about.known.identity)
    last = max((each.at for each in others), default=None)
    moment = at or datetime.now(UTC)
    return moment if last is None or moment > last else last + timedelta(microseconds=1)


def _check(given: Given) -> None:
    """Refuse what cannot be an opinion."""
    kind = given.judgement.removeprefix(ID).partition("/")[0]
    wrong = ""
    if given.decision not in DECISIONS:
        wrong = f"the decision is one of: {', '.join(DECISIONS)}"
    elif not given.author.strip() or len(given.author) > _NAME:
        wrong = f"an opinion has an author, named in at most {_NAME} characters"
    elif not given.reasoning.strip() or len(given.reasoning) > LONGEST:
        wrong = f"an opinion has a reason of at most {LONGEST} characters"
    elif not given.author.isprintable() or not _readable(given.reasoning):
        wrong = "author and reason hold no control characters"
    else:
        wrong = _unfit(given, kind)
    if wrong:
        raise OpinionError(wrong, hint="Nothing was written; give it again.", value=given.decision)


def _unfit(given: Given, kind: str) -> str:
    """What of decision and state does not go with what is judged; empty where all does."""
    if given.decision == "amend" and kind == "mapping":
        return (
            "a mapping is confirmed or rejected; only a finding has a state to amend: "
            f"{', '.join(states())}"
        )
    if given.decision == "amend" and kind == "finding" and given.state not in states():
        near = get_close_matches(given.state, states(), 1, 0.6)
        meant = f" (did you mean {near[0]}?)" if near else ""
        return f"who amends a finding says its state: {', '.join(states())}{meant}"
    if given.state and (given.decision != "amend" or kind != "finding"):
        return "a state is given to amend a finding, and for nothing else"
    return ""


def _readable(text: str) -> bool:
    """Whether a text is without control characters other than those of lines."""
    return all(character.isprintable() or character in "\n\r\t" for character in text)


def _facts(writer: Writer, iri: str) -> dict[str, str]:
    """What the store says of a thing; nothing where no thing can have that IRI."""
    try:
        node = NamedNode(iri)
    except ValueError:
        return {}
    return {
        quad.predicate.value.removeprefix(NS): str(getattr(quad.object, "value", ""))
        for quad in writer.store.quads_for_pattern(node, None, None, None)
    }


def _about(writer: Writer, ledger: Ledger, given: Given) -> _About:
    """What an opinion is about. Raises `NoJudgementError`."""
    iri = given.judgement if given.judgement.startswith(ID) else ID + given.judgement
    facts = _facts(writer, iri)
    known = next(
        (
            each
            for each in ledger.documents().values()
            if each.identity.iri("document") == facts.get("document")
        ),
        None,
    )
    if known is None or "reviewState" not in facts:
        raise NoJudgementError(
            f"there is no finding or mapping {given.judgement!r}",
            hint="`clausegraph review list` shows what can be reviewed, with its id.",
            value=given.judgement,
        )
    return _About(
        iri, known, facts["requirement"], facts["evidenceSha256"], facts.get("findingState", "")
    )


def _node(given: Given, about: _About, author: str, at: datetime) -> Node:
    identity = about.known.identity
    key = f"{about.iri} {author} {at.isoformat()} {given.decision} {given.state} {given.reasoning}"
    state = concept("finding-state", given.state) if given.state else None
    if given.decision == "confirm" and about.state:
        state = about.state
    node = {
        "id": mint("opinion", identity.platform_id, identity.document_id, short(key)),
        "type": "Opinion",
        "label": f"{given.author}: {given.decision}",
        "judgement": about.iri,
        "requirement": about.requirement,
        "document": identity.iri("document"),
        "creator": author,
        "givenAt": at,
        "decision": concept("decision", given.decision),
        "findingState": state,
        "reasoning": given.reasoning.strip(),
        "evidenceSha256": about.evidence,
    }
    return {key: value for key, value in node.items() if value is not None}


def _same(writer: Writer, about: _About, node: Node) -> str | None:
    """The author's last opinion on this judgement, if it says the same of the same words."""
    keys = ("creator", "decision", "findingState", "reasoning", "evidenceSha256", "requirement")
    wanted = {key: node.get(key) for key in keys}
    last: tuple[datetime, str, dict[str, str | None]] | None = None
    facts: dict[str, dict[str, str]] = {}
    for quad in writer.of(opinions_graph(about.known.identity)):
        local = quad.predicate.value.removeprefix(NS).removeprefix(PREFIXES["dcterms"])
        facts.setdefault(str(quad.subject)[1:-1], {})[local] = str(
            getattr(quad.object, "value", "")
        )
    for iri, each in facts.items():
        if (each["judgement"], each["creator"]) != (about.iri, node["creator"]):
            continue
        when = datetime.fromisoformat(each["givenAt"])
        if last is None or when > last[0]:
            last = when, iri, {key: each.get(key) for key in keys}
    return last[1] if last and last[2] == wanted else None


def _write(writer: Writer, about: _About, agent: Node, node: Node) -> None:
    """Add an opinion, and its author where nothing else describes that agent."""
    name = opinions_graph(about.known.identity)
    lines = {str(quad.triple) for quad in writer.of(name)}
    lines |= {str(quad.triple) for quad in to_quads([node], name)}
    writer.amend(name, sorted(lines))
    if not any(writer.store.quads_for_pattern(NamedNode(agent["id"]), None, None, None)):
        known = {str(quad.triple) for quad in writer.of(REVIEWERS)}
        known |= {str(quad.triple) for quad in to_quads([agent], REVIEWERS)}
        writer.amend(REVIEWERS, sorted(known))


def _refuse_others(data: Path, writer: Writer, ledger: Ledger) -> None:
    """Raise `UnpublishedError` where more than opinions would be published.

    Findings that other rules would change are among it: an opinion says nothing of them.
    """
    if others := unpublished(data, writer, ledger):
        raise UnpublishedError(
            f"{len(others)} graphs of law or policies are loaded and not published",
            hint="Run `clausegraph publish` first.",
            value=[name.removeprefix(f"{ID}graph/") for name in others[:20]],
        )
    if waiting := due(writer, ledger):
        raise UnpublishedError(
            f"{len(waiting)} documents have to be examined by other rules than when they were",
            hint="Run `clausegraph publish` first.",
            value=[name.removeprefix(f"{ID}graph/") for name in waiting[:20]],
        )


@contextmanager
def _undone(writer: Writer, about: _About) -> Iterator[None]:
    """Take an opinion back where publishing fails; findings follow at the next examination."""
    names = (opinions_graph(about.known.identity), REVIEWERS)
    before = {name: [str(quad.triple) for quad in writer.of(name)] for name in names}
    try:
        yield
    except BaseException:
        for name, lines in before.items():
            writer.amend(name, lines)
        raise
