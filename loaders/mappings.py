"""Mappings: typed links from provisions to the requirements of law that they touch.

A mapping holds on the days on which the provision stands and the requirement reads so. `states` and
`describes` come from passages that do what the law asks; `infers` from passages that are only on
its topic, and is kept apart for that reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from clausegraph.loaders import methods
from clausegraph.loaders.acts import speech_act
from clausegraph.loaders.cues import Topic, declared
from clausegraph.loaders.detect import Detection
from clausegraph.loaders.duties import Duty, Reads, topic_requirements
from clausegraph.loaders.findings import digest_of, short
from clausegraph.loaders.opinions import PENDING, Opinion, review_state
from clausegraph.loaders.populations import elsewhere
from clausegraph.loaders.tensions import tensions
from clausegraph.loaders.textreading import TextReading
from clausegraph.loaders.tracked import Stand, Tracked
from clausegraph.loaders.unit import Node, filled
from clausegraph.ontology.iris import concept, mint, parse


@dataclass(frozen=True, slots=True)
class Link:
    """A passage's detection held against a requirement."""

    requirement: str
    relation: str
    population: frozenset[str]
    rules: tuple[str, ...]
    words: tuple[str, ...]
    confidence: float


def mapping_nodes(
    history: Tracked,
    readings: Mapping[str, TextReading],
    duties: Sequence[Duty],
    versions: Mapping[str, Sequence[Reads]],
    opinions: Sequence[Opinion] = (),
) -> Iterator[Node]:
    """The mappings of a document, each once; `versions` are those of all requirements."""
    made: dict[str, Node] = {}
    for stand, seen, links in _linked(history, readings, duties):
        for link in links:
            for reads in versions.get(link.requirement, ()):
                if (days := _days(stand, reads)) is not None:
                    held = _held(history, stand, link, reads, versions, opinions)
                    node = _node(history, stand, seen, link, reads, days, held)
                    made.setdefault(node["id"], node)
    yield from made.values()


def _linked(
    history: Tracked, readings: Mapping[str, TextReading], duties: Sequence[Duty]
) -> Iterator[tuple[Stand, str, list[Link]]]:
    """Each presence with its words and what they are linked to, as first read."""
    by_item = _by_item(duties)
    done: set[tuple[str, int, str]] = set()
    for version in history.versions:
        if not version.whole:
            continue
        text = readings[version.text]
        for at, found in enumerate(text.found):
            if not found:
                continue
            stand = history.stand(*text.places[at], ordinal=version.ordinal)
            if stand is None or (key := (stand.provision, stand.first, stand.headings)) in done:
                continue
            done.add(key)
            if links := _links(found, text.people[at], text.blocks[at].seen, by_item):
                yield stand, text.blocks[at].seen, links


def _by_item(duties: Sequence[Duty]) -> dict[str, list[Duty]]:
    found: dict[str, list[Duty]] = {}
    for duty in duties:
        for item in duty.by if duty.linked else ():
            found.setdefault(item, []).append(duty)
    return found


def _links(
    found: Sequence[Detection],
    people: frozenset[str],
    seen: str,
    by_item: Mapping[str, Sequence[Duty]],
) -> list[Link]:
    """What a passage is linked to: by its disclosures, else by its topics."""
    if elsewhere(people):
        return []
    links: dict[str, Link] = {}
    for each in found:
        topic = _topics()[each.topic]
        if topic.kind == "disclosures" and each.polarity != "unclear":
            for duty in by_item.get(each.topic, ()):
                if not people or duty.jurisdiction in people or "us" in people:
                    relation = _relation(each, topic, people)
                    links.setdefault(
                        duty.requirement, _link(duty.requirement, relation, each, people, seen)
                    )
            for requirement in _limited().get(each.topic, ()):
                jurisdiction = parse(requirement)[1][0]
                if each.polarity == "stated" and (
                    not people or jurisdiction in people or "us" in people
                ):
                    links[requirement] = _link(requirement, "limits", each, people, seen)
    for each in found:
        nearest = topic_requirements().get(each.topic)
        if nearest and nearest not in links:
            links[nearest] = _link(nearest, "infers", each, people, seen)
    return list(links.values())


