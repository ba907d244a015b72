"""The real collection: nothing is lost, nothing is added twice, and what is quoted stands there.

Reads ``../shared/corpora`` and ``../shared/seed`` and skips where they are absent. One clone is
made and one data directory loaded, which all tests share and none changes; only what is killed
half way loads a part of the collection, twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clausegraph.api.publish import publish
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.store import writing
from clausegraph.loaders.normalise import letters
from clausegraph.loaders.segment import segment
from clausegraph.loaders.visible import visible
from clausegraph.ontology.iris import concept, graph
from tests.memory import PROC, Process, Watched, alive, family, watch
from tests.processes import COMMAND
from tests.small_histories import Asker
from tests.test_histories import rows

SHARED = Path(__file__).parents[1].parent / "shared"
BUNDLE = SHARED / "corpora" / "ota-genai-versions.bundle"
MEMOS = SHARED / "corpora" / "ota-memo-commits.json"
SEED = SHARED / "seed" / "conductatlas-midjourney-ccpa.txt"
MOST_MEMORY = 1_500_000_000
SHORT = 16
"""A service with a short history has so many versions at most."""
DRAW = 20251124

Versions = dict[tuple[str, str], str]
"""The SHA-256 of each version's bytes by commit and path."""


@dataclass(frozen=True)
class Loaded:
    """A data directory, how its load went, and what the load said."""

    data: Path
    load: Watched
    said: dict[str, Any]
    release: str


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare clone of the collection."""
    if not BUNDLE.exists():
        pytest.skip("../shared/corpora is not here")
    folder = tmp_path_factory.mktemp("genai") / "clone.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(BUNDLE), str(folder)], check=True)
    return folder


def load(data: Path, clone: Path) -> Watched:
    """Load the collection by the command line, in processes of its own."""
    return watch([*COMMAND, "load", "ota", "--json", "--data", data, clone])


@pytest.fixture(scope="session")
def part(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare clone of the services with short histories: half of them, an eighth of the versions."""
    counts = Counter(path.partition("/")[0] for _, path in history_of(clone))
    short = sorted(name for name, count in counts.items() if count <= SHORT)
    assert len(short) > 20
    folder = tmp_path_factory.mktemp("part") / "part.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    # The first "--" is lost where git does not see the paths: a bare clone has no working tree.
    words = ["git", "-C", str(clone), "fast-export", "HEAD", "--", "--", *short]
    said = subprocess.run(words, check=True, capture_output=True).stdout
    subprocess.run(["git", "-C", str(folder), "fast-import", "--quiet"], check=True, input=said)
    return folder


