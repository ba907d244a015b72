"""A tension begins and ends with the rule that words collide with, whatever the days of the text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from pyoxigraph import RdfFormat, parse

from clausegraph.loaders.capture import Capture
from clausegraph.loaders.duties import Reads
from clausegraph.loaders.eras import eras
from clausegraph.loaders.examination import detector
from clausegraph.loaders.findings import Found, find
from clausegraph.loaders.historyjob import Job, run
from clausegraph.loaders.historytexts import sha256_of
from clausegraph.loaders.lawread import LawRead
from clausegraph.loaders.policies import Identity
from clausegraph.loaders.textreading import read_text
from clausegraph.loaders.tracked import Tracked, tracked
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
