"""A whole document is read as a careful reader would: what it states, for whom, and what it lacks."""

from __future__ import annotations

from itertools import permutations
from typing import Protocol

import pytest

from clausegraph.loaders.audiences import addressed, audiences
from clausegraph.loaders.blocks import blocks
from clausegraph.loaders.cues import Topic, declared, matches
from clausegraph.loaders.detect import Detector
from clausegraph.loaders.disclosures import NEAREST, Reading, read

CODEBOOK = {
    "collected",
    "sources",
    "purposes",
    "sold-shared",
    "disclosed",
    "recipients",
    "minors-sale",
    "sensitive-use",
    "right-know",
    "right-delete",
    "right-correct",
    "right-opt-out",
    "right-limit",
    "right-nondiscrimination",
    "methods",
    "verification",
    "opt-out-signal",
    "agent",
    "contact",
    "last-updated",
    "response-time",
    "retention",
    "appeal",
    "targeted-ads-opt-out",
}
FILL = (
    "Lanternfold makes paper lamps and a small program that designs them for you. This page is about "
    "the lamps that we make and about the people who fold them in our workshop by the sea every day. "
    "It is written for everybody who has one of our lamps at home or wants to have one of them."
)
TOPICS = [each for each in declared() if each.kind == "disclosures"]
from clausegraph.loaders.outcomes import Outcome, _together


class Reader(Protocol):
    """Reads a text after words that make it long enough."""

    def __call__(self, text: str, fill: str = ...) -> dict[str, Reading]:
        """What it states of each item."""


@pytest.fixture(scope="module")
def detector() -> Detector:
    """The package's cues."""
    return Detector()


@pytest.fixture
def reading(detector: Detector) -> Reader:
    """A function that reads a text, with words before it so that there are enough."""

    def made(text: str, fill: str = FILL) -> dict[str, Reading]:
        parts = blocks(f"{fill}\n\n{text}")
        return read(parts, [detector.detect(each) for each in parts])

    return made


def test_every_item_of_the_codebook_is_declared() -> None:
    """The items by which readers label are those that the software reads."""
    assert {each.id for each in TOPICS} >= CODEBOOK


@pytest.mark.parametrize("topic", TOPICS, ids=lambda each: each.id)
def test_every_declared_disclosure_has_an_example_that_it_takes(topic: Topic) -> None:
    """Each cue takes its examples; none takes an ordinary sentence about lamps."""
    assert topic.cues
    for cue in topic.cues:
        assert cue.yes
        assert all(matches(cue.pattern, cue.unless, each) for each in cue.yes)
        if cue.points >= topic.threshold:
            assert not matches(cue.pattern, cue.unless, "Lamps of paper glow in the dark.")


def test_every_disclosure_is_read_and_none_stands_in_a_text_about_lamps(reading: Reader) -> None:
    """One reading for each; where nothing is said, the nearest passages are named."""
    found = reading("Lamps of paper glow in the dark, and so do ours.")
    assert list(found) == [each.id for each in TOPICS]
    for each in found.values():
        assert (each.state, each.reason) == ("not-stated", "no-passage"), each.item
        assert each.nearest


STATED = {
    "right-delete": "You may ask us to delete your personal data.",
    "right-know": "You have the right to request access to the data that we hold.",
    "right-correct": "You have the right to have wrong data corrected.",
    "right-opt-out": "You have the right to opt out of the sale of your personal information.",
    "right-limit": "You have the right to limit the use of your sensitive personal information.",
    "right-nondiscrimination": "We never discriminate against people who exercise these rights.",
    "agent": "An authorized agent may send a request for you.",
    "verification": "We may ask you for your order number to verify your identity for a request.",
    "opt-out-signal": "We treat the Global Privacy Control as a wish to opt out.",
    "last-updated": "Last updated: May 3, 2031",
    "response-time": "We answer every request within 30 days.",
    "retention": "We keep your data for as long as you have an account.",
    "appeal": "If we decline your request you may appeal our decision.",
    "contact": "If you have questions about this notice, write to privacy@lanternfold.example.",
}
NEAR_MISSES = {
    "right-delete": "We reserve the right to delete lamps that were never paid.",
    "right-know": "We reserve the right to access the workshop at any time.",
    "right-correct": "We reserve the right to amend this notice at any time.",
    "right-opt-out": "You may opt out of our letters about lamps.",
    "right-limit": "You may ask us to restrict the processing of your data.",
    "right-nondiscrimination": "Do not discriminate against other guests of the workshop.",
    "agent": "The owner's authorized agent may send us a notice of infringement.",
    "verification": "We verify each lamp before we ship it.",
    "opt-out-signal": "We do not respond to Do Not Track.",
    "last-updated": 'We then change the "last updated" date above.',
    "response-time": "We refund the price within 30 days.",
    "retention": "Keep your lamp away from the fire.",
    "appeal": "The lamps appeal to people of all ages.",
    "contact": "The contacts of the lamp are made of brass.",
}


