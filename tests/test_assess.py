"""Assessments: runs of days, sentences that can be traced, templates that are refused where wrong."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse, serialize

from clausegraph.loaders.assess import assessment_nodes, runs
from clausegraph.loaders.examination import Examination
from clausegraph.loaders.examination import run as examine
from clausegraph.loaders.historyjob import Job, run
from clausegraph.loaders.ntriples import lines
from clausegraph.loaders.outcomes import Outcome
from clausegraph.loaders.policies import Identity
from clausegraph.loaders.rubric import folder
from clausegraph.loaders.scene import plain
from clausegraph.loaders.source import SourceError
from clausegraph.loaders.templates import VERDICTS, read_templates, templates
from clausegraph.loaders.tracked import tracked
from clausegraph.loaders.unit import Node
from clausegraph.ontology.iris import NS
from clausegraph.ontology.iris import parse as parts_of
from clausegraph.ontology.terms import vocabulary
from clausegraph.shapes.validator import validate_part
from tests.assessing import (
    AMBIGUOUS,
    BY_NAME,
    DENIAL,
    ELSEWHERE,
    FOREIGN,
    LINKED,
    MISSING,
    REFUSED,
    STATED,
    Invented,
    invented,
    law,
    law_quads,
    saying,
    tension,
)
from tests.test_demonstration import FOLDER, captures

BAN = "us-ca/ccpa-regulations/verification"
IDENTITY = tension("identity-for-opt-out", BAN)
ADVERTISED = tension(
    "sale-denied-beside-advertising", "us-ca/ccpa/definition-sale", "us-ca/ccpa/definition-sharing"
)
LONGER = tension("longer-period", "us-va/vcdpa/response-time")
SHORT = tension("short-look-back", "us-ca/ccpa/right-to-access-look-back")
ONE_STATE = tension("one-state-only", "us-va/vcdpa/right-to-delete", otherwise="not-stated")
DAY = timedelta(days=1)
AGREEMENT = "data-processing-agreement"


@lru_cache(maxsize=1)
def documents() -> dict[str, Invented]:
    """Invented documents that between them have everything that templates tell of."""
    strained = saying(
        STATED,
        opt_out_of_sale={"us-ca": IDENTITY},
        notice_sale_statement={"us-ca": ADVERTISED},
        notice_retention=AMBIGUOUS,
        notice_sources=LINKED,
    )
    abroad: dict[str, Outcome | dict[str, Outcome]] = {
        name: dict.fromkeys(("us-va", "us-co", "us-ct"), ELSEWHERE)
        for name in ("right_to_correct", "notice_purposes")
    }
    home = saying(
        BY_NAME,
        right_to_delete={"us-va": ONE_STATE, "us-ca": ELSEWHERE},
        right_to_access={"us-ca": SHORT},
        notice_request_methods=MISSING,
        request_methods=MISSING,
        notice_request_methods_instructions=MISSING,
    )
    late = saying(STATED, response_time=LONGER, notice_appeal=REFUSED)
    return {
        "everything": invented(saying(STATED), "2024-02-01"),
        "nothing": invented(saying(MISSING), "2019-02-01"),
        "foreign": invented(saying(FOREIGN), "2024-02-01"),
        "denying": invented(
            saying(BY_NAME, notice_sale_statement=DENIAL, opt_out_of_sale=MISSING), "2024-02-01"
        ),
        "strained": invented(strained, "2024-02-01"),
        "home": invented(home, "2024-02-01"),
        "abroad": invented(saying(STATED, **abroad), "2024-02-01"),
        "elsewhere": invented(saying(ELSEWHERE), "2024-02-01"),
        "late": invented(late, "2024-02-01"),
        "unclear": invented(
            saying(
                STATED,
                notice_retention=AMBIGUOUS,
                opt_out_signal=MISSING,
                authorised_agent=MISSING,
            ),
            "2024-02-01",
        ),
        "changing": invented([strained, home, late], "2023-01-10", "2024-05-01", "2025-09-01"),
        "agreement": invented(saying(STATED), kind=AGREEMENT),
        "short agreement": invented(saying(MISSING), kind=AGREEMENT),
        "foreign agreement": invented(saying(FOREIGN), kind=AGREEMENT),
    }


def of(nodes: list[Node], kind: str) -> list[Node]:
    """The nodes of a class."""
    return [each for each in nodes if each["type"] == kind]


@lru_cache(maxsize=1)
def statements() -> list[Node]:
    """The statements of all documents."""
    return [node for made in documents().values() for node in of(made.nodes(), "Statement")]


def sentences(made: Invented, template: str, day: str = "2026-03-10") -> list[str]:
    """What a template says of a document on a day."""
    nodes = made.nodes()
    own = on(of(nodes, "Assessment"), date.fromisoformat(day))
    return [
        each["sentence"]
        for each in of(nodes, "Statement")
        if each["assessment"] == own["id"] and each["template"] == template
    ]


def on(assessments: list[Node], day: date) -> Node:
    """The one assessment of a day."""
    (found,) = (
        each for each in assessments if each["validFrom"] <= day <= each.get("validUntil", date.max)
    )
    return found


# Sentences


def test_every_template_is_used() -> None:
    """A template that no document brings about is a fault of the template."""
    used = {each["template"] for each in statements()}
    assert [each.id for each in templates().templates if each.id not in used] == []


def test_every_sentence_is_whole() -> None:
    """A full stop, no hole, a capital letter, no blank too many."""
    for each in statements():
        said = each["sentence"]
        assert said.endswith("."), said
        assert not re.search(r"[{}]|\s\s|\(\)|; \.|\.\.", said), said
        assert said[0].isupper(), said


def test_no_sentence_is_a_verdict() -> None:
    """Neither law's labels nor ours bring such a word in."""
    found = [each["sentence"] for each in statements() if VERDICTS.search(each["sentence"])]
    assert found == []
    assert VERDICTS.search("It violates the act.")
    assert VERDICTS.search("A compliant text.")


