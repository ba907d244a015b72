"""Labels by hand are read strictly, and readings are held against them as the codebook says."""

from __future__ import annotations

from pathlib import Path

import pytest

from clausegraph.loaders.findingscore import COLUMNS, Label, LabelError, read_labels, score

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PATH = "Lanternfold/Privacy Policy.md"
HEAD = "\t".join(COLUMNS)


def _line(item: str = "right_delete", state: str = "stated", **other: str) -> str:
    row = {"commit": COMMIT, "path": PATH, "item": item, "state": state, "scope": "general"}
    row |= {"polarity": "positive", "linked": "false", "reason": "section 3"} | other
    return "\t".join(row[name] for name in COLUMNS)


def _file(folder: Path, *lines: str) -> Path:
    path = folder / "labels.tsv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_a_label_file_is_read(tmp_path: Path) -> None:
    """Items are named as topics are, empty lines are passed over, each label knows its line."""
    path = _file(tmp_path, HEAD, _line(), "", _line("appeal", "not-stated", scope="", polarity=""))
    first, second = read_labels(path)
    assert first == Label(
        COMMIT, PATH, "right-delete", "stated", "general", "positive", False, "section 3", 2
    )
    assert (second.item, second.line, second.document) == ("appeal", 4, (COMMIT, PATH))


WRONG = {
    "another header": ((HEAD.replace("scope", "range"), _line()), ":1:"),
    "no header": ((_line(),), ":1:"),
    "a column too few": ((HEAD, "\t".join(_line().split("\t")[:-1])), ":2:"),
    "a column too many": ((HEAD, _line() + "\tmore"), ":2:"),
    "an unknown state": ((HEAD, _line(), _line("appeal", "maybe")), ":3:"),
    "an unknown scope": ((HEAD, _line(scope="world")), ":2:"),
    "an unknown polarity": ((HEAD, _line(polarity="odd")), ":2:"),
    "an unknown flag": ((HEAD, _line(linked="perhaps")), ":2:"),
    "no commit id": ((HEAD, _line(commit="HEAD")), ":2:"),
    "no item": ((HEAD, _line(item="")), ":2:"),
    "an item twice": ((HEAD, _line(), _line("right-delete", "not-stated")), ":3:"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_label_file_names_file_and_line(tmp_path: Path, case: str) -> None:
    """Nothing wrong is passed over; the right twin is read in the test above."""
    lines, where = WRONG[case]
    path = _file(tmp_path, *lines)
    with pytest.raises(LabelError, match=f"labels.tsv{where}") as caught:
        read_labels(path)
    assert caught.value.hint


def test_an_item_that_nobody_looks_for_is_refused(tmp_path: Path) -> None:
    """It would count as unread and cost nothing; a near name is told. Known ones are read."""
    path = _file(tmp_path, HEAD, _line(), _line("right_delte"))
    with pytest.raises(LabelError, match=r"labels.tsv:3: item 'right-delte' is unknown") as caught:
        read_labels(path, {"right-delete", "appeal"})
    assert caught.value.hint == "Did you mean right-delete?"
    assert caught.value.value == "right-delte"
    with pytest.raises(LabelError, match=r"labels.tsv:2: item 'zzzz'") as caught:
        read_labels(_file(tmp_path, HEAD, _line("zzzz")), {"right-delete", "appeal"})
    assert caught.value.hint == "Known: appeal, right-delete."
    assert len(read_labels(_file(tmp_path, HEAD, _line()), {"right-delete"})) == 1


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    """An error of the project's own, with the path."""
    with pytest.raises(LabelError, match=r"none\.tsv cannot be read"):
        read_labels(tmp_path / "none.tsv")


def _labels(*pairs: tuple[str, str]) -> list[Label]:
    return [
        Label(COMMIT, f"{at}.md", "appeal", state, "", polarity, False, "", at)
        for at, (state, polarity) in enumerate(pairs)
    ]


def _read(*states: tuple[str, str]) -> dict[tuple[str, str], dict[str, tuple[str, str]]]:
    return {(COMMIT, f"{at}.md"): {"appeal": each} for at, each in enumerate(states)}


def test_precision_recall_and_abstentions_are_counted() -> None:
    """Unclear labels are left out and counted; what is not examined costs recall only."""
    labels = _labels(
        ("stated", "positive"),
        ("stated", "negative"),
        ("stated", "positive"),
        ("not-stated", ""),
        ("not-stated", ""),
        ("unclear", ""),
    )
    found = score(
        labels,
        _read(
            ("stated", "positive"),
            ("stated", "positive"),
            ("not-stated", ""),
            ("not-stated", ""),
            ("not-examined", ""),
            ("stated", "positive"),
        ),
    )
    own = found.items["appeal"]
    assert own == found.total
    assert own.precision("stated") == 1.0
    assert own.recall("stated") == pytest.approx(2 / 3)
    assert own.precision("not-stated") == 0.5
    assert own.recall("not-stated") == 0.5
    assert (own.scored, own.abstained, own.unclear, own.unread) == (5, 1, 1, 0)
    assert (own.polarity_right, own.polarity_of) == (1, 2)
    assert own.agreement == 0.75
    assert [(miss.label.line, miss.read) for miss in found.misses] == [
        (2, "not-stated"),
        (4, "not-examined"),
    ]


def test_a_wrong_reading_changes_the_figures() -> None:
    """The bad twin: one reading turned round costs precision of one state, recall of the other."""
    labels = _labels(("stated", "positive"), ("not-stated", ""))
    right = score(labels, _read(("stated", "positive"), ("not-stated", ""))).total
    wrong = score(labels, _read(("stated", "positive"), ("stated", "positive"))).total
    assert (right.precision("stated"), right.recall("not-stated")) == (1.0, 1.0)
    assert (wrong.precision("stated"), wrong.recall("not-stated")) == (0.5, 0.0)
    assert wrong.precision("not-stated") is None


def test_documents_without_a_reading_are_counted_apart() -> None:
    """A label of a document that was not read is no miss."""
    found = score(_labels(("stated", "positive")), {})
    assert (found.total.unread, found.total.scored, found.misses) == (1, 0, ())
    assert found.total.agreement is None
