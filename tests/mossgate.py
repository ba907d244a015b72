"""An invented notice, its captures and the history that is made of them, for the tests of histories."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from hypothesis import strategies as st

from clausegraph.loaders.capture import Capture
from clausegraph.loaders.changes import compare
from clausegraph.loaders.historytexts import sha256_of
from clausegraph.loaders.ntriples import lines
from clausegraph.loaders.policies import HistoryBuilder, Identity
from clausegraph.loaders.unit import Node, to_quads
from clausegraph.ontology.iris import graph
from clausegraph.shapes.validator import validate_fast

WHO = Identity("Mossgate", "Privacy Policy", "mossgate", "privacy-policy", invented=True)
START = datetime(2024, 1, 1, 6, tzinfo=UTC)

KEPT = "We keep the data of your account for 30 days after you close it."
LONGER = KEPT.replace("30", "45")
SHARED = "We may share your address with the carriers who bring your parcels."
ASK = "You may ask us to delete what we know of you."
ANSWER = "We answer every request that reaches us by post within 90 days."
SOLD = "We do not sell personal data to anybody, whatever the price that is offered."
POLICY = f"""\
# Mossgate Privacy Policy

Last updated: March 3, 2024

## What we keep

{KEPT}

{SHARED}

* Log files are kept on servers in Oregon and nowhere else at all.
* Payment details go to Quayside Payments, which charges your card.

## Your rights

{ASK} {ANSWER}

