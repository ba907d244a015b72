"""The exposure rubric: what counts, what does not, and that SPARQL comes to the same."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from clausegraph.api.claimrows import condition
from clausegraph.loaders.cues import declared
from clausegraph.loaders.outcomes import Outcome
from clausegraph.loaders.rubric import CONDITIONAL, Rubric, folder, read_rubric, rubric
from clausegraph.loaders.rubricquery import query
from clausegraph.loaders.scoring import Score, score
from clausegraph.loaders.source import SourceError
from clausegraph.ontology.iris import NS, PREFIXES, concept
from tests.assessing import (
    AMBIGUOUS,
    BY_NAME,
    DENIAL,
    ELSEWHERE,
    FOREIGN,
    LINKED,
    MISSING,
    REFUSED,
    SALE_DENIAL,
    SHARING_DENIAL,
    STATED,
    Invented,
    Say,
    all_duties,
    invented,
    law,
    requirement,
    saying,
    tension,
)

EXAMPLE = Path(__file__).parent.parent / "docs" / "examples" / "exposure-recomputed.rq"
DAY = date(2026, 3, 10)
BAN = "us-ca/ccpa-regulations/verification"


def scored(say: Say, day: date = DAY, rules: Rubric | None = None) -> Score:
    """The score of a document on a day."""
    made = invented(say, "2024-02-01")
    held = [
        each
        for each in made.found
        if each.first_day <= day and (each.last_day is None or day <= each.last_day)
    ]
    return score(held, law(), day, rules)


def matter(found: Score, name: str) -> int:
    """What a matter brings."""
    each = found.by_matter.get(name)
    return each.points if each else 0


def test_every_duty_has_one_matter_and_its_condition() -> None:
    """No duty is forgotten, none counts twice, conditions are those of the duties."""
    rules, told = rubric(), set()
    for duty in all_duties().values():
        if duty.requirement in rules.elsewhere:
            continue
        told.add(duty.requirement)
        condition = rules.of[duty.requirement].requirements[duty.requirement]
        if duty.name != BAN and condition != "outside":
            assert condition == (duty.condition or "always"), duty.name
        assert condition != "outside" or not duty.condition, duty.name
    assert told == set(rules.of)
    assert rules.of[requirement(BAN)].requirements[requirement(BAN)] == "tension"


def test_what_is_stated_brings_nothing() -> None:
    """A document that states everything has no points."""
    found = scored(saying(STATED))
    assert (found.points, found.level, found.by_matter) == (0, "low", {})


def test_a_matter_counts_once_for_statute_regulation_and_states() -> None:
    """Five findings on one right bring what one brings."""
    found = scored(saying(STATED, right_to_delete=MISSING, notice_rights_delete=MISSING))
    missing = [each for each in found.judged if each.state == "not-stated"]
    assert len(missing) == 5
    assert (found.points, set(found.by_matter)) == (3, {"delete"})
    alone = scored(saying(STATED, right_to_delete={"us-va": MISSING}))
    assert alone.points == 3


def test_a_denial_brings_more_and_a_tension_what_its_kind_brings() -> None:
    """Twice the matter's points, or the points of the tension."""
    assert matter(scored(saying(STATED, right_to_correct=REFUSED)), "correct") == 6
    only = tension("one-state-only", "us-va/vcdpa/right-to-correct", otherwise="not-stated")
    assert matter(scored(saying(STATED, right_to_correct={"us-va": only})), "correct") == 2
    longer = tension("longer-period", "us-va/vcdpa/response-time")
    assert matter(scored(saying(STATED, response_time=longer)), "response-time") == 3


def test_nothing_is_held_against_a_document_that_could_not_be_examined() -> None:
    """No points, and no level rather than a low one."""
    found = scored(saying(STATED, right_to_correct=AMBIGUOUS, metrics=FOREIGN))
    assert found.points == 0
    foreign = scored(saying(FOREIGN))
    assert (foreign.points, foreign.level, foreign.examined) == (0, None, 0)


