"""What happens to paths, texts and branches in the history of an archive."""

from __future__ import annotations

from pathlib import Path

import pytest

from clausegraph.loaders.ota import Notice
from tests.archives import START, A, B, C, archive, blob, commit, git, paths, planted, read, record


@pytest.mark.parametrize(
    "name", ["a\nb", "a\tb", "C7f", ":1 2", "-n", "a\\..\\b", "\x1b[2J", '"x"']
)
def test_odd_names_stay_as_they_are(tmp_path: Path, name: str) -> None:
    """A name with any characters is one name, and the captures after it are not disturbed."""
    folder = archive(tmp_path / "a")
    record(folder, f"{name}/{name}.md", A)
    record(folder, "S/T.md", B)
    found = [(each.platform, each.document, each.text) for each in read(folder)[0]]
    assert found == [(name, name, A), ("S", "T", B)]


@pytest.mark.parametrize("path", [b"../T", b"./T", b"S/..", b"S/", b"S/\xff"])
def test_names_that_cannot_be_used(tmp_path: Path, path: bytes) -> None:
    """A path that leaves its folder, names nothing or is not UTF-8 is told, the rest is read."""
    folder = archive(tmp_path / "a")
    first = record(folder, "S/T.md", A)
    file = blob(folder, B.encode())
    top, _, name = path.partition(b"/")
    inner = git(
        folder, "mktree", "-z", stdin=b"100644 blob " + file.encode() + b"\t" + name + b".md\0"
    )
    made = planted(folder, f"040000 tree {inner}\t".encode() + top + b"\0", first)
    captures, notices = read(folder)
    assert paths(captures) == ["S/T.md"]
    assert [(each.kind, each.commit) for each in notices if each.kind != "deleted"] == [
        ("bad-name", made)
    ]


def test_links_and_other_repositories_are_passed_over(tmp_path: Path) -> None:
    """A symbolic link and a submodule give no text; a link that becomes a file does."""
    folder = archive(tmp_path / "a")
    record(folder, "S/T.md", A)
    (folder / "S" / "Link.md").symlink_to("/etc/passwd")
    git(folder, "add", "--all")
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},S/Module.md")
    made = commit(folder, "Record new changes of S")
    (folder / "S" / "Link.md").unlink()
    last = record(folder, "S/Link.md", B)
    captures, notices = read(folder)
    assert [(each.commit, each.text) for each in captures][1:] == [(last, B)]
    told = sorted((each.kind, each.path) for each in notices if each.commit == made)
    assert told == [("submodule", "S/Module.md"), ("symlink", "S/Link.md")]


def test_a_document_that_ends_and_begins_again(tmp_path: Path) -> None:
    """A removal gives no capture but is told; the same text after it is a capture again."""
    folder = archive(tmp_path / "a")
    record(folder, "S/T.md", A)
    git(folder, "rm", "--quiet", "S/T.md")
    gone = commit(folder, "Remove it")
    record(folder, "S/T.md", A)
    captures, notices = read(folder)
    assert [each.text for each in captures] == [A, A]
    assert [(each.kind, each.commit, each.path) for each in notices] == [
        ("deleted", gone, "S/T.md")
    ]


def test_a_service_that_is_renamed(tmp_path: Path) -> None:
    """The text goes on under the new name, and the old name is told."""
    folder = archive(tmp_path / "a")
    record(folder, "Old/T.md", A)
    git(folder, "mv", "Old", "New")
    made = commit(folder, "Rename Old to New")
    captures, notices = read(folder)
    assert [(path, each.label) for path, each in zip(paths(captures), captures, strict=True)] == [
        ("Old/T.md", "change"),
        ("New/T.md", "other"),
    ]
    assert notices == [Notice("renamed", made, "New/T.md", "was 'Old/T.md'")]