def test_no_word_of_a_policy_is_in_a_sentence() -> None:
    """The words of the captures stay behind anchors."""
    words = re.compile("heron|shallows|reeds|lamp|pier|weather|clerks", re.IGNORECASE)
    texts = [text for made in documents().values() for text in made.history.texts.values()]
    assert all(words.search(text) for text in texts)
    assert not any(words.search(each["sentence"]) for each in statements())


def test_every_sentence_leads_to_something_that_is_there() -> None:
    """Anchors are nodes of the law, of the history, or findings of the same document."""
    known = {str(getattr(quad.subject, "value", "")) for quad in law_quads()}
    for made in documents().values():
        nodes = made.nodes()
        own = {each.iri(made.history.ids) for each in made.found}
        own |= {stand.quote for stands in made.history.stands.values() for stand in stands}
        for each in of(nodes, "Statement"):
            assert each["anchor"], each
            assert set(each["anchor"]) <= known | own, each


def test_anchors_are_of_the_kinds_that_the_vocabulary_has() -> None:
    """Findings, quotes and things of law; nothing else."""
    kinds = {parts_of(iri)[0] for each in statements() for iri in each["anchor"]}
    assert kinds == {
        "absence", "action", "alignment", "enforcer", "finding", "instrument", "power", "quote",
        "requirement",
    }  # fmt: skip


def test_gaps_of_some_only_are_worded_with_an_if() -> None:
    """A thing asked of sellers is not simply missing."""
    made = documents()["nothing"]
    (plain_gap,) = sentences(made, "summary/missing")
    (sale,) = sentences(made, "summary/missing-sale")
    assert sale.startswith("If Hollowmere sells")
    assert "opt out of sale" in sale
    assert "opt out" not in plain_gap


def test_tasks_have_somebody_and_somewhere() -> None:
    """An action or question names who does it, and where the answer lies."""
    tasks = [each for each in statements() if re.search("/(action|question)$", each["part"])]
    assert tasks
    assert all("assignee" in each and "evidenceKind" in each for each in tasks)


def test_contract_sentences_depend_on_the_reader() -> None:
    """Each begins with an If and has the condition as data."""
    contracts = [each for each in statements() if each["part"].endswith("/contract")]
    assert {each["condition"].rpartition("/")[2] for each in contracts} == {
        "employees-us-ca", "role-service-provider", "role-third-party",
    }  # fmt: skip
    assert all(each["sentence"].startswith("If ") for each in contracts)


@pytest.mark.parametrize(
    ("name", "template", "places"),
    [
        ("everything", "everybody", "California Virginia Colorado Connecticut"),
        ("nothing", "silent", "California Virginia Colorado Connecticut"),
        ("elsewhere", "excluded", "California Virginia Colorado Connecticut"),
        ("foreign", "unreadable", "California Virginia Colorado Connecticut"),
        ("denying", "by-name", "California Virginia Colorado Connecticut"),
        ("home", "by-name-in-part", "California Virginia"),
        ("home", "by-name", "Colorado Connecticut"),
        ("abroad", "everybody", "California"),
        ("abroad", "excluded-in-part", "Virginia Colorado Connecticut"),
    ],
)
def test_places_are_covered_left_out_or_silent(name: str, template: str, places: str) -> None:
    """One flag for each state, by whom the passages speak to."""
    found = sentences(documents()[name], f"jurisdiction/{template}")
    assert [each.partition(":")[0] for each in found] == places.split()
    every = [
        each
        for known in templates().templates
        if known.part == "jurisdiction"
        for each in sentences(documents()[name], known.id)
    ]
    assert len(every) == 4


