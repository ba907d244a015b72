"""A tension begins and ends with the rule that words collide with, whatever the days of the text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pyoxigraph import RdfFormat, parse

from clausegraph.loaders.capture import Capture
from clausegraph.loaders.duties import Reads
from clausegraph.loaders.eras import eras
from clausegraph.loaders.examination import detector
from clausegraph.loaders.findingnodes import finding_nodes
from clausegraph.loaders.findings import Found, find
from clausegraph.loaders.historyjob import Job, run
from clausegraph.loaders.historytexts import sha256_of
from clausegraph.loaders.lawread import LawRead
from clausegraph.loaders.mappings import mapping_nodes
from clausegraph.loaders.opinions import Opinion
from clausegraph.loaders.policies import Identity
from clausegraph.loaders.textreading import read_text
from clausegraph.loaders.tracked import Tracked, tracked
from clausegraph.loaders.unit import Node
from tests.assessing import all_duties, requirement
from tests.small_histories import at

BAN = requirement("us-ca/ccpa-regulations/verification")
OWN = Reads("urn:opt-out-of-sale", date(2020, 1, 1), None)
TEXT = """# Gammahawk Privacy Policy

## California privacy rights

California residents may opt out of the sale of their personal information by writing to us.

We must verify your identity before we act on any request.