@pytest.fixture(scope="session")
def loaded(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The collection, loaded by the command line and published."""
    data = tmp_path_factory.mktemp("corpus") / "data"
    found = load(data, clone)
    return Loaded(data, found, json.loads(found.output), publish(data).id)


@pytest.fixture(scope="session")
def release(loaded: Loaded) -> Reader:
    """A reader of the release."""
    return Reader(Releases(loaded.data).current())


@pytest.fixture(scope="session")
def ask(release: Reader) -> Asker:
    """Asks the release in GraphQL."""
    return Asker(release)


@pytest.fixture(scope="session")
def texts(release: Reader) -> list[str]:
    """Every distinct text of the release, in an order of its own."""
    return sorted(
        {text for (text,) in rows(release.release.open(), "SELECT ?t { ?x cg:content ?t }")}
    )


def history_of(clone: Path) -> Versions:
    """Every version of the collection, as git itself tells: no capture of ours is asked."""
    git = ["git", "-C", str(clone)]
    log = [*git, "log", "--raw", "-z", "--root", "--no-renames", "--no-abbrev", "--format=%x01%H"]
    blobs: Versions = {}
    for block in subprocess.run(log, check=True, capture_output=True).stdout.split(b"\1")[1:]:
        commit, _, rest = block.partition(b"\0")
        fields = rest.strip(b"\n").split(b"\0")
        for meta, name in zip(fields[::2], fields[1::2], strict=False):
            *_, blob, kind = meta.decode().split()
            path = name.decode()
            service, _, terms = path.partition("/")
            if kind != "D" and terms.endswith(".md") and terms not in ("README.md", "LICENSE.md"):
                assert "/" not in terms, service
                blobs[commit.decode(), path] = blob
    wanted = "\n".join(dict.fromkeys(blobs.values()))
    batch = [*git, "cat-file", "--batch"]
    read = subprocess.run(batch, check=True, capture_output=True, input=wanted.encode()).stdout
    hashes, at = dict[str, str](), 0
    while at < len(read):
        end = read.index(b"\n", at)
        blob, _, size = read[at:end].decode().split()
        hashes[blob] = hashlib.sha256(read[end + 1 : end + 1 + int(size)]).hexdigest()
        at = end + int(size) + 2
    return {key: hashes[blob] for key, blob in blobs.items()}


def test_every_version_of_every_document_is_there(clone: Path, release: Reader) -> None:
    """As many as git has, under the same names, with the same bytes, and no other."""
    query = """SELECT ?commit ?service ?type ?sha {
        ?version a cg:Version ; cg:commit ?commit ; cg:sha256 ?sha ; cg:document ?document .
        ?document cg:documentType ?type ; cg:platform ?platform . ?platform rdfs:label ?service }"""
    found = rows(release.release.open(), query)
    here = {(commit, f"{service}/{kind}.md"): sha for commit, service, kind, sha in found}
    expected = history_of(clone)

    assert len(expected) > 1_500
    assert len(found) == len(here) == len(expected)
    assert here == expected


def test_texts_have_the_bytes_of_their_versions(release: Reader) -> None:
    """The characters kept are those that were captured."""
    query = (
        "SELECT ?sha ?content { ?v a cg:Version ; cg:sha256 ?sha ; cg:text/cg:content ?content }"
    )
    found = set(rows(release.release.open(), query))

    assert len(found) > 1_000
    assert [sha for sha, text in found if hashlib.sha256(text.encode()).hexdigest() != sha] == []


def test_a_second_run_adds_nothing(clone: Path, loaded: Loaded) -> None:
    """The store, and so the release, stays what it was."""
    again = json.loads(load(loaded.data, clone).output)

    assert loaded.said["captures"] > 1_500
    assert (again["documents"], again["captures"], again["changed"]) == (0, 0, False)
    assert publish(loaded.data).id == loaded.release


@pytest.mark.skipif(not PROC.exists(), reason="memory is told by /proc")
def test_memory_is_bounded(loaded: Loaded) -> None:
    """The load and all its workers together stay below the bound."""
    assert loaded.load.largest > 10_000_000
    assert loaded.load.together < MOST_MEMORY, loaded.load.peaks


def written(data: Path) -> int:
    """How many documents a load has put into the store so far, by its ledger."""
    path = data / "ledger.sqlite"
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as ledger:
            found = ledger.execute("SELECT count(*) FROM document WHERE NOT open").fetchone()
            return int(found[0])
    except sqlite3.Error:  # there is none yet, or it is just being written
        return 0


def kill(words: Sequence[str], due: Callable[[], bool]) -> list[Process]:
    """Start a command, kill it when that is due, and give its processes that do not end then."""
    process = subprocess.Popen(
        words, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and not due():
        time.sleep(0.02)
    relatives = family(process.pid)
    process.kill()
    assert process.wait() < 0, "it was done before it was killed"
    end = time.monotonic() + 60
    while alive(relatives) and time.monotonic() < end:
        time.sleep(0.05)
    return alive(relatives)


def loaded_graphs(data: Path) -> dict[str, tuple[str, int]]:
    """Digest and size of each graph that a load writes; examining comes later, when published."""
    with writing(data) as writer:
        found = writer.digests()
    starts = (graph("policies"), graph("platforms"))
    kept = {iri: digest for iri, digest in found.items() if iri.startswith(starts)}
    assert len(kept) > 60
    return kept


@pytest.mark.skipif(not PROC.exists(), reason="processes are told by /proc")
def test_a_killed_load_goes_on_where_it_was(part: Path, tmp_path: Path) -> None:
    """Killed before and after documents are written, it ends with the same graphs.

    No worker stays behind, and what was written is not read again.
    """
    chance, data = random.Random(DRAW), tmp_path / "data"
    words = [*COMMAND, "load", "ota", "--quiet", "--data", str(data), str(part)]
    whole = json.loads(load(tmp_path / "whole", part).output)
    moment = time.monotonic() + chance.uniform(0.5, 3)
    few, many = chance.randint(1, 6), chance.randint(12, 24)
    counts: list[int] = []  # as told while it ran: what is killed in a transaction tells nothing

    def seen(count: int) -> int:
        counts.append(count)
        return count

    assert kill(words, lambda: time.monotonic() > moment) == []
    assert kill(words, lambda: written(data) >= few) == []
    assert kill(words, lambda: seen(written(data)) >= many) == []
    before = max(counts)
    done = json.loads(load(data, part).output)

    assert before >= many
    assert done["documents"] <= whole["documents"] - before
    assert loaded_graphs(data) == loaded_graphs(tmp_path / "whole")


def spans(text: str) -> list[tuple[int, int]]:
    """Where the segments of a text stand."""
    return [(part.start, part.end) for part in segment(text)]


def test_segments_and_gaps_cover_every_text(texts: Sequence[str]) -> None:
    """Spans follow each other, and what lies between them holds no letter and no digit."""
    broken = []
    for text in texts:
        found = spans(text)
        gaps, at = [], 0
        for start, end in found:
            gaps.append(text[at:start] if at <= start < end else "x")
            at = end
        gaps.append(text[at:])
        pieces = [text[start:end] for start, end in found]
        rebuilt = "".join(piece for pair in zip(gaps, [*pieces, ""], strict=True) for piece in pair)
        if rebuilt != text or any(map(str.isalnum, "".join(gaps))):
            broken.append(text[:80])
    assert len(texts) > 1_000
    assert broken == []


DIGEST = """
import hashlib, locale, sys
from pathlib import Path
from clausegraph.api.releases import Releases
from tests.test_corpus import digest
from tests.test_histories import rows
locale.setlocale(locale.LC_ALL, "")
store = Releases(Path(sys.argv[1])).current().open()
print(digest(sorted({text for (text,) in rows(store, "SELECT ?t { ?x cg:content ?t }")})))
"""


def digest(texts: Sequence[str]) -> str:
    """The SHA-256 of all segments of some texts, headings and kinds included."""
    found = hashlib.sha256()
    for text in texts:
        found.update(repr(segment(text)).encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def test_segmentation_is_the_same_elsewhere(loaded: Loaded, texts: Sequence[str]) -> None:
    """In a process with another locale, time zone and order of hashing."""
    here = os.environ
    locale = "POSIX" if "UTF-8" in here.get("LC_ALL", here.get("LANG", "")) else "C.UTF-8"
    other = {**here, "LC_ALL": locale, "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7",
             "PYTHONPATH": str(Path(__file__).parents[1])}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", DIGEST, str(loaded.data)],
        env=other, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.strip() == digest(texts)


VERIFY = """query($text: String!, $platform: ID, $document: ID) {
  verifyQuote(text: $text, platform: $platform, document: $document) {
    status versionCount first { id } last { id } searched { versions documents }
    nearest { similarity exact version { document { id } } } } }"""


def verdict(ask: Asker, text: str, **where: str) -> dict[str, Any]:
    """What GraphQL says of a quotation."""
    found: dict[str, Any] = ask(VERIFY, text=text, **where)["verifyQuote"]
    return found


def test_the_excerpt_of_the_seed_is_not_in_the_policy(ask: Asker) -> None:
    """What the seed page ascribes to Midjourney's policy stands in none of its captures."""
    if not SEED.exists():
        pytest.skip("../shared/seed is not here")
    excerpt = re.search(r'"([^"]+)— Excerpt from', SEED.read_text(encoding="utf-8"))
    assert excerpt is not None
    found = verdict(ask, excerpt[1], platform="Midjourney", document="privacy-policy")

    assert (found["status"], found["searched"]) == ("NOT_FOUND", {"versions": 3, "documents": 1})
    assert 0 < found["nearest"][0]["similarity"] < 0.8
    assert found["nearest"][0]["version"]["document"]["id"].endswith("midjourney/privacy-policy")
    assert "right" in found["nearest"][0]["exact"]


@pytest.fixture(scope="session")
def sentences(texts: Sequence[str]) -> list[str]:
    """Twenty sentences of at least eight words, as a reader sees them, drawn with a fixed seed."""
    draw, found = random.Random(DRAW), list[str]()
    while len(found) < 20:
        text = draw.choice(texts)
        if parts := segment(text):
            part = draw.choice(parts)
            seen = visible(text[part.start : part.end], part.kind == "row").text
            pieces = re.split(r"(?<=[.!?])\s+|[\n\t]", seen)
            found += [s for s in draw.sample(pieces, 1) if len(re.findall("[A-Za-z]{2,}", s)) > 7]
    return found


def changed(sentence: str) -> str:
    """The sentence with a word in the middle replaced by one that no policy has."""
    words = [match.span() for match in re.finditer(r"(?<!\S)[A-Za-z]{2,}(?!\S)", sentence)]
    start, end = words[len(words) // 2]
    return f"{sentence[:start]}quixotically{sentence[end:]}"


@pytest.mark.parametrize("number", range(20))
def test_real_sentences(ask: Asker, sentences: Sequence[str], number: int) -> None:
    """A real sentence is verified, its look-alikes repaired, and it is nearest to its forgery."""
    sentence = sentences[number]
    real = verdict(ask, sentence)
    alike = [sentence.replace(" ", "  ", 2), sentence.swapcase(), f"\u2039{sentence}\u203a"]
    forged = verdict(ask, changed(sentence))

    assert real["status"] == "VERIFIED"
    assert real["versionCount"] >= 1
    assert [verdict(ask, each)["status"] for each in alike] == ["REPAIRED"] * 3
    assert forged["status"] == "NOT_FOUND"
    near = letters(forged["nearest"][0]["exact"])
    assert letters(sentence) in near or near in letters(sentence)


def test_every_memo_is_of_a_change_of_meaning(
    release: Reader, record_testsuite_property: Any
) -> None:
    """What an expert found worth a memo is a change of meaning; the share of all is reported."""
    query = """SELECT ?commit ?service ?type ?weight {
        ?change a cg:Change ; cg:significance ?weight ; cg:toVersion ?to ; cg:document ?document .
        ?to cg:commit ?commit . ?document cg:documentType ?type ; cg:platform ?platform .
        ?platform rdfs:label ?service FILTER NOT EXISTS { ?change cg:bridges true } }"""
    found = rows(release.release.open(), query)
    weights = {(commit, f"{service}/{kind}.md"): weight for commit, service, kind, weight in found}
    memos = [
        (each["commit"], path)
        for each in json.loads(MEMOS.read_text())["commits"]
        for path in each["path"]
    ]
    counts = Counter(weights.values())
    meaning = concept("significance", "meaning")
    share = counts[meaning] / sum(counts.values())
    record_testsuite_property("follow-up versions called meaning", f"{share:.3f}")
    print(
        f"{counts[meaning]} of {sum(counts.values())} follow-up versions ({share:.1%}) are meaning"
    )

    assert len(memos) == 18
    assert len(weights) == len(found) > 1_300
    assert [memo for memo in memos if weights[memo] != meaning] == []
    assert 0 < share < 1