def test_the_law_is_told_as_it_stands_on_the_days() -> None:
    """Penalties and powers change within the life of one capture."""
    made = documents()["changing"]
    before = sentences(made, "landscape/enforcers", "2023-05-01")[0]
    after = sentences(made, "landscape/enforcers", "2024-12-31")[0]
    later = sentences(made, "landscape/enforcers", "2025-01-01")[0]
    assert "administrative enforcement" not in before
    assert "up to 2,500 USD" in before
    assert "administrative enforcement" in after
    assert "up to 2,500 USD" in after
    assert "up to 2,663 USD (7,988 USD in aggravated cases)" in later


def test_an_action_is_told_from_the_day_on_which_it_is_announced() -> None:
    """The same findings, one more reason, two more points."""
    made = documents()["strained"]
    nodes = of(made.nodes(), "Assessment")
    eve, day = date(2025, 3, 11), date(2025, 3, 12)
    assert on(nodes, day)["input"] == on(nodes, eve)["input"]
    assert on(nodes, day)["points"] == on(nodes, eve)["points"] + 2
    assert sentences(made, "exposure/action", str(eve)) == []
    (told,) = sentences(made, "exposure/action", str(day))
    assert "Honda" in told
    assert "632,500 USD" in told
    assert "§7026(d)" in told


def test_rules_of_other_states_come_with_their_relation() -> None:
    """Seen from the rule that is in play; a place without such a rule is named."""
    (told,) = (
        each for each in sentences(documents()["late"], "comparable/tension") if "how soon" in each
    )
    assert told.count("asks the same as") == 1
    gaps = sentences(documents()["nothing"], "comparable/gap")
    assert any("asks for more than" in each for each in gaps)


def test_a_denial_is_what_it_is() -> None:
    """It lifts what is asked of sellers only, and the level says so."""
    made = documents()["denying"]
    assert sentences(made, "significance/sale-denied")
    (lifted,) = sentences(made, "exposure/lifted")
    assert "opt out of sale" in lifted
    assert sentences(made, "summary/missing-sale") == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("  Two\nlines\tand more ", "Two lines and more"),
        ("Left\u202eright\u200b", "Leftright"),
        ("Sum {points} and {nothing}", "Sum {points} and {nothing}"),
        ('<b>"Bold"</b> \\', '<b>"Bold"</b> \\'),
        ("x" * 200, "x" * 60 + "…"),
        ("\u0000\u2028", "the platform"),
        ("", "the platform"),
        ("It violates the law", "It violates the law"),
    ],
)
def test_a_name_from_an_archive_stays_data(name: str, shown: str) -> None:
    """One line, no control characters, cut; braces in it fill nothing."""
    assert plain(name) == shown
    made = documents()["nothing"]
    nodes = list(assessment_nodes(made.history, made.found, law(), name))
    counts = next(each for each in nodes if each.get("template") == "summary/counts")
    assert f"of {shown} was held" in counts["sentence"]
    written = "".join(f"{line} .\n" for line in lines(nodes)).encode()
    read = {
        getattr(triple.object, "value", "")
        for triple in parse(written, RdfFormat.N_TRIPLES)
        if triple.predicate == NamedNode(NS + "sentence")
    }
    assert counts["sentence"] in read


# Runs of days


@pytest.mark.parametrize("name", documents())
def test_each_day_with_findings_has_one_assessment(name: str) -> None:
    """No day twice, none left out, and the inputs are the findings of every day of a run."""
    made = documents()[name]
    found = of(made.nodes(), "Assessment")
    for before, after in pairwise(found):
        assert before["validUntil"] + DAY == after["validFrom"]
    assert "validUntil" not in found[-1]
    assert found[0]["validFrom"] == min(each.first_day for each in made.found)
    for each in found:
        for day in (each["validFrom"], each.get("validUntil", date(2030, 1, 1))):
            held = {
                one.iri(made.history.ids)
                for one in made.found
                if one.first_day <= day and (one.last_day is None or day <= one.last_day)
            }
            assert set(each["input"]) == held


