"""In which role platforms say they act, and what their data processing agreements hold of the contract.

Elements and roles are read from the texts of the day's versions; the findings on the rule as a
whole come from the graph. Nothing is said of agreements that were not captured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Annotated, Any, cast

import strawberry

from clausegraph.api.filters import identify, version_on
from clausegraph.api.findingdays import findings_on, unread
from clausegraph.api.findingscope import (
    AGREEMENT,
    Held,
    PlatformIds,
    PortfolioIds,
    Scope,
    rows_of,
    scope,
)
from clausegraph.api.listing import Paged, paged, view_of
from clausegraph.api.nodes import AsOf, View, make, node_at
from clausegraph.api.problems import BadParameterError
from clausegraph.api.reader import Entity
from clausegraph.api.roletypes import (
    ClaimedRole,
    ContractElement,
    RoleClaim,
    RoleConnection,
    RoleContradiction,
    RoleFinding,
    VendorQuestion,
)
from clausegraph.api.textfacts import Told, quote_of, told
from clausegraph.loaders.cues import declared
from clausegraph.loaders.duties import Reads, duties
from clausegraph.ontology.iris import ID

_TOPIC = f"{ID}topic/processor-contract"
_MOST = 3  # passages that are quoted for one element or role
_APART = (
    ("contract-no-sale", "sold-shared",
     "The agreement bars selling and sharing; the privacy policy says that data are sold or shared."),
    ("contract-no-sale", "advertising-sharing",
     "The agreement bars sharing; the privacy policy speaks of data that go to advertising partners."),
    ("contract-limited-purpose", "ai-training",
     "The agreement limits the purposes; the privacy policy speaks of training models."),
)  # fmt: skip
"""What an agreement provides, what a notice may say against it, and why that pulls apart."""


@dataclass(frozen=True)
class _Asked:
    """What the law of a regime asks of the contract: elements with the rules that ask for each."""

    elements: Mapping[str, tuple[str, ...]]
    requirements: tuple[str, ...]


@dataclass(frozen=True)
class _Text:
    """A document of the day with what was found in it."""

    view: View
    held: Held | None
    found: tuple[Told, ...]

    def quotes(self, item: str) -> list[Any]:
        """The quotes of the passages that say something, a few at most."""
        passages = [each for each in self.found if each.says(item)]
        iris = [quote_of(self.view, str(self.held and self.held.document), p) for p in passages]
        return [q for iri in iris[:_MOST] if (q := node_at(self.view, iri)) is not None]


@strawberry.type
class RoleQuery:
    """Questions about roles."""

    @paged(
        RoleConnection,
        "What platforms say of their role, which elements of the contract that a regime asks of a "
        "processor or service provider their agreements hold, and what pulls apart; by platform.",
    )
    def roles(
        self,
        info: strawberry.Info,
        regime: Annotated[
            strawberry.ID, strawberry.argument(description="Whose law, such as us-ca/ccpa.")
        ],
        portfolio: PortfolioIds = None,
        platform: PlatformIds = None,
        as_of: AsOf = None,
    ) -> Paged:
        """Roles by platform."""
        view = view_of(info, as_of)
        (law,) = identify(view.reader, "regime", [regime])
        agreements = scope(view, portfolio, platform, (AGREEMENT,))
        return roles(agreements, scope(view, portfolio, platform), _asked(view, law))


def _asked(view: View, regime: str) -> _Asked:
    """What a regime asks on the day. Raises `BadParameterError` where nothing is known of it."""
    instruments = {e.iri for e in view.reader.back(regime, "regime", "Instrument")}
    on_topic = view.reader.back(_TOPIC, "topic", "Requirement")
    reads = {
        each.iri: [Reads(version.iri, version.one("validFrom"), version.one("validUntil"))]
        for each in on_topic
        if each.one("instrument") in instruments and (version := version_on(view, each.iri))
    }
    elements: dict[str, tuple[str, ...]] = {}
    held = duties(reads)
    for duty in held:
        for item in duty.by:
            elements[item] = (*elements.get(item, ()), duty.requirement)
    if not elements:
        raise BadParameterError(
            f"no rule of {regime.removeprefix(ID)} on contracts of processors is in force on "
            f"{view.day} that agreements are held against",
            hint="Take another day or regime.",
            value=regime,
        )
    return _Asked(elements, tuple(sorted({duty.requirement for duty in held})))


def roles(agreements: Scope, notices: Scope, wanted: _Asked) -> Paged:
    """The rows of some platforms: what agreements and notices say, held against a law."""
    view = agreements.view
    found = findings_on(view, wanted.requirements, agreements.documents)
    examined = agreements.documents - unread(found)
    policies: dict[str, Held] = {}
    for each in notices.held:
        if each.version:
            policies.setdefault(each.platform, each)
    rows = [
        (
            (held.label, held.key),
            partial(
                _row, view, held, policies.get(held.platform), wanted, found,
                held.parsed and held.document in examined,
            ),
        )
        for held in agreements.held
    ]  # fmt: skip
    return rows_of(view, rows, [False], agreements.more(examined))


def _row(
    view: View,
    held: Held,
    policy: Held | None,
    wanted: _Asked,
    found: Sequence[Entity],
    examined: bool,
) -> RoleFinding:
    agreement = _Text(view, held, told(view, held.version) if examined and held.version else ())
    notice = _Text(view, policy, told(view, policy.version) if policy and policy.version else ())
    elements = [
        ContractElement(
            id=strawberry.ID(item),
            name=_names()[item],
            requirements=cast(Any, [node_at(view, iri) for iri in asking]),
            quotes=agreement.quotes(item),
        )
        for item, asking in (wanted.elements.items() if examined else ())
    ]
    missing = [each for each in elements if not each.quotes]
    apart = list(_apart(agreement, notice))
    claimed = [
        RoleClaim(role=role, quote=quote)
        for text in (notice, agreement)
        for role in ClaimedRole
        for quote in text.quotes(str(role.value))
    ]
    return RoleFinding(
        platform=cast(Any, node_at(view, held.platform)),
        agreement=cast(Any, node_at(view, held.document)),
        version=cast(Any, node_at(view, held.version)),
        examined=examined,
        claimed=claimed,
        present=[each for each in elements if each.quotes],
        missing=missing,
        findings=[
            cast(Any, make(view, each)) for each in found if each.one("document") == held.document
        ],
        contradicting=apart,
        questions=list(_questions(examined, {each.role for each in claimed}, missing, apart)),
    )


def _apart(agreement: _Text, notice: _Text) -> Iterator[RoleContradiction]:
    shown: set[tuple[Any, Any]] = set()
    for provided, said, note in _APART:
        ours, theirs = agreement.quotes(provided), notice.quotes(said)
        if ours and theirs and (pair := (ours[0].entity.iri, theirs[0].entity.iri)) not in shown:
            shown.add(pair)
            yield RoleContradiction(agreement=ours[0], notice=theirs[0], note=note)


def _questions(
    examined: bool,
    claimed: set[ClaimedRole],
    missing: Sequence[ContractElement],
    apart: Sequence[RoleContradiction],
) -> Iterator[VendorQuestion]:
    """What to ask: for texts that are not there, for elements, for roles and contradictions."""
    if not examined:
        text = "Which agreement covers the data that you process for us, and where can we read it?"
        yield VendorQuestion(text=text, element=None)
    if ClaimedRole.SERVICE_PROVIDER not in claimed:
        text = "For which of our data do you act on our instructions only, and where is that laid down?"
        yield VendorQuestion(text=text, element=None)
    for each in missing:
        text = f"Which clause of your agreement provides this: {each.name}?"
        yield VendorQuestion(text=text, element=each.id)
    for pair in apart:
        text = f"{pair.note} Does that reach data that you process under the agreement?"
        yield VendorQuestion(text=text, element=None)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """The names of the disclosures by their ids."""
    return {each.id: each.name for each in declared()}
