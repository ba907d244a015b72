"""The demonstration is what it says: five captures, four texts, each kind of transition once."""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from clausegraph.loaders import changes
from clausegraph.loaders.capture import Capture
from clausegraph.loaders.normalise import normalise
from clausegraph.loaders.quotes import Archive
from clausegraph.loaders.segment import segment

FOLDER = Path(changes.__file__).parent / "demonstration" / "inkwarren"
WORDS = range(3_000, 4_001)
SECTIONS = [
    "The short version",
    "Scope",
    "What we collect",
    "Sources",
    "How we use personal information",
    "Training our models",
    "Cookies and advertising",
    "Who receives personal information",
    "Selling and sharing",
    "How long we keep it",
    "Security",
    "Children",
    "Outside the United States",
    "Rights under state privacy laws",
    "How to make a request",
    "Changes to this Policy",
    "Contact",
]


def document(folder: Path) -> dict[str, Any]:
    """The one document of the one platform that the manifest of a folder lists."""
    (platform,) = yaml.safe_load((folder / "manifest.yaml").read_text("utf-8"))["platforms"]
    (found,) = platform["documents"]
    return {**found, "platform": platform}


def captures(folder: Path) -> list[Capture]:
    """The captures that a manifest lists, in its order."""
    listed = document(folder)
    found = []
    for number, version in enumerate(listed["versions"], 1):
        data = (folder / version["file"]).read_bytes()
        found.append(
            Capture(
                platform=listed["platform"]["name"],
                document=listed["type"],
                commit=f"{number:040x}",
                recorded=version["captured-at"],
                label="other",
                snapshot=None,
                sha256=hashlib.sha256(data).hexdigest(),
                text=data.decode(),
            )
        )
    return found


def faults(folder: Path) -> list[str]:
    """What is wrong between a manifest and its folder."""
    versions = document(folder)["versions"]
    files = [version["file"] for version in versions]
    there = {path.name for path in folder.iterdir()} - {"manifest.yaml"}
    found = [f"missing: {name}" for name in files if name not in there]
    found += [f"not listed: {name}" for name in sorted(there - set(files))]
    for version in versions:
        when = version["captured-at"]
        if not isinstance(when, datetime) or when.utcoffset() != timedelta(0):
            found.append(f"no time in UTC: {when}")
        elif f"privacy-policy-{when.date()}.md" != version["file"]:
            found.append(f"another day: {version['file']}")
    days = [str(version["captured-at"]) for version in versions]
    return found if days == sorted(days) else [*found, "not in the order of time"]


def classes(found: list[Capture]) -> list[str]:
    """The class of each transition from one capture to the next."""
    return [changes.compare(one.text, other.text).significance for one, other in pairwise(found)]


def sections(text: str) -> list[str]:
    """The titles of the second level, under the title of the document."""
    return [
        normalise(text[part.start : part.end])
        for part in segment(text)
        if part.kind == "heading" and part.headings == ("Inkwarren Privacy Policy",)
    ]


def words(text: str) -> int:
    """How many words a reader sees."""
    return len(normalise(text).split())


def edited(name: str, before: str, after: str) -> str:
    """A listed text with one place changed."""
    text = (FOLDER / name).read_text("utf-8")
    assert text.count(before) == 1
    return text.replace(before, after)


FOUND = captures(FOLDER)
FIRST, SECOND, THIRD, FOURTH, FIFTH = FOUND
CHANGE = changes.compare(FIRST.text, SECOND.text)


def passages(kind: str) -> list[tuple[str, str]]:
    """The passages of one kind of delta in the second capture, as read before and after."""
    return [
        (
            normalise(FIRST.text[d.before.start : d.before.end]) if d.before else "",
            normalise(SECOND.text[d.after.start : d.after.end]) if d.after else "",
        )
        for d in CHANGE.deltas
        if d.kind == kind
    ]


