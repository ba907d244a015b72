"""Feeds: what they choose, that they are valid, and that a policy's text is only text."""

from __future__ import annotations

import importlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from starlette.testclient import TestClient

from clausegraph.api.app import create_app
from clausegraph.api.feedentries import LONGEST, cleaned, cut, sides
from clausegraph.api.portfolios import load_file, remove
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.savedqueries import changes_of, filter_of
from clausegraph.api.settings import Settings
from clausegraph.ontology.iris import ID, mint
from tests.published import once
from tests.watched import HOSTILE, watched

feedparser: Any = importlib.import_module("feedparser")  # ships no types
html5rdf: Any = importlib.import_module("html5rdf")
ATOM = "{http://www.w3.org/2005/Atom}"
FEES, SILENT, MARKUP, LAST = (
    "mossgate/terms-of-service/2024-04-08", "quillhaven/privacy-policy/2024-03-07",
    "quillhaven/privacy-policy/2024-05-09", "quillhaven/privacy-policy/2024-06-11",
)  # fmt: skip
QUERIES = """portfolios:
  - {id: vendors, name: Our <vendors>, platforms: [mossgate, widgetly]}
queries:
  - {id: fees, name: Fees, portfolio: vendors, kinds: [terms-of-service], contains: dollars}
  - {id: all, name: All & more, significance: [meaning, markup]}
  - {id: silent, name: Silent, silent: true}
"""