def test_conditions_are_lifted_by_the_documents_own_denial() -> None:
    """What only sellers are asked does not count for one who denies a sale."""
    gaps: dict[str, Outcome] = {"opt_out_of_sale": MISSING, "sensitive_data_control": MISSING}
    assert scored(saying(STATED, **gaps)).points == 4
    assert scored(saying(STATED, notice_sale_statement=DENIAL, **gaps)).points == 1
    both = scored(
        saying(STATED, notice_sale_statement=DENIAL, notice_sensitive_data=DENIAL, **gaps)
    )
    assert both.points == 0
    told = {each.facts["condition"] for each in both.judged}
    assert told == {"always", "outside", "lifted"}


def test_a_denial_lifts_what_it_denies_and_no_more() -> None:
    """Who denies a sale alone is still asked what those are who share for advertising."""
    gaps: dict[str, Outcome] = {
        "opt_out_of_sale": MISSING,
        "opt_out_of_targeted_advertising": MISSING,
        "notice_signal_handling": MISSING,
    }
    lifted = {
        name: {
            each.found.duty.name.rpartition("/")[2]
            for each in scored(saying(STATED, notice_sale_statement=denial, **gaps)).judged
            if each.facts["condition"] == "lifted" and each.state == "not-stated"
        }
        for name, denial in (("sale", SALE_DENIAL), ("ads", SHARING_DENIAL), ("both", DENIAL))
    }
    assert lifted == {
        "sale": {"opt-out-of-sale"},
        "ads": {"opt-out-of-targeted-advertising"},
        "both": {"opt-out-of-sale", "opt-out-of-targeted-advertising", "notice-signal-handling"},
    }
    two = saying(STATED, notice_sale_statement=SALE_DENIAL, **gaps)
    parted = saying(STATED, notice_sale_statement=DENIAL, **gaps)
    assert (scored(two).points, scored(parted).points) == (3 + 2 + 2, 0)


def test_silence_on_what_no_notice_must_tell_is_no_gap() -> None:
    """A clock holds whether or not a text promises it; refusing a right counts all the same."""
    assert scored(saying(STATED, response_time=MISSING)).points == 0
    assert scored(saying(STATED, no_retaliation={"us-va": MISSING})).points == 0
    assert scored(saying(STATED, no_retaliation={"us-ca": MISSING})).points == 2
    assert scored(saying(STATED, no_retaliation={"us-va": REFUSED})).points == 4


def test_a_denial_in_tension_lifts_nothing() -> None:
    """A denial beside words on advertising is no clear denial."""
    strained = tension("sale-denied-beside-advertising", "us-ca/ccpa/definition-sale")
    gaps = saying(STATED, notice_sale_statement={"us-ca": strained}, opt_out_of_sale=MISSING)
    assert scored(gaps).points == 4 + 3


def test_a_denial_of_another_law_lifts_nothing() -> None:
    """Only the statement on sale lifts the condition, not one on advertising."""
    gaps = saying(STATED, notice_sale_statement={"us-va": DENIAL}, opt_out_of_sale=MISSING)
    assert scored(gaps).points == 3


def test_a_ban_brings_points_by_a_tension_alone() -> None:
    """Nobody has to state a ban; words against it count even where a sale is denied."""
    assert scored(saying(STATED, verification=MISSING)).points == 0
    strained = saying(
        STATED,
        notice_sale_statement=DENIAL,
        verification=tension("identity-for-opt-out", BAN),
    )
    assert set(scored(strained).by_matter) == {"opt-out"}


def test_an_action_counts_from_the_day_on_which_it_is_announced() -> None:
    """An action that cites the rule adds to a gap or tension, not to what is stated."""
    strained = saying(STATED, opt_out_of_sale={"us-ca": tension("identity-for-opt-out", BAN)})
    assert scored(strained, date(2025, 3, 11)).points == 4
    assert scored(strained, date(2025, 3, 12)).points == 6
    assert scored(strained, date(2026, 3, 10)).points == 6
    assert scored(saying(STATED, verification=STATED), date(2026, 3, 10)).points == 0