def test_the_platform_is_said_to_be_invented() -> None:
    """Nobody takes the demonstration for a real policy, and no address in it can be real."""
    platform = document(FOLDER)["platform"]
    assert (platform["name"], platform["provider"]) == ("Inkwarren", "Velmarsh Works, Inc.")
    assert platform["invented"] is True
    assert FOLDER.name == platform["name"].lower()
    hosts = {
        word.split("://")[1].split("/")[0]
        for each in FOUND
        for word in each.text.replace(")", " ").replace("(", " ").split()
        if "://" in word
    }
    assert hosts
    assert [host for host in hosts if not host.endswith(".example")] == []


def test_the_manifest_and_the_folder_agree() -> None:
    """Each listed file is there, nothing else is, and the days are those of the names."""
    assert faults(FOLDER) == []


def test_a_manifest_that_disagrees_is_seen(tmp_path: Path) -> None:
    """The bad twins: a lost file, a stray one, another day, a local time, another order."""
    folder = shutil.copytree(FOLDER, tmp_path / "twin")
    (folder / "privacy-policy-2024-11-19.md").rename(folder / "stray.md")
    manifest = folder / "manifest.yaml"
    text = manifest.read_text("utf-8").replace("2025-06-24T18:14:05Z", "2027-06-24T18:14:05Z")
    manifest.write_text(text.replace("2026-02-03T06:11:20Z", "2026-02-03T06:11:20"), "utf-8")
    assert faults(folder) == [
        "missing: privacy-policy-2024-11-19.md",
        "not listed: stray.md",
        "another day: privacy-policy-2025-06-24.md",
        "no time in UTC: 2026-02-03 06:11:20",
        "not in the order of time",
    ]


def test_the_captures_are_months_apart() -> None:
    """They reach over more than two years."""
    gaps = [other.recorded - one.recorded for one, other in pairwise(FOUND)]
    assert min(gaps) > timedelta(days=90)
    assert (FIRST.recorded.tzinfo, FIRST.recorded.year, FIFTH.recorded.year) == (UTC, 2024, 2026)


def test_each_kind_of_transition_is_there() -> None:
    """Another meaning, other markup, back again, another date."""
    assert classes(FOUND) == ["meaning", "markup", "meaning", "dates"]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("privacy-policy-2025-06-24.md", "We do **not** sell", "We do **now** sell"),
        ("privacy-policy-2026-07-14.md", "within 15 business days", "within 16 business days"),
    ],
)
def test_a_word_more_would_be_seen(name: str, before: str, after: str) -> None:
    """The bad twins: one word in the change of markup, one number in the change of date."""
    at = next(n for n, each in enumerate(document(FOLDER)["versions"]) if each["file"] == name)
    text = edited(name, before, after)
    assert changes.compare(FOUND[at - 1].text, text).significance == "meaning"


def test_the_return_is_to_the_byte() -> None:
    """The fourth capture has the bytes of the first, and no other two are the same."""
    assert FOURTH.sha256 == FIRST.sha256
    assert len({each.sha256 for each in FOUND}) == 4


def test_the_change_of_markup_is_in_the_bytes_only() -> None:
    """A reader sees the same words; few lines are the same, and no passage differs."""
    assert normalise(SECOND.text) == normalise(THIRD.text)
    assert changes.compare(SECOND.text, THIRD.text).deltas == ()
    kept = set(SECOND.text.splitlines()) & set(THIRD.text.splitlines())
    assert len(kept) < len(set(SECOND.text.splitlines())) / 2


def test_the_change_of_meaning_is_silent() -> None:
    """Its own date line stays, until the last capture has another one and nothing else."""
    lines = [
        normalise(line)
        for each in FOUND
        for line in each.text.splitlines()
        if "Last updated" in line
    ]
    assert lines == ["Last updated: March 4, 2024"] * 4 + ["Last updated: July 6, 2026"]
    assert FIFTH.text == FIRST.text.replace("March 4, 2024", "July 6, 2026")


