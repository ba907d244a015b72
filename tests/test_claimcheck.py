"""Claims of others are checked: each kind with claims that are true, half true, false, unclear.

``tests/claims/about-inkwarren.yaml`` is an invented page on the invented platform of the
demonstration; what a check has to come to stands there beside each claim.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clausegraph.api.claimchecks import CHECKS, check_claims
from clausegraph.api.claimrun import run
from clausegraph.api.demonstration import load_demonstration
from clausegraph.api.histories import File, load_files, remove
from clausegraph.api.ledger import Ledger
from clausegraph.api.publish import load, publish, publish_held
from clausegraph.api.reader import Entity, Reader, slug
from clausegraph.api.releases import Releases
from clausegraph.api.store import Writer, writing
from clausegraph.loaders import methods
from clausegraph.loaders.claimcase import captures, listed
from clausegraph.loaders.claimcheck import KINDS
from clausegraph.loaders.claimtext import unquoted
from clausegraph.loaders.historyjob import HandedOver
from clausegraph.ontology.iris import mint
from clausegraph.ontology.terms import vocabulary

HERE = Path(__file__).parent
STEM = "about-inkwarren"
SOURCES = HERE.parent / "loaders" / "sources"
WORDS = {
    "quote-whole": "Backups are overwritten within another 60 days.",
    "quote-typography": "backups are  OVERWRITTEN within another 60 days",
    "quote-made-up": "Backups are overwritten within another 61 days, which pleases everybody.",
}


def excerpts(words: Mapping[str, str] = WORDS) -> dict[str, str]:
    """The words that the page shows as quotations, by claim."""
    return {mint("claim", STEM, own): text for own, text in words.items()}


def sources_with(folder: Path, *pages: Path) -> Path:
    """The installed law with other pages of claims."""
    shutil.copytree(SOURCES, folder)
    shutil.rmtree(folder / "claims")
    (folder / "claims").mkdir()
    for page in pages:
        shutil.copy(page, folder / "claims")
    return folder


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which the invented page is checked and published; nobody changes it."""
    folder = tmp_path_factory.mktemp("claims")
    data = folder / "data"
    load(data, sources_with(folder / "sources", HERE / "claims" / f"{STEM}.yaml"))
    load_demonstration(data)
    with writing(data) as writer, Ledger(data) as ledger:
        publish_held(data, writer, ledger, excerpts=excerpts())
    return data


@pytest.fixture(scope="module")
def reader(checked: Path) -> Reader:
    """A reader of the release."""
    return Reader(Releases(checked).current())


@pytest.fixture
def mine(checked: Path, tmp_path: Path) -> Path:
    """A copy of the data directory, to change."""
    return Path(shutil.copytree(checked, tmp_path / "data"))


def made(reader: Reader, own: str) -> Entity:
    """The check of a claim."""
    found = reader.entity(mint("claim-check", STEM, own))
    assert found is not None, own
    return found


def words_of(reader: Reader, check: Entity, key: str = "evidence") -> str:
    """All words that a check rests on, or that come near."""
    quotes = [str(iri) for iri in check.all(key)]
    if key == "nearest":
        quotes = [str(near.one("quote")) for near in reader.entities(quotes)]
    return " ".join(str(each.one("exact")) for each in reader.entities(quotes))


def test_every_claim_comes_out_as_it_has_to(reader: Reader) -> None:
    """Whatever its kind: the outcome that was written down beside the claim by hand."""
    claims = reader.of_type("Claim")
    expected = {slug(each.iri): each.one("note") for each in claims}
    found = {own: slug(str(made(reader, own).one("claimOutcome"))) for own in expected}
    kinds = {slug(str(each.one("claimKind"))) for each in claims}

    assert len(expected) > 50
    assert found == expected
    assert kinds == set(KINDS)


def test_every_kind_of_claim_is_checked() -> None:
    """A kind that is added to the closed list has to be given a check."""
    assert set(vocabulary().scheme("claim-kind").concepts) == set(KINDS)


