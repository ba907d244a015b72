"""The ids that platforms and documents get from their names."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

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


def slugs(names: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """An id for each name; `known` has the names of ids given earlier.

    Where two names would get one id, the later one gets four digits of its own hash with it.
    """
    taken = dict(known)
    given: dict[str, str] = {}
    for name in sorted(names):
        own = slug(name)
        if taken.get(own, name) != name:
            own = f"{own}-{hashlib.sha256(name.encode()).hexdigest()[:4]}"
        taken[own] = name
        given[name] = own
    return given


def kind_of(document: str) -> str:
    """The kind of document (a slug of the closed list) that a type's name stands for."""
    return _KINDS.get(" ".join(document.casefold().split()), "other")
