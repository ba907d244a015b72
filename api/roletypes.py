"""GraphQL types of the role that a platform takes on, and of its contract for that role."""

from __future__ import annotations

from enum import Enum

import strawberry

from clausegraph.api.findingscope import Answer
from clausegraph.api.findingtypes import Finding
from clausegraph.api.lawtypes import Requirement
from clausegraph.api.paging import Connection
from clausegraph.api.policytypes import Document, Platform
from clausegraph.api.provisiontypes import Quote
from clausegraph.api.versiontypes import Version


@strawberry.enum(description="What a text says that its writer is.")
class ClaimedRole(Enum):
    """Roles in a text's own words; which role somebody has in law is another question."""

    SERVICE_PROVIDER = strawberry.enum_value(
        "service-provider-role", description="Service provider or processor for its customers."
    )
    CONTROLLER = strawberry.enum_value("controller-role", description="Controller.")


@strawberry.type(description="A passage in which a role is claimed.")
class RoleClaim:
    """A role with its passage."""

    role: ClaimedRole = strawberry.field(description="The role.")
    quote: Quote = strawberry.field(description="The passage.")


@strawberry.type(description="Something that the law asks of the contract.")
class ContractElement:
    """An element, the rules that ask for it, and the passages that provide it."""

    id: strawberry.ID = strawberry.field(description="The disclosure that is looked for.")
    name: str = strawberry.field(description="What it is, in the words of its rules.")
    requirements: list[Requirement] = strawberry.field(description="The rules that ask for it.")
    quotes: list[Quote] = strawberry.field(
        description="Passages of the agreement that provide it; none where it is missing."
    )


@strawberry.type(description="Words of the notice against words of the agreement, for review.")
class RoleContradiction:
    """Two passages; the notice may speak of data that the agreement does not cover."""

    agreement: Quote = strawberry.field(description="The passage of the agreement.")
    notice: Quote = strawberry.field(description="The passage of the privacy policy.")
    note: str = strawberry.field(description="Why they pull apart.")


@strawberry.type(description="A question that is ready to be sent.")
class VendorQuestion:
    """A question about something that the texts leave open."""

    text: str = strawberry.field(description="The question.")
    element: strawberry.ID | None = strawberry.field(
        description="The contract element that it asks for; null where it asks for something else."
    )


@strawberry.type(description="What a platform's texts say of its role, and its contract holds.")
class RoleFinding:
    """A row: a platform with one of its agreements, or with none."""

    platform: Platform = strawberry.field(description="The platform.")
    agreement: Document | None = strawberry.field(
        description="The data processing agreement; null where none is tracked."
    )
    version: Version | None = strawberry.field(
        description="Its version of the day; null where none was captured by then."
    )
    examined: bool = strawberry.field(
        description="Whether an agreement could be read; where not, what is present and what is "
        "missing is unknown, and both lists are empty."
    )
    claimed: list[RoleClaim] = strawberry.field(
        description="Roles that the privacy policy and the agreement claim."
    )
    present: list[ContractElement] = strawberry.field(description="What the agreement provides.")
    missing: list[ContractElement] = strawberry.field(
        description="What was looked for in the agreement and not found."
    )
    findings: list[Finding] = strawberry.field(
        description="What was found of the agreement on each rule as a whole."
    )
    contradicting: list[RoleContradiction] = strawberry.field(
        description="Passages of the two texts that pull apart."
    )
    questions: list[VendorQuestion] = strawberry.field(description="Questions to the vendor.")


@strawberry.type(description="Roles, a row for each platform and agreement.")
class RoleConnection(Connection[RoleFinding], Answer):
    """Denominators count platforms with an agreement."""
