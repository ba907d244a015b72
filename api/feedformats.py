"""Write a feed as Atom (RFC 4287) or as JSON Feed 1.1. Everything in it is escaped here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import orjson

from clausegraph.api.feedentries import Entry
from clausegraph.api.moments import written
from clausegraph.ontology.iris import mint
from clausegraph.ontology.terms import vocabulary

ATOM = "http://www.w3.org/2005/Atom"
AUTHOR = "ClauseGraph"
Html = Callable[[Entry], str]
"""Makes the markup of an entry."""


@dataclass(frozen=True)
class Feed:
    """A feed: its name, addresses of its own, of its other form and of the server, its entries.

    `published` is the moment of the release; it dates a feed without entries.
    """

    title: str
    subtitle: str
    address: str
    other: str
    home: str
    published: datetime
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> datetime:
        """When its newest entry was observed."""
        return max((each.updated for each in self.entries), default=self.published)


@dataclass(frozen=True)
class Form:
    """A form of a feed: how its address ends, its media type, and what writes it."""

    suffix: str
    media_type: str
    write: Callable[[Feed, Html], bytes]


def atom(feed: Feed, html: Html) -> bytes:
    """The feed in Atom."""
    root = Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    _add(root, "id", feed.address)
    _add(root, "title", feed.title)
    _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", written(feed.updated))
    _add(_add(root, "author"), "name", AUTHOR)
    _add(root, "generator", "ClauseGraph")
    _link(root, "self", feed.address, FORMS["atom"].media_type)
    _link(root, "alternate", feed.other, FORMS["json"].media_type)
    _link(root, "alternate", feed.home, "text/html")
    for each in feed.entries:
        _entry(root, each, html)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _entry(root: Element, entry: Entry, html: Html) -> None:
    node = _add(root, "entry")
    _add(node, "id", entry.id)
    _add(node, "title", entry.title)
    _add(node, "updated", written(entry.updated))
    _add(node, "published", written(entry.updated))
    _link(node, "alternate", entry.page, "text/html")
    _link(node, "related", entry.before, "text/html", "the version before")
    _link(node, "related", entry.after, "text/html", "the version after")
    for term, label in _categories(entry).items():
        scheme = mint("scheme", "significance") if term == entry.significance else ""
        extra = {"scheme": scheme} if scheme else {}
        SubElement(node, "category", {"term": term, "label": label, **extra})
    _add(node, "summary", entry.summary or entry.title, type="text")
    _add(node, "content", html(entry), type="html")


def _add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    node = SubElement(parent, tag, attributes)
    node.text = text
    return node


def _link(parent: Element, rel: str, address: str, media_type: str, title: str = "") -> None:
    more = {"title": title} if title else {}
    SubElement(parent, "link", {"rel": rel, "href": address, "type": media_type, **more})


def _categories(entry: Entry) -> dict[str, str]:
    """What an entry is filed under, with labels."""
    label = vocabulary().concept("significance", entry.significance).label
    return {entry.significance: label} | ({"silent": "Silent"} if entry.silent else {})


def json_feed(feed: Feed, html: Html) -> bytes:
    """The feed in JSON Feed."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.subtitle,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "language": "en",
        "authors": [{"name": AUTHOR}],
        "items": [_item(each, html) for each in feed.entries],
    }
    return orjson.dumps(document)


def _item(entry: Entry, html: Html) -> dict[str, Any]:
    return {
        "id": entry.id,
        "url": entry.page,
        "title": entry.title,
        "summary": entry.summary or entry.title,
        "content_html": html(entry),
        "date_published": written(entry.updated),
        "date_modified": written(entry.updated),
        "tags": [*_categories(entry)],
        "_clausegraph": {
            "about": "https://w3id.org/clausegraph/ns",
            "significance": entry.significance,
            "silent": entry.silent,
            "counts": entry.counts,
            "from_version": entry.before,
            "to_version": entry.after,
        },
    }


FORMS: Mapping[str, Form] = {
    "atom": Form("atom", "application/atom+xml", atom),
    "json": Form("json", "application/feed+json", json_feed),
}
"""The forms by what their addresses end with."""


def moment(text: str) -> datetime:
    """A moment of a release's manifest."""
    return datetime.fromisoformat(text).astimezone(UTC)
