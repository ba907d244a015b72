"""A manifest is read as declared, or refused with every mistake and the line it stands on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from clausegraph.loaders.manifest import LIMIT, Entry, ManifestError, read_manifest

GOOD = """\
platforms:
  - name: Lanternfold
    provider: Lanternfold Studio
    invented: true
    documents:
      - type: Privacy Policy
        source_url: https://lanternfold.example/privacy
        versions:
          - {file: old/privacy.md, captured-at: 2024-05-01}
          - file: privacy.html
            captured-at: 2023-01-02T03:04:05+02:00
      - type: Terms of Service
        versions:
          - {file: ./old/../terms.pdf, captured-at: "2024-05-01 10:00"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three files, in a folder with one more."""
    (tmp_path / "outside.md").write_text("Outside")
    folder = tmp_path / "mine"
    (folder / "old").mkdir(parents=True)
    for name in ("old/privacy.md", "privacy.html", "terms.pdf"):
        (folder / name).write_text("Text")
    return folder


def write(folder: Path, text: str) -> Path:
    """Give a folder a manifest."""
    (folder / "manifest.yaml").write_text(text)
    return folder


def mistakes(folder: Path, text: str) -> list[str]:
    """What is said against a manifest."""
    with pytest.raises(ManifestError) as caught:
        read_manifest(write(folder, text))
    return str(caught.value).splitlines()


def one(file: str = "privacy.html", at: str = "2024-01-01", more: str = "") -> str:
    """A manifest of one version."""
    return (
        "platforms:\n- name: L\n  documents:\n  - type: T\n    versions:\n"
        f"    - {{file: {file}, captured-at: {at}{more}}}\n"
    )


def test_entries_are_given_as_listed(folder: Path) -> None:
    """Every key arrives; times are in UTC and may run backwards."""
    entries = read_manifest(write(folder, GOOD))
    base = folder.resolve()
    assert entries == [
        Entry(
            platform="Lanternfold",
            document="Privacy Policy",
            file=base / "old/privacy.md",
            captured_at=datetime(2024, 5, 1, tzinfo=UTC),
            line=9,
            provider="Lanternfold Studio",
            invented=True,
            source_url="https://lanternfold.example/privacy",
        ),
        Entry(
            platform="Lanternfold",
            document="Privacy Policy",
            file=base / "privacy.html",
            captured_at=datetime(2023, 1, 2, 1, 4, 5, tzinfo=UTC),
            line=10,
            provider="Lanternfold Studio",
            invented=True,
            source_url="https://lanternfold.example/privacy",
        ),
        Entry(
            platform="Lanternfold",
            document="Terms of Service",
            file=base / "terms.pdf",
            captured_at=datetime(2024, 5, 1, 10, tzinfo=UTC),
            line=14,
            provider="Lanternfold Studio",
            invented=True,
        ),
    ]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2024-02-29", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2024-02-29T12:30", datetime(2024, 2, 29, 12, 30, tzinfo=UTC)),
        ("2024-02-29T12:30:15Z", datetime(2024, 2, 29, 12, 30, 15, tzinfo=UTC)),
        ("2024-02-29 12:30:15 Z", datetime(2024, 2, 29, 12, 30, 15, tzinfo=UTC)),
        ("2024-02-29T23:30:15.250-0530", datetime(2024, 3, 1, 5, 0, 15, 250_000, tzinfo=UTC)),
    ],
)
def test_moments(folder: Path, at: str, expected: datetime) -> None:
    """A day is its first moment, a moment without a zone is UTC."""
    assert [entry.captured_at for entry in read_manifest(write(folder, one(at=at)))] == [expected]


@pytest.mark.parametrize(
    "at",
    ["2023-02-29", "2024-01-01T25:00", "2024-01-01T00:00+99:00", "0001-01-01T00:00+14:00"],
)
def test_no_such_moment(folder: Path, at: str) -> None:
    """A moment that no calendar has is named with its line."""
    said = f"platforms[0].documents[0].versions[0].captured-at: '{at}' is no day or time"
    assert mistakes(folder, one(at=at)) == [f"manifest.yaml:6: {said} of the calendar"]


@pytest.mark.parametrize("at", ["yesterday", "2024", "20240101", "01.02.2024", "2024-W01-1", "''"])
def test_no_moment_at_all(folder: Path, at: str) -> None:
    """Any other way to write a day is refused."""
    (said,) = mistakes(folder, one(at=at))
    assert said.startswith("manifest.yaml:6: platforms[0].documents[0].versions[0].captured-at:")
    assert " is not " in said


@pytest.mark.parametrize(
    "name",
    ["../outside.md", "old/../../outside.md", "/etc/hostname", "link.md", "aside/outside.md"],
)
def test_no_file_outside_of_the_folder(folder: Path, name: str) -> None:
    """Neither a path nor a link leads out of the folder."""
    (folder / "link.md").symlink_to(folder.parent / "outside.md")
    (folder / "aside").symlink_to(folder.parent)
    said = f"versions[0].file: '{name}': leaves the folder of the manifest"
    assert mistakes(folder, one(name)) == [f"manifest.yaml:6: platforms[0].documents[0].{said}"]


def test_a_link_within_the_folder_is_followed(folder: Path) -> None:
    """A link is no mistake by itself."""
    (folder / "link.md").symlink_to("old/privacy.md")
    (entry,) = read_manifest(write(folder, one("link.md")))
    assert entry.file == folder.resolve() / "old/privacy.md"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone.md", "there is no such file"),
        ("old", "is not a file"),
        ("ring.md", "cannot be looked up"),
        ("x" * 5_000, "cannot be looked up"),
    ],
)
def test_what_is_no_file(folder: Path, name: str, said: str) -> None:
    """A missing file, a folder, a ring of links and an impossible name are named."""
    (folder / "ring.md").symlink_to("ring.md")
    (line,) = mistakes(folder, one(name))
    assert line.endswith(f"'{name}': {said}")


def test_all_mistakes_in_one_report(folder: Path) -> None:
    """Each mistake of a manifest is named with its line and its place."""
    text = (
        "platforms:\n"
        "  - name: ''\n"
        "    invented: yes\n"
        "    documents: []\n"
        "  - name: [L]\n"
        "    documents:\n"
        "      - type: T\n"
        "        source_url: lanternfold\n"
        "        versions:\n"
        "          - {file: privacy.html, captured-at: 5}\n"
        "          - {fil: privacy.html, captured-at: 2024-01-01}\n"
        "          - {file: gone.md, captured-at: 2024-01-01, label: x}\n"
        "  - documents: x\n"
        "colour: red\n"
    )
    assert mistakes(folder, text) == [
        "manifest.yaml:2: platforms[0].name: '' is not text that is more than blanks",
        "manifest.yaml:3: platforms[0].invented: 'yes' is not true or false",
        "manifest.yaml:4: platforms[0].documents: [] should be non-empty",
        "manifest.yaml:5: platforms[1].name: ['L'] is not text (a number as text stands in quotes)",
        (
            "manifest.yaml:8: platforms[1].documents[0].source_url: 'lanternfold' is not an address "
            "with https://"
        ),
        (
            "manifest.yaml:10: platforms[1].documents[0].versions[0].captured-at: 5 is not text "
            "(a number as text stands in quotes)"
        ),
        "manifest.yaml:11: platforms[1].documents[0].versions[1]: 'file' is missing here",
        (
            "manifest.yaml:11: platforms[1].documents[0].versions[1].fil: unknown key; known keys: "
            "captured-at, file"
        ),
        (
            "manifest.yaml:12: platforms[1].documents[0].versions[2].file: 'gone.md': there is no such "
            "file"
        ),
        (
            "manifest.yaml:12: platforms[1].documents[0].versions[2].label: unknown key; known keys: "
            "captured-at, file"
        ),
        "manifest.yaml:13: platforms[2]: 'name' is missing here",
        "manifest.yaml:13: platforms[2].documents: 'x' is not a list",
        "manifest.yaml:14: colour: unknown key; known keys: platforms",
    ]


def test_the_same_thing_twice(folder: Path) -> None:
    """A platform, a document of it, and a file at a time are declared once; a file alone may return."""
    version = "{file: privacy.html, captured-at: 2024-01-0%d}"
    document = "  - type: T\n    versions: [%s]\n"
    first = ", ".join(version % day for day in (1, 2, 1))
    text = f"- name: L\n  documents:\n{document % first}{document % (version % 1)}"
    assert mistakes(folder, f"platforms:\n{text}{text.replace('1, 2', '3')}")[:3] == [
        (
            "manifest.yaml:5: platforms[0].documents[0].versions[2]: the same version (the same file at "
            "the same time) as on line 5"
        ),
        "manifest.yaml:6: platforms[0].documents[1].type: the same document as on line 4",
        (
            "manifest.yaml:7: platforms[0].documents[1].versions[0]: the same version (the same file at "
            "the same time) as on line 5"
        ),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "manifest.yaml:1: (file): the file must be a mapping of keys"),
        ("- a", "manifest.yaml:1: (file): the file must be a mapping of keys"),
        ("a: [", "not YAML"),
        ("a: !!python/object/apply:os.system [id]", "not YAML"),
        ("a: &x [1]\nb: *x\n", "no value is named with & and repeated with *"),
        ("a: " + "[" * 100_000, "manifest.yaml:1: (file): not YAML: a value is nested too deeply"),
        ("- " * 100_000, "manifest.yaml:1: (file): not YAML: a value is nested too deeply"),
        ("# " + "x" * LIMIT, f"{LIMIT} are read at most"),
    ],
    ids=["empty", "list", "broken", "tag", "alias", "brackets", "dashes", "large"],
)
def test_a_file_that_is_no_manifest(folder: Path, text: str, said: str) -> None:
    """What is not YAML of the right kind is refused, not run and not followed."""
    (line,) = mistakes(folder, text)
    assert said in line


def test_a_bomb_of_aliases(folder: Path) -> None:
    """Ten lines that stand for ten billion values are refused at the first repetition."""
    bomb = 'a0: &a0 ["x"]\n' + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 11)
    )
    (line,) = mistakes(folder, bomb)
    assert line.endswith("no value is named with & and repeated with *")


def test_no_manifest(folder: Path) -> None:
    """A folder without a manifest, and one whose manifest is a link out of it, are refused."""
    with pytest.raises(ManifestError, match="there is no such file"):
        read_manifest(folder)
    (folder.parent / "theirs.yaml").write_text(GOOD)
    (folder / "manifest.yaml").symlink_to(folder.parent / "theirs.yaml")
    with pytest.raises(ManifestError, match="is a link out of its folder"):
        read_manifest(folder)
