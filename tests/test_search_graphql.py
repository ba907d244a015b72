"""GraphQL search on small invented histories: ranks, marks, scripts without blanks, pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from clausegraph.api.filters import UnknownIdError
from clausegraph.api.histories import load_archive
from clausegraph.api.publish import publish
from clausegraph.api.textquery import SearchTextError
from clausegraph.ontology.iris import ID
from tests.archives import archive, record
from tests.small_histories import (
    SEARCH,
    Asker,
    at,
    reader_of,
)


def hits(ask: Asker, text: str, **given: Any) -> list[str]:
    """The normalised texts that a search finds."""
    found = ask(SEARCH, text=text, **given)["searchProvisions"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["provision"]["normalisedText"] for node in found["nodes"]]


def test_search_shows_what_it_found(ask: Asker) -> None:
    """Stretches make up the text, those that match are marked, the best come first."""
    nodes = ask(SEARCH, text="asking DELETE")["searchProvisions"]["nodes"]
    marked = [[part["text"] for part in node["text"] if part["hit"]] for node in nodes]
    scores = [node["score"] for node in nodes]

    assert scores == sorted(scores, reverse=True)
    assert sorted(map(sorted, marked)) == [["ask", "delete"]] * 3
    for node in nodes:
        assert "".join(part["text"] for part in node["text"]) == node["provision"]["normalisedText"]


def test_the_rank_follows_how_well_it_fits(ask: Asker) -> None:
    """A short passage with the word comes before a long one, a heading before a mere path."""
    found = hits(ask, "california")

    assert found[0] == "California"
    assert len(found) == 3
    headings = ask(SEARCH, text="california")["searchProvisions"]["nodes"][1]["heading"]
    assert [part["text"] for part in headings if part["hit"]] == ["California"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("letters", 3),
        ("letter keeping", 3),
        ('"letters for 45 days"', 2),
        ('"45 days for letters"', 0),
        ("\u201cletters for 45 days\u201d", 2),
        ("arbitrations", 1),
        ("arbitrat*", 0),
        ("wh\u00e9ther", 2),
        ("letters OR maps", 0),
        ("letters NOT maps", 0),
        ("NEAR(letters days)", 0),
        ("words:letters", 0),
        ("heading : keeping", 0),
        ("-letters", 3),
        ("^letters", 3),
        ("(letters)", 3),
        ("letters +  45", 2),
        ("letters; DROP TABLE provision; --", 0),
        ("' OR '1'='1", 0),
        ("{letters}", 3),
        ("le\x00tters", 0),
        ("letters \U0001f600", 3),
        ("letters*", 3),
        ("* letters", 3),
        ("let**", 0),
        ('letters ""', 3),
        ("\u4fe1", 0),
    ],
)
def test_nothing_that_is_typed_is_an_operator(ask: Asker, text: str, count: int) -> None:
    """Signs of the index's own language are text; what has no meaning is passed over."""
    assert len(hits(ask, text)) == count


@pytest.mark.parametrize(
    ("text", "part"),
    [("", "no word"), ("  ", "no word"), ("***", "no word"), ('""', "no word"),
     ("\U0001f600", "no word"), ('"letters', "without its pair"), ('a "b" c"', "without its pair"),
     ("a" * 501, "too long"), ("\x00", "no word")],
)  # fmt: skip
@pytest.mark.parametrize("field", ["search", "provisions", "changes", "adoption"])
def test_a_text_without_sense_is_told(ask: Asker, text: str, part: str, field: str) -> None:
    """What cannot be searched for is an error with a hint, wherever it is asked."""
    query = {
        "search": SEARCH,
        "provisions": "query($text: String) { provisions(filter: {text: $text}) { totalCount } }",
        "changes": "query($text: String) { changes(filter: {text: $text}) { totalCount } }",
        "adoption": """query($text: String!) { adoption(text: $text, from: "2024-01-01",
            to: "2024-01-01", interval: YEAR) { points { day } } }""",
    }[field]
    error = ask.error(query, text=text)

    assert isinstance(error, SearchTextError)
    assert part in error.message
    assert error.hint


CHINESE = """# 隐私政策

我们会在您注销账户后{days}天内删除您的个人信息。

您可以随时联系Tidepool客服。查阅或更正您的信息。

我们不会把您写下的任何东西卖给任何人。我们只在港口的灯塔里保存日志。无论白天还是夜晚。都有两名看守人轮流守着它。
他们每天清晨要擦净灯罩。记下风向、潮水和过往的船只。然后把当天的一页锁进铁柜。直到下个月的第一天才能再次打开。
"""
THAI = "# นโยบาย\n\nเราลบข้อมูลของคุณภายใน 30 วัน\n"


