"""A labelled corpus: how it is read, what is refused, and scores worked out by hand.

The corpus is invented: two documents, three annotators. The real one is read from
``../shared/corpora`` where it is there.
"""

from __future__ import annotations

import csv
import hashlib
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from clausegraph.api.console import main
from clausegraph.loaders import c3pa
from clausegraph.loaders.c3pa import CorpusError, held_out, read_corpus
from clausegraph.loaders.c3papage import Leaf
from clausegraph.loaders.c3pascore import Report, evaluate
from clausegraph.loaders.cues import Topic, read_topics

REAL = Path(__file__).parents[1].parent / "shared" / "corpora" / "c3pa-dev.tar.xz"
DELETE, COLLECT = "Description of Right to Delete", "Categories of Personal Information Collected"

PAGES = {
    "DB/1": """<html><head><title>Not seen</title></head><body>
    <h1>The privacy of your kites</h1>
    <p>You may ask us to delete your kite\u2019s record.</p>
    <div><p>Short line</p><p>We collect your name and the colour of your kite.</p></div>
    <h2>What we collect of you</h2>
    <ul><li>The length of your string</li><li style="display: none">Winds you are fond of</li></ul>
    <table><tr><th>Kind of the data</th><th>For what it is used</th></tr>
    <tr><td>Name and address here</td><td>To send you new kites</td></tr></table>
    <script>We collect your name in a script</script></body></html>""",
    "WS/2": """<body><p>We collect your shoe size and nothing else.</p>
    <p>Nobody may delete anything in this shop.</p>
    <p>Farewell, and come again soon.</p></body>""",
}
QUOTES = {
    "DB/1": [
        ("ra1", "You may ask us to delete your kite\u00e2\u20ac\u2122s record.", DELETE),
        ("ra2", "delete your kite's record", DELETE),
        (
            "ra1",
            "We collect your name and the colour of your kite.\\nWhat we collect of you",
            COLLECT,
        ),
        ("ra2", "We  collect your NAME and the colour of your kite", COLLECT),
        ("ra2", "The length of your string\nWinds you are fond of", COLLECT),
        ("ra3", "Another line between them\nWinds you are fond of", COLLECT),
        ("ra3", "Name and address here", COLLECT),
        ("ra1", "a quotation of another page", DELETE),
    ],
    "WS/2": [
        ("ra1", "We collect your shoe size", COLLECT),
        ("ra2", "We collect your shoe size and nothing else. Nobody", COLLECT),
        ("ra3", "Farewell, and come again soon.", DELETE),
    ],
}
TOPICS = {
    "collect": (COLLECT, "collect|kites"),
    "delete": (DELETE, "delete"),
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """The invented corpus as a folder."""
    for name, page in PAGES.items():
        write(tmp_path, name, QUOTES[name], page)
    return tmp_path


def write(root: Path, name: str, quotes: Sequence[tuple[str, str, str]], page: str | None) -> None:
    """One document of a corpus, without its page where that is None."""
    table = root / "Annotations" / f"{name}.csv"
    table.parent.mkdir(parents=True, exist_ok=True)
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([c3pa.COLUMNS, *quotes])
    if page is not None:
        (root / "Htmls" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "Htmls" / f"{name}.html").write_text(page, encoding="utf-8")


@pytest.fixture
def topics(tmp_path_factory: pytest.TempPathFactory) -> tuple[Topic, ...]:
    """Two topics with one cue each."""
    root = tmp_path_factory.mktemp("detection")
    (root / "topics").mkdir()
    for name, (label, pattern) in TOPICS.items():
        word = pattern.partition("|")[0]
        (root / "topics" / f"{name}.yaml").write_text(
            f"name: {name}\nlabel: {label}\nthreshold: 1\n"
            f"cues:\n  - {{id: word, pattern: '{pattern}', points: 1, yes: ['{word}']}}\n"
        )
    return read_topics(root)


def labelled(leaves: Sequence[Leaf]) -> dict[str, dict[str, set[str]]]:
    """What each annotator says of the leaves that anybody labelled, by the passage's first words."""
    return {
        " ".join(leaf.passages[0].seen.split()[:3]): {
            who: set(labels) for who, labels in leaf.labels.items() if labels
        }
        for leaf in leaves
        if any(leaf.labels.values())
    }


def test_leaves_are_blocks_of_more_than_fifteen_characters(corpus: Path) -> None:
    """Cells and items too, what a click would open, no script and no title."""
    first, second = read_corpus(corpus).documents
    assert [leaf.passages[0].kind for leaf in first.leaves] == [
        "heading", "paragraph", "paragraph", "heading", "item", "item",
        "row", "row", "row", "row",
    ]  # fmt: skip
    assert len(second.leaves) == 3
    assert first.annotators == second.annotators == ("ra1", "ra2", "ra3")


def test_a_leaf_is_judged_in_its_context(corpus: Path) -> None:
    """The passage of a cell is its row, under its headings, with the table's first row."""
    cell = read_corpus(corpus).documents[0].leaves[-1].passages[0]
    assert cell.seen == "Name and address here To send you new kites"
    assert cell.headings == ("The privacy of your kites", "What we collect of you")
    assert cell.head == "Kind of the data For what it is used"


def test_quotes_are_found_by_letters_and_digits(corpus: Path) -> None:
    """Wrongly decoded, in capitals, with written line breaks, line by line; parts count as well."""
    first, second = read_corpus(corpus).documents
    assert labelled(first.leaves) == {
        "You may ask": {"ra1": {DELETE}, "ra2": {DELETE}},
        "We collect your": {"ra1": {COLLECT}, "ra2": {COLLECT}},
        "What we collect": {"ra1": {COLLECT}},
        "The length of": {"ra2": {COLLECT}},
        "Winds you are": {"ra2": {COLLECT}, "ra3": {COLLECT}},
        "Name and address": {"ra3": {COLLECT}},
    }
    assert first.unmatched == 1 / 8
    assert labelled(second.leaves) == {
        "We collect your": {"ra1": {COLLECT}, "ra2": {COLLECT}},
        "Farewell, and come": {"ra3": {DELETE}},
    }


def test_a_label_is_true_where_two_annotators_gave_it(corpus: Path) -> None:
    """One annotator alone makes nothing true."""
    first, second = read_corpus(corpus).documents
    assert [set(leaf.truth) for leaf in first.leaves] == [
        set(), {DELETE}, {COLLECT}, set(), set(), {COLLECT}, set(), set(), set(), set(),
    ]  # fmt: skip
    assert [set(leaf.truth) for leaf in second.leaves] == [{COLLECT}, set(), set()]


def test_scores_are_those_worked_out_by_hand(corpus: Path, topics: tuple[Topic, ...]) -> None:
    """Collected is true of 3 leaves and found in 6, 2 of them right; delete of 1, found in 2."""
    report = evaluate(read_corpus(corpus), topics)
    collect, delete = report.labels
    assert (report.documents, report.blocks) == (2, 13)
    # Found: both headings, the paragraph, both cells of the last row, and the shop's paragraph.
    assert (collect.counts.both, collect.counts.found, collect.counts.missed) == (2, 4, 1)
    assert (delete.counts.both, delete.counts.found, delete.counts.missed) == (1, 1, 0)
    assert collect.counts.f1 == pytest.approx(4 / 9)
    assert delete.counts.f1 == pytest.approx(2 / 3)
    assert report.macro == pytest.approx(5 / 9)
    # Annotators 1 and 2 agree on two leaves and differ on three, 1 and 3 agree on none and differ on
    # five, 2 and 3 agree on one and differ on four: 3 agreements, 12 differences.
    assert collect.people == pytest.approx(2 * 3 / (2 * 3 + 12))
    assert delete.people == pytest.approx(2 * 1 / (2 * 1 + 4))
    assert collect.presence is None, "it stands in both documents"
    assert delete.presence == 0.0
    assert report.interval[0] <= report.macro <= report.interval[1]


def test_the_archive_reads_as_the_folder_does(corpus: Path, tmp_path: Path) -> None:
    """Packed with xz, in whatever order."""
    packed = tmp_path / "corpus.tar.xz"
    with tarfile.open(packed, "w:xz") as archive:
        archive.add(corpus / "Htmls", "corpus/Htmls")
        archive.add(corpus / "Annotations", "corpus/Annotations")
    assert read_corpus(packed).documents == read_corpus(corpus).documents


def test_what_cannot_be_scored_is_left_out_by_its_share(corpus: Path) -> None:
    """One annotator agrees with nobody; quotes that are not on the page tell a bad capture."""
    lost = [("ra1", "Not on this page at all", DELETE), ("ra2", "Nor this one here", DELETE)]
    write(corpus, "DB/8", lost, PAGES["WS/2"])
    half = [*lost, ("ra1", "Farewell", DELETE), ("ra2", "Farewell", DELETE)]
    write(corpus, "DB/9", half, PAGES["WS/2"])
    write(corpus, "WS/7", [("ra1", "Farewell", DELETE)], PAGES["WS/2"])
    found = read_corpus(corpus)
    assert (found.captured_badly, found.alone) == (["DB/8"], ["WS/7"])
    assert [each.name for each in found.documents] == ["DB/1", "DB/9", "WS/2"]


def test_the_held_out_quarter_is_chosen_by_name(corpus: Path) -> None:
    """Every document is in one part, and in the same one each time."""
    for number in range(3, 13):
        write(corpus, f"DB/{number}", QUOTES["WS/2"], PAGES["WS/2"])
    parts = {
        part: {each.name for each in read_corpus(corpus, part).documents} for part in c3pa.PARTS
    }
    assert parts["held-out"]
    assert parts["tuning"] | parts["held-out"] == parts["all"]
    assert not parts["tuning"] & parts["held-out"]
    first = {name for name in parts["all"] if hashlib.sha256(name.encode()).digest()[0] < 64}
    assert parts["held-out"] == first


def test_progress_is_told(corpus: Path, topics: tuple[Topic, ...]) -> None:
    """Documents read and searched, out of how many."""
    told: list[tuple[int, int]] = []
    read = read_corpus(corpus, tick=lambda done, total: told.append((done, total)))
    evaluate(read, topics, lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)] * 2