@pytest.mark.parametrize("item", STATED)
def test_a_statement_is_told_from_its_near_miss(reading: Reader, item: str) -> None:
    """What does what the item asks is stated; what only sounds alike is not."""
    stated = reading(STATED[item])[item]
    assert (stated.state, stated.polarity, stated.scope) == ("stated", "positive", "general")
    assert stated.evidence
    assert reading(NEAR_MISSES[item])[item].state == "not-stated"


@pytest.mark.parametrize(
    ("item", "text", "polarity"),
    [
        ("sold-shared", "We do not sell your personal information.", "negative"),
        ("sold-shared", "We may sell your personal information to brokers.", "positive"),
        ("minors-sale", "We do not sell the data of anyone under the age of 16.", "negative"),
        (
            "sensitive-use",
            "We do not use sensitive personal information for other ends.",
            "negative",
        ),
        (
            "disclosed",
            "We have not disclosed personal information for a business purpose.",
            "negative",
        ),
    ],
)
def test_a_denial_that_is_asked_for_is_a_statement(
    reading: Reader, item: str, text: str, polarity: str
) -> None:
    """Codebook: "does not sell" is stated, with negative polarity."""
    found = reading(text)[item]
    assert (found.state, found.polarity) == ("stated", polarity)


def test_a_denial_of_sale_is_no_right_to_opt_out(reading: Reader) -> None:
    """Codebook, convention one."""
    assert reading("We do not sell your personal information.")["right-opt-out"].state == (
        "not-stated"
    )


def test_a_right_that_is_refused_is_denied(reading: Reader) -> None:
    """Where the item is a right, a refusal is no statement of it."""
    found = reading("You do not have the right to delete such records.")["right-delete"]
    assert (found.state, found.polarity) == ("denied", "negative")


def test_a_statement_beside_a_refusal_is_stated(reading: Reader) -> None:
    """A refusal of one kind does not take away the right; both passages are evidence."""
    text = "You have the right to delete your data.\n\nYou have no right to delete invoices."
    found = reading(text)["right-delete"]
    assert (found.state, len(found.evidence)) == ("stated", 2)


def test_bare_words_on_verifying_are_not_decided(reading: Reader) -> None:
    """Where readers differ nothing is guessed; asking for facts is a description."""
    text = "## Your rights\n\nTo exercise your rights, send a request. "
    found = reading(text + "We will verify your identity for the request.")["verification"]
    assert (found.state, found.reason) == ("not-examined", "ambiguous")
    assert found.evidence
    assert found.nearest
    told = reading(text + "We may ask for your address to verify your identity for the request.")
    assert told["verification"].state == "stated"


EUROPE = "## For people in the EEA\n\nYou have the right to delete your data."


def test_a_right_only_for_people_elsewhere_is_not_stated(reading: Reader) -> None:
    """The passage is named, as evidence and as the nearest; for all it states."""
    found = reading(EUROPE)["right-delete"]
    assert (found.state, found.scope, found.reason) == ("not-stated", "other", "elsewhere-only")
    assert found.nearest[0][0] == found.evidence[0].block
    assert reading(EUROPE.replace("For people in the EEA", "Your rights"))[
        "right-delete"
    ].state == ("stated")


def test_californians_and_everybody_are_told_apart(reading: Reader) -> None:
    """Scope `state` where only people of a state are addressed."""
    own = "## California residents\n\nYou have the right to delete your data."
    assert reading(own)["right-delete"].scope == "state"
    both = own + "\n\n## Everybody\n\nYou may delete your account at any time."
    assert reading(both)["right-delete"].scope == "general"