@pytest.mark.parametrize(
    ("points", "level"), [(0, "low"), (9, "low"), (10, "medium"), (23, "medium"), (24, "high")]
)
def test_levels_begin_where_the_rubric_says(points: int, level: str) -> None:
    """Both sides of each bound."""
    assert rubric().level(points) == level


def test_high_begins_at_half_of_what_the_rules_can_find() -> None:
    """What the rubric's head says of its bounds is so."""
    read = {each.requirement for each in all_duties().values() if each.by}
    known = [
        each
        for each in rubric().matters
        if any(
            iri in read and condition not in {"outside", "tension"}
            for iri, condition in each.requirements.items()
        )
    ]
    assert sum(each.points for each in known if each.id != "contract") == 48
    assert rubric().bounds["high"] == 24


# The same in SPARQL


def documents() -> list[Invented]:
    """Documents of all sorts, some of which change."""
    strained = saying(
        STATED,
        opt_out_of_sale={"us-ca": tension("identity-for-opt-out", BAN), "us-co": MISSING},
        right_to_access={
            "us-ca": tension("short-look-back", "us-ca/ccpa/right-to-access-look-back")
        },
        response_time=REFUSED,
        sensitive_data_control=LINKED,
    )
    sold = saying(BY_NAME, notice_sale_statement=DENIAL, opt_out_signal=MISSING, appeal=ELSEWHERE)
    return [
        invented(saying(STATED), "2023-05-01"),
        invented(saying(MISSING), "2019-05-01"),
        invented(saying(FOREIGN), "2024-01-01"),
        invented([strained, sold], "2023-05-01", "2025-09-01"),
        invented(saying(MISSING), kind="data-processing-agreement"),
    ]


def rows(store: Store) -> dict[str, tuple[str, str, str, str]]:
    """Points and level of each assessment, as recomputed and as told."""
    found = {}
    solutions = store.query(EXAMPLE.read_text("utf-8"), use_default_graph_as_union=True)
    assert isinstance(solutions, QuerySolutions)
    for row in solutions:
        points, level, said_points, said_level = (
            str(getattr(row[name], "value", ""))
            for name in ("points", "level", "saidPoints", "saidLevel")
        )
        found[str(row["assessment"])[1:-1]] = (points, level, said_points, said_level)
    return found


@pytest.mark.parametrize("number", range(5))
def test_the_query_comes_to_the_same(number: int) -> None:
    """Points and level of every assessment; those without a level have no row."""
    made = documents()[number]
    nodes = [each for each in made.nodes() if each["type"] == "Assessment"]
    assert nodes
    wanted = {each["id"] for each in nodes if "points" in each}
    found = rows(made.store())
    assert set(found) == wanted
    assert all(row[:2] == row[2:] for row in found.values()), found


def test_the_query_finds_out_a_level_that_does_not_follow() -> None:
    """Planted points and levels differ from those recomputed."""
    store = documents()[1].store()
    points, level = NamedNode(NS + "points"), NamedNode(NS + "exposureLevel")
    for quad in list(store.quads_for_pattern(None, level, None, None)):
        store.remove(quad)
        low = NamedNode(concept("exposure-level", "low"))
        store.add(Quad(quad.subject, level, low, quad.graph_name))
        told = next(store.quads_for_pattern(quad.subject, points, None, None))
        store.remove(told)
        one = Literal("1", datatype=NamedNode(PREFIXES["xsd"] + "integer"))
        store.add(Quad(quad.subject, points, one, quad.graph_name))
    assert all(row[0] != row[2] and row[1] != row[3] for row in rows(store).values())


