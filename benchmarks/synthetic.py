"""Invented platforms in any number, as the loaders would have made them: for measuring at scale.

    python -m benchmarks.synthetic PLATFORMS [SEED] > file.nq

Every platform has one document with three versions, 45 provisions through them, what changed, and
what was read in it against requirements of the law that the package carries. Words follow Zipf's
law, as those of real policies do, so that searches meet frequent and rare ones. The same number and
seed give the same bytes, and a platform is the same whatever their number.

`lines` are N-Quads for the store.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from clausegraph.loaders.law import embedded
from clausegraph.loaders.unit import iri_of
from clausegraph.ontology.iris import ID, NS, graph

SEED = 20261125
STANDING, REWORDED, VERSIONS = 41, 2, 3
"""Provisions that stand at any time; those reworded by each later version; versions."""
MAPPINGS, FINDINGS = 24, 24
VOCABULARY = 20_000
_HEAD = """
we you your the data information to of and personal may our use with for in or is services that
not are this by as any share collect on from will third parties when such provide it privacy
policy other service if about can consent rights law request access delete account required
including purposes cookies retention security opt out sale sell party advertising children
consumers california process processing legal interests contact email address device location
usage content partners providers disclose correct portability appeal sensitive biometric health
profiling automated decision training model prompts images outputs transfer
"""
HEAD = _HEAD.split()
_SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "la",
    "me",
    "ni",
    "po",
    "ru",
    "sa",
    "te",
    "vi",
    "zo",
    "ka",
    "lu",
    "mi",
    "ne",
    "ro",
    "tu",
]
_TOPICS = "What we collect;How we use data;Sharing;Your rights;Retention;Security;Children;Contact"
HEADINGS = tuple(_TOPICS.split(";"))
KINDS = ("paragraph",) * 12 + ("item",) * 6 + ("row", "definition")
DOCUMENTS = (("privacy-policy", "Privacy Policy"),) * 6 + (
    ("terms-of-service", "Terms of Service"),
    ("cookie-policy", "Trackers Policy"),
    ("acceptable-use", "Acceptable Use"),
    ("data-processing-agreement", "Data Processing Agreement"),
)
SIGNIFICANCE = ("meaning", "wording", "wording", "markup", "dates")
STATES = ("stated",) * 5 + ("not-stated",) * 4 + ("denied",)
RELATIONS = ("states",) * 5 + ("describes",) * 3 + ("limits", "infers")
REVIEWS = ("pending",) * 8 + ("confirmed", "rejected")


@dataclass
class Provision:
    """A provision with its one run of versions; places in its text are of the first of them."""

    text: str
    kind: str
    heading: str
    first: int
    sha: str = ""
    last: int | None = None
    earlier: Provision | None = None
    start: int = 0


@dataclass
class Platform:
    """A platform with its document."""

    own: str
    name: str
    kind: str
    type: str
    days: list[date] = field(default_factory=list)
    provisions: list[Provision] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    shas: list[str] = field(default_factory=list)
    significance: list[str] = field(default_factory=list)
    silent: list[bool] = field(default_factory=list)
    mappings: list[tuple[int, str, str, str, str]] = field(default_factory=list)
    findings: list[tuple[str, str, str, str]] = field(default_factory=list)
    invented: bool = True

    @property
    def path(self) -> str:
        """What IRIs of its document have in common."""
        return f"{self.own}/{self.kind}"

    @property
    def label(self) -> str:
        """The label of its document."""
        return f"{self.name} {self.type}"

    def version(self, number: int) -> str:
        """The last step of a version's IRI; numbers are from 0."""
        return f"{self.days[number]}T120000Z-{self.shas[number][:12]}"

    def standing(self, number: int) -> list[Provision]:
        """What stands in a version, in the order of its text."""
        return [
            each
            for each in self.provisions
            if each.first <= number and (each.last is None or number <= each.last)
        ]


@functools.cache
def vocabulary() -> tuple[list[str], list[float]]:
    """Words and the sums of their weights: frequent ones of policies, then made-up ones."""
    made = map("".join, itertools.product(_SYLLABLES, repeat=4))
    words = [*HEAD, *itertools.islice(made, 0, VOCABULARY * 8, 8)][:VOCABULARY]
    weights = (1 / (rank + 2.7) ** 1.05 for rank in range(len(words)))
    return words, list(itertools.accumulate(weights))


