"""One command from an archive to a page of checked claims: as text, as JSON, and served as HTML.

The page about the real policy reads ``../shared`` and skips where that is absent.
"""

from __future__ import annotations

import html
import importlib
import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient

from clausegraph.api.app import create_app
from clausegraph.api.claimrows import natural, plain
from clausegraph.api.reader import Reader, slug
from clausegraph.api.releases import Releases
from clausegraph.api.settings import Settings
from clausegraph.loaders.methods import NOTICE
from clausegraph.ontology.iris import mint
from tests.archives import archive, record
from tests.commands import called
from tests.processes import COMMAND, free_port, get, run
from tests.test_claimcheck import HERE, STEM, WORDS, sources_with
from tests.test_hostile_policies import PLANTED

SHARED = HERE.parents[1] / "shared"
BUNDLE = SHARED / "corpora" / "ota-genai-versions.bundle"
SEED = SHARED / "seed" / "conductatlas-midjourney-ccpa.txt"
REAL = "conductatlas-midjourney-ccpa"
INKWARREN = HERE.parent / "loaders" / "demonstration" / "inkwarren"
DAY = 86_400

html5rdf: Any = importlib.import_module("html5rdf")  # a strict HTML5 parser; ships no types


def parsed(text: str) -> Any:
    """The tree of a page. Raises where the page is not valid HTML5 syntax."""
    return html5rdf.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def squeezed(text: str) -> str:
    """Text in one line, as wrapping does not matter."""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with the demonstration's captures, the law with the invented page, words."""
    folder = tmp_path_factory.mktemp("cli-claims")
    own = archive(folder / "archive")
    captures = sorted(INKWARREN.glob("*.md"))
    for at, path in enumerate(captures):
        subject = f"{'Record new changes' if at else 'First record'} of Inkwarren Privacy Policy"
        when = 1_710_137_564 + at * 180 * DAY
        record(own, "Inkwarren/Privacy Policy.md", path.read_text("utf-8"), subject, when=when)
    record(own, "Inkwarren/Terms of Service.md", "# Terms\n\nBe kind.\n", when=1_800_000_000)
    sources_with(folder / "sources", HERE / "claims" / f"{STEM}.yaml")
    (folder / "words.txt").write_text(f"\u201c{WORDS['quote-whole']}\u201d\n")
    return folder


@pytest.fixture(scope="module")
def printed(files: Path) -> str:
    """What the command prints for the invented page."""
    done = run(
        "claims", "check", STEM, "--archive", files / "archive", "--sources", files / "sources",
        "--excerpt", files / "words.txt", "--data", files / "data", "--quiet",
    )  # fmt: skip
    return done.stdout


@pytest.fixture(scope="module")
def client(files: Path, printed: str) -> Iterator[TestClient]:
    """A client of the application over what the command has published."""
    assert printed
    with TestClient(create_app(Settings(data=files / "data"))) as found:
        yield found


def test_the_command_prints_every_part(printed: str) -> None:
    """Quotation, rights, reason, changes, letters, tensions, other states, the rest, the notice."""
    heads = re.findall(r"^[A-Z][A-Z ,]+(?=$|:)", printed, re.MULTILINE)
    text = squeezed(printed)
    assert [each.strip() for each in heads] == [
        "CHECKED",
        "THE QUOTATION",
        "RIGHTS THAT THE DOCUMENT IS SAID TO STATE",
        "THE LEVEL AND ITS REASON",
        "CHANGES BETWEEN THE CAPTURES",
        "WHAT A NOTICE MUST SAY, LETTER BY LETTER",
        "TENSIONS, FOR REVIEW",
        "WHAT COLORADO ASKS",
        "WHAT CONNECTICUT ASKS",
        "WHAT VIRGINIA ASKS",
        "ALL OTHER CLAIMS",
    ]
    assert NOTICE in text
    assert "Check of claims against documents and law, version 1" in text
    assert "quote-whole: BORNE OUT [quotation: Found word for word]" in text
    assert "reason-untrue: NOT BORNE OUT" in text
    assert re.search(r"Outcomes of \d+ claims: Borne out \d+ of \d+", text)


def test_letters_stand_in_their_order(printed: str) -> None:
    """From (A) of the first number on, each with what was found, gaps with what comes near."""
    letters = re.findall(
        r"^    Cal\. Code Regs\. tit\. 11, §(7011\(e\)[^\s,]*)", printed, re.MULTILINE
    )
    assert len(letters) > 20
    assert letters == sorted(letters, key=natural)
    assert "7011(e)(1)(A)" in letters[0]
    told = squeezed(printed)
    assert "nearest (since" in told


