"""Content negotiation picks what the client prefers, and nothing it does not accept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clausegraph.api.negotiation import choose

OFFERED = ("text/turtle", "application/ld+json", "text/html")

CASES = {
    "": "text/turtle",
    "*/*": "text/turtle",
    "text/*": "text/turtle",
    "text/html": "text/html",
    "TEXT/HTML": "text/html",
    "application/*": "application/ld+json",
    "text/html, application/ld+json;q=0.9": "text/html",
    "text/html;q=0.8, application/ld+json;q=0.9": "application/ld+json",
    "text/html;q=0.8,application/ld+json;q=0.9": "application/ld+json",
    "text/html ; q=0.8 , application/ld+json ; Q=0.9": "application/ld+json",
    "text/turtle;q=0, */*": "application/ld+json",
    "text/*;q=0, */*": "application/ld+json",
    "text/*;q=0, text/html;q=0.1": "text/html",
    "*/*;q=0.1, text/html;q=0.1": "text/html",
    "text/html, */*": "text/html",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": "text/html",
    "application/ld+json, text/turtle": "text/turtle",
    'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"': "application/ld+json",
    'application/ld+json;profile="a,b;q=0";q=0.5, text/turtle;q=0.4': "application/ld+json",
    "text/turtle;charset=utf-8": "text/turtle",
    "text/html, image/gif, *; q=.2, */*; q=.2": "text/html",
    "image/png, *; q=.2": "text/turtle",
    "text/html;q=1.000": "text/html",
    "text/html;q=5": "text/html",
    "nonsense, text/html": "text/html",
    "text/turtle;q=high, text/html;q=0.1": "text/html",
    "image/png": None,
    "text/turtle;q=0": None,
    "*/*;q=0": None,
    "nonsense": None,
    "/": None,
    "*/turtle": None,
}


@pytest.mark.parametrize(("accept", "expected"), CASES.items(), ids=CASES.keys())
def test_table_of_cases(accept: str, expected: str | None) -> None:
    """Quality decides, then how exactly an offer was named, then the order of offers."""
    assert choose(accept, OFFERED) == expected


def test_parameters_of_an_offer_are_compared() -> None:
    """Of two offers of one type, the one with the parameter asked for wins."""
    flat, compact = 'application/ld+json;profile="flat"', 'application/ld+json;profile="compact"'

    assert choose('application/ld+json;profile="compact"', (flat, compact)) == compact
    assert choose("application/ld+json", (flat, compact)) == flat


def test_nothing_offered_is_nothing_chosen() -> None:
    """Not even a client that accepts everything gets something."""
    assert choose("*/*", ()) is None
    assert choose("", ()) is None


@settings(deadline=None)
@given(st.text(alphabet=list('text/urlhm*;,q=01. "\\\x00é'), max_size=60))
def test_any_header_is_read(accept: str) -> None:
    """Whatever is sent, the answer is an offer or None."""
    assert choose(accept, OFFERED) in (*OFFERED, None)


@settings(deadline=None)
@given(st.permutations(["text/html;q=0.3", "application/ld+json;q=0.2", "text/turtle;q=0.1"]))
def test_order_in_the_header_does_not_matter(elements: list[str]) -> None:
    """Only quality does."""
    assert choose(",".join(elements), OFFERED) == "text/html"