@pytest.mark.parametrize("name", documents())
def test_there_are_not_many(name: str) -> None:
    """Few runs beyond those of the findings; a bounded number of sentences, numbered in order."""
    made = documents()[name]
    nodes = made.nodes()
    found = of(nodes, "Assessment")
    assert len(found) <= len(list(runs(made.found))) + 8
    most = sum(templates().most.values())
    assert most <= 45
    for own in found:
        mine = [each for each in of(nodes, "Statement") if each["assessment"] == own["id"]]
        assert 0 < len(mine) <= most
        assert [each["order"] for each in mine] == list(range(1, len(mine) + 1))
        parts = Counter(each["part"].rpartition("/")[2] for each in mine)
        assert all(count <= templates().most[part] for part, count in parts.items())
        numbers = {each["id"].removeprefix(own["id"] + "/") for each in mine}
        assert numbers == {
            f"{part}-{at}" for part, count in parts.items() for at in range(1, count + 1)
        }


def test_neighbours_differ() -> None:
    """A day of law on which nothing that is told changes cuts no run."""
    for made in documents().values():
        nodes = made.nodes()
        found = of(nodes, "Assessment")
        for before, after in pairwise(found):
            told = [
                [each["sentence"] for each in of(nodes, "Statement") if each["assessment"] == own]
                for own in (before["id"], after["id"])
            ]
            assert before["input"] != after["input"] or told[0] != told[1]


def test_there_is_none_where_nothing_was_found() -> None:
    """No finding, no assessment; days before the first finding have none."""
    made = documents()["nothing"]
    assert list(assessment_nodes(made.history, (), law(), "Hollowmere")) == []
    assert of(made.nodes(), "Assessment")[0]["validFrom"] == date(2020, 1, 1)


def test_versions_are_those_of_the_days() -> None:
    """First and last version of each run; a run that goes on has no last one."""
    made = documents()["changing"]
    days = {each.iri: each for each in made.history.versions}
    for each in of(made.nodes(), "Assessment"):
        first = days[each["firstVersion"]]
        assert first.first_day is not None
        assert first.first_day <= each["validFrom"]
        assert ("lastVersion" in each) == ("validUntil" in each)
        if "lastVersion" in each:
            last = days[each["lastVersion"]]
            assert last.last_day is None or each["validUntil"] <= last.last_day


def test_the_same_comes_out_whatever_the_order() -> None:
    """Deterministic to the statement."""
    made = documents()["changing"]
    backwards = list(
        assessment_nodes(made.history, tuple(reversed(made.found)), law(), made.platform)
    )
    assert list(lines(backwards)) == list(lines(made.nodes()))


def test_an_agreement_has_a_short_assessment() -> None:
    """Terms and what to do, no level: the rubric is one of notices."""
    parts = {
        each["part"].rpartition("/")[2]
        for each in of(documents()["short agreement"].nodes(), "Statement")
    }
    assert parts == {"summary", "exposure", "contract", "action"}
    own = of(documents()["agreement"].nodes(), "Assessment")
    assert all("exposureLevel" not in each and "points" not in each for each in own)


def test_a_text_in_another_language_has_no_level() -> None:
    """Not low: nothing is known."""
    made = documents()["foreign"]
    assert all("exposureLevel" not in each for each in of(made.nodes(), "Assessment"))
    assert sentences(made, "summary/unreadable")
    assert sentences(made, "exposure/no-level")


# Shapes and the demonstration


def judged(store: Store) -> set[str]:
    """The nodes of findings and assessments in a store."""
    name = NamedNode("https://hollowmere.example/findings")
    return {
        str(getattr(quad.subject, "value", ""))
        for quad in store.quads_for_pattern(None, None, None, name)
    }


@pytest.mark.parametrize("name", ["strained", "changing", "foreign", "short agreement"])
def test_assessments_fit_the_shapes(name: str) -> None:
    """Beside the law, the history and the findings that they lead to."""
    store = documents()[name].store()
    report = validate_part(store, judged(store))
    assert report.conforms, report


def test_a_sentence_without_anchors_is_caught() -> None:
    """Taking one sentence's anchors away breaks a shape."""
    store = documents()["late"].store()
    anchor = NamedNode(NS + "anchor")
    first = next(store.quads_for_pattern(None, anchor, None, None)).subject
    for quad in list(store.quads_for_pattern(first, anchor, None, None)):
        store.remove(quad)
    report = validate_part(store, judged(store))
    assert not report.conforms
    assert "without anchors" in str(report)