@pytest.fixture(scope="module")
def eastern(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    """Asks histories in scripts without blanks, of a platform that is named in one."""
    path = tmp_path_factory.mktemp("eastern")
    clone = archive(path / "clone")
    for day, days in (("2024-01-01", 30), ("2024-02-01", 15)):
        text = CHINESE.format(days=days)
        record(clone, "百度/隐私政策.md", text, when=at(day))
    record(clone, "Tidepool/Privacy Policy.md", THAI, when=at("2024-01-01"))
    load_archive(path / "data", clone)
    publish(path / "data")
    return Asker(reader_of(path / "data"))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("删除", 2),
        ("个人信息", 2),
        ("信息", 3),
        ("息信", 0),
        ("删除 您", 2),
        ("个信息", 0),
        ("联系Tidepool客服", 1),
        ("tidepool", 1),
        ("15天内", 1),
        ('"您的个人信息。"', 2),
        ("隐私", 5),
        ("ข้อมูล", 1),
    ],
)
def test_search_in_scripts_without_blanks(eastern: Asker, text: str, count: int) -> None:
    """Words are found within a run of characters, side by side and in this order."""
    nodes = eastern(SEARCH, text=text)["searchProvisions"]["nodes"]
    query = "query($t: String) { provisions(filter: {text: $t}) { totalCount } }"
    own = [node for node in nodes if any(part["hit"] for part in node["text"])]

    assert len(nodes) == count
    assert eastern(query, t=text)["provisions"]["totalCount"] == len(own)
    for node in nodes:
        assert "".join(part["text"] for part in node["text"]) == node["provision"]["normalisedText"]


def test_highlights_in_scripts_without_blanks(eastern: Asker) -> None:
    """What is marked are the characters searched for, as they stand in the text."""
    node = eastern(SEARCH, text="个人信息")["searchProvisions"]["nodes"][0]
    heading = eastern(SEARCH, text="政策")["searchProvisions"]["nodes"][-1]["heading"]
    paths = """{ changes { nodes { summary { headings { headingPath } } } }
        provisions(filter: {heading: "隐私政"}) { totalCount } }"""
    found = eastern(paths)

    assert [part["text"] for part in node["text"] if part["hit"]] == ["个人信息"]
    assert heading == [{"text": "隐私", "hit": False}, {"text": "政策", "hit": True}]
    assert found["changes"]["nodes"][0]["summary"] == {"headings": [{"headingPath": "隐私政策"}]}
    assert found["provisions"]["totalCount"] == 4


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("start", ["", "document/", f"{ID}document/"])
def test_names_outside_latin(eastern: Asker, encoded: bool, start: str) -> None:
    """Ids are taken as they are spoken and as IRIs spell them; the history is found with both."""
    name = "百度/隐私政策"
    own = start + (quote(name) if encoded else name)
    query = """query($id: ID!, $p: ID!) { document(id: $id) { id history { methods } }
        node(id: $p) { label } changes(filter: {document: [$id], platform: [$p]}) { totalCount }
        provisions(filter: {document: [$id]}) { totalCount } }"""
    platform = "platform/" + (quote("百度") if encoded else "百度")
    found = eastern(query, id=own, p=platform)

    assert found["document"]["id"] == f"{ID}document/{quote(name)}"
    assert len(found["document"]["history"]["methods"]) == 4
    assert found["node"]["label"] == "百度"
    assert (found["changes"]["totalCount"], found["provisions"]["totalCount"]) == (1, 5)


@pytest.mark.parametrize("id_", ["100%", "%FF", "%2e%2e", "\ud800", "a//b", "", "%", "/", "?#"])
def test_an_id_that_nothing_can_have(ask: Asker, id_: str) -> None:
    """What cannot be spelled finds nothing, and is told where a filter has it."""
    found = ask("query($id: ID!) { document(id: $id) { id } node(id: $id) { id } }", id=id_)
    error = ask.error(
        "query($id: ID!) { changes(filter: {platform: [$id]}) { totalCount } }", id=id_
    )

    assert found == {"document": None, "node": None}
    assert isinstance(error, UnknownIdError)


def test_search_within_a_filter_and_a_day(ask: Asker) -> None:
    """A search keeps to the documents, the headings and the day asked for."""
    assert len(hits(ask, "days")) == 6
    assert hits(ask, "days", f={"platform": ["saltmarsh"]}, day="2024-02-10")[0].startswith(
        "We keep your maps for 60 days"
    )
    assert len(hits(ask, "days", f={"platform": ["saltmarsh"]})) == 2
    assert len(hits(ask, "days", f={"current": True})) == 3
    assert len(hits(ask, "days", f={"heading": "keep", "text": "30"})) == 1


def test_pages_of_a_search_meet(ask: Asker) -> None:
    """Hits of one score stand on one page only."""
    whole = hits(ask, "we")
    found: list[str] = []
    cursor, more = None, True
    while more:
        page = ask(SEARCH, text="we", first=2, after=cursor)["searchProvisions"]
        found += [node["provision"]["normalisedText"] for node in page["nodes"]]
        cursor, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert len(whole) > 6
    assert found == whole