def _relation(found: Detection, topic: Topic, people: frozenset[str]) -> str:
    if found.polarity == "denied" and topic.denial == "denies":
        return "denies"
    return "states" if people else "describes"


def _link(
    requirement: str, relation: str, found: Detection, people: frozenset[str], seen: str
) -> Link:
    matches = [each for each in found.matches if each.points > 0]
    own = [each for each in matches if (each.start, each.end) != (0, len(seen))] or matches
    words = dict.fromkeys(seen[each.start : each.end][:200].strip() for each in own)
    measured = relation != "infers"  # what is only on a topic is reasoning that nobody measured
    confidence = _topics()[found.topic].confidence if measured else 0.0
    return Link(
        requirement=requirement,
        relation=relation,
        population=people,
        rules=tuple(dict.fromkeys(each.cue for each in matches))[:6],
        words=tuple(each for each in words if each)[:6],
        confidence=confidence,
    )


def _days(stand: Stand, reads: Reads) -> tuple[date, date | None] | None:
    """The days that a presence and a requirement's version share; None where there is none."""
    if stand.first_day is None:
        return None
    first = max(stand.first_day, reads.first)
    ends = [each for each in (stand.last_day, reads.last) if each is not None]
    last = min(ends) if ends else None
    return (first, last) if last is None or first <= last else None


def _digest(provision: str, link: Link, reads: Reads) -> str:
    """The digest of what a mapping rests on: words, and the reading of a requirement they limit."""
    return digest_of([provision, link.relation, reads.iri] if _collides(link) else [provision])


def _collides(link: Link) -> bool:
    return link.relation == "limits"


def _held(
    history: Tracked,
    stand: Stand,
    link: Link,
    reads: Reads,
    versions: Mapping[str, Sequence[Reads]],
    opinions: Sequence[Opinion],
) -> str:
    """The review state of a mapping, from what people hold of it, of earlier words and readings."""
    mine = [
        each for each in opinions if each.kind == "Mapping" and each.requirement == link.requirement
    ]
    if not mine:
        return PENDING
    earlier = {digest_of([each]) for each in history.earlier(stand.provision)}
    if _collides(link):
        words = (stand.provision, *history.earlier(stand.provision))
        then = [each for each in versions[link.requirement] if each.first <= reads.first]
        earlier |= {_digest(each, link, one) for each in words for one in then}
        earlier |= {digest_of([stand.provision])}
    return review_state(mine, _digest(stand.provision, link, reads), earlier)


def _node(
    history: Tracked,
    stand: Stand,
    seen: str,
    link: Link,
    reads: Reads,
    days: tuple[date, date | None],
    review: str,
) -> Node:
    ids = history.ids
    key = f"{stand.provision} {stand.first} {stand.headings} {reads.iri} {link.relation}"
    return filled(
        {
            "id": mint("mapping", *ids, short(key)),
            "type": "Mapping",
            "label": f"{'/'.join(parse(link.requirement)[1])}: {link.relation}",
            "document": history.document,
            "provision": stand.provision,
            "requirement": link.requirement,
            "requirementVersion": reads.iri,
            "mappingRelation": concept("mapping-relation", link.relation),
            "speechAct": concept("speech-act", speech_act(seen)),
            "population": [concept("population", code) for code in sorted(link.population)],
            "evidence": stand.quote,
            "rule": [methods.rule(each) for each in link.rules],
            "matchedWords": list(link.words),
            "expectedPrecision": link.confidence or None,
            "evidenceSha256": _digest(stand.provision, link, reads),
            "reviewState": concept("review-state", review),
            "madeBy": methods.method("reading"),
            "validFrom": days[0],
            "validUntil": days[1],
        }
    )


@lru_cache(maxsize=1)
def _topics() -> dict[str, Topic]:
    return {each.id: each for each in declared()}


@lru_cache(maxsize=1)
def _limited() -> dict[str, frozenset[str]]:
    """The requirements that a disclosure narrows, by the disclosure."""
    found: dict[str, frozenset[str]] = {}
    for each in tensions():
        if each.shows and not each.beside:
            found[each.shows] = found.get(each.shows, frozenset()) | each.on
    return found