def test_the_demonstration_is_assessed_from_its_captures() -> None:
    """From texts to sentences that fit the shapes, in one go."""
    identity = Identity("Inkwarren", "Privacy Policy", "inkwarren", "privacy-policy", invented=True)
    (result,) = run([Job(identity, tuple(captures(FOLDER)))])
    history = tracked(parse(result.data, RdfFormat.N_QUADS))
    law_data = serialize(law_quads(), format=RdfFormat.N_QUADS)
    assert law_data is not None
    (made,) = examine(law_data, [Examination(history, "privacy-policy", "Inkwarren")])
    said = [line for line in made.lines if f"<{NS}sentence>" in line]
    assert any("Inkwarren" in line for line in said)
    levels = [line for line in made.lines if f"<{NS}exposureLevel>" in line]
    assert levels


# Files that are wrong


def twin(folder_: Path, old: str, new: str) -> Path:
    """The templates with a passage exchanged."""
    text = (folder() / "templates.yaml").read_text("utf-8")
    assert old in text
    path = folder_ / "templates.yaml"
    path.write_text(text.replace(old, new, 1))
    return path


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("It states {items}.", "It states {things}.", "say", "{things} is not one of"),
        ("It states {items}.", "It states {acts}.", "say", "{acts} is not known once a document"),
        ("It states {items}.", "It states {items}", "say", "full stop"),
        ("It states {items}.", "It states {items.", "say", "brace"),
        ("It states {items}.", "It violates {items}.", "say", "word of judgement"),
        ("It states {items}.", "A grade for {items}.", "say", "word of judgement"),
        ("part: summary", "part: verdict", "part", "is not one of"),
        ("anchors: [finding]", "anchors: []", "anchors", ""),
        ("    anchors: [finding]\n", "", "", "'anchors' is missing"),
        ("anchors: [finding]", "anchors: [hearsay]", r"anchors\[0\]", "is not one of"),
        ("anchors: [finding]", "anchors: [power]", "anchors", "power is not among"),
        ("each: document", "each: page", "each", "is not one of"),
        ("each: document", "every: document", "every", "unknown key"),
        ("id: summary/counts", "id: summary/unreadable", "id", "twice"),
        ("id: summary/counts", "id: impact/counts", "id", "must begin with its part"),
        ("{matter: [rights, running], state: [stated]}", "{matter: [wrongs], state: [stated]}",
         r"find\.matter\[0\]", "is not one of"),
        ("{matter: [rights, running], state: [stated]}", "{state: [maybe]}",
         r"find\.state\[0\]", "is not one of"),
        ("{matter: [rights, running], state: [stated]}", "{colour: [blue]}",
         r"find\.colour", "unknown key"),
        ("{condition: [always], state: [not-stated]}", "{state: [not-stated]}", "say", "condition"),
        ("{condition: [always], state: [not-stated]}", "{condition: [sale], state: [not-stated]}",
         "say", "needs an if"),
        ("say: \"If people who", "say: \"When people who", "say", "begins with If"),
        ("    assignee: legal\n", "", "", "needs an assignee"),
        ("assignee: legal", "assignee: nobody", "assignee", "is not one of"),
        ("evidence-kind: product", "evidence-kind: rumour", "evidence-kind", "is not one of"),
        ("condition: employees-us-ca", "condition: rich", "condition", "is not one of"),
    ],
)  # fmt: skip
def test_a_wrong_template_is_refused(
    tmp_path: Path, old: str, new: str, where: str, what: str
) -> None:
    """Each mistake with file, line and path."""
    with pytest.raises(SourceError) as caught:
        read_templates(twin(tmp_path, old, new))
    found = [str(each) for each in caught.value.mistakes]
    pattern = rf"templates\.yaml:\d+: templates\[\d+\]{'.' if where else ''}{where}: "
    assert any(re.match(pattern, each) and what in each for each in found), found


def test_every_part_has_its_number(tmp_path: Path) -> None:
    """A part that is left out, or one that nobody knows, is refused."""
    for old, new in (("impact: 3", "import: 3"), ("impact: 3, ", "")):
        with pytest.raises(SourceError, match=r"templates\.yaml:\d+: parts"):
            read_templates(twin(tmp_path, old, new))


def test_the_templates_themselves_are_read(tmp_path: Path) -> None:
    """The twins differ from a file that is right; every part has templates."""
    found = read_templates(twin(tmp_path, "version: 1", "version: 1"))
    assert found.templates == templates().templates
    parts: set[Any] = {each.part for each in found.templates}
    assert parts == set(vocabulary().schemes["statement-part"].concepts)
