"""Archives of policies are read whole, in their own order, whatever their clocks and names say."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from clausegraph.loaders.capture import Capture
from clausegraph.loaders.ota import label
from tests.archives import START, A, B, archive, git, paths, read, record

SHARED = Path(__file__).parents[1].parent / "shared"
BUNDLE = SHARED / "corpora" / "ota-genai-versions.bundle"
DAY = 86_400
LINK = "https://github.com/Example/snapshots/commit/"


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare clone of the archive that is handed to developers."""
    if not BUNDLE.exists():
        pytest.skip("the corpora are not here (../shared)")
    folder = tmp_path_factory.mktemp("bundle")
    git(folder, "clone", "--quiet", "--bare", str(BUNDLE), "genai.git")
    return folder / "genai.git"


def test_a_real_archive_is_read_completely_and_in_order(bundle: Path) -> None:
    """Commit, path and bytes of every version are those that git lists, one after another."""
    listed = git(
        bundle,
        *("-c", "core.quotePath=false", "log", "--reverse", "--topo-order", "-m", "--no-renames"),
        *("--raw", "--no-abbrev", "--format=%H", "--", ":(glob)*/*.md"),
    )
    expected: list[tuple[str, str, str]] = []
    made = ""
    for line in listed.splitlines():
        if line.startswith(":"):
            meta, path = line.split("\t")
            expected.append((made, path, meta.split()[3]))
        elif line:
            made = line
    captures, notices = read(bundle)
    found = [
        (each.commit, path, git_id(each.text.encode()))
        for each, path in zip(captures, paths(captures), strict=True)
    ]
    assert found == expected
    assert len(found) == 1553
    assert notices == []


def test_a_real_archive_ends_with_the_texts_of_its_last_commit(bundle: Path) -> None:
    """The last capture of each document is the file as it stands at the end, and none is left out."""
    captures = read(bundle)[0]
    ids = (git_id(each.text.encode()) for each in captures)
    last = dict(zip(paths(captures), ids, strict=True))
    tree = git(bundle, "ls-tree", "-r", "-z", "HEAD").split("\0")
    files = {
        path: meta.split()[2]
        for meta, _, path in (line.partition("\t") for line in tree)
        if "/" in path
    }
    assert last == files


def test_a_real_archive_gives_the_commits_of_the_memos(bundle: Path) -> None:
    """Each commit that an analyst wrote about gives a capture at the path and time named."""
    memos = json.loads((SHARED / "corpora" / "ota-memo-commits.json").read_text())["commits"]
    expected = {
        (row["commit"], path, datetime.fromisoformat(row["recorded"]))
        for row in memos
        for path in row["path"]
    }
    captures = read(bundle)[0]
    found = {
        (each.commit, path, each.recorded)
        for each, path in zip(captures, paths(captures), strict=True)
    }
    assert expected <= found
    assert len(memos) == 18


def test_bytes_can_be_had_back(bundle: Path) -> None:
    """The hash is that of the bytes as captured, which the text gives back."""
    for each in read(bundle, platform="Midjourney")[0]:
        assert hashlib.sha256(each.text.encode()).hexdigest() == each.sha256


def git_id(data: bytes) -> str:
    """The id that git gives a file."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def test_what_a_capture_carries(tmp_path: Path) -> None:
    """Platform and type come from the path; the rest is the archive's word in the commit."""
    folder = archive(tmp_path / "a")
    body = f"Extracted from snapshot {LINK}{'0' * 39}1\n\nX-engine-version: 7.0.0\n"
    made = record(folder, "Élan · Co's/Privacy Policy.md", "\ufeffA\r\n", "First record of X", body)
    assert read(folder) == (
        [
            Capture(
                platform="Élan · Co's",
                document="Privacy Policy",
                commit=made,
                recorded=datetime.fromtimestamp(START, UTC),
                label="first-record",
                snapshot=f"{LINK}{'0' * 39}1",
                sha256=hashlib.sha256("\ufeffA\r\n".encode()).hexdigest(),
                text="\ufeffA\r\n",
                snapshots=(f"{LINK}{'0' * 39}1",),
                engine="7.0.0",
            )
        ],
        [],
    )


