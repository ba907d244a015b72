"""What is declared for judging documents fits the law, the closed lists and itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyoxigraph import NamedNode

from clausegraph.api.claimrows import condition
from clausegraph.loaders import acts, cues, declarations, duties, populations, tensions
from clausegraph.loaders.blocks import Block
from clausegraph.loaders.cues import folder
from clausegraph.loaders.disclosures import _form
from clausegraph.loaders.law import embedded
from clausegraph.loaders.lawread import LawRead, lawread
from clausegraph.loaders.source import SourceError
from clausegraph.ontology.iris import concept, mint
from clausegraph.ontology.terms import vocabulary
from tests.processes import run

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


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the rules that are installed, of a user's own."""
    own = shutil.copytree(folder(), tmp_path / "rules")
    monkeypatch.setenv("CLAUSEGRAPH_RULES", str(own))
    duties._data.cache_clear()
    yield own
    duties._data.cache_clear()


def exchange(rules: Path, name: str, old: str, new: str) -> None:
    """Exchange the first passage like this of a file."""
    path = rules / f"{name}.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


TWINS = [
    ("duties", "if: sale-or-advertising", "if: sales", "duties.us-ca/ccpa-regulations/notice-third-parties-sale.if",
     "'sales' is not one of: sale, advertising, sale-or-advertising, sensitive"),
    ("duties", "{by: appeal}", "{by: apeal}", "duties.us-va/vcdpa/notice-appeal.by",
     "'apeal', which is declared nowhere; did you mean appeal"),
    ("duties", "{by: appeal}", "{by: xylophone}", "duties.us-va/vcdpa/notice-appeal.by", "it is one of: advertising-sharing, agent"),
    ("duties", "{by: appeal}", "{by: right-to-delete}", "duties.us-va/vcdpa/notice-appeal.by",
     "'right-to-delete', which is a topic and no disclosure; did you mean right-delete"),
    ("duties", "{by: appeal}", "{by: 7}", "duties.us-va/vcdpa/notice-appeal.by", "7 is not the name of a disclosure"),
    ("duties", "{by: appeal}", "{buy: appeal}", "duties.us-va/vcdpa/notice-appeal.buy", "known keys: by, if, link"),
    ("duties", "[contract-limited-purpose, contract-no-sale,", "[contract-purpose,",
     "contracts.duties.us-ca/ccpa/processor-contract.by", "did you mean contract-limited-purpose"),
    ("duties", "  us-va/vcdpa/appeal:", "  us-va/appeal:", "duties.us-va/appeal", "the key is not the id of a requirement"),
    ("duties", "documents: [privacy-policy]", "documents: [privacy]", "documents[0]", "'privacy' is not one of:"),
    ("duties", "  right-to-know: us-ca", "  right-to-no: us-ca", "topics.right-to-no", "did you mean right-to-know"),
    ("duties", "{by: sources, link: false}", "{by: sources, link: no}", "duties.us-ca/ccpa/notice-sources.link",
     "'no' is not true or false"),
    ("tensions", "kind: longer-period", "kind: longer", "tensions[4].kind", "'longer' is not one of: identity-for-opt-out"),
    ("tensions", "shows: know-window", "shows: no-window", "tensions[2].shows", "did you mean know-window"),
    ("tensions", "beside: sold-shared", "beside: sold", "tensions[3].beside", "'sold' is declared nowhere"),
    ("tensions", "longer: response-time", "longer: response", "tensions[4].longer", "did you mean response-time"),
    ("tensions", "longer: response-time", "shows: response-time\n    longer: response-time", "tensions[4]",
     "either `shows` or `longer`"),
    ("tensions", "longer: response-time", "longer: response-time\n    beside: sale", "tensions[4].beside", "goes with `shows`"),
    ("tensions", "us-va/vcdpa/response-time", "us-va/vcdpa/response-tim", "tensions[4].requirements[1]",
     "is no duty of duties.yaml; did you mean us-va/vcdpa/response-time"),
    ("tensions", "[us-ct/ctdpa/verification]", "[verification]", "tensions[1].against[0]", "is not the id of a requirement"),
    ("populations", "us-ct: {own", "us-cn: {own", "populations.us-cn", "unknown key; known keys: au,"),
    ("populations", "us-co: {own: true", "us-co: {own: maybe", "populations.us-co.own", "is not true or false"),
    ("populations", "bcolorado", "bcolorado(", "populations.us-co.pattern", "RE2 does not take this pattern"),
    ("acts", "act: reserves", "act: keeps", "acts[3].act", "'keeps' is not one of: denies, describes"),
    ("acts", "we (may|might", "We (may|might", "acts[3].pattern", "small letters"),
    ("reading", "silent:\n  targeted-ads-opt-out", "silent:\n  targeted-ads", "silent.targeted-ads", "did you mean targeted-ads-opt-out"),
    ("reading", "opt-out: [us-ca]", "opt-out: [us-cal]", "silent.targeted-ads-opt-out[0]", "'us-cal' is not one of: au,"),
    ("reading", "together: [last-updated", "together: [last-update", "together[0]", "did you mean last-updated"),
    ("reading", "  agent: [agent", "  agents: [agent", "keywords.agents", "'agents' is declared nowhere; did you mean agent"),
    ("reading", "  adds: ", "  more: x\n  adds: ", "audience.more", "known keys: addresses, adds"),
    ("reading", 'links: "', 'links: "(', "links", "RE2 does not take this pattern"),
    ("reading", "[1.0, 0.50]", "[0.9, 0.50]", "sure", "the last must be 1.0"),
    ("reading", "[1.0, 0.50]", "[1.0, 5.0]", "sure[3][1]", "'5.0' is not a share between 0 and 1"),
    ("reading", "shortest: 40", "shortest: none", "language.shortest", "'none' is not a whole number"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "where", "says"), TWINS)
