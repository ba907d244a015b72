"""The page at `/sparql` for people: an editor, and the same as a plain form without JavaScript."""

from __future__ import annotations

import json
from collections.abc import Mapping

from markupsafe import Markup

from clausegraph.api.render import _environment as environment
from clausegraph.api.sparql_examples import examples

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; "
    "font-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""What the editor may load: files of this server alone, no inline script, no `eval`."""


def page(prefixes: Mapping[str, str]) -> str:
    """The page, with the prefixes and the examples in it."""
    known = {
        "prefixes": dict(prefixes),
        "examples": [{"question": each.question, "query": each.query} for each in examples()],
    }
    # no text of ours may end the element that holds it
    data = Markup(json.dumps(known).replace("<", "\\u003c"))
    return environment().get_template("sparql.html").render(data=data, examples=examples())
