"""Ids of platforms and documents, and the kind of a document, from their names."""

from __future__ import annotations

import pytest

from clausegraph.loaders.historytexts import sha256_of
from clausegraph.loaders.names import kind_of, slug, slugs


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Midjourney", "midjourney"),
        ("  Le Chat / Pro ", "le-chat-pro"),
        ("Caf\u00e9 N\u00ba 5", "cafe-no-5"),
        ("\u5fae\u4fe1", "\u5fae\u4fe1"),
        ("\u5fae\u4fe1 WeChat", "wechat"),
    ],
)
def test_slug(name: str, expected: str) -> None:
    """Small Latin letters, digits and hyphens; a name without any stays what it is."""
    assert slug(name) == expected
    assert slug(expected) == expected


def test_names_with_one_slug_get_two_ids() -> None:
    """The later of two names with one slug gets digits of its hash, the same every time."""
    digits = sha256_of("Acme!")[:4]

    assert slugs(["Acme!", "Acme", "Bolt"], {}) == {
        "Acme": "acme",
        "Acme!": f"acme-{digits}",
        "Bolt": "bolt",
    }
    assert slugs(["Acme"], {"acme": "Acme!"}) == {"Acme": f"acme-{sha256_of('Acme')[:4]}"}
    assert slugs(["Acme!"], {"acme": "Acme!"}) == {"Acme!": "acme"}


def test_id_that_was_given_is_kept() -> None:
    """A name keeps its id, though the one without digits has become free."""
    digits = sha256_of("Acme!")[:4]

    assert slugs(["Acme!"], {f"acme-{digits}": "Acme!"}) == {"Acme!": f"acme-{digits}"}


def test_name_that_is_another_ones_id_with_digits() -> None:
    """Three names have three ids, even if one is spelled like an id that another gets."""
    given_ = slugs(["Acme", f"Acme {sha256_of('Acme!')[:4]}", "Acme!"], {})

    assert len(set(given_.values())) == 3


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Privacy Policy", "privacy-policy"),
        ("  terms  OF Service", "terms-of-service"),
        ("Data Processor Agreement", "data-processing-agreement"),
        ("Song Lyrics", "other"),
    ],
)
def test_kind_of_document(name: str, kind: str) -> None:
    """The type in the words of an archive leads to a kind of the closed list."""
    assert kind_of(name) == kind
