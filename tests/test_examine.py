"""Findings and mappings: what is judged of documents, and when it is judged again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest

from clausegraph.api.examine import examine
from clausegraph.api.histories import load_files, remove
from clausegraph.api.publish import publish
from clausegraph.api.reader import Entity, Reader, slug
from clausegraph.api.releases import Releases
from clausegraph.loaders.cues import folder
from tests.judged import ALPHA, BETA, capture, shared
from tests.published import with_law

__all__ = ["ALPHA", "BETA", "capture"]  # other tests take them from here
CLAUSEGRAPH = (str(Path(sys.executable).with_name("clausegraph")),)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole law with two invented policies, one of which gains a right on 2024-06-01."""
    return shared(tmp_path_factory)


@pytest.fixture
def own(base: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(base, tmp_path / "data")


def reader(data: Path) -> Reader:
    """The release that is served."""
    return Reader(Releases(data).current())


def findings(
    data: Path, requirement: str, document: str = "alphabird/privacy-policy"
) -> list[Entity]:
    """The findings of a document about a requirement, in the order of their days."""
    release = reader(data)
    iri = f"https://w3id.org/clausegraph/id/document/{document}"
    found = [
        each
        for each in release.back(iri, "document", "Finding")
        if str(each.one("requirement")).endswith(requirement)
    ]
    return sorted(found, key=lambda each: each.one("validFrom"))


def states(data: Path, requirement: str, document: str = "alphabird/privacy-policy") -> list[Any]:
    """State and first day of each finding."""
    return [
        (str(each.one("validFrom")), slug(str(each.one("findingState"))))
        for each in findings(data, requirement, document)
    ]


def test_a_right_that_is_added_is_stated_from_then_on(base: Path) -> None:
    """Two runs of versions, two findings; the second goes on."""
    found = findings(base, "us-ca/ccpa/right-to-correct")
    assert states(base, "us-ca/ccpa/right-to-correct") == [
        ("2024-01-10", "not-stated"),
        ("2024-06-01", "stated"),
    ]
    assert found[0].one("lastVersion") == found[0].one("firstVersion")
    assert str(found[0].one("validUntil")) == "2024-05-31"
    assert found[1].one("lastVersion") is None


def test_not_stated_names_what_was_searched_and_what_is_nearest(base: Path) -> None:
    """The scope, and up to three passages that stand in the version."""
    (first, _) = findings(base, "us-ca/ccpa/right-to-correct")
    release = reader(base)
    near = release.entities(first.all("nearest"))
    assert first.one("passagesSearched") > 5
    assert first.one("charactersSearched") > 300
    assert [each.one("order") for each in near] == [1, 2, 3]
    quotes = release.entities([str(each.one("quote")) for each in near])
    version = release.entity(str(first.one("searchedVersion")))
    assert version is not None
    text = release.text(str(version.one("text")))
    for each in quotes:
        assert text[each.one("start") : each.one("end")] == each.one("exact")


def test_a_requirement_that_reads_otherwise_begins_a_finding(base: Path) -> None:
    """11 CCR §7011 was amended on 2026-01-01: the same words, another requirement version."""
    days = [day for day, _ in states(base, "ccpa-regulations/notice-rights-delete")]
    assert days == ["2024-01-10", "2024-06-01", "2026-01-01"]


def test_the_law_counts_as_it_stands_on_the_day(base: Path) -> None:
    """Connecticut asks for a word on language models from 2026-07-01, and not a day before."""
    assert states(base, "us-ct/ctdpa/notice-ai-training") == [("2026-07-01", "not-stated")]


def test_what_no_rule_tells_is_not_examined(base: Path) -> None:
    """It is said, with the reason, and not left out."""
    (first, *_) = findings(base, "ccpa-regulations/notice-metrics")
    assert slug(str(first.one("findingState"))) == "not-examined"
    assert slug(str(first.one("findingReason"))) == "no-rule"


def test_a_denied_sale_is_the_statement_asked_for(base: Path) -> None:
    """Stated, with negative polarity."""
    (first, *_) = findings(base, "us-ca/ccpa/notice-sale-statement", "betafish/privacy-policy")
    assert slug(str(first.one("findingState"))) == "stated"
    assert slug(str(first.one("polarity"))) == "negative"


def test_every_day_has_one_finding_for_each_requirement(base: Path) -> None:
    """No day twice, and no gap while the document is in force and the requirement reads."""
    release = reader(base)
    runs: dict[tuple[str, str], list[tuple[date, date | None]]] = {}
    for each in release.of_type("Finding"):
        key = str(each.one("document")), str(each.one("requirement"))
        runs.setdefault(key, []).append((each.one("validFrom"), each.one("validUntil")))
    assert len(runs) > 200
    for days in runs.values():
        days.sort()
        assert days[-1][1] is None
        for (_, end), (start, _) in pairwise(days):
            assert end is not None
            assert start == end + timedelta(days=1)


def test_mappings_lead_from_words_to_the_law_of_the_day(base: Path) -> None:
    """Provision, requirement version, rule, matched words."""
    release = reader(base)
    iri = "https://w3id.org/clausegraph/id/requirement/us-ca/ccpa/right-to-correct"
    found = release.back(iri, "requirement", "Mapping")
    assert [slug(str(each.one("mappingRelation"))) for each in found] == ["describes"]
    provision = release.entity(str(found[0].one("provision")))
    assert provision is not None
    for words in found[0].all("matchedWords"):
        assert words in provision.one("normalisedText")
    assert all(release.entity(rule) for rule in found[0].all("rule"))
    assert str(found[0].one("validFrom")) == "2024-06-01"


def test_a_run_without_a_change_writes_nothing(own: Path) -> None:
    """Neither to the store nor a release."""
    before = Releases(own).current().id
    done = examine(own)
    assert (done.documents, done.written, done.changed) == (0, 0, False)
    assert publish(own).id == before


def test_a_document_that_goes_takes_its_findings_along(own: Path) -> None:
    """Nothing is left that would be about nothing."""
    remove(own, "betafish")
    publish(own)
    assert findings(own, "us-ca/ccpa/right-to-delete", "betafish/privacy-policy") == []
    assert findings(own, "us-ca/ccpa/right-to-delete") != []


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the declared patterns that may be changed."""
    return shutil.copytree(folder(), tmp_path / "rules")


def run(data: Path, rules: Path) -> dict[str, Any]:
    """Examine with rules of one's own, in a process of its own."""
    command = [
        *CLAUSEGRAPH,
        "examine",
        "--json",
        "--data",
        str(data),
    ]
    env = os.environ | {"CLAUSEGRAPH_RULES": str(rules)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = orjson.loads(done.stdout)
    return answer


def added(rules: Path, topic: str, pattern: str, yes: str) -> None:
    """Give a disclosure one more cue."""
    path = rules / "disclosures" / f"{topic}.yaml"
    cue = f"  - id: of-the-test\n    pattern: '{pattern}'\n    points: 9\n    yes: ['{yes}']\n"
    path.write_text(path.read_text().rstrip("\n") + "\n" + cue)


def test_a_changed_rule_recomputes_what_it_touches(own: Path, rules: Path) -> None:
    """A new cue that matches in one of two documents: that one is examined again."""
    assert run(own, rules)["documents"] == 0
    added(rules, "agent", "keep them in a drawer", "We keep them in a drawer.")
    done = run(own, rules)
    assert done["topics"] == ["agent"]
    assert (done["compared"], done["documents"]) == (2, 1)
    assert run(own, rules)["compared"] == 0


def test_a_changed_rule_that_matches_nowhere_recomputes_nothing(own: Path, rules: Path) -> None:
    """Every document is compared, none is examined; only the list of rules is written."""
    added(rules, "agent", "by carrier pigeon", "You may write by carrier pigeon.")
    done = run(own, rules)
    assert (done["compared"], done["documents"], done["written"]) == (2, 0, 1)


def test_a_broken_rule_file_is_named_with_its_line(own: Path, rules: Path) -> None:
    """Nothing is examined, and what is there stays."""
    added(rules, "agent", "(", "Never.")
    command = [*CLAUSEGRAPH, "examine", "--data", str(own)]
    env = os.environ | {"CLAUSEGRAPH_RULES": str(rules)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "disclosures/agent.yaml:" in done.stderr
    assert "Traceback" not in done.stderr


def lines(data: Path) -> Iterator[str]:
    """Every statement of the findings."""
    for each in reader(data).of_type("Finding"):
        yield f"{each.iri} {each.values}"


def test_findings_are_the_same_in_another_process(own: Path) -> None:
    """Another hash seed, another locale, a new examination of everything: the same statements."""
    before = sorted(lines(own))
    command = [
        *CLAUSEGRAPH,
        "publish",
        "--verify",
        "--data",
        str(own),
    ]
    env = os.environ | {"PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Pacific/Auckland"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(lines(own)) == before
    assert len(before) > 200


def test_what_a_denial_is_counts_as_a_rule(own: Path, rules: Path) -> None:
    """Whether a denial refuses or is itself the statement: nothing else is found, all is judged."""
    changed = 0
    for path in sorted((rules / "disclosures").glob("*.yaml")):
        text = path.read_text()
        if "\ndenial: states\n" in text:
            path.write_text(text.replace("\ndenial: states\n", "\n"))
            changed += 1
    assert changed
    assert run(own, rules)["documents"] == 2


PERIOD = """# {name} Privacy Policy

## California privacy rights

California residents have the right to request access to their personal information and the right to
request that we delete it. We will respond to your request within {days} of receiving it.

## Contact

Write to us at privacy@fox.example with any question about this policy, at any time.
"""


PERIODS = {
    "Digitfox": "90 days",
    "Bothfox": "ninety (90) days",
    "Lawfox": "45 days",
    "Wordfox": "thirty days",
    "Monthfox": "3 months",
}
"""What each of some platforms promises."""


@pytest.fixture(scope="module")
def periods(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole law with a policy for each of the periods."""
    folder = tmp_path_factory.mktemp("periods")
    data = with_law(tmp_path_factory, folder / "data")
    texts = {name: PERIOD.format(name=name, days=days) for name, days in PERIODS.items()}
    load_files(data, [capture(folder, name, text, "2024-03-01") for name, text in texts.items()])
    publish(data)
    return data


@pytest.mark.parametrize(
    ("name", "state"),
    [("Digitfox", "tension"), ("Bothfox", "tension"), ("Lawfox", "stated"), ("Wordfox", "stated"),
     ("Monthfox", "tension")],
)  # fmt: skip
def test_a_period_longer_than_the_law(periods: Path, name: str, state: str) -> None:
    """The usual ways to promise an answer, against the 45 days of California."""
    found = findings(periods, "us-ca/ccpa/response-time", f"{name.lower()}/privacy-policy")
    assert [slug(str(each.one("findingState"))) for each in found] == [state]


def test_a_threshold_counts_as_a_rule(own: Path, rules: Path) -> None:
    """Cues that match as before decide otherwise where more points are asked for."""
    path = rules / "disclosures" / "right-delete.yaml"
    text = path.read_text()
    assert "\nthreshold: " in text
    lines = [
        "threshold: 30" if each.startswith("threshold:") else each for each in text.split("\n")
    ]
    path.write_text("\n".join(lines))
    assert run(own, rules)["documents"] == 2