We sell personal information to brokers of advice on herons, reeds and boats between them.
"""


def ban(*days: tuple[str, str | None]) -> LawRead:
    """A law in which the ban on verified opt-outs stands on some days, a version for each span."""
    held = tuple(
        Reads(f"urn:ban/{first}", date.fromisoformat(first), date.fromisoformat(last) if last else None)
        for first, last in days
    )  # fmt: skip
    return LawRead({BAN: held}, {})


DUTY = replace(all_duties()["us-ca/ccpa/opt-out-of-sale"], reads=(OWN,))


def history(*days: str) -> Tracked:
    """The text, captured on some days with a word that differs."""
    captures = []
    for day in days:
        text = f"{TEXT}\nThis was written on {day}.\n"
        moment = datetime.fromtimestamp(at(day), UTC)
        captures.append(
            Capture("Gammahawk", "Privacy Policy", sha256_of(day)[:40], moment, "change", None,
                    sha256_of(text), text)
        )  # fmt: skip
    identity = Identity("Gammahawk", "Privacy Policy", "gammahawk", "privacy-policy", invented=True)
    (result,) = run([Job(identity, tuple(captures))])
    return tracked(parse(result.data, RdfFormat.N_QUADS))


def found(law: LawRead, *days: str) -> list[Found]:
    """The findings on the right to opt out."""
    own = history(*days)
    readings = {iri: read_text(text, detector()) for iri, text in own.texts.items()}
    return find(own, readings, [DUTY], law)


def told(made: list[Found]) -> list[tuple[str, str, str | None, tuple[str, ...]]]:
    """State, days, and the versions that each is against."""
    return [
        (
            each.seen.outcome.state,
            str(each.first_day),
            str(each.last_day) if each.last_day else None,
            each.against,
        )
        for each in made
    ]


def test_a_tension_begins_with_the_rule_it_is_against() -> None:
    """The text of 2021 is held against a rule of 2023 from its first day on, and not before."""
    law = ban(("2023-03-29", None))
    assert told(found(law, "2021-05-01")) == [
        ("stated", "2021-05-01", "2023-03-28", ()),
        ("tension", "2023-03-29", None, ("urn:ban/2023-03-29",)),
    ]


def test_a_tension_ends_with_the_rule_and_follows_its_versions() -> None:
    """A rule that reads otherwise begins another finding; one that is gone ends the tension."""
    law = ban(("2023-03-29", "2024-12-31"), ("2025-01-01", "2025-06-30"))
    assert told(found(law, "2021-05-01", "2024-02-01")) == [
        ("stated", "2021-05-01", "2023-03-28", ()),
        ("tension", "2023-03-29", "2024-12-31", ("urn:ban/2023-03-29",)),
        ("tension", "2025-01-01", "2025-06-30", ("urn:ban/2025-01-01",)),
        ("stated", "2025-07-01", None, ()),
    ]


def test_without_the_rule_there_is_no_tension() -> None:
    """Words collide with nothing where no such rule was ever in force."""
    assert told(found(LawRead({}, {}), "2021-05-01")) == [("stated", "2021-05-01", None, ())]


def test_days_of_a_rule_cut_nothing_that_is_no_tension() -> None:
    """A finding that says the same before and after goes on."""
    other = replace(DUTY, by=("right-delete",))
    own = history("2021-05-01")
    readings = {
        iri: read_text("# Herons\n\nHerons stand in the shallows.\n" * 9, detector())
        for iri in own.texts
    }
    (made,) = find(own, readings, [other], ban(("2023-03-29", None)))
    assert (made.first_day, made.last_day) == (date(2021, 5, 1), None)
    assert len(eras(other, ban(("2023-03-29", None)))) == 2


def test_a_denial_that_a_version_adds_begins_a_finding() -> None:
    """What is denied is told by the rules that read it, so a run of versions is cut where they grow."""
    duty = replace(all_duties()["us-ca/ccpa/notice-sale-statement"], reads=(OWN,))
    sale = "# Gammahawk\n\nWe do not sell your personal information to anybody.\n"
    both = f"{sale}\nWe do not share personal data for cross-context behavioral advertising.\n"
    own = history("2024-01-10", "2024-06-01")
    texts = [sale * 3, both * 3]
    readings = {
        version.text: read_text(text, detector())
        for version, text in zip(own.versions, texts, strict=True)
    }
    made = find(own, readings, [duty], LawRead({}, {}))
    assert [str(each.first_day) for each in made] == ["2024-01-10", "2024-06-01"]
    assert "sold-shared/no-sharing" in made[1].seen.outcome.rules


# What people hold in one era, and what it says of another

RULES = ban(("2023-03-29", "2024-12-31"), ("2025-01-01", "2025-06-30"))
"""Of the words of one text: nothing to collide with, one rule, another rule, none again."""


def reviewed(opinions: tuple[Opinion, ...] = ()) -> list[Node]:
    """The findings on the text under these rules, in the order of their days."""
    own = history("2021-05-01")
    readings = {iri: read_text(text, detector()) for iri, text in own.texts.items()}
    nodes = finding_nodes(own, find(own, readings, [DUTY], RULES), readings, opinions)
    return [each for each in nodes if each["type"] == "Finding"]


def held(about: Node, decision: str, state: str = "") -> Opinion:
    """What somebody holds of a judgement, as the store keeps it."""
    digest, moment = str(about["evidenceSha256"]), datetime(2026, 3, 2, tzinfo=UTC)
    kind, requirement = str(about["type"]), str(about["requirement"])
    return Opinion(kind, requirement, digest, "urn:ada", moment, decision, state)


def reviews(nodes: list[Node]) -> list[str]:
    """The review state of each."""
    return [str(each["reviewState"]).rpartition("/")[2] for each in nodes]


@pytest.mark.parametrize(
    ("at", "decision", "state", "told"),
    [
        (0, "reject", "", ["rejected", "outdated", "outdated", "rejected"]),
        (0, "confirm", "stated", ["confirmed", "outdated", "outdated", "confirmed"]),
        (0, "amend", "denied", ["amended", "outdated", "outdated", "amended"]),
        (1, "reject", "", ["pending", "rejected", "outdated", "outdated"]),
        (1, "confirm", "tension", ["pending", "confirmed", "outdated", "outdated"]),
        (1, "amend", "stated", ["pending", "amended", "outdated", "outdated"]),
        (2, "reject", "", ["pending", "pending", "rejected", "outdated"]),
    ],
)
def test_what_is_held_in_one_era_says_nothing_of_the_rules_of_another(
    at: int, decision: str, state: str, told: list[str]
) -> None:
    """Whoever rejects that words state a right, or collide with a rule, knew of no later rule."""
    before = reviewed()
    assert [str(each["findingState"]).rpartition("/")[2] for each in before] == [
        "stated", "tension", "tension", "stated",
    ]  # fmt: skip
    assert reviews(before) == ["pending"] * 4
    assert reviews(reviewed((held(before[at], decision, state),))) == told


def limited(opinions: tuple[Opinion, ...] = ()) -> list[Node]:
    """The mappings of the demand for identity to the right, which reads otherwise from 2023 on."""
    reads = (
        Reads("urn:opt-out-of-sale/2020", date(2020, 1, 1), date(2022, 12, 31)),
        Reads("urn:opt-out-of-sale/2023", date(2023, 1, 1), None),
    )
    own = history("2021-05-01")
    readings = {iri: read_text(text, detector()) for iri, text in own.texts.items()}
    duty = replace(DUTY, reads=reads)
    nodes = mapping_nodes(own, readings, [duty], {duty.requirement: reads}, opinions)
    found = [each for each in nodes if str(each["mappingRelation"]).endswith("/limits")]
    return sorted(found, key=lambda each: str(each["validFrom"]))


@pytest.mark.parametrize(
    ("at", "told"), [(0, ["rejected", "outdated"]), (1, ["pending", "rejected"])]
)
def test_that_words_limit_no_right_is_held_of_the_right_as_it_reads(
    at: int, told: list[str]
) -> None:
    """A mapping that limits is rejected for the days on which the requirement reads so."""
    before = limited()
    assert len(before) == 2
    assert reviews(limited((held(before[at], "reject"),))) == told