def test_only_the_documents_captures_are_loaded(files: Path, printed: str) -> None:
    """The archive's other documents are left where they are."""
    assert printed
    found = Reader(Releases(files / "data").current()).of_type("Document")
    assert [slug(each.iri) for each in found] == ["privacy-policy"]


def test_the_page_is_valid_and_says_what_the_command_prints(
    client: TestClient, printed: str, files: Path
) -> None:
    """The same outcomes with the same reasons, behind ids that a link can name."""
    answer = client.get(f"/claims/{STEM}")
    tree = parsed(answer.text)
    text = squeezed("".join(tree.itertext()))
    ids = [each.get("id") for each in tree.iter() if each.get("id")]
    release = Reader(Releases(files / "data").current())

    assert answer.status_code == 200
    assert len(ids) == len(set(ids))
    assert NOTICE in text
    for each in release.of_type("ClaimCheck"):
        assert squeezed(str(each.one("sentence"))) in text
        assert f"claim-{slug(each.iri)}" in ids
    for section in (
        "quotation",
        "rights",
        "reason",
        "changes",
        "gaps",
        "tensions",
        "states",
        "others",
    ):
        assert section in ids
    assert squeezed(printed).count("BORNE OUT") > 30


def test_every_link_of_the_page_leads_somewhere(client: TestClient) -> None:
    """No link to a node that the release does not have."""
    tree = parsed(client.get(f"/claims/{STEM}").text)
    hrefs = {each.get("href") for each in tree.iter("a")} - {None, "#main"}
    inside = sorted(href for href in hrefs if href.startswith("/id/"))
    assert len(inside) > 150
    for href in inside[::7]:
        assert client.get(href, headers={"Accept": "text/html"}).status_code == 200, href


def test_the_list_leads_to_the_page_and_wrong_names_are_told(client: TestClient) -> None:
    """A name that is not there, a parameter that means nothing, a day that is none."""
    assert f'href="/claims/{STEM}"' in client.get("/claims").text
    assert client.get("/claims/nobody").status_code == 404
    assert STEM in client.get("/claims/nobody").text
    assert client.get(f"/claims/{STEM}?day=1").status_code == 400
    assert client.get(f"/claims/{STEM}?asOf=yesterday").status_code == 400


def test_a_page_that_is_not_there_is_in_no_cache(client: TestClient) -> None:
    """Whatever the client holds: 404 for a page that the release lacks, 304 for one it has."""
    held = {"If-None-Match": "*"}

    assert client.get("/claims/nobody", headers=held).status_code == 404
    assert client.get(f"/claims/{STEM}", headers=held).status_code == 304


def test_a_day_chooses_the_law(client: TestClient) -> None:
    """Before the document was captured nothing was found; later there is more."""
    before = squeezed(
        "".join(parsed(client.get(f"/claims/{STEM}?asOf=2020-05-01").text).itertext())
    )
    after = squeezed("".join(parsed(client.get(f"/claims/{STEM}?asOf=2026-11-24").text).itertext()))
    assert "Nothing was examined." in before
    assert "§7011(e)(1)(A)" in after


def test_json_has_everything(files: Path, printed: str) -> None:
    """The same page as data, from the directory that is already filled; the words are kept."""
    assert printed
    done = called("claims", "check", STEM, "--data", files / "data", "--sources",
                  files / "sources", "--json", "--quiet")  # fmt: skip
    page = json.loads(done.stdout)
    outcomes = {each["slug"]: each["outcome"] for each in page["claims"]}
    assert outcomes["quote-whole"] == "holds"
    assert outcomes["reason-untrue"] == "does-not-hold"
    assert sum(each["number"] for each in page["outcomes"]) == len(page["claims"])
    assert page["notice"] == NOTICE
    assert len(page["changes"]) == 4


def test_pages_are_listed_installed_or_published(files: Path, printed: str, tmp_path: Path) -> None:
    """Where nothing is published those that are installed, else those of the release."""
    assert printed
    assert called("claims", "list", "--data", tmp_path / "none").stdout.startswith(REAL)
    found = json.loads(called("claims", "list", "--data", files / "data", "--json").stdout)
    assert [each["id"] for each in found["claims"]] == [STEM]