HEADER = "RANumb,Text,Label\n"


@pytest.mark.parametrize(
    ("table", "line", "says"),
    [
        ("Annotator,Text,Label\nra1,a,b\n", 1, "the header is not RANumb,Text,Label"),
        ("", 1, "the header is not RANumb,Text,Label"),
        (HEADER + 'ra1,"two\nlines",l\nra1,text\n', 4, "2 columns instead of 3"),
        (HEADER + 'ra1,a,b\nra1,"open,b\n', 3, "no table"),
        (HEADER + "ra1,a,b\nra1,\udcff,b\n", 3, "not UTF-8 text"),
    ],
)
def test_a_broken_table_is_named_with_its_line(
    corpus: Path, table: str, line: int, says: str
) -> None:
    """Nothing of a corpus is scored where a part cannot be read."""
    path = corpus / "Annotations" / "DB" / "1.csv"
    path.write_bytes(table.encode("utf-8", "surrogateescape"))
    with pytest.raises(CorpusError) as error:
        read_corpus(corpus)
    assert f"{path}:{line}: {says}" in error.value.message
    assert error.value.code == "corpus-unreadable"
    assert error.value.hint


def test_a_missing_page_is_named(corpus: Path) -> None:
    """The table is there, the document is not."""
    (corpus / "Htmls" / "WS" / "2.html").unlink()
    with pytest.raises(CorpusError, match=r"WS/2\.csv:1: Htmls/WS/2\.html is not there"):
        read_corpus(corpus)