def test_a_text_of_several_snapshots(tmp_path: Path) -> None:
    """All links are kept in their order, without those that name no commit, and the first is one."""
    folder = archive(tmp_path / "a")
    links = [f"{LINK}{digit * 40}" for digit in "ba"]
    record(
        folder, "S/T.md", A, body="\n".join(f"- {link}" for link in [*links, f"{LINK}undefined"])
    )
    record(folder, "S/T.md", B, body=f"Extracted from snapshot {LINK}undefined")
    found = [(each.snapshot, each.snapshots, each.engine) for each in read(folder)[0]]
    assert found == [(links[0], tuple(links), None), (None, (), None)]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("First record of Midjourney Privacy Policy", "first-record"),
        ("Start tracking Midjourney Privacy Policy", "first-record"),
        ("Record new changes of Midjourney Privacy Policy", "change"),
        ("Update Midjourney Privacy Policy", "change"),
        ("Apply technical or declaration upgrade on Midjourney Privacy Policy", "technical"),
        ("Refilter Midjourney Privacy Policy", "technical"),
        ("Remove mojibake", "other"),
        ("A first record of nothing", "other"),
        ("", "other"),
    ],
)
def test_labels(subject: str, expected: str) -> None:
    """Each wording that archives have used gives its label, any other text none of them."""
    assert label(subject) == expected


def test_clocks_that_run_backwards(tmp_path: Path) -> None:
    """Order is that of the commits; `since` drops what is before the day and nothing behind it."""
    folder = archive(tmp_path / "a")
    days = [5, 6, 1, 6, 2, 7]
    made = [record(folder, "S/T.md", f"{n}\n", when=START + n * DAY) for n in days]
    late = [made[index] for index, day in enumerate(days) if day >= 5]
    assert [each.commit for each in read(folder)[0]] == made
    since = date(2023, 11, 19)
    assert [each.commit for each in read(folder, since=since)[0]] == late
    dropped = git(folder, "log", "--reverse", "--format=%H", "--since=2023-11-19T00:00:00Z")
    assert dropped.split() != late, "git's own filter does not fall for this history"


def test_since_takes_the_day_in_utc(tmp_path: Path) -> None:
    """The first second of a day is in, the last of the day before is not."""
    folder = archive(tmp_path / "a")
    midnight = int(datetime(2024, 2, 29, tzinfo=UTC).timestamp())
    record(folder, "S/T.md", A, when=midnight - 1)
    made = record(folder, "S/T.md", B, when=midnight)
    assert [each.commit for each in read(folder, since=date(2024, 2, 29))[0]] == [made]


def test_versions_of_one_second_and_a_text_that_comes_back(tmp_path: Path) -> None:
    """Two versions within a second are two in their order, and A, B, A are three."""
    folder = archive(tmp_path / "a")
    for text in (A, B, A):
        record(folder, "S/T.md", text)
    assert [each.text for each in read(folder)[0]] == [A, B, A]


def test_what_is_no_document(tmp_path: Path) -> None:
    """Files of the repository itself are not documents, nor a commit that changes none."""
    folder = archive(tmp_path / "a")
    for path in ("README.md", "LICENSE", "S/README.md", ".github/Issue.md", "S/T/U.md", "S/T.pdf"):
        record(folder, path, A)
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "Record new changes of S T")
    record(folder, ".NET/Terms.md", A)
    (folder / ".NET" / "Terms.md").chmod(0o755)
    git(folder, "commit", "--quiet", "--all", "-m", "Record new changes of .NET Terms")
    assert paths(read(folder)[0]) == [".NET/Terms.md"]


def test_platform_and_document_are_filters(tmp_path: Path) -> None:
    """Only what has exactly the names asked for is given; a name that is not there gives nothing."""
    folder = archive(tmp_path / "a")
    for path in ("S/T.md", "S/U.md", "SS/T.md", "--all/T.md"):
        record(folder, path, A)
    assert paths(read(folder, platform="S")[0]) == ["S/T.md", "S/U.md"]
    assert paths(read(folder, document="T")[0]) == ["S/T.md", "SS/T.md", "--all/T.md"]
    assert paths(read(folder, platform="--all", document="T")[0]) == ["--all/T.md"]
    assert paths(read(folder, platform="*")[0]) == []