@functools.cache
def requirements() -> tuple[list[tuple[str, str]], list[float]]:
    """Requirements of the law, each with a version of it, and the sums of their weights."""
    found = {
        iri_of(quad.object): iri_of(quad.subject)
        for unit in embedded()
        for quad in unit.quads()
        if quad.predicate.value == NS + "versionOf"
    }
    pairs = sorted(found.items())
    random.Random(SEED).shuffle(pairs)
    return pairs, list(itertools.accumulate(1 / (n + 3) for n in range(len(pairs))))


def platform(number: int, seed: int = SEED) -> Platform:
    """One platform by its number."""
    draw = random.Random(f"{seed}/{number}")
    kind, type_ = draw.choice(DOCUMENTS)
    words, weights = vocabulary()
    name = " ".join(word.capitalize() for word in draw.choices(words[len(HEAD) :], k=2))
    made = Platform(f"s{number:06d}", f"{name} {number}", kind, type_)
    first = date(2022, 1, 1) + timedelta(draw.randrange(900))
    gaps = [draw.randrange(30, 400) for _ in range(VERSIONS - 1)]
    made.days = [first + timedelta(sum(gaps[:n])) for n in range(VERSIONS)]
    tokens = iter(draw.choices(words, cum_weights=weights, k=60 * 46))
    for n in range(STANDING):
        heading = HEADINGS[n * len(HEADINGS) // STANDING]
        made.provisions.append(_provision(draw, tokens, heading, 0))
    for version in range(1, VERSIONS):
        for old in draw.sample(made.standing(version - 1), REWORDED):
            old.last = version - 1
            new = _provision(draw, tokens, old.heading, version)
            new.earlier = old
            made.provisions.insert(made.provisions.index(old), new)
        made.significance.append(draw.choice(SIGNIFICANCE))
        made.silent.append(draw.random() < 0.3)
    _place(made)
    _judge(draw, made)
    return made


def _provision(draw: random.Random, tokens: Iterator[str], heading: str, first: int) -> Provision:
    text = " ".join(itertools.islice(tokens, draw.randrange(8, 56))).capitalize() + "."
    return Provision(text, draw.choice(KINDS), heading, first)


def _place(made: Platform) -> None:
    """Write the texts of the versions, and where provisions stand in the first that holds them."""
    seen: dict[str, int] = {}
    for each in made.provisions:
        key = seen[each.text] = seen.get(each.text, 0) + 1
        each.sha = hashlib.sha256(f"{key} {each.text}".encode()).hexdigest()
    for number in range(VERSIONS):
        text, heading = f"# {made.label}\n", ""
        for each in made.standing(number):
            if each.heading != heading:
                heading = each.heading
                text += f"\n## {heading}\n"
            text += "\n"
            if each.first == number:
                each.start = len(text)
            text += each.text + "\n"
        made.texts.append(text)
        made.shas.append(hashlib.sha256(text.encode()).hexdigest())


def _judge(draw: random.Random, made: Platform) -> None:
    """Draw mappings and findings; they hold from the platform's first day on."""
    pairs, weights = requirements()
    asked = dict.fromkeys(draw.choices(pairs, cum_weights=weights, k=MAPPINGS + FINDINGS * 2))
    for requirement, version in itertools.islice(asked, FINDINGS):
        states = requirement, version, draw.choice(STATES), draw.choice(REVIEWS)
        made.findings.append(states)
    for requirement, version in draw.choices(pairs, cum_weights=weights, k=MAPPINGS):
        place = draw.randrange(len(made.provisions))
        row = place, requirement, version, draw.choice(RELATIONS), draw.choice(REVIEWS)
        made.mappings.append(row)


def own(*parts: Any) -> str:
    """Sixteen signs that stand for what makes a thing itself."""
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:16]


def main(words: Sequence[str]) -> None:
    """Write platforms to standard output."""
    from benchmarks.syntheticlines import lines

    seed = int(words[1]) if len(words) > 1 else SEED
    for number in range(int(words[0])):
        sys.stdout.write("".join(f"{line} .\n" for line in lines(platform(number, seed))))


HISTORIES, FOUND, PLATFORMS = graph("policies"), graph("findings"), graph("platforms")
__all__ = ["FOUND", "HISTORIES", "ID", "PLATFORMS", "Platform", "Provision", "own", "platform"]

if __name__ == "__main__":
    main(sys.argv[1:])