def test_a_wrong_rule_file_is_named_with_the_entry(
    rules: Path, name: str, old: str, new: str, where: str, says: str
) -> None:
    """Bad twins, each with one mistake: file, line, path, and what would have been right."""
    exchange(rules, name, old, new)
    with pytest.raises(SourceError) as caught:
        duties.check_duties()
    (mistake,) = caught.value.mistakes
    assert (mistake.file, mistake.path) == (f"{name}.yaml", where)
    assert says in mistake.message
    line = (rules / f"{name}.yaml").read_text().splitlines()[mistake.line - 1]
    assert "\n" in new or new.strip()[-9:] in line


@pytest.mark.parametrize("name", declarations.FILES)
def test_a_rule_file_that_is_missing_is_named(rules: Path, name: str) -> None:
    """Without a trace of how files are opened."""
    (rules / f"{name}.yaml").unlink()
    with pytest.raises(SourceError, match=f"{name}.yaml:1: .file.: is missing"):
        duties.check_duties()


def test_every_mistake_of_every_file_is_told_at_once(rules: Path) -> None:
    """One run shows all that there is to mend."""
    exchange(rules, "duties", "if: sale-or-advertising", "if: sales")
    exchange(rules, "acts", "act: reserves", "act: keeps")
    with pytest.raises(SourceError) as caught:
        duties.check_duties()
    assert [each.file for each in caught.value.mistakes] == ["acts.yaml", "duties.yaml"]


def test_a_page_that_reads_rules_tells_what_is_wrong_with_them(rules: Path) -> None:
    """Whom a requirement asks is not looked up by a condition that there is not."""
    exchange(rules, "duties", "if: sale-or-advertising", "if: sales")
    with pytest.raises(SourceError, match="'sales' is not one of"):
        condition(mint("requirement", "us-ca", "ccpa-regulations", "notice-third-parties-sale"))


def test_the_words_of_a_language_are_words() -> None:
    """YAML takes `on` for a truth value; it is a word that many English texts have."""
    assert "on" in declarations.declaration("reading")["language"]["words"]
    assert "on" in _form()["words"]


def test_a_tension_tells_of_a_ban_where_the_law_holds_one() -> None:
    """Who need not prove anything is not the same as who must not be asked to prove it."""
    ban = NamedNode(concept("modality", "must-not"))
    bans = {
        quad.subject.value.rpartition("/")[0]
        for unit in embedded()
        for quad in unit.quads()
        if quad.object == ban and isinstance(quad.subject, NamedNode)
    }
    found = {
        each.against[0]: ("forbids nothing" in each.note)
        for each in tensions.tensions()
        if each.kind == "identity-for-opt-out"
    }
    assert len(found) == 2
    assert found == {iri: iri not in bans for iri in found}


def test_a_wrong_rule_is_told_by_check(rules: Path) -> None:
    """Who writes rules of their own need not examine anything to see what is wrong."""
    exchange(rules, "acts", "act: reserves", "act: keeps")
    done = run("check", code=1)
    assert done.stderr.startswith("source-invalid: acts.yaml:")
    assert "'keeps' is not one of: denies, describes" in done.stderr
