"""What is declared for judging documents fits the law, the closed lists and itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from clausegraph.loaders import acts, cues, duties, populations, tensions
from clausegraph.loaders.blocks import Block
from clausegraph.loaders.cues import folder
from clausegraph.loaders.law import embedded
from clausegraph.loaders.lawread import LawRead, lawread
from clausegraph.loaders.source import SourceError
from clausegraph.ontology.iris import mint
from clausegraph.ontology.terms import vocabulary

LEFT_OUT = {
    "notice-at-collection", "notice-at-collection-opt-out-link", "notice-at-collection-policy-link",
    "notice-retention", "notice-link", "notice-link-app-settings",  # not of the privacy policy's text
    "notice-rights", "notice-request-methods-practice",  # made up of the letters below them
}  # fmt: skip
"""Requirements of 11 CCR on notices that are no letter of §7011(e) of their own."""


def members(scheme: str) -> set[str]:
    """The slugs of a closed list."""
    return set(vocabulary().schemes[scheme].concepts)


def data(name: str) -> dict[str, Any]:
    """A file of declarations."""
    found: dict[str, Any] = yaml.safe_load((folder() / name).read_text())
    return found


@pytest.fixture(scope="module")
def law() -> LawRead:
    """The law that comes with the package."""
    return lawread(quad for unit in embedded() for quad in unit.quads())


def test_populations_are_those_of_the_closed_list() -> None:
    """Each code once, here and there."""
    assert set(data("populations.yaml")["populations"]) == members("population")


def test_acts_are_those_of_the_closed_list() -> None:
    """All but the one that is left where no pattern matches."""
    found = {each["act"] for each in data("acts.yaml")["acts"]}
    assert found | {acts.REPORTS} == members("speech-act")


@pytest.mark.parametrize(
    ("sentence", "act"),
    [
        ("We do not sell personal information.", "denies"),
        ("You must send us a copy of your passport.", "requires"),
        ("You may ask for a copy.", "grants"),
        ("We may keep backups for a while.", "reserves"),
        ("We will answer within 45 days.", "promises"),
        ("The service stores names and addresses.", "describes"),
    ],
)
def test_what_a_speaker_does(sentence: str, act: str) -> None:
    """By the first pattern that matches."""
    assert acts.speech_act(sentence) == act


@pytest.mark.parametrize(
    ("block", "people"),
    [
        (Block("California residents may ask for deletion.", "paragraph"), {"us-ca"}),
        (Block("You may ask.", "paragraph", ("Rights", "Virginia")), {"us-va"}),
        (Block("You may ask.", "paragraph", ("EEA and UK",)), {"eea", "uk"}),
        (Block("You may ask.", "item", (), "In Colorado you may:"), {"us-co"}),
        (Block("You may ask.", "paragraph", ("Rights",)), set()),
    ],
)
def test_for_whom_a_passage_speaks(block: Block, people: set[str]) -> None:
    """Its own words, then the lead-in, then the headings."""
    assert populations.populations(block) == people


def test_elsewhere_is_where_none_of_the_four_laws_holds() -> None:
    """Nobody named is everybody."""
    assert populations.elsewhere(frozenset({"eea", "uk"}))
    assert not populations.elsewhere(frozenset({"eea", "us-ca"}))
    assert not populations.elsewhere(frozenset())


def test_tensions_are_those_of_the_closed_list(law: LawRead) -> None:
    """Each kind is declared, but for the one that follows from populations; all law exists."""
    found = tensions.tensions()
    assert {each.kind for each in found} | {"one-state-only"} == members("tension-kind")
    named = {iri for each in found for iri in (*each.on, *each.against)}
    assert named <= law.versions.keys()


def test_tensions_look_for_what_is_declared() -> None:
    """The disclosures that they name have files."""
    known = {topic.id for topic in cues.declared()}
    for each in tensions.tensions():
        assert {name for name in (each.shows, each.beside, each.longer) if name} <= known


def test_every_duty_is_in_the_law(law: LawRead) -> None:
    """No requirement is named that the law does not have."""
    found = {each.name for each in duties.duties(law.versions)}
    declared = data("duties.yaml")
    assert found == {*declared["duties"], *declared["contracts"]["duties"]}


def regulations(law: LawRead) -> Iterator[str]:
    """The requirements of 11 CCR on notices, by their own ids."""
    start = mint("requirement", "us-ca", "ccpa-regulations") + "/notice-"
    for iri in law.versions:
        if iri.startswith(start):
            yield iri.rpartition("/")[2]


def test_every_letter_of_the_regulation_is_a_duty(law: LawRead) -> None:
    """11 CCR §7011(e) is covered letter by letter, if only to say that no rule can tell."""
    own = "us-ca/ccpa-regulations/"
    held = {each.name.removeprefix(own) for each in duties.duties(law.versions)}
    assert set(regulations(law)) - LEFT_OUT <= held
    assert set(regulations(law)) >= LEFT_OUT


def test_what_meets_a_duty_is_declared() -> None:
    """Every disclosure and topic of `duties.yaml` has a file."""
    duties.check_duties()


def test_what_is_declared_nowhere_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bad twin: a disclosure without its file."""
    rules = shutil.copytree(folder(), tmp_path / "rules")
    path = rules / "duties.yaml"
    path.write_text(path.read_text().replace("{by: appeal}", "{by: apeal}", 1))
    monkeypatch.setenv("CLAUSEGRAPH_RULES", str(rules))
    duties._data.cache_clear()
    try:
        with pytest.raises(SourceError, match="'apeal', which is declared nowhere"):
            duties.check_duties()
    finally:
        duties._data.cache_clear()