{SOLD}
"""
ERROR = "# 404\n\nThe page could not be found.\n"
HOME = "\nGo back to the start, or look at one of the pages that people like most.\n"
BARE = "Loading\n"
CUT = POLICY.partition("\n\n" + SHARED)[0] + "\n"
DATE = "Last updated: March 3, 2024\n\n"


def swap(old: str, new: str, text: str = POLICY) -> str:
    """A text with one exchange, which must be there to be made."""
    assert text.count(old) == 1
    return text.replace(old, new)


OTHER = swap(KEPT, LONGER)


def capture(text: str, number: int, day: float, sha256: str = "") -> Capture:
    """A capture of the policy, some days after the first one."""
    return Capture(
        platform=WHO.platform,
        document=WHO.document,
        commit=f"{number:040x}"[::-1],
        recorded=START + timedelta(days=day),
        label="change",
        snapshot=None,
        sha256=sha256 or hashlib.sha256(text.encode()).hexdigest(),
        text=text,
    )


def captures(texts: Sequence[str], days: Sequence[float] | None = None) -> list[Capture]:
    """Captures of texts, one a day where no days are given."""
    when = range(len(texts)) if days is None else days
    return [
        capture(text, number, day)
        for number, (text, day) in enumerate(zip(texts, when, strict=True), 1)
    ]


class Made:
    """The nodes of a history, and short answers about them; versions go by their ordinals."""

    def __init__(self, *texts: str, days: Sequence[float] | None = None) -> None:
        """Build the history of texts."""
        self.read(captures(texts, days))

    def read(self, found: Sequence[Capture]) -> Made:
        """Build the history of captures."""
        self.builder = HistoryBuilder(WHO, found)
        self.nodes = list(self.builder.nodes())
        self.typed = [node for node in self.nodes if "type" in node]
        self.node = {node["id"]: node for node in self.typed}
        return self

    def of(self, kind: str) -> list[Node]:
        """The nodes of a class in their order."""
        return [node for node in self.typed if node["type"] == kind]

    @property
    def versions(self) -> list[Node]:
        """The versions in their order."""
        return self.of("Version")

    @property
    def states(self) -> list[str]:
        """The state of each version."""
        return [node["captureState"].rpartition("/")[2] for node in self.versions]

    @property
    def current(self) -> int:
        """The ordinal of the current version."""
        (said,) = [node for node in self.nodes if "type" not in node]
        assert said["id"] == WHO.iri("document")
        return self.ordinal(said["currentVersion"])

    def ordinal(self, version: str) -> int:
        """The place of a version, from 1."""
        return int(self.node[version]["ordinal"])

    def words(self, provision: str) -> str:
        """The words of a provision."""
        return str(self.node[provision]["normalisedText"])

    def presences(self, words: str) -> list[Node]:
        """The presences of a provision."""
        return [each for each in self.of("Presence") if self.words(each["provision"]) == words]

    def runs(self, words: str) -> list[tuple[int, int | None]]:
        """First and last version of each run of a provision."""
        last = [each.get("lastVersion") for each in self.presences(words)]
        first = [self.ordinal(each["firstVersion"]) for each in self.presences(words)]
        return [(a, b and self.ordinal(b)) for a, b in zip(first, last, strict=True)]

    def days(self, words: str) -> list[tuple[date | None, date | None]]:
        """First and last day of each run of a provision."""
        return [(each.get("validFrom"), each.get("validUntil")) for each in self.presences(words)]

    @property
    def revised(self) -> dict[str, str]:
        """The earlier wording of provisions that have one; the first, where they have several."""
        found = (each for each in self.of("Provision") if each.get("wasRevisionOf"))
        return {
            each["normalisedText"]: self.words(several(each["wasRevisionOf"])[0]) for each in found
        }

    def steps(self) -> list[tuple[int, int, str, bool]]:
        """From, to, significance and whether it bridges, of each change."""
        return [
            (
                self.ordinal(each["fromVersion"]),
                self.ordinal(each["toVersion"]),
                each["significance"].rpartition("/")[2],
                each.get("bridges", False),
            )
            for each in self.of("Change")
        ]

    def deltas(self, change: Node) -> list[tuple[str, str, str]]:
        """Kind and exact words before and after of each delta of a change."""
        return [
            (
                each["deltaKind"].rpartition("/")[2],
                self.side(each, "before"),
                self.side(each, "after"),
            )
            for each in self.of("Delta")
            if each["change"] == change["id"]
        ]

    def side(self, delta: Node, side: str) -> str:
        """The exact words on a side of a delta; empty where there are none."""
        return str(self.node[delta[side]]["exact"]) if side in delta else ""

    def text(self, quote: Node) -> str:
        """The text from which a quote is taken."""
        return str(self.node[self.node[quote["version"]]["text"]]["content"])

    def faults(self) -> set[tuple[str, str]]:
        """Shapes that the history breaks, with the class of the node."""
        given = ({k: v for k, v in node.items() if v is not None} for node in self.typed)
        quads = to_quads(given, WHO.graph)
        found = validate_fast([*quads, *to_quads(WHO.nodes(), graph("platforms"))]).findings
        return {(each.shape, self.node.get(each.focus, {}).get("type", "")) for each in found}


def several(value: str | list[str]) -> list[str]:
    """One value or several as a list."""
    return value if isinstance(value, list) else [value]


def day_of(day: int) -> date:
    """The day of a capture that was made so many days after the first."""
    return (START + timedelta(days=day)).date()


NEWER = swap("March 3, 2024", "June 9, 2025")
UNDATED = swap(DATE, "")


AWKWARD = swap(KEPT, LONGER).replace("parcels", 'p\\arc"els\t\u2028\x85\U0001f4ee')
POOL = [
    POLICY,
    OTHER,
    AWKWARD,
    NEWER,
    CUT,
    ERROR,
    BARE,
    swap(KEPT, LONGER, CUT),
    swap(f"{ASK} {ANSWER}", f"{ASK}\n\n{ANSWER}"),
    swap(f"{SHARED}\n\n", "") + f"\n{SHARED}\n",
    swap(SOLD, "", POLICY.replace("\n", "\r\n")),
    swap("your address", "the [email protected]"),
    "Please log in to continue.\n\nBefore you continue to the policy, agree to all of it.\n",
]
histories = st.lists(
    st.tuples(st.sampled_from(POOL), st.sampled_from([-3, 0, 0.2, 1, 40])), min_size=1, max_size=7
)


def made_of(steps: list[tuple[str, float]]) -> Made:
    """A history of texts with the days between each and the one before it."""
    days = [sum(step for _, step in steps[: at + 1]) for at in range(len(steps))]
    return Made(*(text for text, _ in steps), days=days)


def statements(found: Sequence[Capture], remembered: bool = False) -> list[str]:
    """The lines of a history in the order in which they are made."""
    compared = lru_cache(None)(compare) if remembered else compare
    return list(lines(HistoryBuilder(WHO, found, compared).nodes()))


def fingerprint() -> str:
    """The hash of a history with something of everything in it."""
    return sha256_of("\n".join(statements(captures(POOL))))
