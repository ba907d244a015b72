"""The ids that platforms and documents get from their names."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping

_KINDS = {
    "privacy policy": "privacy-policy",
    "privacy notice": "privacy-policy",
    "privacy statement": "privacy-policy",
    "terms of service": "terms-of-service",
    "terms of use": "terms-of-service",
    "terms and conditions": "terms-of-service",
    "data processor agreement": "data-processing-agreement",
    "data processing agreement": "data-processing-agreement",
    "data processing addendum": "data-processing-agreement",
    "acceptable use policy": "acceptable-use",
    "trackers policy": "cookie-policy",
    "cookie policy": "cookie-policy",
}


def slug(name: str) -> str:
    """A name in small Latin letters, digits and hyphens; one without such signs stays as it is."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub("[^a-z0-9]+", "-", plain).strip("-")
    return made or unicodedata.normalize("NFC", name.strip().casefold())


def slugs(names: Collection[str], known: Mapping[str, str]) -> dict[str, str]:
    """An id for each name; `known` has the names of ids given earlier.

    A name that had an id keeps it. Where two names would get one, the later one gets digits of its
    own hash with it.
    """
    taken = dict(known)
    given = {name: own for own, name in known.items()}
    for name in sorted(names):
        if name not in given:
            own = next(each for each in _candidates(name) if each not in taken)
            taken[own] = name
            given[name] = own
    return {name: given[name] for name in names}


def _candidates(name: str) -> Iterator[str]:
    """The ids that a name may get, the best first."""
    yield slug(name)
    digits = hashlib.sha256(name.encode()).hexdigest()
    for count in range(4, len(digits) + 1, 4):
        yield f"{slug(name)}-{digits[:count]}"


def kind_of(document: str) -> str:
    """The kind of document (a slug of the closed list) that a type's name stands for."""
    return _KINDS.get(" ".join(document.casefold().split()), "other")