@pytest.mark.parametrize("kept", ["ours", "theirs", "new"])
def test_merges(tmp_path: Path, kept: str) -> None:
    """Both sides are read, and the last capture is the text that the merge leaves standing."""
    folder = archive(tmp_path / "a")
    record(folder, "S/T.md", A)
    git(folder, "checkout", "--quiet", "-b", "side")
    record(folder, "S/T.md", B, when=START + 9)
    record(folder, "S/Other.md", B, when=START + 9)
    git(folder, "checkout", "--quiet", "main")
    record(folder, "S/T.md", C, when=START - 5)  # before its parent: git's usual order is wrong
    git(folder, "merge", "--quiet", "--no-commit", "--strategy=ours", "side")
    git(folder, "checkout", "side", "--", "S/Other.md")
    text = {"ours": C, "theirs": B, "new": A + B}[kept]
    made = record(folder, "S/T.md", text)
    captures, _ = read(folder)
    texts = [each.text for each in captures if each.document == "T"]
    assert texts[0] == A
    assert set(texts[1:3]) == {B, C}
    assert texts[-1] == text
    assert len(texts) == len({*texts[:3]}) + (texts[2] != text)
    assert [each.text for each in captures if each.document == "Other"] == [B]
    assert all(each.text == text for each in captures if each.commit == made)


def test_two_branches_that_record_the_same_text(tmp_path: Path) -> None:
    """What each branch recorded is a capture of its own; the merge adds none."""
    folder = archive(tmp_path / "a")
    record(folder, "S/T.md", A)
    git(folder, "checkout", "--quiet", "-b", "side")
    record(folder, "S/T.md", B, when=START + 9)
    git(folder, "checkout", "--quiet", "main")
    record(folder, "S/T.md", B, when=START + 5)
    git(folder, "merge", "--quiet", "-m", "Merge it", "side")
    assert [each.text for each in read(folder)[0]] == [A, B, B]


def test_a_merge_that_brings_back_a_removed_document(tmp_path: Path) -> None:
    """The text that stands again after the merge is its capture."""
    folder = archive(tmp_path / "a")
    record(folder, "S/T.md", A)
    git(folder, "checkout", "--quiet", "-b", "side")
    record(folder, "S/U.md", B)
    git(folder, "checkout", "--quiet", "main")
    git(folder, "rm", "--quiet", "S/T.md")
    commit(folder, "Remove it")
    git(folder, "merge", "--quiet", "--no-commit", "side")
    made = record(folder, "S/T.md", A)
    captures, _ = read(folder)
    found = [(each.commit, each.text) for each in captures if each.document == "T"]
    assert found[1:] == [(made, A)]


def test_what_a_merge_leaves_out_is_told_once(tmp_path: Path) -> None:
    """A merge is compared with each of its parents, and still speaks once of each path."""
    folder = archive(tmp_path / "a")
    record(folder, "S/T.md", A)
    git(folder, "checkout", "--quiet", "-b", "side")
    record(folder, "S/U.md", B)
    git(folder, "checkout", "--quiet", "main")
    record(folder, "S/V.md", C)
    git(folder, "merge", "--quiet", "--no-commit", "side")
    (folder / "S" / "T.md").unlink()
    (folder / "S" / "Link.md").symlink_to("V.md")
    git(folder, "add", "--all")
    made = commit(folder, "Merge it")
    captures, notices = read(folder)
    assert sorted(paths(captures)) == ["S/T.md", "S/U.md", "S/V.md"]
    told = [(each.kind, each.commit, each.path) for each in notices]
    assert told == [("symlink", made, "S/Link.md"), ("deleted", made, "S/T.md")]


@pytest.mark.parametrize(
    ("data", "kind"), [(b"fine\n\xff\xfe\n", "not-utf-8"), (b"\x7fELF\0\1\2", "not-text")]
)
def test_bytes_that_are_no_text(tmp_path: Path, data: bytes, kind: str) -> None:
    """The one capture is told with its commit and path, and nothing else is lost."""
    folder = archive(tmp_path / "a")
    record(folder, "S/T.md", A)
    made = record(folder, "S/T.md", data)
    record(folder, "S/T.md", B)
    captures, notices = read(folder)
    assert [each.text for each in captures] == [A, B]
    assert [(each.kind, each.commit, each.path) for each in notices] == [(kind, made, "S/T.md")]


