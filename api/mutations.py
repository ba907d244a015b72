"""Mutations: portfolios and saved queries, for whoever has the server's token.

This is the one place at which a request changes anything. `refusal` says before anything runs
whether a request may; a request that may finds the server's `Served` in its context. What is
changed is published, and the server has moved to the new release when the answer goes out.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import strawberry
from starlette.requests import Request

from clausegraph.api.enums import Decision, DocumentKind, FindingState, Significance
from clausegraph.api.errors import BusyError
from clausegraph.api.listing import view_of
from clausegraph.api.problems import RETRY_SECONDS
from clausegraph.api.reader import slug
from clausegraph.api.served import Served
from clausegraph.api.settings import Settings
from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.iris import ID

if TYPE_CHECKING:  # what writes is imported when something is written: it brings the loaders along
    from clausegraph.api.portfolios import Saved

WRITER = "writer"
"""Where a request that may change something finds the `Served` in its context."""
_KINDS = {"portfolios": "portfolio", "queries": "saved-query"}
PATIENCE = 5.0
"""Seconds that a mutation waits for another writer."""


class MutationsOffError(ClausegraphError):
    """The server has no token, so it takes no mutation."""

    code = "mutations-off"


class UnauthorisedError(ClausegraphError):
    """A mutation needs the server's token, and the request has none or another one."""

    code = "unauthorised"


class InputError(ClausegraphError):
    """The input of a mutation has mistakes; nothing was saved."""

    code = "input-invalid"


def refusal(settings: Settings, request: Request) -> ClausegraphError | None:
    """Why a request may change nothing; None where it may."""
    if not settings.token:
        return MutationsOffError(
            "this server takes no mutations",
            hint="Start it with a secret in CLAUSEGRAPH_TOKEN.",
        )
    sent = request.headers.getlist("authorization")
    scheme, _, token = (sent[0] if len(sent) == 1 else "").partition(" ")
    # Digests are of one length, so that the comparison tells nothing of the token's.
    given, wanted = (sha256(each).digest() for each in (_bytes(token), settings.token.encode()))
    if scheme.lower() == "bearer" and hmac.compare_digest(given, wanted):
        return None
    return UnauthorisedError(
        "a mutation needs the server's token",
        hint="Send the header `Authorization: Bearer` with the token.",
    )


def _bytes(token: str) -> bytes:
    """A token as it was sent: headers are read as Latin-1."""
    return token.strip(" ").encode("latin-1", "replace")


@strawberry.input(description="A portfolio to save, in the place of the one with its id.")
class PortfolioInput:
    """A named list of platforms."""

    id: strawberry.ID = strawberry.field(description="Small letters, digits and hyphens.")
    name: str = strawberry.field(description="Name for people.")
    platforms: list[str] = strawberry.field(description="Ids or names of platforms.")
    note: str | None = strawberry.field(default=None, description="What is to be remembered.")


@strawberry.input(
    description="A saved query to save, in the place of the one with its id; what is left out "
    "limits nothing."
)
class SavedQueryInput:
    """A named choice of changes."""

    id: strawberry.ID = strawberry.field(description="Small letters, digits and hyphens.")
    name: str = strawberry.field(description="Name for people.")
    portfolio: str | None = strawberry.field(default=None, description="Id of a portfolio.")
    platforms: list[str] | None = strawberry.field(default=None, description="Ids or names.")
    documents: list[str] | None = strawberry.field(default=None, description="Ids or names.")
    document_kinds: list[DocumentKind] | None = None
    significances: list[Significance] | None = strawberry.field(
        default=None, description="Where it names none: changes of meaning."
    )
    contains: str | None = strawberry.field(
        default=None, description="Words of a changed passage, before or after."
    )
    only_silent: bool | None = None


@strawberry.input(description="What a person holds of a finding or mapping.")
class OpinionInput:
    """An opinion to put beside those that are there."""

    judgement: strawberry.ID = strawberry.field(description="The finding or mapping.")
    author: str = strawberry.field(description="Who holds it, by name.")
    decision: Decision = strawberry.field(description="What the person does with it.")
    reason: str = strawberry.field(description="Why, in a sentence or two.")
    state: FindingState | None = strawberry.field(
        default=None, description="The right state, to amend a finding."
    )


