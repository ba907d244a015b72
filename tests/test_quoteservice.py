"""Quotations are verified against a release: in scope, up to a day, at once and within bounds."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from clausegraph.api.app import create_app
from clausegraph.api.graphql_http import Endpoint
from clausegraph.api.histories import load_archive
from clausegraph.api.portfolios import load_file
from clausegraph.api.publish import load, publish
from clausegraph.api.quotearchive import Captures
from clausegraph.api.quotescope import captures, scope, size
from clausegraph.api.quoteservice import Question, TooMuchTextError, ask, keep_warm, shelf
from clausegraph.api.quoteshelf import NotReadyError, Shelf
from clausegraph.api.reader import Reader
from clausegraph.api.releases import Releases
from clausegraph.api.served import Served
from clausegraph.api.settings import Settings
from clausegraph.ontology.iris import ID
from tests.archives import archive, record

DAY = 86_400
START = 1_700_000_000  # 2023-11-14
ROOM = 1_000_000
TEXT = """# Heronwick

We keep your letters for **{}** days, and we answer each of them.

We do not sell your “letters” to strangers, and we ask no stranger to buy them from us.

| Item | Kept |
| --- | --- |
| Stamps | 90 days |
"""
ERROR = "Access denied\n\nThe heron is asleep.\n"
TERMS = """# Terms

Herons may be fed on every {}, and on no other day of the week whatsoever.

Whoever feeds them on another day is asked to leave the pond, and may come back in spring.
"""
OTHER = "# Larkmoor\n\nLarks keep letters for a year, and they do not sell them to any stranger.\n"
SOLD = "We do not sell your “letters” to strangers"
QUERY = """query($text: String!, $platform: ID, $document: ID, $portfolio: [ID!], $asOf: Date) {
  verifyQuote(text: $text, platform: $platform, document: $document, portfolio: $portfolio,
      asOf: $asOf) {
    status versionCount repairedCount standsOnDay note
    first { ordinal captureState document { label } } last { ordinal }
    versions(first: 2) { totalCount nodes { ordinal } pageInfo { hasNextPage endCursor } }
    searched { versions documents from to }
    passage { start end exact similarity version { ordinal text { content } } }
    nearest { exact similarity version { ordinal } }
    parts { text status versionCount first { ordinal } last { ordinal } passage { exact } }
  } }"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two platforms: one with two documents and an accident, one with a single capture."""
    folder = archive(tmp_path_factory.mktemp("archives") / "birds")
    policy = [
        TEXT.format(30),
        ERROR,
        TEXT.format(30),
        TEXT.format(45).replace("“letters”", '"letters"'),
    ]
    for number, text in enumerate(policy):
        record(folder, "Heronwick/Privacy Policy.md", text, when=START + number * DAY)
    for number, day in enumerate(("Monday", "Tuesday")):
        record(
            folder, "Heronwick/Terms of Service.md", TERMS.format(day), when=START + number * DAY
        )
    record(folder, "Larkmoor/Privacy Policy.md", OTHER, when=START + 9 * DAY)
    return folder