def test_an_opt_out_of_sale_for_californians_says_nothing_to_others(reading: Reader) -> None:
    """The statement that other states ask for is not made by one to Californians only."""
    words = "You may opt out of targeted advertising in the settings."
    found = reading(f"## California residents\n\n{words}")["targeted-ads-opt-out"]
    assert (found.state, found.reason) == ("not-stated", "one-state-only")
    assert reading(f"## Colorado residents\n\n{words}")["targeted-ads-opt-out"].state == "stated"


def test_items_of_a_list_of_rights_count_and_the_same_words_elsewhere_do_not(
    reading: Reader,
) -> None:
    """`Delete your data` is a right under `You have the right to:` and none among chores."""
    listed = "You have the right to:\n\n- Delete your data\n- Correct your data"
    assert reading(listed)["right-delete"].state == "stated"
    assert reading(listed)["right-correct"].state == "stated"
    chores = "Every night our servers do this:\n\n- Delete old logs\n- Correct the clock"
    assert reading(chores)["right-delete"].state == "not-stated"
    assert reading(chores)["right-correct"].state == "not-stated"


def test_what_people_may_ask_to_be_told_is_not_told(reading: Reader) -> None:
    """A right to know the sources names none; a sentence that names them does."""
    right = "You have the right to know:\n\n- The categories of sources: where we had it from."
    assert reading(right)["sources"].state == "not-stated"
    said = "We obtain data from our partners and from publicly available sources."
    assert reading(said)["sources"].state == "stated"


def test_a_date_and_what_it_is_may_stand_apart(reading: Reader) -> None:
    """An effective date is a date of last update only if the text ties it to the update."""
    date = "Effective date: May 3, 2031"
    assert reading(date)["last-updated"].state == "not-stated"
    tie = "When we change this notice, we update the effective date above."
    found = reading(f"{date}\n\n{tie}")["last-updated"]
    assert (found.state, len(found.evidence)) == ("stated", 2)


def test_the_nearest_passages_are_those_on_the_matter(reading: Reader) -> None:
    """Best first, three at most, ties in reading order; never more than the document has."""
    text = (
        "The workshop opens at nine.\n\nWe keep lamps in a dry store for a long period.\n\n"
        "Rain is frequent."
    )
    found = reading(text)["retention"]
    assert len(found.nearest) == NEAREST
    assert found.nearest[0][0] == 2
    assert [score for _, score in found.nearest] == sorted(
        (score for _, score in found.nearest), reverse=True
    )
    tied = reading("Sand.\n\nSand.\n\nSand.")["appeal"].nearest
    assert [at for at, _ in tied] == [0, 1, 2]
    assert len(reading("", fill=FILL)["appeal"].nearest) == 1


def test_readings_are_the_same_every_time(reading: Reader) -> None:
    """The same text is read alike, whatever was read between."""
    text = f"{EUROPE}\n\nWe do not sell data.\n\nWrite to privacy@lanternfold.example."
    first = reading(text)
    reading("Something else.")
    assert reading(text) == first


def test_a_link_to_another_page_is_told(reading: Reader) -> None:
    """Not stated, but the text says where it stands; without the link it does not."""
    words = "We keep and retain data for a period"
    linked = reading(f"{words}; for how long, see our retention policy.")["retention"]
    assert (linked.state, linked.linked) == ("not-stated", True)
    assert not reading(f"{words}; nobody knows how long.")["retention"].linked


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Wir verkaufen keine Daten. " * 20, "language"),
        (
            "\u6211\u4eec\u4e0d\u4f1a\u51fa\u552e\u60a8\u7684\u4e2a\u4eba\u4fe1\u606f " * 60,
            "language",
        ),
        ("We do not sell your data.", "too-short"),
        ("", "too-short"),
    ],
)
def test_a_text_that_cannot_be_read_is_not_examined(
    reading: Reader, text: str, reason: str
) -> None:
    """Nothing is said about a text in another language, or of a few words."""
    found = reading(text, fill="")
    assert {each.state for each in found.values()} == {"not-examined"}
    assert {each.reason for each in found.values()} == {reason}


def _people(text: str) -> list[tuple[str, list[str]]]:
    parts = blocks(text)
    return [(part.seen, sorted(who)) for part, who in zip(parts, audiences(parts), strict=True)]