def test_every_text_has_a_realistic_length() -> None:
    """Three to four thousand words, as a reader counts them."""
    assert [words(each.text) for each in FOUND if words(each.text) not in WORDS] == []
    assert words(FIRST.text[:2_000]) not in WORDS


def test_every_kind_of_delta_is_there() -> None:
    """Passages added, removed, reworded and moved."""
    counts = CHANGE.summary["counts"]
    assert counts == {"added": 6, "moved": 2, "removed": 3, "reworded": 7}
    assert passages("moved")[0] == ("Security", "Security")


def test_the_deadline_changes() -> None:
    """Opting out takes 45 days and no longer 15 business days."""
    (found,) = [pair for pair in passages("reworded") if "opt out or to limit" in pair[0]]
    assert "limit within 15 business days after" in found[0]
    assert "limit within 45 days after" in found[1]
    numbers = [
        tuple(side and side["text"] for side in (fact["before"], fact["after"]))
        for fact in CHANGE.summary["facts"]["number"]
    ]
    assert ("15", "45") in numbers
    assert ("18", "36") in numbers


def test_a_recipient_is_named() -> None:
    """Ruddlepin Audiences comes in one new passage and in one reworded, and stood nowhere."""
    assert "Ruddlepin" not in FIRST.text
    assert sum("Ruddlepin Audiences" in after for _, after in passages("added")) == 1
    assert sum("Ruddlepin Audiences" in after for _, after in passages("reworded")) == 1


def test_the_statement_on_sharing_changes() -> None:
    """Sharing is denied, then admitted; the statement on people under 16 goes."""
    (found,) = [pair for pair in passages("reworded") if "Neither do we share" in pair[0]]
    assert "we shared categories A, D and H with advertising partners" in found[1]
    assert any("under 16" in before for before, _ in passages("removed"))


def test_the_sections_are_those_a_reader_sees() -> None:
    """Underlined or with hashes; one comes with the second text, and one moves."""
    assert sections(FIRST.text) == SECTIONS
    later = [title for title in SECTIONS if title != "Security"]
    later.insert(later.index("Rights under state privacy laws"), "Security")
    later.insert(later.index("Changes to this Policy"), "Credits for feedback")
    assert sections(SECOND.text) == later
    assert sections(THIRD.text) == later


@pytest.mark.parametrize("capture", [FIRST, THIRD], ids=["first", "third"])
def test_the_structure_is_mixed(capture: Capture) -> None:
    """Rows, clauses, nested items and headings in bold are told apart in either markup."""
    parts = segment(capture.text)
    texts = {
        kind: [
            normalise(capture.text[part.start : part.end]) for part in parts if part.kind == kind
        ]
        for kind in ("heading", "item", "row")
    }
    assert "Category Examples Why we use it Who receives it" in texts["row"]
    assert {"Browser settings and signals", "Authorized agents"} <= set(texts["heading"])
    assert sum(text.startswith("(a) run the Service") for text in texts["item"]) == 1
    assert sum(text.startswith("1. Account details.") for text in texts["item"]) == 1
    assert "browser, language and time zone;" in texts["item"]
    (agent,) = [part for part in parts if "Probate" in capture.text[part.start : part.end]]
    assert agent.headings[1:] == ("How to make a request", "Authorized agents")


@pytest.mark.parametrize(
    ("quote", "status", "count"),
    [
        ("We do not sell your personal information.", "VERIFIED", 5),
        ("we shared categories A, D and H with advertising partners", "VERIFIED", 2),
        ("a request to opt out or to limit within 15 business days", "VERIFIED", 3),
        ("we'll write to the e-mail address of your account", "REPAIRED", 3),
        ("Members on the free plan can switch training off under Settings", "NOT_FOUND", 0),
    ],
)
def test_quotes_of_the_pages(quote: str, status: str, count: int) -> None:
    """What the project's pages quote from the demonstration has this verdict."""
    verdict = Archive(FOUND).verify(quote)
    assert (verdict.status, verdict.stands_in) == (status, count)