def test_a_document_of_fifty_megabytes(tmp_path: Path) -> None:
    """It is told and not read, and the documents after it are; at the limit itself one is read."""
    folder = archive(tmp_path / "a")
    made = record(folder, "S/T.md", b"word " * 10_000_000)
    record(folder, "S/T.md", "x" * 1000)
    record(folder, "S/U.md", B)
    captures, notices = read(folder)
    assert paths(captures) == ["S/T.md", "S/U.md"]
    assert notices == [Notice("too-large", made, "S/T.md", "50000000 bytes are not read")]
    captures, notices = read(folder, limit=1000)
    assert [len(each.text) for each in captures] == [1000, len(B)]
    captures, notices = read(folder, limit=999)
    assert (paths(captures), len(notices)) == (["S/U.md"], 2)


def test_more_documents_in_a_commit_than_are_asked_for_ahead(tmp_path: Path) -> None:
    """Two hundred documents of one commit come in order, large ones among them told in place."""
    folder = archive(tmp_path / "a")
    for index in range(199):
        (folder / f"P{index:03}").mkdir()
        (folder / f"P{index:03}" / "T.md").write_text("x" * (5000 if index % 70 == 0 else index))
    record(folder, "P199/T.md", A)
    captures, notices = read(folder, limit=4000)
    assert [each.platform for each in captures] == [
        f"P{index:03}" for index in range(200) if index % 70
    ]
    assert [each.path for each in notices] == ["P000/T.md", "P070/T.md", "P140/T.md"]
    assert [len(each.text) for each in captures[:-1]] == [n for n in range(199) if n % 70]


def test_a_commit_without_a_date(tmp_path: Path) -> None:
    """A commit whose clock is no date gives no capture but is told."""
    folder = archive(tmp_path / "a")
    first = record(folder, "S/T.md", A)
    tree = git(folder, "write-tree")
    file = blob(folder, B.encode())
    inner = git(folder, "mktree", stdin=f"100644 blob {file}\tT.md\n".encode())
    tree = git(folder, "mktree", stdin=f"040000 tree {inner}\tS\n".encode())
    text = f"tree {tree}\nparent {first}\nauthor a <a> x\ncommitter a <a> nonsense\n\nUpdate S\n"
    made = git(
        folder, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=text.encode()
    )
    git(folder, "update-ref", "refs/heads/main", made)
    captures, notices = read(folder)
    assert [each.text for each in captures] == [A]
    assert [(each.kind, each.commit) for each in notices] == [("bad-date", made)]


def test_a_history_of_sha256(tmp_path: Path) -> None:
    """A repository with the longer ids is read like any other."""
    folder = tmp_path / "a"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    made = [record(folder, "S/T.md", text) for text in (A, B)]
    assert [each.commit for each in read(folder)[0]] == made
    assert [len(each) for each in made] == [64, 64]


@pytest.mark.parametrize("form", ["bare", "packed", "detached", "mirror"])
def test_forms_of_a_repository(tmp_path: Path, form: str) -> None:
    """A clone, a bare repository, packed references and a detached HEAD give the same captures."""
    folder = archive(tmp_path / "a")
    for text in (A, B):
        record(folder, "S/T.md", text)
    expected = read(folder)
    if form in ("bare", "mirror"):
        git(tmp_path, "clone", "--quiet", f"--{form}", "a", "b")
        folder = tmp_path / "b"
    elif form == "packed":
        git(folder, "gc", "--quiet")
        assert not (folder / ".git" / "refs" / "heads" / "main").exists()
    else:
        git(folder, "checkout", "--quiet", "--detach")
    assert read(folder) == expected
    assert len(expected[0]) == 2
