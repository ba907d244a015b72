"""GraphQL types of how requests are made: channels, checks of identity, promised and legal periods."""

from __future__ import annotations

from enum import Enum

import strawberry

from clausegraph.api.enums import Unit
from clausegraph.api.findingscope import Answer
from clausegraph.api.findingtypes import Finding
from clausegraph.api.lawtypes import Quantity, RequirementVersion
from clausegraph.api.paging import Connection
from clausegraph.api.policytypes import Document, Platform
from clausegraph.api.provisiontypes import Quote
from clausegraph.api.versiontypes import Version


@strawberry.enum(description="What a person may ask for.")
class RequestRight(Enum):
    """Rights that are used by a request."""

    KNOW = strawberry.enum_value("know", description="To know, and to have access.")
    DELETE = strawberry.enum_value("delete", description="To have data deleted.")
    CORRECT = strawberry.enum_value("correct", description="To have data corrected.")
    OPT_OUT = strawberry.enum_value(
        "opt-out", description="To opt out of sale, sharing or targeted advertising."
    )


@strawberry.enum(description="By what a request reaches the platform.")
class ChannelKind(Enum):
    """Kinds of channels."""

    EMAIL = strawberry.enum_value("email", description="An e-mail address.")
    FORM = strawberry.enum_value("form", description="A web form, portal or linked page.")
    MAIL = strawberry.enum_value("mail", description="A postal address.")
    PHONE = strawberry.enum_value("phone", description="A telephone number.")
    ACCOUNT = strawberry.enum_value("account", description="The account or its settings.")
    OTHER = strawberry.enum_value(
        "other",
        description="Words that tell how to ask and name none of these, such as a contact below.",
    )


@strawberry.enum(description="The step for which a period is promised.")
class PeriodPurpose(Enum):
    """Steps of answering a request."""

    ANSWER = strawberry.enum_value("answer", description="Until the answer, or until it is done.")
    ACKNOWLEDGEMENT = strawberry.enum_value("acknowledgement", description="Until receipt is told.")
    EXTENSION = strawberry.enum_value("extension", description="By which the time is made longer.")
    TOTAL = strawberry.enum_value("total", description="With everything added.")
    OTHER = strawberry.enum_value(
        "other", description="More time, where words leave open whether it is added or the sum."
    )
    APPEAL = strawberry.enum_value("appeal", description="For an appeal or its answer.")


@strawberry.type(description="A channel that a passage offers.")
class RequestChannel:
    """A kind with the passage that shows it."""

    kind: ChannelKind = strawberry.field(description="The kind of channel.")
    by_name: bool = strawberry.field(
        description="Whether the passage names this right; false where it speaks of requests at all."
    )
    quote: Quote = strawberry.field(description="The passage.")


@strawberry.type(description="A period that a passage promises.")
class PromisedPeriod:
    """A number of a unit; days that are not called business days are calendar days."""

    number: int = strawberry.field(description="How many; a week is seven days.")
    unit: Unit = strawberry.field(description="Of what.")
    purpose: PeriodPurpose = strawberry.field(description="For which step.")
    by_name: bool = strawberry.field(
        description="Whether the sentence names this right; false where it speaks of requests at all."
    )
    slack: int | None = strawberry.field(
        description="What the law allows for this step less what is promised; below zero where more "
        "is promised. Null where the law gives none for the step, or in another unit."
    )
    quote: Quote = strawberry.field(description="The passage.")


@strawberry.type(description="The longest time that the law allows on the day.")
class LegalMaximum:
    """A typed value of a deadline, with the version that holds its citations."""

    requirement_version: RequirementVersion = strawberry.field(description="The deadline.")
    quantity: Quantity = strawberry.field(description="Its value.")


@strawberry.type(description="How a right is used at a platform, as far as its notice tells.")
class RequestChannels:
    """A row: a document and a right."""

    platform: Platform = strawberry.field(description="The platform.")
    document: Document | None = strawberry.field(
        description="The privacy policy; null where none is tracked."
    )
    version: Version | None = strawberry.field(
        description="The version of the day; null where none was captured by then."
    )
    right: RequestRight = strawberry.field(description="The right.")
    examined: bool = strawberry.field(
        description="Whether the rules could read the text; where not, nothing below says anything."
    )
    channels: list[RequestChannel] = strawberry.field(description="The channels found.")
    verification_asked: bool | None = strawberry.field(
        description="Whether a passage asks for proof of identity before this right is used: false "
        "where none was found, null where the text was not examined."
    )
    verification: list[Quote] = strawberry.field(description="The passages that ask for it.")
    promised: list[PromisedPeriod] = strawberry.field(
        description="The periods promised; those for this right by name where there are any."
    )
    legal_maximum: list[LegalMaximum] = strawberry.field(
        description="What the law of the jurisdiction allows on the day."
    )
    slack: int | None = strawberry.field(
        description="The least slack of the periods for the answer; null where none can be told."
    )
    tensions: list[Finding] = strawberry.field(
        description="Tensions on the right, its period or its checks; each quotes the document and "
        "leads to the rules of law it stands against."
    )


@strawberry.type(
    description="Request channels, a row for each platform's notice and right. Only privacy policies "
    "are looked at, for they alone are held against the rules on requests: terms of service, cookie "
    "policies and pages that a notice links may offer more. Denominators count the platforms of "
    "which a privacy policy was captured, parsed and examined."
)
class RequestChannelConnection(Connection[RequestChannels], Answer):
    """The table of rights by platforms."""
