"""Settings: read once, passed on as one frozen object.

``docs/settings.md`` lists them; a test compares the two.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from clausegraph.ontology.errors import ClausegraphError


class SettingError(ClausegraphError):
    """A setting in the environment has no usable value."""

    code = "bad-setting"


def _setting(default: Any, about: str) -> Any:
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True)
class Settings:
    """Everything that can be set; each has a variable ``CLAUSEGRAPH_<NAME>``."""

    data: Path = field(
        default_factory=lambda: user_data_path("clausegraph"),
        metadata={"about": "Directory of the store and its releases."},
    )
    host: str = _setting("127.0.0.1", "Address that the server listens on.")
    port: int = _setting(8000, "Port that the server listens on.")
    endpoint: str = _setting(
        "", "SPARQL endpoint that a release is read from; empty: the store of `data`."
    )
    endpoint_user: str = _setting("", "Name for the endpoint (basic authentication).")
    endpoint_password: str = field(
        default="", repr=False, metadata={"about": "Password for the endpoint."}
    )
    endpoint_token: str = field(
        default="", repr=False, metadata={"about": "Bearer token for the endpoint."}
    )
    endpoint_seconds: float = _setting(30.0, "Time within which the endpoint is to answer.")
    workers: int = _setting(1, "Worker processes of the server.")
    graceful_seconds: int = _setting(10, "Time that requests have to end when the server stops.")
    rate: float = _setting(
        200.0, "Points a second for each client; a page takes 1. 0: no limit of a client."
    )
    burst: float = _setting(2_000.0, "Most points that a client can have saved.")
    proxies: int = field(
        default=0,
        metadata={"about": "Proxies of one's own before the server, which name the client."},
    )
    at_once: int = _setting(64, "Requests to GraphQL and SPARQL worked on at once.")
    queue: int = _setting(256, "Requests that may wait for their turn.")
    patience: float = _setting(3.0, "Seconds that they wait before they are refused.")
    body_seconds: float = _setting(10.0, "Time within which a request body is to come.")
    head_seconds: float = _setting(
        10.0, "Time within which a request's head is to come, and an answer to be taken on."
    )
    origins: str = _setting(
        "*", "Sites whose pages may ask (CORS), separated by spaces; empty: none, `*`: every one."
    )
    telemetry: bool = _setting(False, "Whether requests are traced with OpenTelemetry.")
    max_body: int = _setting(1_000_000, "Largest request body, in bytes.")
    max_nodes: int = _setting(20_000, "Most nodes that one GraphQL request may make.")
    max_cost: int = _setting(
        120_000, "Most nodes that a GraphQL request may ask for, counted before it runs."
    )
    answer_bytes: int = _setting(
        64_000_000, "Bytes of GraphQL answers that are kept for a release and given again."
    )
    streams: int = _setting(200, "Event streams and sockets that a worker keeps open.")
    subscriptions: int = _setting(20, "Subscriptions of one socket.")
    documents: str = _setting("", "Folder of trusted GraphQL documents.")
    trusted_only: bool = _setting(False, "Whether only trusted GraphQL documents are answered.")
    federation: bool = _setting(
        False,
        "Whether `/graphql` is a subgraph of Apollo Federation, with `_service` and `_entities`.",
    )
    graphql_seconds: float = _setting(10.0, "Time after which a GraphQL request is ended.")
    max_depth: int = _setting(15, "Deepest nesting of a GraphQL document.")
    max_aliases: int = _setting(50, "Most aliases in a GraphQL document.")
    max_tokens: int = _setting(5_000, "Most tokens in a GraphQL document.")
    sparql_workers: int = _setting(2, "Worker processes for SPARQL queries.")
    sparql_services: str = _setting(
        "", "Endpoints that SERVICE may name, separated by blanks; with none there is no network."
    )
    sparql_seconds: float = _setting(30.0, "Time after which a SPARQL query is killed.")
    quote_characters: int = _setting(
        100_000_000, "Most characters of captured text that are indexed for quotations at once."
    )
    token: str = field(
        default="",
        repr=False,
        metadata={"about": "Secret that mutations need; without one they are refused."},
    )
    rules: str = _setting(
        "",
        "Folder of declared patterns, in the form of `loaders/detection`; empty: the installed ones.",
    )
    watch_seconds: float = _setting(0.5, "How often the server looks for a newer release.")
    writer_seconds: float = _setting(
        10.0, "Time that a command which loads or publishes waits for another who does."
    )

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, **given: Any) -> Settings:
        """Read the environment; what is given (and not None) wins.

        Raises `SettingError` where a value cannot be read.
        """
        env = os.environ if env is None else env
        found = {key: value for key, value in given.items() if value is not None}
        for each in fields(cls):
            text = env.get(variable(each.name))
            if text is not None and each.name not in found:
                found[each.name] = _read(each.name, str(each.type), text)
        return cls(**found)


_MAY_BE_ZERO = ("proxies", "queue", "rate")
_KINDS = {"bool": "truth value such as 1 or 0"}


def _truth(text: str) -> bool:
    """A truth value. Raises `ValueError`."""
    known = {
        "1": True,
        "true": True,
        "yes": True,
        "0": False,
        "false": False,
        "no": False,
        "": False,
    }
    if text.lower() not in known:
        raise ValueError(text)
    return known[text.lower()]


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"CLAUSEGRAPH_{name.upper()}"


def _read(name: str, kind: str, text: str) -> Any:
    most = 65_536 if name == "port" else math.inf  # NaN is not below it either
    if name == "token" and not (text.isprintable() and " " not in text):
        raise SettingError(  # a secret is not shown
            f"{variable(name)} holds a space or a control character",
            hint="Correct the variable or remove it.",
        )
    readers: Mapping[str, Callable[[str], Any]] = {
        "int": int, "float": float, "Path": Path, "str": str, "bool": _truth,
    }  # fmt: skip
    try:
        value = readers[kind](text)
        zero = value == 0 and name in _MAY_BE_ZERO
        if kind in ("int", "float") and not (zero or 0 < value < most):
            raise ValueError
    except ValueError:
        raise SettingError(
            f"{variable(name)} is {text!r}, which is not a {_KINDS.get(kind, f'positive {kind}')}",
            hint="Correct the variable or remove it; docs/settings.md lists all settings.",
            value=text,
        ) from None
    return value