@pytest.fixture(scope="module")
def birds(sources: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which the two platforms are published, with a portfolio of one."""
    folder = tmp_path_factory.mktemp("birds")
    load(folder, sources)
    load_archive(folder, repository)
    publish(folder)
    path = folder / "portfolio.yaml"
    path.write_text("portfolios:\n  - {id: larks, name: Larks, platforms: [Larkmoor]}\n")
    load_file(folder, path)
    return folder


@pytest.fixture(scope="module")
def reader(birds: Path) -> Reader:
    """A reader of that release."""
    return Reader(Releases(birds).current())


def client_of(data: Path, **limits: Any) -> TestClient:
    """A client of `/graphql` alone, with limits of one's own."""
    settings = replace(Settings(data=data), **limits)
    app = Starlette(routes=[Route("/graphql", Endpoint(Served(Releases(data)), settings))])
    app.state.settings = settings
    return TestClient(app)


@pytest.fixture(scope="module")
def client(birds: Path) -> TestClient:
    """A client with the limits of a server."""
    return client_of(birds)


def answer(client: TestClient, text: str, **where: Any) -> dict[str, Any]:
    """The body of an answer to the question whether a quotation is real."""
    variables = {"text": text, **where}
    body: dict[str, Any] = client.post(
        "/graphql", json={"query": QUERY, "variables": variables}
    ).json()
    return body


def verdict(client: TestClient, text: str, **where: Any) -> dict[str, Any]:
    """The verdict on a quotation."""
    body = answer(client, text, **where)
    assert "errors" not in body, body
    found: dict[str, Any] = body["data"]["verifyQuote"]
    return found


@pytest.mark.parametrize(
    ("text", "status", "places"),
    [
        (SOLD, "VERIFIED", [1, 3]),
        ("We keep your letters for 45 days", "VERIFIED", [4]),
        ("Stamps 90 days", "REPAIRED", [1, 3, 4]),
        ("WE KEEP  YOUR LETTERS", "REPAIRED", [1, 3, 4]),
        ("We do sell your letters to strangers", "NOT_FOUND", []),
        ("We keep your letters for 15 days", "NOT_FOUND", []),
    ],
)
def test_each_status_with_its_versions(
    client: TestClient, text: str, status: str, places: list[int]
) -> None:
    """A status comes with the versions in which the quotation stands, the first and the last."""
    found = verdict(client, text, platform="heronwick", document="privacy-policy")

    assert (found["status"], found["versionCount"]) == (status, len(places))
    assert [each["ordinal"] for each in found["versions"]["nodes"]] == places[:2]
    assert found["versions"]["totalCount"] == len(places)
    assert [found[end] and found[end]["ordinal"] for end in ("first", "last")] == (
        [places[0], places[-1]] if places else [None, None]
    )
    assert found["searched"] == {
        "versions": 4, "documents": 1, "from": "2023-11-14", "to": "2023-11-17"
    }  # fmt: skip


def test_a_passage_is_what_stands_at_its_offsets(client: TestClient) -> None:
    """The characters shown are those of the version shown, markup included."""
    passage = verdict(client, "your letters for 45 days", platform="heronwick")["passage"]
    content = passage["version"]["text"]["content"]

    assert content[passage["start"] : passage["end"]] == passage["exact"]
    assert passage["exact"] == "your letters for **45** days"
    assert (passage["version"]["ordinal"], passage["similarity"]) == (4, 1.0)


def test_the_typography_of_other_versions_is_told(client: TestClient) -> None:
    """Versions that differ in typography are counted apart, and the quotation still stands."""
    found = verdict(client, SOLD, document="heronwick/privacy-policy")

    assert (found["versionCount"], found["repairedCount"]) == (2, 1)
    assert found["standsOnDay"] is True


def test_what_is_not_found_has_the_true_sentence_nearest(client: TestClient) -> None:
    """At most three passages, the likest first."""
    found = verdict(client, "We do gladly sell your letters to strangers", platform="Heronwick")

    assert found["nearest"][0]["exact"].startswith("We do not sell your")
    assert found["nearest"][0]["version"]["ordinal"] == 3  # the last with these very characters
    likeness = [each["similarity"] for each in found["nearest"]]
    assert likeness == sorted(likeness, reverse=True)
    assert len(likeness) <= 3
    assert 0 < likeness[0] < 1
    assert found["passage"] is None


def test_versions_are_paged(client: TestClient) -> None:
    """The list goes on where a page ended."""
    page = verdict(client, "WE KEEP YOUR LETTERS", platform="heronwick")["versions"]
    query = """query($after: String!) { verifyQuote(text: "WE KEEP YOUR LETTERS",
        platform: "heronwick") { versions(after: $after) { nodes { ordinal } } } }"""
    after = {"after": page["pageInfo"]["endCursor"]}
    body = client.post("/graphql", json={"query": query, "variables": after}).json()

    assert page["pageInfo"]["hasNextPage"] is True
    assert body["data"]["verifyQuote"]["versions"]["nodes"] == [{"ordinal": 4}]


@pytest.mark.parametrize(
    ("day", "status", "searched", "stands"),
    [
        ("2023-11-13", "OUT_OF_SCOPE", 0, False),
        ("2023-11-14", "NOT_FOUND", 1, False),
        ("2023-11-16", "NOT_FOUND", 3, False),
        ("2023-11-17", "VERIFIED", 4, True),
    ],
)
def test_a_day_leaves_later_captures_out(
    client: TestClient, day: str, status: str, searched: int, stands: bool
) -> None:
    """What was captured after the day is neither found nor shown as near."""
    found = verdict(
        client, "for 45 days, and we answer", document="heronwick/privacy-policy", asOf=day
    )

    assert (found["status"], found["searched"]["versions"]) == (status, searched)
    assert found["standsOnDay"] is stands
    assert all(each["version"]["ordinal"] <= searched for each in found["nearest"])
    if status == "NOT_FOUND":
        assert "30" in found["nearest"][0]["exact"]
    if status == "OUT_OF_SCOPE":
        assert found["note"].endswith("the first capture is of 2023-11-14.")


def test_what_was_taken_out_does_not_stand(client: TestClient) -> None:
    """A true quotation of an earlier wording is verified, and said to stand no more."""
    now = verdict(client, "Herons may be fed on every Monday", platform="heronwick")
    then = verdict(
        client, "Herons may be fed on every Monday", platform="heronwick", asOf="2023-11-14"
    )

    assert (now["status"], now["standsOnDay"]) == ("VERIFIED", False)
    assert (then["status"], then["standsOnDay"]) == ("VERIFIED", True)


def test_an_accident_is_told(client: TestClient) -> None:
    """Words of an error page are found, with the state of the capture and a note."""
    found = verdict(client, "The heron is asleep.", platform="heronwick")

    assert (found["status"], found["first"]["captureState"]) == ("VERIFIED", "EMPTY")
    assert found["note"] == "It stands only in captures that are accidents, not in the document."
    assert found["standsOnDay"] is False


@pytest.mark.parametrize(
    ("where", "versions", "documents"),
    [
        ({}, 7, 3),
        ({"platform": "Heronwick"}, 6, 2),
        ({"platform": "HERONWICK"}, 6, 2),
        ({"platform": f"{ID}platform/heronwick"}, 6, 2),
        ({"document": "heronwick/terms-of-service"}, 2, 1),
        ({"document": f"{ID}document/heronwick/terms-of-service"}, 2, 1),
        ({"document": "Larkmoor Privacy Policy"}, 1, 1),
        ({"platform": "heronwick", "document": "terms-of-service"}, 2, 1),
        ({"platform": "heronwick", "document": "Terms of Service"}, 2, 1),
        ({"document": "privacy-policy"}, 5, 2),
        ({"portfolio": ["larks"]}, 1, 1),
        ({"portfolio": ["larks"], "document": "privacy-policy"}, 1, 1),
        ({"portfolio": ["larks"], "platform": "heronwick"}, 0, 0),
        ({"platform": "larkmoor", "document": "heronwick/terms-of-service"}, 0, 0),
        ({"platform": "heronwik"}, 0, 0),
        ({"platform": "heronwick", "document": "terms-of-servis"}, 0, 0),
        ({"document": "heronwick/terms"}, 0, 0),
        ({"document": ""}, 0, 0),
    ],
)
def test_only_what_is_named_is_searched(
    client: TestClient, where: dict[str, Any], versions: int, documents: int
) -> None:
    """Platforms and documents are found by id, IRI, name or type; others are out of scope."""
    found = verdict(client, "feathers", **where)

    assert (found["searched"]["versions"], found["searched"]["documents"]) == (versions, documents)
    assert found["status"] == ("NOT_FOUND" if versions else "OUT_OF_SCOPE")


@pytest.mark.parametrize(
    ("where", "meant"),
    [
        ({"platform": "heronwik"}, "heronwick"),
        ({"document": "heronwick/privacy-polic"}, "heronwick/privacy-policy"),
        ({"platform": "heronwick", "document": "cookies"}, "privacy-policy, terms-of-service"),
    ],
)
def test_what_nobody_tracks_has_near_matches(
    client: TestClient, where: dict[str, str], meant: str
) -> None:
    """A report may quote a platform that nobody captured: it is told what is there instead."""
    note = verdict(client, "feathers", **where)["note"]

    assert note.startswith("Nothing was captured of a ")
    assert meant in note


def test_an_unknown_portfolio_is_an_error(client: TestClient) -> None:
    """A portfolio is the client's own: a wrong name is a mistake, no gap of the captures."""
    errors = answer(client, "feathers", portfolio=["lark"])["errors"]

    assert errors[0]["extensions"]["code"] == "unknown-id"


@pytest.mark.parametrize("text", ["", "…", "a" * 20_001, " … ".join(f"word{n}" for n in range(11))])
@pytest.mark.parametrize("platform", ["heronwick", "nobody"])
def test_an_unusable_quotation_is_an_error(client: TestClient, text: str, platform: str) -> None:
    """Without a letter, too long or with too many gaps, whatever was captured."""
    body = answer(client, text, platform=platform)
    if platform == "nobody" and "word" in text:  # nothing is looked up, so nothing is costly
        assert body["data"]["verifyQuote"]["status"] == "OUT_OF_SCOPE"
        return

    assert body["errors"][0]["extensions"]["code"] == "quote-unusable"
    assert body["errors"][0]["extensions"]["hint"]


def test_parts_around_gaps_are_looked_up_one_by_one(client: TestClient) -> None:
    """A quotation that leaves words out is not found, and each part has its own verdict."""
    text = "We keep your letters […] for 45 days … we SELL them"
    found = verdict(client, text, platform="heronwick")

    assert found["status"] == "NOT_FOUND"
    assert [(part["text"], part["status"], part["versionCount"]) for part in found["parts"]] == [
        ("We keep your letters", "VERIFIED", 3),
        ("for 45 days", "VERIFIED", 1),
        ("we SELL them", "NOT_FOUND", 0),
    ]
    assert found["parts"][1]["first"] == {"ordinal": 4}
    assert found["note"] == "The quotation leaves words out; 2 of its 3 parts stand by themselves."


def test_many_quotations_in_one_request_end_with_its_budget(client: TestClient) -> None:
    """A quotation costs by its length, so that fifty aliases cannot occupy the server."""
    fields = " ".join(f"q{n}: verifyQuote(text: $text) {{ status }}" for n in range(40))
    query = f"query($text: String!) {{ {fields} }}"
    long = {"query": query, "variables": {"text": "letters " * 2_400}}
    short = {"query": query, "variables": {"text": "letters"}}
    gaps = {"query": query, "variables": {"text": "letters … days … stamps … herons … birds"}}

    for body in (long, gaps):
        assert client.post("/graphql", json=body).json()["errors"][0]["extensions"]["code"] == (
            "too-costly"
        )
    found = client.post("/graphql", json=short).json()["data"]
    assert {each["status"] for each in found.values()} == {"VERIFIED"}


def test_a_question_ends_between_its_parts_and_its_places(reader: Reader) -> None:
    """Whoever asks is heard before each part and each place, and may end it."""
    calls: list[int] = []

    def check() -> None:
        calls.append(1)
        if len(calls) > 2:
            raise TimeoutError("enough")

    for text in ("herons … larks … stamps", "letters"):
        calls.clear()
        with pytest.raises(TimeoutError, match="enough"):
            ask(reader, Question(text), ROOM, check=check)


def test_more_text_than_there_is_room_for_is_refused(birds: Path, reader: Reader) -> None:
    """The refusal says how much it is and what to do, and what it says works."""
    room = size(reader, scope(reader, "heronwick").documents)
    client = client_of(birds, quote_characters=room)
    error = answer(client, "feathers")["errors"][0]

    assert error["extensions"]["code"] == "too-much-text"
    assert f"at most {room} are indexed" in error["message"]
    assert "platform or a document" in error["extensions"]["hint"]
    assert verdict(client, "feathers", platform="heronwick")["status"] == "NOT_FOUND"


def test_a_document_too_large_has_another_way_out(reader: Reader) -> None:
    """Who named a document already is told of the setting."""
    with pytest.raises(TooMuchTextError) as refused:
        ask(reader, Question("feathers", document="larkmoor/privacy-policy"), 10)

    assert refused.value.hint == "Raise CLAUSEGRAPH_QUOTE_CHARACTERS."


def test_clocks_that_run_backwards_keep_the_order_of_the_archive(
    tmp_path: Path, sources: Path
) -> None:
    """Within a document the archive decides; a capture counts from the latest moment before it."""
    folder = archive(tmp_path / "a")
    for number, when in ((1, 5), (2, 0), (3, 7)):
        record(folder, "Heronwick/Privacy Policy.md", TEXT.format(number), when=START + when * DAY)
    record(folder, "Larkmoor/Privacy Policy.md", OTHER, when=START + 6 * DAY)
    data = tmp_path / "data"
    load_archive(data, folder)
    load(data, sources)
    publish(data)
    reader = Reader(Releases(data).current())
    found = captures(reader, scope(reader).documents)

    assert [(each.platform, each.ordinal) for each in found] == [
        ("Heronwick", 1), ("Heronwick", 2), ("Larkmoor", 1), ("Heronwick", 3)
    ]  # fmt: skip


def test_equal_texts_are_held_once(tmp_path: Path) -> None:
    """Captures with the same characters share them, in memory and in the measure of size."""
    folder = archive(tmp_path / "a")
    for path in ("Heronwick/Privacy Policy.md", "Larkmoor/Privacy Policy.md"):
        record(folder, path, OTHER)
    load_archive(tmp_path / "data", folder)
    publish(tmp_path / "data")
    reader = Reader(Releases(tmp_path / "data").current())
    found = captures(reader, scope(reader).documents)

    assert found[0].document_iri != found[1].document_iri
    assert found[0].text is found[1].text
    assert size(reader, scope(reader).documents) == len(OTHER)


def made(reader: Reader) -> Captures:
    """An archive of everything."""
    return Captures(captures(reader, scope(reader).documents))


def test_two_who_ask_at_once_make_one_archive(reader: Reader) -> None:
    """Whoever comes while an archive is being made waits for it."""
    shelf, started, go = Shelf(), threading.Event(), threading.Event()
    runs: list[int] = []
    found: list[Captures] = []

    def make(check: Callable[[], None]) -> Captures:
        runs.append(1)
        started.set()
        assert go.wait(30)
        return made(reader)

    def look() -> None:
        found.append(shelf.get(("a",), 10, 100, make))

    threads = [threading.Thread(target=look) for _ in range(2)]
    threads[0].start()
    assert started.wait(30)
    threads[1].start()
    go.set()
    for thread in threads:
        thread.join(30)

    assert len(found) == 2
    assert found[0] is found[1]
    assert runs == [1]
    assert shelf.get(("a",), 10, 100, make) is found[0]


def test_what_was_asked_longest_ago_goes_first(reader: Reader) -> None:
    """Room is made for a new archive, and no more is held than there is room for."""
    shelf, runs = Shelf(), list[str]()

    def get(name: str, characters: int) -> None:
        def make(check: Callable[[], None]) -> Captures:
            runs.append(name)
            return Captures(())

        shelf.get((name,), characters, 100, make)
        assert shelf.characters <= 100

    for name, characters in (("a", 40), ("b", 40), ("a", 40), ("c", 50), ("a", 40), ("b", 40)):
        get(name, characters)

    assert runs == ["a", "b", "c", "b"]


def test_who_waits_too_long_is_told_and_the_work_goes_on() -> None:
    """Patience ends for the one who asks; the next one finds what was made meanwhile."""
    shelf, go = Shelf(), threading.Event()

    def make(check: Callable[[], None]) -> Captures:
        assert go.wait(30)
        return Captures(())

    def patience() -> None:
        raise NotReadyError("still at it")

    for name in ("a", "b"):  # the second has no room beside the first
        with pytest.raises(NotReadyError, match="still at it"):
            shelf.get((name,), 60, 100, make, patience)
    go.set()

    assert shelf.wait(30)
    assert shelf.characters == 60
    assert shelf.get(("a",), 60, 100, make).captures == ()


def test_an_archive_that_cannot_be_made_is_tried_again() -> None:
    """The error reaches who asked, and is not kept."""
    shelf, errors = Shelf(), [OSError("the disk is gone"), TimeoutError("too slow")]

    def make(check: Callable[[], None]) -> Captures:
        if errors:
            raise errors.pop(0)
        return Captures(())

    with pytest.raises(OSError, match="the disk is gone"):
        shelf.get(("a",), 1, 100, make)
    with pytest.raises(TimeoutError, match="too slow"):
        shelf.get(("a",), 1, 100, make)
    assert shelf.get(("a",), 1, 100, make).captures == ()


def test_a_closed_shelf_keeps_nothing(reader: Reader) -> None:
    """What is being made ends between two texts, and what comes later is not kept."""
    shelf, started = Shelf(), threading.Event()

    def make(check: Callable[[], None]) -> Captures:
        started.set()
        while True:
            Captures(captures(reader, scope(reader).documents, check), check)

    def close() -> None:
        assert started.wait(30)
        shelf.close()

    closer = threading.Thread(target=close)
    closer.start()
    with pytest.raises(NotReadyError, match="not served any more"):
        shelf.get(("a",), 1, 100, make)
    closer.join(30)
    late = shelf.get(("b",), 1, 100, lambda check: Captures(()))

    assert late.captures == ()
    assert shelf.characters == 0


async def _until(true: Callable[[], bool]) -> None:
    """Wait until something holds."""
    for _ in range(3_000):
        if true():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never came to hold")


def test_a_server_indexes_what_it_serves_and_lets_go_of_what_it_served(
    birds: Path, repository: Path, tmp_path: Path
) -> None:
    """The index is there before anybody asks, follows the release, and ends with the server."""
    data = tmp_path / "data"
    load_archive(data, repository, "Larkmoor")
    publish(data)
    served = Served(Releases(data))

    async def serve() -> tuple[Reader, Reader]:
        task = asyncio.create_task(keep_warm(served, ROOM, 0.01))
        old = served.reader
        await _until(lambda: _ready(old))
        load_archive(data, repository)
        publish(data)
        assert served.move()
        await _until(lambda: _ready(served.reader))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return old, served.reader

    old, new = asyncio.run(serve())
    assert shelf(old).characters == 0
    assert shelf(new).characters == size(new, scope(new).documents) > len(OTHER)


def _ready(reader: Reader) -> bool:
    """Whether all of a release is indexed."""
    return shelf(reader).wait(0) and shelf(reader).characters > 0


def test_what_has_no_room_is_not_indexed_beforehand(birds: Path) -> None:
    """A server over more text than there is room for serves, and indexes nothing by itself."""
    served = Served(Releases(birds))

    async def serve() -> None:
        task = asyncio.create_task(keep_warm(served, 100, 0.01))
        await _until(lambda: not _warming())
        await asyncio.sleep(0.05)
        await _until(lambda: not _warming())
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(serve())
    assert shelf(served.reader).characters == 0


def _warming() -> bool:
    return any(thread.name == "clausegraph-warm" for thread in threading.enumerate())


def test_the_server_answers_with_the_index_it_made(birds: Path) -> None:
    """Through the whole application, as a client sees it."""
    app = create_app(replace(Settings(data=birds), watch_seconds=0.01))
    with TestClient(app) as client:
        asyncio.run(_until(lambda: _ready(app.state.served.reader)))
        found = verdict(client, SOLD)
    assert (found["status"], found["searched"]["documents"]) == ("VERIFIED", 3)
    assert json.loads(json.dumps(found)) == found
