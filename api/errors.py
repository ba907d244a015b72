"""Errors of the top layer that more than one module raises."""

from __future__ import annotations

from clausegraph.ontology.errors import ClausegraphError


class NoReleaseError(ClausegraphError):
    """There is no release to read."""

    code = "no-release"


class BusyError(ClausegraphError):
    """Another process is writing to the same data directory."""

    code = "writer-busy"


class StoreError(ClausegraphError):
    """The store on disk cannot be used."""

    code = "store-unusable"


class ListenError(ClausegraphError):
    """The server cannot listen at the address it was given."""

    code = "cannot-listen"


class OtherOntologyError(ClausegraphError):
    """A release uses a closed list in another version than the software that reads it."""

    code = "other-ontology"


class NothingToRemoveError(ClausegraphError):
    """What was to be removed is not in the store."""

    code = "nothing-to-remove"
