"""Pages from templates: everything that is put into one is escaped."""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from clausegraph.api.sites import Site

NOTICE = "Analysis of text and law notes. No legal advice, no verdicts."


def render(template: str, site: Site, **values: Any) -> bytes:
    """A page of a site; a value that a template needs and does not get is an error."""
    page = _environment().get_template(template)
    return page.render(release=site.reader.release, notice=NOTICE, **values).encode()


def style() -> bytes:
    """The one style sheet."""
    return files("clausegraph.api").joinpath("static", "style.css").read_bytes()


_PICTURES = {code: 0x2400 + code for code in range(32) if code not in (9, 10, 13)} | {0x7F: 0x2421}


@functools.cache
def _environment() -> Environment:
    return Environment(
        finalize=_shown,
        loader=FunctionLoader(_template),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )


def _template(name: str) -> str:
    return files("clausegraph.api").joinpath("templates", name).read_text()


def _shown(value: Any) -> Any:
    """A value as a page may hold it: signs that steer a terminal or a browser become pictures."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return value.translate(_PICTURES)
    return value