def test_a_passage_says_for_whom_its_section_is_meant() -> None:
    """It counts until the section ends; a sentence that names a place without people does not."""
    text = (
        "## Rights\n\nThis section applies to residents of the UK.\n\nYou may delete it.\n\n"
        "## Storage\n\nOur servers stand in the UK.\n\nWe keep it for a year."
    )
    people = dict(_people(text))
    assert people["You may delete it."] == ["uk"]
    assert people["Our servers stand in the UK."] == []
    assert people["We keep it for a year."] == []


def test_a_statement_for_one_state_alone_covers_the_headings_below_it() -> None:
    """Headings in bold are siblings of the one under which it stands; another state ends it."""
    text = (
        "## Regional terms\n\n**California**\n\nThis part applies solely to residents of "
        "California.\n\n**Deletion**\n\nYou have the right to request that we delete it.\n\n"
        "**Virginia**\n\nYou have the right to request access.\n\n## Contact\n\nWrite to us."
    )
    people = dict(_people(text))
    assert people["You have the right to request that we delete it."] == ["us-ca"]
    assert people["You have the right to request access."] == ["us-va"]
    assert people["Write to us."] == []


def test_whom_some_may_turn_to_limits_nothing_else() -> None:
    """An appeal is for all where only the complaint to an authority names two states."""
    text = (
        "You may appeal within 60 days. If the appeal fails, residents of Virginia and Connecticut "
        "can turn to the Attorney General of their state."
    )
    limited = "Residents of Virginia and Connecticut may appeal within 60 days of our answer."
    assert [who for _, who in _people(text)] == [[]]
    assert [who for _, who in _people(limited)] == [["us-ct", "us-va"]]


def test_what_depends_on_where_people_live_is_for_all() -> None:
    """The words end what was said before; without them it goes on."""
    text = (
        "If you live in the EEA you have the following rights.\n\nYou may object.\n\n"
        "Depending on where you live you may have the following rights.\n\nYou may delete it."
    )
    assert dict(_people(text))["You may delete it."] == []
    short = text.replace("Depending on where you live you may have the following rights.\n\n", "")
    assert dict(_people(short))["You may delete it."] == ["eea"]


def test_a_numbered_title_without_signs_ends_a_section() -> None:
    """Numbers that began before a heading go on outside of it; those that begin in it do not."""
    text = "# Notice\n\n{}\n\n## For EU users\n\nWords.\n\n{}\n\nYou may delete it."
    outside = text.format("10. Data transfers", "11. Your rights")
    assert dict(_people(outside))["You may delete it."] == []
    inside = text.format("Words.", "1. Your rights")
    assert dict(_people(inside))["You may delete it."] == ["eea"]


def test_a_table_of_contents_speaks_to_nobody() -> None:
    """A title with people's names counts where its section follows."""
    contents = "# Notice\n\n1. Your rights\n2. People in the EEA\n\nYou may delete it."
    assert dict(_people(contents))["You may delete it."] == []
    section = "# Notice\n\nWords.\n\n2. People in the EEA\n\nYou may delete it."
    assert dict(_people(section))["You may delete it."] == ["eea"]


def test_own_words_must_address_people() -> None:
    """To name a place elsewhere is not to speak to its people."""
    assert addressed("We store it in Switzerland.") == frozenset()
    assert addressed("If you are in Switzerland, write to us.") == {"ch"}


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_what_is_missing_does_not_depend_on_the_order(order: tuple[int, ...]) -> None:
    """Of several disclosures that only together meet a duty, a denial speaks first."""
    states = ("stated", "not-stated", "denied")
    made = [Outcome(state, "general", "", "", False, 0.9, ()) for state in states]
    assert _together([made[at] for at in order]).state == "denied"
    pair = [made[at] for at in order if at < 2]
    assert (_together(pair).state, _together(pair).reason) == ("not-stated", "partly")


@pytest.mark.parametrize(
    ("end", "leads"), [(":", True), (": *", True), (":)", True), (": a", False), ("", False)]
)
def test_what_leads_in_ends_with_a_colon(end: str, leads: bool) -> None:
    """Signs after it aside; a long run of colons before other words is none."""
    text = f"We collect {': ' * 20_000}x{end}\n\n- names"
    (_, item) = blocks(text)
    assert bool(item.lead) is leads