def test_the_query_follows_the_findings() -> None:
    """With other findings the query comes to another level."""
    made = documents()[0]
    store = made.store()
    before = rows(store)
    state, stated = NamedNode(NS + "findingState"), concept("finding-state", "stated")
    denied = NamedNode(concept("finding-state", "denied"))
    for quad in list(store.quads_for_pattern(None, state, NamedNode(stated), None)):
        store.remove(quad)
        store.add(Quad(quad.subject, state, denied, quad.graph_name))
    after = rows(store)
    assert {row[1].rpartition("/")[2] for row in before.values()} == {"low"}
    assert {row[1].rpartition("/")[2] for row in after.values()} == {"high"}


def test_the_committed_query_is_the_rubric() -> None:
    """The example in the documentation is written from the rubric."""
    assert EXAMPLE.read_text("utf-8") == query(rubric())


# Files that are wrong


def twin(folder_: Path, old: str, new: str) -> Path:
    """The rubric with a passage exchanged."""
    text = (folder() / "rubric.yaml").read_text("utf-8")
    assert old in text
    path = folder_ / "rubric.yaml"
    path.write_text(text.replace(old, new, 1))
    return path


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("{from: 10, to: 23}", "{from: 8, to: 23}", "levels.medium.from", "overlap"),
        ("{from: 24}", "{from: 27}", "levels.high.from", "gap"),
        ("{from: 24}", "{from: 24, to: 99}", "levels.high", "highest"),
        ("{from: 0, to: 9}", "{from: 0}", "levels.low", "end"),
        ("{from: 0, to: 9}", "{from: 0, to: -1}", "levels.low.to", "below"),
        ("high: {from: 24}", "severe: {from: 24}", "levels.severe", "unknown key"),
        ("denied: 2", "denied: two", "states.denied", "whole number"),
        ("denied: 2", "stated: 2", "states", "'denied' is missing"),
        ("longer-period: 3", "late: 3", "tensions.late", "unknown key"),
        ("name: a right to deletion", "name: deletion; all", "matters[1].name", "form"),
        ("id: delete\n", "id: know\n", "matters[1].id", "twice"),
        ("sale-or-advertising: [us-ca/ccpa-regulations/notice-minors-processes]",
         "sale-or-advertising: [us-ca/ccpa/notice-retention]", "matters[24].sale-or-advertising",
         "twice"),
        ("elsewhere: [us-ca/ccpa/notice-rights", "elsewhere: [us-ca/ccpa/notice-sources",
         "elsewhere[0]", "belongs to a matter"),
        ("cited: 2", "cited: 2\nbonus: 3", "bonus", "unknown key"),
        ("least: 10", "least: 0", "least", "minimum"),
    ],
)  # fmt: skip
def test_a_wrong_rubric_is_refused(
    tmp_path: Path, old: str, new: str, where: str, what: str
) -> None:
    """Each mistake with file, line and path."""
    with pytest.raises(SourceError) as caught:
        read_rubric(twin(tmp_path, old, new))
    found = [str(each) for each in caught.value.mistakes]
    assert any(
        re.match(rf"rubric\.yaml:\d+: {re.escape(where)}: ", each) and what in each
        for each in found
    ), found


def test_the_rubric_itself_is_read(tmp_path: Path) -> None:
    """The twins differ from a file that is right."""
    assert read_rubric(twin(tmp_path, "cited: 2", "cited: 2")).bounds == rubric().bounds


def test_every_condition_is_told_in_words() -> None:
    """On the page of a check: whom a rule asks, and none where it asks all."""
    told = {duty.condition: condition(duty.requirement) for duty in all_duties().values()}
    assert set(told) == {"", *CONDITIONAL}
    assert told[""] == ""
    assert len(set(told.values())) == len(told)


def test_every_rule_that_lifts_a_condition_reads_denials() -> None:
    """The rubric names cues that are declared, and that read a denial."""
    denials = {cue.id for topic in declared() for cue in topic.cues if cue.polarity == "denied"}
    named = {name for lift in rubric().lifts.values() for name in lift.rules}
    assert named
    assert named <= denials