def test_every_check_says_why_in_our_own_words(reader: Reader) -> None:
    """A sentence, the method, and a place that leads to it; no words of the policy in it."""
    provisions = [str(each.one("normalisedText")) for each in reader.of_type("Provision")]
    long = [text for text in provisions if len(text) > 40]
    for each in reader.of_type("ClaimCheck"):
        sentence = str(each.one("sentence"))
        assert sentence.endswith("."), sentence
        assert each.one("madeBy") == methods.method("claim-check")
        assert not [text for text in long if text in sentence]
    assert len(long) > 50


def test_what_was_searched_is_counted(reader: Reader) -> None:
    """A claim about the text names the versions; one about the law alone names none."""
    text, law = made(reader, "right-missing"), made(reader, "enforcer-with-power")
    assert len(text.all("searchedVersion")) == 5
    assert text.one("passagesSearched") > 300
    assert text.one("charactersSearched") > 50_000
    assert not law.all("searchedVersion")
    assert law.one("passagesSearched") is None
    assert {slug(iri) for iri in law.all("anchor")} > {"audit-2023"} or len(law.all("anchor")) > 2


def test_a_quotation_has_a_status_and_its_place(reader: Reader) -> None:
    """Found, found but for typography, nowhere with what comes near, and never looked for."""
    status = {
        own: slug(str(made(reader, own).one("quoteStatus") or ""))
        for own in (*WORDS, "quote-kept-back")
    }
    assert status == {
        "quote-whole": "verified",
        "quote-typography": "repaired",
        "quote-made-up": "not-found",
        "quote-kept-back": "",
    }
    assert "overwritten within another 60 days" in words_of(reader, made(reader, "quote-whole"))
    assert "overwritten" in words_of(reader, made(reader, "quote-made-up"), "nearest")
    assert not made(reader, "quote-made-up").all("evidence")


def test_a_quotation_is_lost_where_a_word_is_another(mine: Path) -> None:
    """The bad twin: one letter in the words that were found, and they are found no more."""
    twin = excerpts({"quote-whole": WORDS["quote-whole"].replace("Backups", "Backup")})
    with writing(mine) as writer, Ledger(mine) as ledger:
        assert check_claims(writer, ledger, twin)
    publish(mine)
    found = made(Reader(Releases(mine).current()), "quote-whole")
    assert slug(str(found.one("quoteStatus"))) == "not-found"
    assert slug(str(found.one("claimOutcome"))) == "does-not-hold"


def test_an_untrue_reason_is_shown_the_passages(reader: Reader) -> None:
    """Who says that no way to make a request is named is shown the ways."""
    words = words_of(reader, made(reader, "reason-untrue"))
    assert "privacy.inkwarren.example/request" in words or "privacy@inkwarren.example" in words
    assert words_of(reader, made(reader, "reason-true"), "nearest")


def test_a_period_is_told_as_the_law_has_it(reader: Reader) -> None:
    """The sentence of a wrong period has the right one, and leads to the rule of the day."""
    wrong = made(reader, "deadline-other-unit")
    assert "15 business days" in str(wrong.one("sentence"))
    assert "§7026(f)(1)" in str(wrong.one("sentence"))
    assert len(wrong.all("requirementVersion")) == 1


SMALL = """
defaults: {read: 2026-11-23}
author: {id: page-writer, name: Page Writer}
platform: {id: onlysale, name: Onlysale}
document: {id: privacy-policy, kind: privacy-policy, name: Onlysale Privacy Policy}
page: {title: Onlysale}
claims:
  - id: sale
    kind: right-asserted
    says: Californians are said to have an opt-out of sales.
    refers-to: [us-ca/ccpa/opt-out-of-sale]
  - id: sharing
    kind: right-asserted
    says: Californians are said to have an opt-out of sharing.
    refers-to: [us-ca/ccpa/opt-out-of-targeted-advertising]
  - id: lost-security
    kind: change-reported
    says: Words on security are said to be gone.
    refers-to: [{topic: security}]
  - id: new-children
    kind: change-reported
    says: Words on children are said to be new.
    refers-to: [{topic: notice-minors}]
  - id: lost-children
    kind: change-reported
    says: Words on children are said to be gone.
    refers-to: [{topic: notice-minors}]
  - id: lost-sources
    kind: change-reported
    says: Words on sources are said to be gone.
    refers-to: [{topic: notice-sources}]
"""
FILLER = (
    "We keep the notes that you write to us in a safe place for as long as you have an account. "
)
OPT_OUT = (
    "## California\n\nIf you live in California, you have the right to opt out of the sale of your "
    "personal information at any time.\n"
)
EARLY = "We use technical and organisational measures against loss and misuse."
LATE = "Our service is not directed to children under 13."