@pytest.fixture(scope="module")
def base(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with histories, a portfolio and saved queries; nobody may change it."""
    folder = tmp_path_factory.mktemp("watched")
    made = once(tmp_path_factory, "watched", partial(watched, sources))
    data = Path(shutil.copytree(made / "data", folder / "data"))
    (folder / "queries.yaml").write_text(QUERIES)
    load_file(data, folder / "queries.yaml")
    return data


@pytest.fixture(scope="module")
def server(base: Path) -> Iterator[TestClient]:
    """A client of the whole application over it."""
    with TestClient(create_app(Settings(data=base))) as found:
        yield found


def atom(server: TestClient, query: str = "") -> Element:
    """An Atom feed as a tree."""
    answer = server.get(f"/feeds/changes.atom{query}")
    assert answer.status_code == 200, answer.text
    return ElementTree.fromstring(answer.content)


def changes(server: TestClient, query: str = "") -> list[str]:
    """The changes of a feed as document and day; both forms agree, and are sound."""
    tree = atom(server, query)
    document = server.get(f"/feeds/changes.json{query}").json()
    ids = [str(each.findtext(f"{ATOM}id")) for each in tree.iter(f"{ATOM}entry")]
    assert (atom_faults(tree), json_faults(document)) == ([], [])
    assert [each["id"] for each in document["items"]] == ids
    return [each.removeprefix(f"{ID}change/").rpartition("-")[0] for each in ids]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [LAST, FEES, SILENT]),
        ("?significance=all", [LAST, MARKUP, FEES, SILENT]),
        ("?significance=markup", [MARKUP]),
        ("?significance=markup&significance=meaning", [LAST, MARKUP, FEES, SILENT]),
        ("?significance=capture", []),
        ("?platform=quillhaven", [LAST, SILENT]),
        ("?platform=Quillhaven&platform=mossgate", [LAST, FEES, SILENT]),
        ("?platform=widgetly", []),
        (f"?platform={ID}platform/mossgate", [FEES]),
        ("?document=quillhaven/privacy-policy", [LAST, SILENT]),
        ("?document=Mossgate%20Terms%20of%20Service", [FEES]),
        ("?document=mossgate/terms-of-service&platform=quillhaven", []),
        ("?kind=privacy-policy", [LAST, SILENT]),
        ("?kind=terms-of-service&kind=cookie-policy", [FEES]),
        ("?portfolio=vendors", [FEES]),
        ("?portfolio=vendors&platform=quillhaven", []),
        ("?silent=true", [SILENT]),
        ("?silent=false", [LAST]),
        ("?since=2024-04-08", [LAST, FEES]),
        ("?since=2024-04-08T00:00:01Z", [LAST]),
        ("?since=2024-04-08T02:00:00%2B02:00", [LAST, FEES]),
        ("?limit=1", [LAST]),
        ("?limit=500", [LAST, FEES, SILENT]),
        ("?query=fees", [FEES]),
        ("?query=All%20%26%20more", [LAST, MARKUP, FEES, SILENT]),
        ("?query=all&platform=mossgate", [FEES]),
        ("?query=silent&significance=all", [SILENT]),
        ("?query=all&significance=markup", [MARKUP]),
        ("?query=all&since=2024-05-01&limit=1", [LAST]),
        ("?platform=&since=", [LAST, FEES, SILENT]),
    ],
)
def test_what_a_feed_chooses(server: TestClient, query: str, expected: list[str]) -> None:
    """Parameters are joined by and, values of one by or; the newest come first."""
    assert changes(server, query) == expected


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("platform=quilhaven", "Did you mean quillhaven?"),
        ("document=quillhaven/privacy", "Did you mean quillhaven/privacy-policy?"),
        ("portfolio=vendor", "Did you mean vendors?"),
        ("query=fee", "Did you mean fees?"),
        ("query=xyzzy", "Known: 3; /list/SavedQuery lists them."),
        ("platform=mossgate&platform=" + "x" * 5_000, "Known: 3; /list/Platform lists them."),
    ],
)
def test_what_is_not_there_is_not_found(server: TestClient, query: str, hint: str) -> None:
    """An unknown name is a problem with near matches, never an empty feed."""
    answer = server.get(f"/feeds/changes.atom?{query}")

    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert answer.json()["hint"] == hint
    assert len(answer.content) < 500


@pytest.mark.parametrize(
    "query",
    ["kind=nope", "significance=big", "significance=all&significance=meaning", "silent=yes",
     "since=yesterday", "since=2024-13-01", "limit=0", "limit=501", "limit=-1", "limit=x",
     "limit=1&limit=2", "query=fees&query=all", "since=2024-01-01&since=2024-01-02", "nope=1",
     "&".join(f"kind={number}" for number in range(101))],
)  # fmt: skip
def test_bad_parameters(server: TestClient, query: str) -> None:
    """What cannot be read is refused, not passed over."""
    answer = server.get(f"/feeds/changes.json?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "bad-parameter")
    assert answer.json()["hint"]


def test_other_forms_and_methods(server: TestClient) -> None:
    """There are two forms, to be read only."""
    assert server.get("/feeds/changes.rss").json()["hint"].startswith("Feeds are /feeds/")
    assert server.post("/feeds/changes.atom").status_code == 405
    assert server.head("/feeds/changes.atom").status_code == 200


@pytest.mark.parametrize("query", ["", "?significance=all", "?platform=widgetly", "?query=all"])
def test_feed_readers_read_it(server: TestClient, query: str) -> None:
    """A feed parser finds no fault, and every part of an entry where it looks for it."""
    answer = server.get(f"/feeds/changes.atom{query}")
    found = feedparser.parse(answer.content)

    assert (found.bozo, found.version) == (False, "atom10")
    assert found.feed.title.startswith("ClauseGraph: changes of ")
    for entry in found.entries:
        document, _, rest = entry.title.partition(", 2024-")
        assert document in ("Quillhaven Privacy Policy", "Mossgate Terms of Service"), rest
        assert entry.updated.endswith("Z")
        assert entry.tags[0].term in ("meaning", "markup")
        assert [each.type for each in entry.content] == ["text/html"]
        links = {each.rel: urlsplit(each.href).path for each in entry.links}
        assert links["alternate"] == "/id/" + entry.id.removeprefix(ID)
        assert {path.split("/")[2] for path in links.values()} == {"change", "version"}
        assert [server.get(path).status_code for path in links.values()] == [200, 200]


def test_what_an_entry_says(server: TestClient) -> None:
    """Title, summary and passages come from the deltas: numbers, places, words, quotes."""
    fees, silent = server.get("/feeds/changes.json").json()["items"][1:]

    assert fees["title"] == "Mossgate Terms of Service, 2024-04-08: meaning (1 reworded)"
    assert fees["summary"] == (
        "1 passage: 1 reworded. Under: Terms \u203a Fees (1). Words: 5 dollars → 7 dollars (money)."
    )
    assert re.findall("<blockquote>(.*)</blockquote>", fees["content_html"]) == [
        "We charge 5 dollars a month.",
        "We charge 7 dollars a month.",
    ]
    assert fees["date_published"] == "2024-04-08T00:00:00Z"
    assert fees["tags"] == ["meaning"]
    assert fees["_clausegraph"]["counts"] == {"reworded": 1}
    assert silent["title"].endswith(": meaning, silent (1 reworded)")
    assert silent["tags"] == ["meaning", "silent"]


def test_a_policy_is_only_text(server: TestClient) -> None:
    """Markup in a policy is shown as it stands, and signs that XML forbids are gone."""
    assert {"<script>", "]]>", "\x0b"} <= set(re.findall(r"<script>|]]>|\x0b", HOSTILE))
    answers = [server.get(f"/feeds/changes.{form}?limit=1") for form in ("atom", "json")]
    entry = ElementTree.fromstring(answers[0].content).find(f"{ATOM}entry")
    assert entry is not None
    contents = [entry.findtext(f"{ATOM}content"), answers[1].json()["items"][0]["content_html"]]

    assert [b"\x0b" in answer.content for answer in answers] == [False, False]
    assert b"\\u000b" not in answers[1].content
    assert b"<script" not in answers[0].content
    for content in contents:
        tree = html5rdf.HTMLParser(namespaceHTMLElements=False).parseFragment(content)
        assert {each.tag for each in tree.iter() if isinstance(each.tag, str)} <= {
            "DOCUMENT_FRAGMENT", "p", "strong", "blockquote", "a"
        }  # fmt: skip
        quotes = [each.text for each in tree.iter("blockquote")]
        assert HOSTILE.replace("\x0b", "") in quotes


def test_names_are_only_text(server: TestClient) -> None:
    """The name of a portfolio that looks like markup is a name."""
    title = "ClauseGraph: changes of Our <vendors>"

    assert atom(server, "?portfolio=vendors").findtext(f"{ATOM}title") == title
    assert server.get("/feeds/changes.json?portfolio=vendors").json()["title"] == title


@pytest.mark.parametrize("sign", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_signs_that_xml_forbids(sign: str) -> None:
    """They are removed; tabs, lines and signs beyond the first plane stay."""
    assert cleaned(f"a{sign}b") == "ab"
    assert cleaned("a\t\n\r\x7f\U0001f600é") == "a\t\n\r\x7f\U0001f600é"
    assert cut("x" * LONGEST) == "x" * LONGEST
    assert cut("x" * (LONGEST + 1)) == "x" * (LONGEST - 1) + "…"


def test_long_passages_are_shown_where_they_differ() -> None:
    """Two long wordings that begin alike do not look alike; short ones are whole."""
    same = "same " * 200
    before, after = sides(f"{same}thirty days", f"{same}forty days")

    assert (before.endswith("same thirty days"), after.endswith("same forty days")) == (True, True)
    assert before[0] == after[0] == "…"
    assert max(map(len, (before, after))) <= LONGEST
    assert sides("", same + "end") == ("", cut(same + "end"))
    short = "a" * 250
    assert sides(f"{short}b", f"{short}c") == (f"{short}b", f"{short}c")


def test_caches(base: Path, server: TestClient, tmp_path: Path) -> None:
    """An answer is kept until the release or what is asked for is another one."""
    first = server.get("/feeds/changes.atom")
    tag = first.headers["etag"].removeprefix("W/")  # that of the packed answer is weak
    again = server.get("/feeds/changes.atom", headers={"if-none-match": tag})
    others = [
        server.get(path, headers={"if-none-match": tag, **headers})
        for path, headers in (
            ("/feeds/changes.json", {}),
            ("/feeds/changes.atom?limit=1", {}),
            ("/feeds/changes.atom", {"host": "other.example"}),
        )
    ]
    order = [server.get(f"/feeds/changes.atom?{query}").headers["etag"]
             for query in ("kind=other&limit=2", "limit=2&kind=other")]  # fmt: skip
    own = shutil.copytree(base, tmp_path / "data")
    remove(own, "saved-query", "silent")
    with TestClient(create_app(Settings(data=own))) as later:
        moved = later.get("/feeds/changes.atom", headers={"if-none-match": tag})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert first.headers["cache-control"] == again.headers["cache-control"] == "no-cache"
    assert [answer.status_code for answer in (*others, moved)] == [200] * 4
    assert len({answer.headers["etag"] for answer in (first, *others, moved)}) == 5
    assert order[0] == order[1]


@pytest.mark.parametrize(
    ("form", "media_type"), [("atom", "application/atom+xml"), ("json", "application/feed+json")]
)
def test_a_feed_names_itself(server: TestClient, form: str, media_type: str) -> None:
    """Media type, Link header and the feed's own link are those of the form."""
    answer = server.get(f"/feeds/changes.{form}?limit=2&platform=mossgate")
    address = f"http://testserver/feeds/changes.{form}?platform=mossgate&limit=2"

    assert answer.headers["content-type"] == media_type
    assert answer.headers["link"] == f'<{address}>; rel="self"; type="{media_type}"'
    assert server.get(address).content == answer.content
    if form == "json":
        assert answer.json()["feed_url"] == address
    else:
        assert feedparser.parse(answer.content).feed.id == address


def test_a_host_with_an_odd_name_is_not_repeated(server: TestClient) -> None:
    """Addresses are then those of all IRIs."""
    answer = server.get("/feeds/changes.json?limit=1", headers={"host": '"><script>'})

    assert answer.json()["feed_url"].startswith("https://w3id.org/clausegraph/feeds/")
    assert "script>" not in str(answer.headers)


def test_pages_lead_to_the_feeds(server: TestClient) -> None:
    """Every page names both feeds in its head."""
    for path in ("/", "/id/platform/mossgate", "/coverage"):
        page = server.get(path, headers={"accept": "text/html"}).text
        head = page.partition("</head>")[0]
        links = dict(re.findall(r'rel="alternate" type="([^"]+)" title[^>]*href="([^"]+)"', head))
        assert links == {
            "application/atom+xml": "/feeds/changes.atom",
            "application/feed+json": "/feeds/changes.json",
        }
        for media_type, href in links.items():
            assert server.get(urljoin(path, href)).headers["content-type"] == media_type


def test_a_release_without_policies_has_an_empty_feed(client: TestClient, data: Path) -> None:
    """It is valid, and as old as the release."""
    published = datetime.fromisoformat(Releases(data).current().published)
    tree = atom(client)

    assert changes(client) == []
    assert datetime.fromisoformat(str(tree.findtext(f"{ATOM}updated"))) == published


def test_a_feed_and_graphql_agree(server: TestClient, base: Path) -> None:
    """A saved query chooses the same changes in a feed, in GraphQL and through the reader."""
    reader = Reader(Releases(base).current())
    for own in ("fees", "all", "silent"):
        query = f'{{ savedQuery(id: "{own}") {{ changes {{ nodes {{ id }} }} }} }}'
        data = server.post("/graphql", json={"query": query}).json()["data"]
        listed = [each["id"] for each in data["savedQuery"]["changes"]["nodes"]]
        feed = [
            each["id"] for each in server.get(f"/feeds/changes.json?query={own}").json()["items"]
        ]
        entity = reader.entity(mint("saved-query", own))
        assert entity is not None
        read = [each.iri for each in changes_of(reader, [filter_of(entity)])]
        assert listed == feed == read != []


def atom_faults(feed: Element) -> list[str]:
    """What RFC 4287 objects to in a feed."""
    found = [] if feed.tag == f"{ATOM}feed" else ["root"]
    entries = feed.findall(f"{ATOM}entry")
    for node in (feed, *entries):
        name = node.tag.removeprefix(ATOM)
        for tag in ("id", "title", "updated"):
            texts = [each.text for each in node.findall(ATOM + tag)]
            if len(texts) != 1 or not texts[0]:
                found.append(f"{name} {tag}")
        if not re.fullmatch(r"\w+://\S+", node.findtext(f"{ATOM}id") or ""):
            found.append(f"{name} id is no IRI")
        found += [f"{name} {tag} is no moment" for tag in ("updated", "published")
                  for each in node.findall(ATOM + tag) if not is_moment(each.text)]  # fmt: skip
        found += [f"{name} link" for each in node.findall(f"{ATOM}link") if not each.get("href")]
        found += [f"{name} category" for each in node.findall(f"{ATOM}category")
                  if not each.get("term")]  # fmt: skip
        kinds = Counter(each.get("type") for each in node.findall(f"{ATOM}link")
                        if each.get("rel", "alternate") == "alternate")  # fmt: skip
        found += [f"{name} alternates" for count in kinds.values() if count > 1]
        if len(node.findall(f"{ATOM}content")) > 1 or len(node.findall(f"{ATOM}summary")) > 1:
            found.append(f"{name} contents")
    if feed.findtext(f"{ATOM}author/{ATOM}name") is None:
        found.append("author")
    if [each.get("rel") for each in feed.findall(f"{ATOM}link")].count("self") != 1:
        found.append("self")
    places = Counter((e.findtext(f"{ATOM}id"), e.findtext(f"{ATOM}updated")) for e in entries)
    return found + [f"twice {iri}" for (iri, _), count in places.items() if count > 1]


def is_moment(text: str | None) -> bool:
    """Whether a text is a moment as RFC 3339 writes it."""
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
    return re.fullmatch(form, text or "") is not None


def json_faults(feed: dict[str, Any]) -> list[str]:
    """What JSON Feed 1.1 objects to in a feed."""
    found = [] if feed.get("version") == "https://jsonfeed.org/version/1.1" else ["version"]
    found += [name for name in ("title", "items") if name not in feed]
    found += ["feed_url"] if not str(feed.get("feed_url")).startswith("http") else []
    found += [] if all("name" in each for each in feed.get("authors", [{}])) else ["authors"]
    for item in feed.get("items", ()):
        found += [] if isinstance(item.get("id"), str) and item["id"] else ["item id"]
        found += [] if {"content_html", "content_text"} & item.keys() else ["item content"]
        found += [
            f"item {name}" for name in ("date_published", "date_modified")
            if name in item and not is_moment(item[name])
        ]  # fmt: skip
        if not all(isinstance(tag, str) for tag in item.get("tags", ())):
            found.append("item tags")
    ids = Counter(item.get("id") for item in feed.get("items", ()))
    return found + [f"twice {each}" for each, count in ids.items() if count > 1]


def without(tag: str, inside: str = "") -> Callable[[Element], None]:
    """Take an element out of a feed, or of its first entry."""

    def spoil(feed: Element) -> None:
        parent = feed.find(ATOM + inside) if inside else feed
        assert parent is not None
        child = parent.find(ATOM + tag)
        assert child is not None
        parent.remove(child)

    return spoil


def twice(feed: Element) -> None:
    """Put the first entry in again."""
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    feed.append(entry)


def dated(feed: Element) -> None:
    """Write a moment as people do."""
    node = feed.find(f"{ATOM}entry/{ATOM}updated")
    assert node is not None
    node.text = "8 April 2024"


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (without("id"), "feed id"), (without("updated"), "feed updated"),
        (without("author"), "author"), (without("link"), "self"),
        (without("title", "entry"), "entry title"), (without("id", "entry"), "entry id"),
        (dated, "entry updated is no moment"),
        (twice, f"twice {ID}change/quillhaven"),
    ],
)  # fmt: skip
def test_faults_of_atom_are_seen(
    server: TestClient, spoil: Callable[[Element], None], fault: str
) -> None:
    """The check above objects to a feed that lacks something."""
    tree = atom(server)
    spoil(tree)

    assert any(each.startswith(fault) for each in atom_faults(tree))


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda feed: feed.pop("version"), "version"),
        (lambda feed: feed.pop("title"), "title"),
        (lambda feed: feed["items"][0].pop("id"), "item id"),
        (lambda feed: feed["items"][0].pop("content_html"), "item content"),
        (lambda feed: feed["items"][0].update(date_published="today"), "item date_published"),
        (lambda feed: feed["items"].append(feed["items"][0]), f"twice {ID}"),
    ],
)
def test_faults_of_json_feeds_are_seen(
    server: TestClient, spoil: Callable[[dict[str, Any]], None], fault: str
) -> None:
    """The check above objects to a feed that lacks something."""
    feed = json.loads(server.get("/feeds/changes.json").content)
    spoil(feed)

    assert any(each.startswith(fault) for each in json_faults(feed))


def test_unknown_is_not_said_to_be_announced(server: TestClient) -> None:
    """A change of which nothing can be said is neither silent nor announced."""
    items = server.get("/feeds/changes.json?significance=markup").json()["items"]

    assert [each["_clausegraph"]["silent"] for each in items] == [None]