def test_a_page_that_is_no_text_is_named(corpus: Path) -> None:
    """Bytes of no encoding."""
    (corpus / "Htmls" / "WS" / "2.html").write_bytes(b"<p>\xff\xfe\x00\x81</p>" + bytes(400))
    with pytest.raises(CorpusError, match=r"Htmls/WS/2\.html:1: "):
        read_corpus(corpus)


@pytest.mark.parametrize("damage", ["empty", "missing", "cut", "text"])
def test_a_path_that_is_no_corpus_is_refused(corpus: Path, tmp_path: Path, damage: str) -> None:
    """An empty folder, nothing, an archive that ends too early, a file of another kind."""
    path = tmp_path / "other"
    if damage == "empty":
        path.mkdir()
    elif damage == "cut":
        whole = tmp_path / "whole.tar.xz"
        with tarfile.open(whole, "w:xz") as archive:
            archive.add(corpus / "Annotations", "Annotations")
        path.write_bytes(whole.read_bytes()[:-60])
    elif damage == "text":
        path.write_text("no archive")
    with pytest.raises(CorpusError) as error:
        read_corpus(path)
    assert str(path) in error.value.message


def run(*arguments: object) -> tuple[int, str, str]:
    """Run `clausegraph evaluate c3pa`: exit code, output, errors."""
    done = CliRunner().invoke(main, ["evaluate", "c3pa", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_prints_a_table(corpus: Path) -> None:
    """A line for each of the twelve labels, then the mean and how much it rests on."""
    import clausegraph.api.cli

    assert "cli_evaluate" in clausegraph.api.cli.__all__
    code, output, _ = run(corpus)
    assert code == 0
    lines = output.splitlines()
    assert lines[0].split() == [
        "label", "prec.", "recall", "F1", "95", "%", "people", "kappa", "people",
    ]  # fmt: skip
    assert len([line for line in lines if line.startswith(("Categories", "Description"))]) == 10
    assert lines[13].startswith("macro-F1")
    assert lines[14] == "2 documents, 13 blocks"


def test_the_command_prints_json(corpus: Path) -> None:
    """All figures, also for programs; what has no value is null."""
    write(corpus, "WS/7", [("ra1", "Farewell", DELETE)], PAGES["WS/2"])
    code, output, _ = run("--json", corpus)
    said = json.loads(output)
    assert code == 0
    assert (said["part"], said["documents"], said["blocks"]) == ("all", 2, 13)
    assert said["one_annotator"] == ["WS/7"]
    assert len(said["labels"]) == 12
    delete = next(each for each in said["labels"] if each["label"] == DELETE)
    assert delete["topic"] == "right-to-delete"
    assert delete["people_f1"] == round(2 / 6, 4)
    limit = next(each for each in said["labels"] if each["topic"] == "right-to-limit")
    assert (limit["recall"], limit["people_presence_kappa"]) == (None, None)


def test_the_command_takes_one_part(corpus: Path) -> None:
    """Only the documents of that part are read."""
    for part in ("tuning", "held-out"):
        names = [name for name in PAGES if held_out(name) is (part == "held-out")]
        code, output, _ = run("--json", "--part", part, corpus)
        assert code == 0
        assert json.loads(output)["documents"] == len(names)


def test_the_command_ends_with_an_error_for_no_corpus(tmp_path: Path) -> None:
    """A message, a hint, exit code 1."""
    code, _, errors = run(tmp_path)
    assert code == 1
    assert errors.startswith("corpus-unreadable: ")
    assert "Annotations/" in errors


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What is found in a quarter of the documents on which patterns were tuned.

    `clausegraph evaluate c3pa` scores all of them; it takes longer than a test may.
    """
    if not REAL.exists():
        pytest.skip("../shared/corpora is not here")
    folder = tmp_path_factory.mktemp("c3pa")
    with tarfile.open(REAL) as archive:
        for member in archive:
            name = member.name.partition("/")[2].rpartition(".")[0]
            if member.isfile() and hashlib.sha256(name.encode()).digest()[1] < 64:
                archive.extract(member, folder, filter="data")
    return evaluate(read_corpus(folder, "tuning"))


def test_the_real_corpus_is_read_as_people_read_it(real: Report) -> None:
    """Macro-F1 of 0.60 at least, no label under 0.35, and annotators agree as others measured."""
    scores = {each.label: each.counts.f1 for each in real.labels}
    assert len(scores) == 12
    assert real.documents > 40
    assert real.macro >= 0.60
    assert min(scores.values()) >= 0.35, scores
    assert 0.5 < real.people < 0.75