def test_words_of_one_kind_are_none_of_another(tmp_path: Path) -> None:
    """An opt-out of sales is none of sharing; what is gone is gone, and what is new is new."""
    page, data = tmp_path / "about-onlysale.yaml", tmp_path / "data"
    page.write_text(SMALL)
    sources_with(tmp_path / "sources", page)
    files = []
    for month, more in ((3, EARLY), (5, LATE)):
        policy = tmp_path / f"policy-{month}.md"
        policy.write_text(f"# Policy\n\n{FILLER * 3}\n\n{OPT_OUT}\n## Else\n\n{more}\n")
        handed = HandedOver(policy, datetime(2026, month, 1, tzinfo=UTC), "markdown")
        files.append(File("Onlysale", "Privacy Policy", handed))
    load_files(data, files)
    run(data, "about-onlysale", None, None, tmp_path / "sources")
    found = {
        slug(str(each.one("claim"))): slug(str(each.one("claimOutcome")))
        for each in Reader(Releases(data).current()).of_type("ClaimCheck")
    }
    assert found == {
        "sale": "holds",
        "sharing": "does-not-hold",
        "lost-security": "holds",
        "new-children": "holds",
        "lost-children": "does-not-hold",
        "lost-sources": "does-not-hold",
    }


def lines_of(writer: Writer) -> list[str]:
    """Everything that stands in the graphs of checks."""
    names = [name for name in writer.names() if name.startswith(CHECKS)]
    return sorted(str(quad) for name in names for quad in writer.of(name))


def test_a_second_check_writes_nothing(mine: Path) -> None:
    """Neither with the same words nor without them: what came of a quotation is kept."""
    with writing(mine) as writer, Ledger(mine) as ledger:
        before = lines_of(writer)
        assert not check_claims(writer, ledger, excerpts())
        assert not check_claims(writer, ledger)
        assert lines_of(writer) == before
        assert check_claims(writer, ledger, excerpts({"quote-whole": "No such words at all."}))
        assert lines_of(writer) != before


def test_without_its_words_a_quotation_is_forgotten_when_versions_change(
    mine: Path, tmp_path: Path
) -> None:
    """What came of it was true of other captures; it has to be handed over again."""
    policy = tmp_path / "newer.md"
    newest = max((HERE.parent / "loaders/demonstration/inkwarren").glob("*.md"))
    policy.write_text(newest.read_text("utf-8") + "\n\nOne more line.\n")
    handed = HandedOver(policy, datetime(2026, 9, 1, tzinfo=UTC), "markdown")
    load_files(mine, [File("Inkwarren", "Privacy Policy", handed)])
    run(mine, STEM, None, None, sources_with(tmp_path / "s", HERE / "claims" / f"{STEM}.yaml"))
    found = made(Reader(Releases(mine).current()), "quote-whole")
    assert found.one("quoteStatus") is None
    assert slug(str(found.one("claimOutcome"))) == "not-checkable"


def test_checks_go_with_the_document(mine: Path) -> None:
    """A document that is taken out takes along what was checked of it."""
    with writing(mine) as writer:
        assert lines_of(writer)
    remove(mine, "Inkwarren")
    with writing(mine) as writer, Ledger(mine) as ledger:
        assert check_claims(writer, ledger)
        assert not lines_of(writer)


def test_words_lose_the_quotation_marks_around_them() -> None:
    """They are the page's; those inside are the document's."""
    assert unquoted(' \u201cWe "sell" nothing.\u201d\n') == 'We "sell" nothing.'
    assert unquoted('"An open one') == "An open one"


def test_names_and_captures_in_a_row() -> None:
    """Each name once, the last with an and."""
    assert listed(["a", "b", "a", "c"]) == "a, b and c"
    assert listed(["a"]) == "a"
    assert captures(()) == "no capture"