def test_what_cannot_be_checked_is_told(files: Path, tmp_path: Path) -> None:
    """No such claims, nothing to read them against, an archive without the document, no text."""
    done = called("claims", "check", "nobody", "--archive", files / "archive", code=1)
    assert done.stderr.startswith("unknown-claims")
    assert REAL in done.stderr
    assert "--archive" in called("claims", "check", REAL, code=2).stderr
    done = called("claims", "check", REAL, "--archive", files / "archive", code=1)
    assert done.stderr.startswith("not-in-archive")
    (tmp_path / "words").write_bytes(b"\xff\xfe\x00")
    done = called("claims", "check", REAL, "--archive", files / "archive", "--excerpt",
                  tmp_path / "words", code=2)  # fmt: skip
    assert "UTF-8" in done.stderr


def test_the_page_is_served_and_leaves_nothing_behind(sources: Path, tmp_path: Path) -> None:
    """From nothing to a page at an address; stopped, the directory of the run is gone."""
    own, stem = archive(tmp_path / "archive"), "invented-page"
    policy = min(INKWARREN.glob("*.md")).read_text("utf-8")
    record(own, "Widgetly/Widgetly Privacy Policy.md", policy, when=1_710_137_564)
    port = free_port()
    words = [*COMMAND, "claims", "check", stem, "--archive", own, "--sources", sources, "--serve",
             "--port", str(port), "--quiet"]  # fmt: skip
    process = subprocess.Popen(
        list(map(str, words)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    try:
        assert get(f"http://127.0.0.1:{port}/health", 90)["status"] == "ok"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/claims/{stem}", timeout=30) as page:
            text = squeezed(html.unescape(page.read().decode()))
        assert NOTICE in text
        assert "An opt-out is said to take at most 15 business days." in text
        assert list(tmp_path.glob("clausegraph-claims-*"))
    finally:
        process.terminate()
        process.wait(20)
    assert not list(tmp_path.glob("clausegraph-claims-*"))


HOSTILE = '<img src=x onerror="zqxmark()"> {{ 7 * 7 }} \u202egnihton'


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A page of claims and a policy of which every word is meant to do harm; text and HTML."""
    folder = tmp_path_factory.mktemp("hostile-claims")
    platform = "Zqx <b onmouseover=zqxmark()>"
    own = archive(folder / "archive")
    lines = "\n\n".join(PLANTED)
    for at in range(2):
        more = "You have the right to request that we delete your data." * at
        record(own, f"{platform}/Privacy Policy.md", f"# {HOSTILE}\n\n{lines}\n\n{more}\n",
               "First record of it", when=1_700_000_000 + at * DAY)  # fmt: skip
    claims = [
        {"id": "quote", "kind": "excerpt", "says": HOSTILE},
        {"id": "right", "kind": "right-asserted", "says": HOSTILE,
         "refers-to": ["us-ca/ccpa/right-to-delete", "us-ca/ccpa/no-retaliation"]},
        {"id": "gone", "kind": "change-reported", "says": f"lost {HOSTILE}",
         "refers-to": [{"topic": "security"}]},
    ]  # fmt: skip
    page = {
        "defaults": {"read": "2026-11-23"},
        "author": {"id": "harm", "name": HOSTILE},
        "platform": {"id": "zqx-b-onmouseover-zqxmark", "name": HOSTILE},
        "document": {"id": "privacy-policy", "kind": "privacy-policy", "name": HOSTILE},
        "page": {"title": HOSTILE, "note": HOSTILE},
        "claims": claims,
    }
    (folder / "harmful.yaml").write_text(yaml.safe_dump(page))
    sources_with(folder / "sources", folder / "harmful.yaml")
    (folder / "words.txt").write_text(" ".join(PLANTED)[:900])
    done = called("claims", "check", "harmful", "--archive", folder / "archive", "--sources",
                  folder / "sources", "--excerpt", folder / "words.txt", "--data",
                  folder / "data", "--quiet")  # fmt: skip
    with TestClient(create_app(Settings(data=folder / "data"))) as client:
        return done.stdout, client.get("/claims/harmful").text


def test_hostile_words_reach_no_page_unescaped(hostile: tuple[str, str]) -> None:
    """They are there, as text: no element, no attribute, no sum, no turned direction."""
    _, page = hostile
    tree = parsed(page)
    names = {str(each.tag) for each in tree.iter()}
    assert "&lt;img src=x onerror=" in page
    assert "{{ 7 * 7 }}" in page
    assert names.isdisjoint({"img", "script", "svg", "iframe", "b"})
    assert not [key for each in tree.iter() for key in each.attrib if key.startswith("on")]
    assert "\u202e" not in page
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", page)


def test_hostile_words_steer_no_terminal(hostile: tuple[str, str]) -> None:
    """Neither escapes nor signs that turn the direction of reading are printed."""
    printed, _ = hostile
    assert "onerror" in printed
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", printed)
    assert plain("a\x1b[31mb\u202ec\td\n") == "a\ufffd[31mb\ufffdc d "


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The seed page, checked from nothing against the real captures, and what was printed."""
    if not BUNDLE.exists() or not SEED.exists():
        pytest.skip("../shared is not here")
    folder = tmp_path_factory.mktemp("seed")
    clone = folder / "clone.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(BUNDLE), str(clone)], check=True)
    excerpt = re.search(r'"([^"]+)— Excerpt from', SEED.read_text("utf-8"))
    assert excerpt is not None
    (folder / "words.txt").write_text(excerpt[1])
    done = run("claims", "check", REAL, "--archive", clone, "--excerpt", folder / "words.txt",
               "--data", folder / "data", "--quiet")  # fmt: skip
    return done.stdout, folder / "data"


def outcomes(data: Path) -> dict[str, str]:
    """The outcome of each claim of the seed page."""
    found = Reader(Releases(data).current()).of_type("ClaimCheck")
    return {slug(each.iri): slug(str(each.one("claimOutcome"))) for each in found}


def test_the_seed_page_is_checked(real: tuple[str, Path]) -> None:
    """As the policy reads: what was found by reading its three captures by eye."""
    _, data = real
    found = outcomes(data)
    assert len(found) == 43
    expected = {
        "excerpt": "does-not-hold",  # the words are in none of the three captures
        "right-know": "holds",
        "right-delete": "holds",
        "right-opt-out-sale": "holds",
        "right-opt-out-sharing": "does-not-hold",  # the text speaks of sales alone
        "right-non-discrimination": "does-not-hold",  # nothing on discrimination or retaliation
        "exposure-reason": "does-not-hold",  # the text names e-mail, later pages of the account
        "law-ccpa": "holds",
        "law-cpra": "holds-in-part",  # it amended the CCPA; the text never names it
        "law-opt-out-marketing": "holds-in-part",  # partners get data for services only
        "enforcer-cppa": "holds",
        "enforcer-attorney-general": "holds",
        "deadline-opt-out": "holds",
        "change-before": "holds",
        "removed-sharing": "does-not-hold",
        "removed-security": "does-not-hold",
        "removed-children": "does-not-hold",
        "summary": "holds-in-part",
        "impact": "holds-in-part",
        "independence": "not-checkable",
    }
    assert {own: found[own] for own in expected} == expected


def test_the_seed_pages_reason_is_shown_the_passages(real: tuple[str, Path]) -> None:
    """How to make a request stands in each capture, by e-mail first and in the account later."""
    _, data = real
    reader = Reader(Releases(data).current())
    found = reader.entity(mint("claim-check", REAL, "exposure-reason"))
    assert found is not None
    words = " ".join(str(each.one("exact")) for each in reader.entities(found.all("evidence")))
    assert "privacy@midjourney.com" in words
    assert "midjourney.com/account" in words
    assert len(found.all("searchedVersion")) == 3


def test_the_seed_pages_quotation_is_nowhere(real: tuple[str, Path]) -> None:
    """Status, scope and the nearest passages are told."""
    printed, data = real
    found = Reader(Releases(data).current()).entity(mint("claim-check", REAL, "excerpt"))
    assert found is not None
    assert slug(str(found.one("quoteStatus"))) == "not-found"
    assert len(found.all("nearest")) == 3
    assert "excerpt: NOT BORNE OUT [quotation: Nowhere]" in squeezed(printed)


def test_the_seed_page_shows_gaps_tensions_changes_and_states(real: tuple[str, Path]) -> None:
    """Letters, a verified request before an opt-out with actions against it, three states."""
    text = squeezed(real[0])
    assert re.search(r"§7011\(e\)\(2\)\(C\) Explanation of the right to correct: NOT STATED", text)
    assert "§7011(e)(4) Date of last update: NOT STATED" in text
    assert "§7060(b)" in text
    assert "American Honda Motor" in text
    assert "CHANGES BETWEEN THE CAPTURES: Meaning 2 of 2" in text
    for state in ("COLORADO", "CONNECTICUT", "VIRGINIA"):
        assert re.search(rf"WHAT {state} ASKS: .*? of \d+", text)
    assert text.count("does not say (") == 3
