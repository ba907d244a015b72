"""The root field `verifyQuote`: does a quotation stand in what was captured, and since when."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Annotated, cast

import strawberry

from clausegraph.api.filters import Ids
from clausegraph.api.listing import Paged, at, paged, view_of
from clausegraph.api.nodes import View, about
from clausegraph.api.paging import Listed, Order
from clausegraph.api.quotearchive import Answer
from clausegraph.api.quotescope import Captured
from clausegraph.api.quoteservice import Question, ask
from clausegraph.api.quoteshelf import NotReadyError
from clausegraph.api.settings import Settings
from clausegraph.api.versiontypes import Version
from clausegraph.loaders.capture import Capture
from clausegraph.loaders.quotes import Passage, Verdict, gaps

_COST, _PART, _CHARACTERS = 100, 100, 20  # nodes a quotation, a part, and characters a node
_SPARE = 0.5  # seconds of a request's time that are kept for saying that it is over
Until = Annotated[
    date | None,
    strawberry.argument(
        description="Only what was captured by the end of this day (UTC); default: everything."
    ),
]


@strawberry.enum(description="What became of a quotation.")
class QuoteStatus(Enum):
    """Statuses of `clausegraph.loaders.quotes`."""

    VERIFIED = strawberry.enum_value(
        "VERIFIED", description="A reader of the capture sees exactly these characters, in one run."
    )
    REPAIRED = strawberry.enum_value(
        "REPAIRED", description="Only spacing, case or typography differ; every number is the same."
    )
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND",
        description="It stands nowhere in what was searched, if only for one word; `nearest` has "
        "what comes close.",
    )
    OUT_OF_SCOPE = strawberry.enum_value(
        "OUT_OF_SCOPE", description="Nothing was captured there, so nothing can be said."
    )


@strawberry.type(description="Characters of one version, found for a quotation.")
class QuotePassage:
    """A passage with its place."""

    version: Version = strawberry.field(description="The last version searched that has it.")
    start: int = strawberry.field(description=about("start"))
    end: int = strawberry.field(description=about("end"))
    exact: str = strawberry.field(description=about("exact"))
    similarity: float = strawberry.field(description="Likeness to the quotation, from 0 to 1.")


@strawberry.type(description="What was looked through for a quotation.")
class QuoteSearch:
    """The denominators of a verdict."""

    versions: int = strawberry.field(description="How many versions, accidents of capturing too.")
    documents: int = strawberry.field(description="How many documents.")
    since: date | None = strawberry.field(
        name="from", description="Day (UTC) of the first capture."
    )
    until: date | None = strawberry.field(name="to", description="Day (UTC) of the last capture.")


@strawberry.type(description="A piece of a quotation between gaps, looked up by itself.")
class QuotePart:
    """A part and its verdict."""

    text: str = strawberry.field(description="The piece.")
    status: QuoteStatus = strawberry.field(description="What became of it.")
    version_count: int = strawberry.field(description="In how many versions it stands.")
    first: Version | None = strawberry.field(description="The first version in which it stands.")
    last: Version | None = strawberry.field(description="The last version in which it stands.")
    passage: QuotePassage | None = strawberry.field(description="Where it stands in the last one.")


@strawberry.type(description="What became of a quotation, with the evidence.")
class QuoteVerdict:
    """A view of an answer."""

    answer: strawberry.Private[Answer]
    view: strawberry.Private[View]

    @strawberry.field(description="What became of it.")
    def status(self) -> QuoteStatus:
        """The status."""
        return QuoteStatus(self.answer.verdict.status)

    @strawberry.field(description="The first version in which it stands.")
    def first(self) -> Version | None:
        """First seen."""
        return _version(self.view, self.answer.verdict.first)

    @strawberry.field(description="The last version in which it stands.")
    def last(self) -> Version | None:
        """Last seen."""
        return _version(self.view, self.answer.verdict.last)

    @strawberry.field(description="In how many versions it stands.")
    def version_count(self) -> int:
        """Length of `versions`."""
        return len(self.answer.versions)

    @strawberry.field(
        description="In how many other versions a verified quotation stands but for spacing, case "
        "or typography."
    )
    def repaired_count(self) -> int:
        """Versions with another typography."""
        return len(self.answer.alike)

    @paged(
        Version,
        "The versions in which it stands, in the order of their capture; within a document in that "
        "of its archive.",
    )
    def versions(self) -> Paged:
        """Every version with it."""
        order = Order(((_nothing, False), (_nothing, False)))
        places = [(e.moment.isoformat(), e.ordinal, e.iri) for e in self.answer.versions]
        return Paged(self.view, Listed(places, order))

    @strawberry.field(
        description="Whether it stands, if need be but for typography, in a version that was the "
        "last whole one of its document on the day: `asOf`, else today."
    )
    def stands_on_day(self) -> bool:
        """Whether it still stands."""
        return self.answer.stands_on(self.view.day)

    @strawberry.field(description="What was looked through.")
    def searched(self) -> QuoteSearch:
        """The scope in numbers."""
        days = [each.recorded.date() for each in self.answer.searched]
        return QuoteSearch(
            versions=len(days),
            documents=self.answer.documents,
            since=min(days, default=None),
            until=max(days, default=None),
        )

    @strawberry.field(description="Where it stands in the last version that has it.")
    def passage(self) -> QuotePassage | None:
        """The place."""
        return _passage(self.view, self.answer.verdict.passage)

    @strawberry.field(
        description="Where it stands nowhere: up to three passages that come nearest, best first."
    )
    def nearest(self) -> list[QuotePassage]:
        """The nearest passages."""
        found = self.answer.verdict.nearest
        return [passage for each in found if (passage := _passage(self.view, each))]

    @strawberry.field(
        description="The pieces around the gaps of a quotation that leaves words out."
    )
    def parts(self) -> list[QuotePart]:
        """The parts."""
        return [_part(self.view, text, verdict) for text, verdict in self.answer.parts]

    @strawberry.field(description="What else is to be said of it; empty where nothing is.")
    def note(self) -> str:
        """The note."""
        return self.answer.note


def _nothing(_: object) -> None:
    """A key that is never asked for: the places are made already."""


def _version(view: View, capture: Capture | None) -> Version | None:
    if capture is None:
        return None
    assert isinstance(capture, Captured)  # the archives of a release hold no other
    return cast(Version, at(view, capture.iri))


def _passage(view: View, found: Passage | None) -> QuotePassage | None:
    if found is None:
        return None
    version = _version(view, found.capture)
    assert version is not None
    return QuotePassage(
        version=version,
        start=found.start,
        end=found.end,
        exact=found.capture.text[found.start : found.end],
        similarity=round(found.similarity, 4),
    )


def _part(view: View, text: str, verdict: Verdict) -> QuotePart:
    return QuotePart(
        text=text,
        status=QuoteStatus(verdict.status),
        version_count=verdict.stands_in,
        first=_version(view, verdict.first),
        last=_version(view, verdict.last),
        passage=_passage(view, verdict.passage),
    )


@strawberry.type
class QuoteQuery:
    """The question whether a quotation is real."""

    @strawberry.field(
        description="Whether a quotation stands, to the character, in the versions of a document, "
        "of a platform, of portfolios, or of all documents. A platform or document that nobody "
        "captured is out of scope, not an error."
    )
    def verify_quote(
        self,
        info: strawberry.Info,
        text: str,
        platform: Annotated[
            strawberry.ID | None, strawberry.argument(description="Its id, IRI or name.")
        ] = None,
        document: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Its id, IRI or name, or its type: privacy-policy."),
        ] = None,
        portfolio: Ids = None,
        as_of: Until = None,
    ) -> QuoteVerdict:
        """The verdict on a quotation."""
        view = view_of(info, as_of)
        view.budget.spend(_COST + _PART * gaps(text) + len(text) // _CHARACTERS)
        question = Question(text, platform, document, portfolio, as_of)
        found = ask(view.reader, question, _room(info), _patience(view), view.budget.check)
        return QuoteVerdict(answer=found, view=view)


def _room(info: strawberry.Info) -> int:
    """How many characters the server indexes at once."""
    request = info.context.get("request")
    settings = getattr(request.app.state, "settings", None) if request else None
    return (settings or Settings.from_env()).quote_characters


def _patience(view: View) -> Callable[[], None]:
    """Wait for an index as long as the request has time."""

    def look() -> None:
        if time.monotonic() > view.budget.until - _SPARE:
            raise NotReadyError(
                "the texts are still being indexed for quotations",
                hint="Ask again in some seconds, or name a platform or a document.",
            )

    return look
