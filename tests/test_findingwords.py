"""The page of a finding shows the words it rests on, exactly, escaped, with the way to the quote."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest
from starlette.testclient import TestClient

from clausegraph.api.app import create_app
from clausegraph.api.histories import load_files
from clausegraph.api.publish import load, publish
from clausegraph.api.reader import Entity, Reader, slug
from clausegraph.api.releases import Releases
from clausegraph.api.settings import Settings
from clausegraph.ontology.iris import ID
from tests.test_examine import BETA, capture
from tests.test_pages import page, section

PLANTED = (
    "You may ask us to delete your data <script>alert(1)</script> {{ 7 * 7 }} {% raw %} "
    "<b onclick='x()'>bold</b> &lt;i&gt; \\x00."
)
POLICY = f"""# Alphabird Privacy Policy

Last updated: January 5, 2024

We collect your name and your e-mail address when you make an account with us.

We do not sell your personal information.

We share your personal information with advertising partners for cross-context behavioral advertising.

## California residents

If you live in California you have the right to delete your personal information. {PLANTED}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Reader]]:
    """A server of the whole law with a policy that holds markup and template syntax."""
    data = tmp_path_factory.mktemp("words")
    load(data)
    files = [
        capture(data, "Alphabird", POLICY, "2024-01-10"),
        capture(data, "Betafish", BETA * 3, "2024-03-01"),
    ]
    load_files(data, files)
    publish(data)
    with TestClient(create_app(Settings(data=data))) as client:
        yield client, Reader(Releases(data).current())


def path(entity: Entity) -> str:
    """The path of a node's page."""
    return "/id/" + entity.iri.removeprefix(ID)


def shown(tree: Element) -> dict[str, list[tuple[str, str]]]:
    """The words of a page by heading, each with where its link leads."""
    found: dict[str, list[tuple[str, str]]] = {}
    heading = ""
    for each in section(tree, "words").iter():
        if each.tag == "h3":
            heading = "".join(each.itertext())
        elif each.tag == "figure":
            (quote,), (link,) = each.iter("blockquote"), each.iter("a")
            words = "".join(quote.itertext())
            found.setdefault(heading, []).append((words, link.attrib["href"]))
    return found


def exact(reader: Reader, quotes: list[str]) -> list[tuple[str, str]]:
    """The words of quotes as the graph has them, with the paths of the quotes."""
    return [(str(each.one("exact")), path(each)) for each in reader.entities(quotes)]


def some(reader: Reader, key: str, planted: str = "") -> Entity:
    """A finding that has quotes under a property, with some words in them."""
    return next(
        each
        for each in reader.of_type("Finding")
        if each.all(key)
        and any(planted in words for words, _ in exact(reader, list(map(str, each.all(key)))))
    )


@pytest.mark.parametrize(
    ("key", "heading"),
    [
        ("evidence", "Words that decide it"),
        ("counterEvidence", "Words that stand against it"),
    ],
)
def test_a_finding_shows_its_words(site: tuple[TestClient, Reader], key: str, heading: str) -> None:
    """To the character, each with the way to its quote."""
    client, reader = site
    finding = some(reader, key)
    wanted = exact(reader, [str(each) for each in finding.all(key)])

    assert shown(page(client, path(finding)))[heading] == wanted
    assert all(client.get(href).status_code == 200 for _, href in wanted)


def test_what_is_not_stated_shows_what_comes_near(site: tuple[TestClient, Reader]) -> None:
    """In its order, and said to be no evidence."""
    client, reader = site
    finding = next(
        each
        for each in reader.of_type("Finding")
        if slug(str(each.one("findingState"))) == "not-stated" and len(each.all("nearest")) > 1
    )
    near = sorted(
        reader.entities(list(finding.all("nearest"))), key=lambda each: int(each.one("order"))
    )
    wanted = exact(reader, [str(each.one("quote")) for each in near])
    found = shown(page(client, path(finding)))

    assert found == {"Nearest passages, which are not it": wanted}


def test_markup_of_a_policy_stays_text(site: tuple[TestClient, Reader]) -> None:
    """No element, attribute or computed value comes of it; the words are there, unchanged."""
    client, reader = site
    finding = some(reader, "evidence", "{{ 7 * 7 }}")
    answer = client.get(path(finding), headers={"Accept": "text/html"})
    words = [each for each, _ in shown(page(client, path(finding)))["Words that decide it"]]

    assert "<script" not in answer.text
    assert "onclick=" not in answer.text.replace("&lt;b onclick=&#39;", "")
    assert "49" not in "".join(words)
    assert any("<script>alert(1)</script> {{ 7 * 7 }} {% raw %}" in each for each in words)


def test_a_mapping_shows_its_words_and_others_none(site: tuple[TestClient, Reader]) -> None:
    """A mapping rests on words; a requirement has none."""
    client, reader = site
    mapping = next(iter(reader.of_type("Mapping")))
    wanted = exact(reader, [str(each) for each in mapping.all("evidence")])

    assert wanted
    assert shown(page(client, path(mapping)))["Words that decide it"] == wanted
    law = client.get("/id/requirement/us-ca/ccpa/right-to-delete", headers={"Accept": "text/html"})
    assert 'id="words"' not in law.text
