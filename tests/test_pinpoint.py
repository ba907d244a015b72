"""Pinpoints are read as lawyers write them, and each place has one IRI, below that around it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clausegraph.loaders.pinpoint import Pinpoint, parse
from clausegraph.ontology import iris

NUMBERS = st.from_regex(r"[0-9A-Z][0-9A-Za-z.:-]*", fullmatch=True)
LETTERS = st.lists(st.from_regex(r"[0-9A-Za-z][0-9A-Za-z.]*", fullmatch=True), max_size=5)
SLUGS = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)
POINTS = st.builds(Pinpoint, st.just(""), NUMBERS, LETTERS.map(tuple))


@pytest.mark.parametrize(
    ("text", "instrument", "number", "letters"),
    [
        ("1798.100", "", "1798.100", ()),
        ("1798.130(a)(5)(A)", "", "1798.130", ("a", "5", "A")),
        ("7020(a)", "", "7020", ("a",)),
        ("6-1-1303(7.5)", "", "6-1-1303", ("7.5",)),
        ("56:8", "", "56:8", ()),
        ("42-515", "", "42-515", ()),
        ("1798.140(ae)(1)(G)(ii)", "", "1798.140", ("ae", "1", "G", "ii")),
        ("A.3(b)", "", "A.3", ("b",)),
        ("  7 ", "", "7", ()),
        ("ccpa 1798.155", "ccpa", "1798.155", ()),
        ("ccpa-regulations 7026(f)(1)", "ccpa-regulations", "7026", ("f", "1")),
        ("us-ca/ccpa 1798.100", "us-ca/ccpa", "1798.100", ()),
        ("2024-121 5", "2024-121", "5", ()),
    ],
)
def test_pinpoint_is_read(
    text: str, instrument: str, number: str, letters: tuple[str, ...]
) -> None:
    """Number, letters and instrument come apart."""
    assert parse(text) == Pinpoint(instrument, number, letters)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "§ 1798.100",
        "§1798.100",
        "section",
        "(a)",
        "1798.130 (a)",
        "1798.130(a",
        "1798.130a)",
        "1798.130()",
        "1798.130(.)",
        "1798.130(..)",
        "1798.130(a)(b c)",
        "1798.130(a)x",
        "1798.130, 1798.135",
        ".100",
        "ccpa  1798.100",
        "CCPA 1798.100",
        "us/ca/ccpa 1798.100",
        "/ccpa 1798.100",
        "-ccpa 1798.100",
        "ccpa\n1798.100",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    """What is not clearly one place is not guessed at."""
    assert parse(text) is None


def test_chain_leads_outwards() -> None:
    """A place is followed by the places around it, up to the section."""
    point = Pinpoint("ccpa", "1798.130", ("a", "5", "A"))

    texts = [each.text() for each in point.chain()]

    assert texts == ["1798.130(a)(5)(A)", "1798.130(a)(5)", "1798.130(a)", "1798.130"]
    assert {each.instrument for each in point.chain()} == {"ccpa"}
    assert point.iri("us-ca", "ccpa") == iris.ID + "section/us-ca/ccpa/1798.130/a/5/A"


@settings(deadline=None)
@given(POINTS)
def test_text_is_read_back(point: Pinpoint) -> None:
    """What is printed is read as the same place."""
    assert parse(point.text()) == point


@settings(deadline=None)
@given(POINTS, SLUGS)
def test_text_with_an_instrument_is_read_back(point: Pinpoint, slug: str) -> None:
    """Any id that an instrument may have can stand before the section."""
    assert parse(f"{slug} {point.text()}") == Pinpoint(slug, point.number, point.letters)


@settings(deadline=None)
@given(POINTS)
def test_iri_of_each_place_lies_below_the_one_around_it(point: Pinpoint) -> None:
    """The chain of IRIs is a path that loses one step at a time and ends at the section."""
    chain = [each.iri("us-ca", "ccpa") for each in point.chain()]

    assert len(chain) == len(point.letters) + 1
    assert [inner.rpartition("/")[0] for inner in chain[:-1]] == chain[1:]
    assert iris.parse(chain[-1]) == ("section", ("us-ca", "ccpa", point.number))


@settings(deadline=None)
@given(POINTS, POINTS)
def test_iri_tells_places_apart(one: Pinpoint, other: Pinpoint) -> None:
    """Two places have one IRI only if they are the same place, which the IRI gives back."""
    iri = one.iri("us-ca", "ccpa")

    assert (iri == other.iri("us-ca", "ccpa")) == (one == other)
    assert iris.parse(iri) == ("section", ("us-ca", "ccpa", one.number, *one.letters))


@settings(deadline=None)
@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reader fail, and what is read has an IRI."""
    point = parse(text)

    assert point is None or point.iri("us-ca", "ccpa").startswith(iris.ID)