@strawberry.type(description="What a mutation did, as the release that now answers shows it.")
class Outcome:
    """The node that was saved or removed, and the release."""

    id: strawberry.ID = strawberry.field(description="IRI of what was saved or removed.")
    release: strawberry.ID = strawberry.field(description="Id of the release that shows it.")
    changed: bool = strawberry.field(description="False where it was so before.")


@strawberry.type(description="Everything that can be changed, with the server's token.")
class Mutation:
    """Root of all changes."""

    @strawberry.mutation(description="Save a portfolio.")
    def save_portfolio(self, info: strawberry.Info, input: PortfolioInput) -> Outcome:
        """Save and publish."""
        return _outcome(info, lambda data: _save(data, "portfolios", asdict(input)))

    @strawberry.mutation(description="Remove a portfolio that no saved query needs.")
    def remove_portfolio(self, info: strawberry.Info, id: strawberry.ID) -> Outcome:
        """Remove and publish."""
        return _outcome(info, lambda data: _remove(data, "portfolio", id))

    @strawberry.mutation(description="Save a choice of changes that a feed can follow.")
    def save_query(self, info: strawberry.Info, input: SavedQueryInput) -> Outcome:
        """Save and publish."""
        given = {
            "id": input.id,
            "name": input.name,
            "portfolio": input.portfolio,
            "platforms": input.platforms,
            "documents": input.documents,
            "kinds": _slugs(input.document_kinds),
            "significance": _slugs(input.significances),
            "contains": input.contains,
            "silent": input.only_silent,
        }
        return _outcome(info, lambda data: _save(data, "queries", given))

    @strawberry.mutation(description="Remove a saved query.")
    def remove_query(self, info: strawberry.Info, id: strawberry.ID) -> Outcome:
        """Remove and publish."""
        return _outcome(info, lambda data: _remove(data, "saved-query", id))

    @strawberry.mutation(
        description="Put an opinion beside a finding or mapping; none is ever overwritten."
    )
    def give_opinion(self, info: strawberry.Info, input: OpinionInput) -> Outcome:
        """Take the opinion and publish."""
        from clausegraph.api.review import Given, give

        given = Given(
            judgement=input.judgement,
            author=input.author,
            decision=slug(input.decision.value),
            reasoning=input.reason,
            state=slug(input.state.value) if input.state else "",
        )
        return _outcome(info, lambda data: give(data, given, patience=PATIENCE))


def _slugs(members: list[Any] | None) -> list[str] | None:
    return None if members is None else [slug(member.value) for member in members]


def _save(data: Path, key: str, given: dict[str, Any]) -> Saved:
    """Save one entry, read as if it stood in a file. Raises `InputError`."""
    from clausegraph.api.portfolios import save
    from clausegraph.loaders.portfolios import PortfolioError, kept
    from clausegraph.loaders.source import SourceFile

    entry = {name: value for name, value in given.items() if value is not None}
    entry["id"] = entry["id"].removeprefix(ID).removeprefix(f"{_KINDS[key]}/")
    try:
        return save(data, kept(SourceFile("input", "", {key: [entry]}, {})), patience=PATIENCE)
    except PortfolioError as error:
        lines = [
            f"{each.path.removeprefix(f'{key}[0]').removeprefix('.') or 'input'}: {each.message}"
            for each in error.mistakes
        ]
        raise InputError(
            "; ".join(lines), hint="Correct the input and send it again.", value=lines
        ) from error


def _remove(data: Path, kind: str, own: str) -> Saved:
    """Remove what has an id."""
    from clausegraph.api.portfolios import remove

    return remove(data, kind, own, patience=PATIENCE)


def _outcome(info: strawberry.Info, change: Callable[[Path], Saved]) -> Outcome:
    """Make a change, and wait until this server answers from the release that shows it."""
    served: Served | None = info.context.get(WRITER)
    if served is None:
        raise UnauthorisedError(
            "mutations are taken over HTTP alone, with the server's token",
            hint="`clausegraph portfolio` changes portfolios from the command line.",
        )
    budget, start = view_of(info).budget, time.monotonic()
    try:
        done = change(served.releases.data)
        served.move()
    except BusyError as error:
        seconds = RETRY_SECONDS[error.code]
        raise BusyError(
            "another change is being written", hint=f"Send it again in {seconds} seconds."
        ) from error
    finally:
        budget.until += time.monotonic() - start  # writing is not what the limit is for
    return Outcome(
        id=strawberry.ID(done.iris[0]),
        release=strawberry.ID(done.release.id),
        changed=done.changed,
    )
