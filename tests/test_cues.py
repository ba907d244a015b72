"""Declared patterns: how rule files are read, what is refused, and how cues count in their places."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
import re2
import yaml

from clausegraph.loaders.blocks import Block, blocks
from clausegraph.loaders.cues import (
    PLACES,
    Cue,
    NoRulesError,
    Topic,
    compiled,
    declared,
    folder,
    matches,
    read_topics,
)
from clausegraph.loaders.detect import Detection, Detector, lowered
from clausegraph.loaders.source import SourceError

LABELS = {
    "categories-collected": "Categories of Personal Information Collected",
    "categories-disclosed": "Categories of Personal Information Shared / Disclosed",
    "categories-sold": "Categories of Personal Information Sold",
    "request-methods": "Methods to exercise rights",
    "right-to-know": "Description of Right to Know PI Collected",
    "right-to-know-disclosures": "Description of Right to Know PI sold / shared",
    "right-to-opt-out": "Description of Right to Opt-out of sale of PI",
    "right-to-delete": "Description of Right to Delete",
    "right-to-correct": "Description of Right to Correct Information",
    "right-to-limit": "Description of Right to Limit use of PI",
    "non-discrimination": "Description of Right to Non-discrimination on exercising rights",
    "policy-update": "Updated Privacy Policy",
}


def cue(**facts: Any) -> dict[str, Any]:
    """A cue that fits the form, with other facts in place of its own."""
    return {"id": "kite", "pattern": "kites?", "yes": ["A kite flies."], **facts}


def file(root: Path, *cues: dict[str, Any], name: str = "topics/kites", **facts: Any) -> Path:
    """Write a rule file; one key a line, so that lines can be counted."""
    path = root / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    data = {"name": "Kites", "threshold": 3, **facts, "cues": list(cues)}
    path.write_text(yaml.safe_dump(data, sort_keys=False))
    return path


def topics(root: Path, *cues: dict[str, Any], **facts: Any) -> tuple[Topic, ...]:
    """The one topic of a rule file."""
    file(root, *cues, **facts)
    return read_topics(root)


def detect(root: Path, block: Block, *cues: dict[str, Any], **facts: Any) -> list[Detection]:
    """What a rule file finds in a passage."""
    return list(Detector(topics(root, *cues, **facts)).detect(block))


def test_a_rule_file_is_read(tmp_path: Path) -> None:
    """All that it says, and what counts where it says nothing."""
    (topic,) = topics(
        tmp_path,
        cue(),
        cue(id="string", points=-2, kinds=["item"], unless="bow", polarity="denied", version=4),
        label="Kites of all kinds", confidence="0.75", denial="states",
    )  # fmt: skip
    assert (topic.id, topic.kind, topic.name, topic.label) == (
        "kites", "topics", "Kites", "Kites of all kinds",
    )  # fmt: skip
    assert (topic.threshold, topic.confidence, topic.denial) == (3, 0.75, "states")
    first, second = topic.cues
    assert (first.id, first.place, first.points, first.polarity, first.version) == (
        "kites/kite", "sentence", 3, "stated", 1,
    )  # fmt: skip
    assert (second.points, second.kinds, second.unless) == (-2, frozenset({"item"}), "bow")
    assert (second.polarity, second.version) == ("denied", 4)


def test_a_cue_in_several_places_is_several(tmp_path: Path) -> None:
    """Each has an id of its own and counts by itself."""
    (topic,) = topics(tmp_path, cue(**{"in": ["lead", "heading"]}))
    assert [(each.id, each.place) for each in topic.cues] == [
        ("kites/kite-lead", "lead"), ("kites/kite-heading", "heading"),
    ]  # fmt: skip


def test_topics_come_before_disclosures_in_the_order_of_names(tmp_path: Path) -> None:
    """The same order on every machine."""
    for name in ("disclosures/air", "topics/wind", "topics/calm"):
        file(tmp_path, cue(), name=name)
    assert [(each.kind, each.id) for each in read_topics(tmp_path)] == [
        ("topics", "calm"), ("topics", "wind"), ("disclosures", "air"),
    ]  # fmt: skip


MISTAKES = [
    ({"pattern": "kite(s"}, 5, "cues[0].pattern", "RE2 does not take this pattern"),
    ({"pattern": "(?=kite)"}, 5, "cues[0].pattern", "RE2 does not take this pattern"),
    ({"pattern": r"(kite) \1"}, 5, "cues[0].pattern", "RE2 does not take this pattern"),
    ({"pattern": "Kite"}, 5, "cues[0].pattern", "patterns are written in small letters"),
    ({"unless": "ki[te"}, 8, "cues[0].unless", "RE2 does not take this pattern"),
    ({"unless": "Bow"}, 8, "cues[0].unless", "patterns are written in small letters"),
    ({"yes": ["A boat sails."]}, 7, "cues[0].yes[0]", "the cue must match 'A boat sails.'"),
    ({"unless": "flies"}, 7, "cues[0].yes[0]", "the cue must match 'A kite flies.'"),
    ({"no": ["Two kites."]}, 9, "cues[0].no[0]", "the cue must not match 'Two kites.'"),
    ({"yes": []}, 6, "cues[0].yes", "should be non-empty"),
    ({"yes": None}, 6, "cues[0].yes", "is not a list"),
    ({"id": "A Kite"}, 4, "cues[0].id", "'A Kite' is not of the allowed form"),
    ({"in": "footer"}, 8, "cues[0].in", "'footer' is not one of: sentence, passage"),
    ({"in": ["lead"]}, 9, "cues[0].in", "before, head, or a list of several"),
    ({"points": 10}, 8, "cues[0].points", "10 is greater than the maximum of 9"),
    ({"points": "many"}, 8, "cues[0].points", "'many' is not a whole number"),
    ({"polarity": "maybe"}, 8, "cues[0].polarity", "is not one of: stated, denied, unclear"),
    ({"kinds": []}, 8, "cues[0].kinds", "should be non-empty"),
    ({"kinds": ["list"]}, 9, "cues[0].kinds[0]", "is not one of: heading, paragraph, item"),
    ({"version": 0}, 8, "cues[0].version", "0 is less than the minimum of 1"),
    ({"weight": 3}, 8, "cues[0].weight", "unknown key"),
]


@pytest.mark.parametrize(("facts", "line", "path", "says"), MISTAKES)
def test_a_mistake_in_a_cue_is_named(
    tmp_path: Path, facts: dict[str, Any], line: int, path: str, says: str
) -> None:
    """File, line and path of the value that is wrong."""
    with pytest.raises(SourceError) as error:
        topics(tmp_path, cue(**facts))
    (mistake,) = error.value.mistakes
    assert (mistake.file, mistake.line, mistake.path) == ("topics/kites.yaml", line, path)
    assert says in mistake.message


@pytest.mark.parametrize(
    ("text", "line", "path", "says"),
    [
        ("name: Kites\n", 1, "(file)", "'cues' is missing here"),
        ("name: Kites\ncues: []\n", 2, "cues", "should be non-empty"),
        ("name: Kites\ncues:\n- id: kite\n  yes: [a]\n", 3, "cues[0]", "'pattern' is missing here"),
        ("threshold: 0\nname: K\ncues: [{id: k, pattern: k, yes: [k]}]\n", 1, "threshold", "minimum"),
        ("confidence: 0.5\nname: K\ncues: [{id: k, pattern: k, yes: [k]}]\n", 0, "", ""),
        ('confidence: "2"\nname: K\ncues: [{id: k, pattern: k, yes: [k]}]\n', 1, "confidence", "form"),
        ("denial: never\nname: K\ncues: [{id: k, pattern: k, yes: [k]}]\n", 1, "denial", "is not one of"),
        ("colour: red\nname: K\ncues: [{id: k, pattern: k, yes: [k]}]\n", 1, "colour", "unknown key"),
        ("name: K\nname: L\ncues: [{id: k, pattern: k, yes: [k]}]\n", 2, "name", "key stands twice"),
        ("- a list\n", 1, "(file)", "the file must be a mapping of keys"),
        ("name: [\n", 2, "(file)", "not YAML"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_is_named(
    tmp_path: Path, text: str, line: int, path: str, says: str
) -> None:
    """What is missing, unknown, of another kind or no YAML; a decimal number is text and fits."""
    (tmp_path / "topics").mkdir()
    (tmp_path / "topics" / "kites.yaml").write_text(text)
    if not line:
        assert read_topics(tmp_path)[0].confidence == 0.5
        return
    with pytest.raises(SourceError) as error:
        read_topics(tmp_path)
    found = [(each.line, each.path) for each in error.value.mistakes]
    assert found == [(line, path)]
    assert says in error.value.mistakes[0].message


def test_an_id_given_twice_is_named(tmp_path: Path) -> None:
    """The second of both; ids are cited in findings."""
    with pytest.raises(SourceError) as error:
        topics(tmp_path, cue(), cue())
    (mistake,) = error.value.mistakes
    assert (mistake.path, mistake.message) == ("cues[1].id", "'kite' is given twice")


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    """One run shows everything there is to mend."""
    file(tmp_path, cue(pattern="("), cue(id="b", yes=["boat"]), name="topics/a")
    file(tmp_path, cue(no=["kite"]), name="disclosures/b")
    with pytest.raises(SourceError) as error:
        read_topics(tmp_path)
    assert [(each.file, each.path) for each in error.value.mistakes] == [
        ("disclosures/b.yaml", "cues[0].no[0]"),
        ("topics/a.yaml", "cues[0].pattern"),
        ("topics/a.yaml", "cues[1].yes[0]"),
    ]


@pytest.mark.parametrize(
    "facts",
    [
        {"pattern": "kites"}, {"unless": "bow"}, {"points": 2}, {"polarity": "denied"},
        {"kinds": ["item"]}, {"in": "lead"}, {"id": "kites"},
    ],
)  # fmt: skip
def test_whatever_decides_changes_the_digest(tmp_path: Path, facts: dict[str, Any]) -> None:
    """So that findings of a changed rule are made anew; notes and examples decide nothing."""
    plain = cue(yes=["kites and kite"])
    (before,) = topics(tmp_path, plain)
    (same,) = topics(tmp_path, {**plain, "note": "Seen in May.", "no": ["boat"], "version": 7})
    (after,) = topics(tmp_path, {**plain, **facts})
    assert before.digest == same.digest != after.digest
    assert before.cues[0].digest != after.cues[0].digest
    assert dataclasses.replace(before, threshold=4).digest != before.digest


PASSAGE = Block(
    seen="We fly in May. Strings are long.",
    kind="item",
    headings=("All about wind", "What we lend"),
    lead="We lend the following:",
    head="Thing and its colour",
    before=("Balloons are round.", "Boats are wet."),
)


@pytest.mark.parametrize(
    ("place", "there", "elsewhere"),
    [
        ("sentence", "strings are", "may.*strings"),
        ("passage", "may.*strings", "balloons"),
        ("heading", "all about", "lend the"),
        ("heading", "what we lend", "strings"),
        ("lead", "the following", "what we"),
        ("head", "colour", "lend"),
        ("before", "balloons", "strings"),
        ("before", "boats", "wind"),
    ],
)
def test_a_cue_is_looked_for_in_its_place(
    tmp_path: Path, place: str, there: str, elsewhere: str
) -> None:
    """There and nowhere else."""
    facts = {"in": place, "yes": [PASSAGE.seen, "all about what we lend the following colour"]}
    found = detect(tmp_path, PASSAGE, cue(**facts | {"pattern": there, "yes": [there_text(there)]}))
    assert [each.topic for each in found] == ["kites"]
    assert not detect(
        tmp_path, PASSAGE, cue(**facts | {"pattern": elsewhere, "yes": [there_text(elsewhere)]})
    )


def there_text(pattern: str) -> str:
    """A text that a pattern matches."""
    return pattern.replace(".*", " ")


def test_every_place_is_tried() -> None:
    """A new place must be added to the test above."""
    assert set(PLACES) == {"sentence", "passage", "heading", "lead", "before", "head"}


def test_points_of_matching_cues_add_up(tmp_path: Path) -> None:
    """From the threshold on; negative points take away; a cue counts once for all sentences."""
    fly = cue(id="fly", pattern="fly|strings", points=2, yes=["fly"])
    long = cue(id="long", pattern="long", points=1, yes=["long"])
    lent = cue(id="lent", pattern="lend", points=-1, yes=["lend"], **{"in": "lead"})
    assert not detect(tmp_path, PASSAGE, fly)
    (found,) = detect(tmp_path, PASSAGE, fly, long)
    assert (found.points, len(found.matches)) == (3, 2)
    assert not detect(tmp_path, PASSAGE, fly, long, lent)
    (found,) = detect(tmp_path, PASSAGE, fly, long, lent, threshold=2)
    assert found.points == 2


def test_a_match_says_where_it_stands(tmp_path: Path) -> None:
    """In characters of the passage; a cue of the context spans it all; the best cue decides."""
    own = cue(pattern="strings are", points=3, yes=["strings are"])
    around = cue(id="lent", pattern="lend", points=1, yes=["lend"], **{"in": "lead"})
    (found,) = detect(tmp_path, PASSAGE, own, around)
    spans = {each.cue: (each.start, each.end) for each in found.matches}
    assert spans == {"kites/kite": (15, 26), "kites/lent": (0, 32)}
    assert PASSAGE.seen[slice(*found.span)] == "Strings are"


def test_unless_holds_in_the_same_place_only(tmp_path: Path) -> None:
    """In the same sentence, not in the next one and not in a heading."""
    facts = {"pattern": "fly", "yes": ["fly"]}
    assert detect(tmp_path, PASSAGE, cue(**facts, unless="strings"))
    assert detect(tmp_path, PASSAGE, cue(**facts, unless="wind"))
    assert not detect(tmp_path, PASSAGE, cue(**facts, unless="in may"))
    whole = {**facts, "in": "passage"}
    assert not detect(tmp_path, PASSAGE, cue(**whole, unless="strings"))


def test_kinds_limit_a_cue(tmp_path: Path) -> None:
    """Other kinds of passages are not looked at."""
    facts = {"pattern": "fly", "yes": ["fly"]}
    assert detect(tmp_path, PASSAGE, cue(**facts, kinds=["row", "item"]))
    assert not detect(tmp_path, PASSAGE, cue(**facts, kinds=["row"]))


@pytest.mark.parametrize(
    ("points", "polarity"),
    [((3, 1, 1), "stated"), ((1, 3, 1), "denied"), ((2, 2, 1), "stated"), ((1, 1, 2), "unclear")],
)
def test_polarity_is_that_of_most_points(
    tmp_path: Path, points: tuple[int, ...], polarity: str
) -> None:
    """Of equals, that a thing is stated comes first."""
    cues = [
        cue(id=each, pattern="fly", yes=["fly"], points=count, polarity=each)
        for each, count in zip(("stated", "denied", "unclear"), points, strict=True)
    ]
    (found,) = detect(tmp_path, PASSAGE, *cues)
    assert found.polarity == polarity


def test_topics_do_not_mix(tmp_path: Path) -> None:
    """Points count for their own topic; all topics of a passage are told, by name."""
    file(tmp_path, cue(pattern="fly", yes=["fly"]), name="topics/wind")
    file(tmp_path, cue(pattern="strings", yes=["strings"]), name="topics/cord")
    file(tmp_path, cue(pattern="fly|long", points=2, yes=["fly"]), name="topics/none")
    found = Detector(read_topics(tmp_path)).detect(PASSAGE)
    assert [each.topic for each in found] == ["cord", "wind"]


def test_case_is_folded_and_offsets_stay(tmp_path: Path) -> None:
    """Also before a letter that is two in small."""
    block = Block("\u0130\u0130 KITES", "paragraph")
    (found,) = detect(tmp_path, block, cue())
    assert block.seen[slice(*found.span)] == "KITES"
    assert len(lowered(block.seen)) == len(block.seen)


def test_detection_depends_on_the_context_only(tmp_path: Path) -> None:
    """Not on the place in the text, nor on what was detected before."""
    detector = Detector(topics(tmp_path, cue(pattern="fly", yes=["fly"])))
    first = detector.detect(PASSAGE)
    detector.detect(dataclasses.replace(PASSAGE, seen="Nothing here."))
    assert detector.detect(dataclasses.replace(PASSAGE, start=90, end=122)) == first


def test_context_of_lists_tables_and_sections() -> None:
    """The line over a list, the first row of a table, two passages before under one heading."""
    text = (
        "# Kites\n\nFirst words.\n\nWe lend:\n\n* kites\n* strings\n\nNo list any more.\n\n"
        "| Thing | Colour |\n| --- | --- |\n| Kite | red |\n\n## Boats\n\nLast words.\n"
    )
    found = {each.seen: each for each in blocks(text)}
    assert found["kites"].lead == found["strings"].lead == "We lend:"
    assert found["strings"].before == ("We lend:", "kites")
    assert found["No list any more."].lead == ""
    assert (found["Thing Colour"].head, found["Kite red"].head) == ("", "Thing Colour")
    assert (found["Last words."].before, found["Last words."].headings) == ((), ("Kites", "Boats"))


def cues() -> list[Cue]:
    """Every cue that comes with the package."""
    return [each for topic in declared() for each in topic.cues]


def test_every_pattern_is_of_re2() -> None:
    """An engine without backtracking: its time is linear in the text, whatever a policy holds.

    What only a backtracking engine could do, RE2 refuses to take at all.
    """
    assert len(cues()) > 300
    for each in cues():
        for pattern in filter(None, (each.pattern, each.unless)):
            assert type(compiled(pattern)) is type(re2.compile("a")), each.id
    for pattern in (r"(a)\1", "(?=a)a", "(?<!a)b", "(?>a+)b"):
        re.compile(pattern)
        with pytest.raises(re2.error):
            compiled(pattern)


def test_a_hostile_passage_is_judged(tmp_path: Path) -> None:
    """On which a backtracking engine would not come to an end."""
    nested = cue(pattern="^(([a-z])+.)+[^k]z$", yes=["abcz"], points=3)
    hostile = Block("a" * 200_000, "paragraph")
    assert detect(tmp_path, hostile, nested) == []
    assert Detector().detect(hostile) == ()


@pytest.mark.parametrize("each", cues(), ids=lambda each: each.id)
def test_every_example_is_judged_as_it_says(each: Cue) -> None:
    """Examples are the tests of a cue."""
    assert all(matches(each.pattern, each.unless, text) for text in each.yes)
    assert not any(matches(each.pattern, each.unless, text) for text in each.no)


def test_the_twelve_labels_have_their_topics() -> None:
    """As the corpus writes them, with a confidence that was measured."""
    found = {each.id: each.label for each in declared() if each.label}
    assert found == LABELS
    assert all(0.5 < each.confidence < 1 for each in declared() if each.label)


SENTENCES = {
    "categories-collected": "We may collect your name, e-mail address and the type of your browser.",
    "categories-disclosed": "We may share your details with our vendors and business partners.",
    "categories-sold": "We have sold the following categories of personal information to advertisers.",
    "non-discrimination": "We will not discriminate against you for exercising a right.",
    "policy-update": "We may change this privacy policy from time to time.",
    "request-methods": "To exercise your rights, please submit a request by calling us toll-free.",
    "right-to-correct": "You have the right to ask us to correct inaccurate information about you.",
    "right-to-delete": "You have the right to request that we delete your personal information.",
    "right-to-know": "You have the right to know the categories and specific pieces we collected.",
    "right-to-know-disclosures": "You have the right to know which categories of personal information "
    "we sold to third parties.",
    "right-to-limit": "You have the right to limit our use of your sensitive information.",
    "right-to-opt-out": "You have the right to opt out of the sale of your information.",
}


@pytest.mark.parametrize("topic", SENTENCES)
def test_a_plain_sentence_is_on_its_topic(topic: str) -> None:
    """Among Californian rights; one on a lamp is on none."""
    headings = ("Privacy policy", "California residents")
    found = Detector().detect(Block(SENTENCES[topic], "paragraph", headings))
    assert topic in {each.topic for each in found}
    lamp = Detector().detect(Block("The lamp is switched on at night.", "paragraph", headings))
    assert not lamp


def test_rules_lie_with_the_package_or_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Readers may keep rules of their own."""
    monkeypatch.delenv("CLAUSEGRAPH_RULES", raising=False)
    assert (folder() / "topics" / "right-to-delete.yaml").is_file()
    (tmp_path / "topics").mkdir()
    (tmp_path / "topics" / "lamps.yaml").write_text("")
    monkeypatch.setenv("CLAUSEGRAPH_RULES", str(tmp_path))
    assert folder() == tmp_path


@pytest.mark.parametrize("own", ["nowhere", "empty", "file"])
def test_a_folder_without_rules_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own: str
) -> None:
    """A path that is not there, an empty folder, a file: the variable and the path are named."""
    (tmp_path / "empty" / "topics").mkdir(parents=True)
    (tmp_path / "file").write_text("name: Lamps\n")
    monkeypatch.setenv("CLAUSEGRAPH_RULES", str(tmp_path / own))
    with pytest.raises(
        NoRulesError, match="CLAUSEGRAPH_RULES names no folder with rule files"
    ) as e:
        folder()
    assert e.value.code == "no-rules"
    assert str(tmp_path / own) in e.value.message
    assert e.value.hint
