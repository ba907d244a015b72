"""How requests are made at platforms, and how long answers take, beside what the law allows.

Channels, checks and promised periods are read from the text of the day's version; the legal
maximum and tensions come from the graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Annotated, Any, cast

import re2
import strawberry

from clausegraph.api.channeltypes import (
    ChannelKind,
    LegalMaximum,
    PeriodPurpose,
    PromisedPeriod,
    RequestChannel,
    RequestChannelConnection,
    RequestChannels,
    RequestRight,
)
from clausegraph.api.enums import Unit
from clausegraph.api.filters import identify
from clausegraph.api.findingdays import findings_on, tensions_on, unread
from clausegraph.api.findingscope import Held, PlatformIds, PortfolioIds, Scope, rows_of, scope
from clausegraph.api.listing import Paged, paged, view_of
from clausegraph.api.nodes import AsOf, View, make, node_at
from clausegraph.api.reader import Entity, slug
from clausegraph.api.textfacts import Told, quote_of, told
from clausegraph.loaders.periods import Period, periods
from clausegraph.loaders.presences import SEPARATOR
from clausegraph.ontology.iris import ID, concept

_NAMED = {
    RequestRight.KNOW: re2.compile(r"\bto know\b|\baccess(ing)?\b.{0,40}\b(data|information|rights?)\b|\bspecific pieces\b|\bcop(y|ies) of\b|\brequests? (for|to) access\b|\bright (of|to) access\b"),
    RequestRight.DELETE: re2.compile(r"\b(delet|eras)[a-z]*\b"),
    RequestRight.CORRECT: re2.compile(r"\b(correct|rectif)[a-z]*\b|\binaccura"),
    RequestRight.OPT_OUT: re2.compile(r"\bopt(ing)?[- ]?out\b|\bdo[- ]not[- ]sell\b|\bprivacy choices\b"),
}  # fmt: skip
"""By which words a passage names a right."""
_TOPICS = {
    RequestRight.KNOW: ("right-to-access",),
    RequestRight.DELETE: ("right-to-delete",),
    RequestRight.CORRECT: ("right-to-correct",),
    RequestRight.OPT_OUT: ("opt-out-of-sale", "opt-out-of-targeted-advertising", "verification"),
}
_CHECKS = {RequestRight.OPT_OUT: ("identity-for-opt-out",)}
_CHECKED = ("verification", "identity-document", "identity-for-opt-out")
_AGENT = re2.compile(r"\b(an|the|authori[sz]ed|your|their) agents?\b")
_ABOUT = re2.compile(r"\b(rights?|requests?|exercis(e|ing)|choices|opt[- ]?out|do not sell)\b")
_OTHERS = re2.compile(
    r"\b(child(ren)?|minors?|parents?|under (the age of )?1[0-9]|reserves? the right|right to appeal)\b"
    r"|(^|[.] )(an )?(authoriz|authoris)(ed|ing) (an )?agents?\b"
)
_OFFERS = re2.compile(
    r"\b(marketing|promot[a-z]*|newsletters?|announcements|mailing list|testimonials?|text messages?"
    r"|(our|receiving|further|future) (e-?mails?|communications)|unsubscrib[a-z]*)\b"
)
_SALE = re2.compile(r"\b(sale|sales|sell|sold|sharing|targeted|cross-context)\b")
_ROLES = {"answer": "period", "extension": "extension", "total": "total"}
_KINDS = [(k, f"request-{k.value}") for k in ChannelKind if k is not ChannelKind.OTHER]


@dataclass(frozen=True)
class _Clock:
    """What the law of a jurisdiction (its code) allows for a right: deadlines with their values."""

    place: str
    right: RequestRight
    limits: tuple[tuple[Entity, Entity], ...]
    requirements: frozenset[str]

    def slack(self, promised: Period) -> int | None:
        """What is left of the shortest legal period for the same step in the same unit."""
        left = [
            int(value.one("amount")) - promised.number
            for _, value in self.limits
            if slug(value.one("quantityRole")) == _ROLES.get(promised.purpose)
            and slug(value.one("unit")) == promised.unit
        ]
        return min(left, default=None)


@strawberry.type
class ChannelQuery:
    """Questions about requests."""

    @paged(
        RequestChannelConnection,
        "How rights are used at platforms: channels, checks of identity, promised periods beside "
        "what the law allows on the day, and tensions; by platform, then right.",
    )
    def request_channels(
        self,
        info: strawberry.Info,
        jurisdiction: Annotated[
            strawberry.ID, strawberry.argument(description="Whose law, such as us-ca.")
        ],
        rights: Annotated[
            list[RequestRight] | None, strawberry.argument(description="All where null.")
        ] = None,
        portfolio: PortfolioIds = None,
        platform: PlatformIds = None,
        as_of: AsOf = None,
    ) -> Paged:
        """Rights by platforms."""
        view = view_of(info, as_of)
        (place,) = identify(view.reader, "jurisdiction", [jurisdiction])
        return channels(scope(view, portfolio, platform), place, rights or list(RequestRight))


def channels(wanted: Scope, place: str, rights: Sequence[RequestRight]) -> Paged:
    """The rows of some platforms for the law of a jurisdiction (its IRI)."""
    view = wanted.view
    clocks = [_clock(view, place, right) for right in dict.fromkeys(rights)]
    answers = findings_on(view, _on(view, place, ("response-time",)), wanted.documents)
    examined = wanted.documents - unread(answers)
    tense = tensions_on(view, wanted.documents)
    rows = [
        (
            (held.label, f"{held.key} {at}"),
            partial(_row, view, held, clock, tense, held.document in examined and held.parsed),
        )
        for held in wanted.held
        for at, clock in enumerate(clocks)
    ]
    return rows_of(view, rows, [False], wanted.more(examined))


def _on(view: View, place: str, topics: Sequence[str]) -> list[str]:
    """The requirements of a jurisdiction on some topics."""
    found = {
        each.iri
        for topic in topics
        for each in view.reader.back(f"{ID}topic/{topic}", "topic", "Requirement")
        if each.one("jurisdiction") == place
    }
    return sorted(found)


def _clock(view: View, place: str, right: RequestRight) -> _Clock:
    """The deadlines for answering a right: those of opt-outs apart from all others."""
    opt_out = f"{ID}topic/opt-out-time"
    topic = "opt-out-time" if right is RequestRight.OPT_OUT else "response-time"
    deadlines = [
        each
        for each in view.reader.entities(_on(view, place, [topic]))
        if slug(each.one("kind")) == "deadline"
        and (right is RequestRight.OPT_OUT or opt_out not in each.all("topic"))
        and f"{ID}topic/automated-decisions" not in each.all("topic")
    ]
    versions = [
        version
        for each in deadlines
        for version in view.reader.back(each.iri, "versionOf", "RequirementVersion")
        if version.holds_on(view.day)
    ]
    limits = [
        (version, value)
        for version in versions
        for value in view.reader.entities(version.all("value"))
        if slug(value.one("comparison")) == "at-most"
    ]
    own = _on(view, place, (*_TOPICS[right], topic))
    code = place.removeprefix(f"{ID}jurisdiction/")
    return _Clock(code, right, tuple(limits), frozenset(own))


def _row(
    view: View, held: Held, clock: _Clock, tense: Sequence[Entity], examined: bool
) -> RequestChannels:
    found = told(view, held.version) if examined and held.version else ()
    passages = [each for each in found if each.reaches(clock.place)]
    quotes = _Quotes(view, held)
    promised = list(_promised(quotes, passages, clock))
    answers = [p.slack for p in promised if p.purpose is PeriodPurpose.ANSWER]
    checks = [quote for each in passages if _checks(each, clock.right) for quote in quotes.of(each)]
    return RequestChannels(
        platform=cast(Any, node_at(view, held.platform)),
        document=cast(Any, node_at(view, held.document)),
        version=cast(Any, node_at(view, held.version)),
        right=clock.right,
        examined=examined,
        channels=list(_channels(quotes, passages, clock.right)),
        verification_asked=bool(checks) if examined else None,
        verification=checks,
        promised=promised,
        legal_maximum=[
            LegalMaximum(
                requirement_version=cast(Any, make(view, version)),
                quantity=cast(Any, make(view, value)),
            )
            for version, value in clock.limits
        ],
        slack=min((each for each in answers if each is not None), default=None),
        tensions=[
            cast(Any, make(view, each))
            for each in tense
            if each.one("document") == held.document
            and each.one("requirement") in clock.requirements
        ],
    )


@dataclass(frozen=True)
class _Quotes:
    """Quotes of the passages of a document."""

    view: View
    held: Held

    def of(self, passage: Told) -> list[Any]:
        """The quote of a passage, as a list of one; of none where the release lacks it."""
        assert self.held.document is not None  # passages were found in it
        iri = quote_of(self.view, self.held.document, passage)
        quote = node_at(self.view, iri)
        return [] if quote is None else [quote]


def _channels(
    quotes: _Quotes, passages: Sequence[Told], right: RequestRight
) -> Iterator[RequestChannel]:
    meant = [each for each in passages if _for_requests(each)]
    for kind in ChannelKind:
        for each in meant:
            named = _names(each.seen) or _names(each.headings.rpartition(SEPARATOR)[2])
            if kind in _offered(each) and (not named or right in named):
                for quote in quotes.of(each):
                    yield RequestChannel(kind=kind, by_name=right in named, quote=quote)


def _offered(passage: Told) -> set[ChannelKind]:
    """The channels that a passage names; another one where it only tells how to ask."""
    found: set[ChannelKind] = {kind for kind, item in _KINDS if passage.says(item)}
    return found or ({ChannelKind.OTHER} if passage.says("methods") else set())


def _for_requests(passage: Told) -> bool:
    """Whether a passage with an address is about requests: by its words, or by its heading.

    What is for children, agents or appeals only, or for messages that somebody wants no more, is
    another matter.
    """
    small, heading = passage.seen.lower(), passage.headings.rpartition(SEPARATOR)[2].lower()
    if _OTHERS.search(small) or (_OFFERS.search(small) and not _SALE.search(small)):
        return False
    return passage.says("methods") or _ABOUT.search(heading) is not None


def _promised(quotes: _Quotes, passages: Sequence[Told], clock: _Clock) -> Iterator[PromisedPeriod]:
    """The periods for a right by name; those for requests at all where it has no answer of its own."""
    found = [
        (each, period, _names(period.sentence))
        for each in passages
        if "response-time" in each.polarity
        for period in periods(each.seen)
    ]
    own = [each for each in found if clock.right in each[2]]
    named = any(period.purpose == "answer" for _, period, _ in own)
    general = [] if named else [each for each in found if not each[2]]
    for passage, period, names in (*own, *general):
        for quote in quotes.of(passage):
            yield PromisedPeriod(
                number=period.number,
                unit=Unit(concept("unit", period.unit)),
                purpose=PeriodPurpose(period.purpose),
                by_name=clock.right in names,
                slack=clock.slack(period),
                quote=quote,
            )


def _checks(passage: Told, right: RequestRight) -> bool:
    """Whether a passage asks for proof of identity for a right, or for requests at all.

    What is asked of agents is not asked of everybody.
    """
    for item in _CHECKS.get(right, _CHECKED):
        if passage.says(item):
            words = passage.around(item)
            named = _names(words)
            if (right in named or not named or item in _CHECKS.get(right, ())) and not (
                _AGENT.search(words.lower())
            ):
                return True
    return False


@lru_cache(maxsize=4_096)
def _names(text: str) -> frozenset[RequestRight]:
    """The rights that a text names."""
    small = text.lower()
    return frozenset(right for right, words in _NAMED.items() if words.search(small) is not None)
