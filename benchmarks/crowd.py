"""The crowd of `benchmarks.mixed`: clients of every kind, and what each answer says of its release.

Each client is a thread with a connection of its own that asks again as soon as it is answered; one
that is refused comes again when it is told to, a second later at most. The crowd runs in a process
of its own, so that what it computes is not in the way of whoever publishes.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from benchmarks.editions import DOCUMENTS, PAGE, PLATFORM, sentence
from clausegraph.ontology.iris import ID, NS

Ask = tuple[str, str, bytes | None, dict[str, str]]
"""Method, path with query, body and headers of a request."""
REFUSALS = {429: "rate-limit", 503: "server-busy sparql-busy query-worker-lost"}
"""Statuses that may be met, with the codes of problems that go with them; each says when to return."""
JSON = {"Content-Type": "application/json", "Accept": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
EDITION = f"""edition: provisions(filter: {{ platform: ["{PLATFORM}"] }}, first: 20, asOf: null) {{
  nodes {{ normalisedText document {{ label }} }} }}"""
NESTED = f"""query($day: Date!, $first: Int!) {{ release {{ id }} {EDITION}
  provisions(first: $first, asOf: null, filter: {{ platform: ["inkwarren"] }}) {{ nodes {{
    id label normalisedText kind mappings(asOf: $day) {{ id relation
      requirement {{ id label kind jurisdiction {{ id label }} }} }} }} }} }}"""
LIST = f"""query($kind: [SegmentKind!], $first: Int!) {{ release {{ id }} {EDITION}
  provisions(first: $first, asOf: null, filter: {{ or: [{{ kind: $kind }}, {{ text: "information" }}] }},
    orderBy: [{{ by: FIRST_SEEN, direction: DESC }}, {{ by: DOCUMENT }}]) {{ totalCount
    facets(by: [KIND, PLATFORM]) {{ key values {{ value count }} }} nodes {{ id label }} }} }}"""
SEARCH = """query($text: String!) { release { id }
  provisions(first: 20, asOf: null, filter: { text: $text }) { totalCount
    nodes { normalisedText document { label } } } }"""
VERIFY = f"""query($text: String!) {{ release {{ id }}
  verifyQuote(text: $text, platform: "{PLATFORM}") {{ status }} }}"""
DOCUMENTS_OF = " ".join(
    f"<{ID}document/{PLATFORM}/{name.lower().replace(' ', '-')}>" for name in DOCUMENTS
)
SUBSCRIPTION = "subscription { releasePublished { id } }"
LIGHT = f"""PREFIX cg: <{NS}> SELECT ?t WHERE {{ VALUES ?d {{ {DOCUMENTS_OF} }}
  ?p cg:document ?d ; cg:normalisedText ?t }}"""
HEAVY = (
    "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a < ?d && ?f < ?i) }"
)
_RELEASE = re.compile(r'"release":\{"id":"(\w+)"')
_NUMBER = re.compile(r"(?:Edition|email address for) (\d+)")
_VERSION = re.compile(r"2026-03-01T000000Z-(\w{12})")


@dataclass(frozen=True)
class Says:
    """What an answer says: its release, the editions that it names, versions, what it denies."""

    kind: str
    release: str = ""
    editions: frozenset[int] = frozenset()
    versions: frozenset[str] = frozenset()
    denied: int | None = None


@dataclass
class Tally:
    """What the crowd has met: what was said, statuses by kind, seconds by kind, what is wrong."""

    says: Counter[Says] = field(default_factory=Counter)
    statuses: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: Counter[str] = field(default_factory=Counter)
    streams: list[list[str]] = field(default_factory=list)
    latest: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __getstate__(self) -> dict[str, object]:
        """All but the lock, which stays in its process."""
        return {key: value for key, value in vars(self).items() if key != "lock"}


@dataclass
class Client:
    """One connection, and what it remembers: the tag and the release of the last answer kept."""

    kind: str
    address: str
    host: str
    tally: Tally
    random: random.Random
    tag: str = ""
    wire: http.client.HTTPConnection | None = None

    def exchange(self, ask: Ask) -> tuple[int, http.client.HTTPMessage, str, float]:
        """Send a request; gives status, headers, text and seconds. Raises `OSError` and others."""
        method, path, body, headers = ask
        self.wire = self.wire or http.client.HTTPConnection(self.host, timeout=60)
        began = time.monotonic()
        self.wire.request(method, path, body, headers | {"X-Forwarded-For": self.address})
        answer = self.wire.getresponse()
        found = answer.read().decode()
        return answer.status, answer.headers, found, time.monotonic() - began

    def once(self) -> float:
        """Ask once, and note what comes; gives the seconds to wait before the next time."""
        about = self.tally.latest
        try:
            status, headers, found, seconds = self.exchange(KINDS[self.kind](self, about))
        except (OSError, http.client.HTTPException) as error:
            self.wire = None
            self.note(f"{self.kind}: {type(error).__name__} {error}")
            return 0.1
        code = _code(found) if status >= 400 else ""
        with self.tally.lock:
            self.tally.statuses[self.kind, status, code] += 1
            self.tally.seconds.setdefault(self.kind, []).append(seconds)
        if status == 200:
            self.heard(headers, found, about)
        elif wrong := unstated(self.kind, status, code, headers.get("Retry-After")):
            self.note(wrong)
        if self.kind == "heavy":
            return 5.0
        wait = float(headers.get("Retry-After") or 0)
        return 0.02 if self.kind == "greedy" else min(1.0, wait)

    def heard(self, headers: http.client.HTTPMessage, found: str, about: int) -> None:
        """Note what an answer says; a document that was not known is sent the next time."""
        if self.kind == "heavy":
            return
        if '"errors"' in found:
            if "PERSISTED_QUERY_NOT_FOUND" not in found:
                self.note(f"{self.kind}: {found[:300]}")
            self.tag = "unknown"
            return
        self.tag = headers.get("ETag") or ""
        said = read(self.kind, found, about)
        with self.tally.lock:
            self.tally.says[said] += 1
            self.tally.latest = max(self.tally.latest, *said.editions, 0)

    def note(self, wrong: str) -> None:
        """Note what must not be."""
        with self.tally.lock:
            self.tally.wrong[wrong] += 1


def unstated(kind: str, status: int, code: str, retry: str | None) -> str:
    """What is wrong with an answer that is not 200; empty for 304 and the stated refusals."""
    if status == 304 and kind == "persisted":
        return ""
    if status == 504 and kind == "heavy" and code == "query-time-limit":
        return ""
    if code and code in REFUSALS.get(status, "").split() and retry:
        return ""
    return f"{kind}: {status} {code or 'without a code'}, Retry-After {retry}"


def read(kind: str, found: str, about: int) -> Says:
    """What an answer says of its release."""
    release = _RELEASE.search(found)
    numbers = frozenset(map(int, _NUMBER.findall(found)))
    denied = None
    if kind == "verify":
        verified = '"status":"VERIFIED"' in found
        numbers, denied = (frozenset({about}), None) if verified else (frozenset(), about)
    versions = frozenset(_VERSION.findall(found)) if kind == "page" else frozenset()
    return Says(kind, release[1] if release else "", numbers, versions, denied)


def _code(found: str) -> str:
    """The code of a problem, or of the first error of GraphQL."""
    try:
        told = json.loads(found)
        return str(told.get("code") or told["errors"][0]["extensions"]["code"])
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        return ""


def posted(query: str, **variables: object) -> Ask:
    """A request to GraphQL."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    return "POST", "/graphql", body, JSON


def sparql(query: str) -> Ask:
    """A request to the SPARQL endpoint."""
    headers = FORM | {"Accept": "application/sparql-results+json"}
    return "POST", "/sparql", f"query={quote(query)}".encode(), headers


def fresh(client: Client, about: int) -> Ask:
    """The nested query with variables of which no answer is kept."""
    dice = client.random
    day = f"{dice.randint(2010, 2026)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
    return posted(NESTED, day=day, first=dice.randint(5, 45))


def listed(client: Client, about: int) -> Ask:
    """A list with filters, two orders, a count and facets."""
    kind = client.random.choice(("PARAGRAPH", "ITEM", "HEADING"))
    return posted(LIST, kind=[kind], first=client.random.randint(5, 50))


def persisted(client: Client, about: int) -> Ask:
    """A document by its hash, asked whether it has changed; sent whole where it is not known."""
    query = f"{{ release {{ id }} {EDITION} }}"
    sha = hashlib.sha256(query.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": sha}}
    if client.tag == "unknown":
        client.tag = ""
        body = {"query": query, "extensions": extensions}
        return "POST", "/graphql", json.dumps(body).encode(), JSON
    headers = {"Accept": "application/json"}
    if client.tag:
        headers["If-None-Match"] = client.tag
    return "GET", f"/graphql?extensions={quote(json.dumps(extensions))}", None, headers


def _kept(client: Client, about: int) -> Ask:
    return posted(NESTED, day="2026-07-14", first=45)


KINDS: dict[str, Callable[[Client, int], Ask]] = {
    "kept": _kept,
    "fresh": fresh,
    "list": listed,
    "search": lambda client, about: posted(SEARCH, text="email address days"),
    "verify": lambda client, about: posted(VERIFY, text=sentence(about)),
    "persisted": persisted,
    "page": lambda client, about: ("GET", PAGE, None, {"Accept": "text/html"}),
    "light": lambda client, about: sparql(LIGHT),
    "heavy": lambda client, about: sparql(HEAVY),
    "greedy": _kept,
}
"""Kinds of requests."""
SHARES = {"kept": 8, "fresh": 8, "list": 4, "search": 3, "verify": 2, "persisted": 3, "page": 2,
          "light": 2}  # fmt: skip
"""Of 32 clients, so many of each kind; one more is heavy, and two are greedy."""


def subscribe(host: str, tally: Tally, end: float) -> None:
    """Hear of every release, as server-sent events, until the end, and hang up then."""
    wire = http.client.HTTPConnection(host, timeout=60)
    heard: list[str] = []
    body = json.dumps({"query": SUBSCRIPTION}).encode()
    try:
        wire.request("POST", "/graphql/stream", body, JSON | {"Accept": "text/event-stream"})
        threading.Timer(end - time.monotonic(), hang_up, (wire.sock,)).start()
        answer = wire.getresponse()
        if answer.status != 200:
            raise http.client.HTTPException(f"stream: {answer.status}")
        while line := answer.readline():
            if found := re.search(rb'"releasePublished":\{"id":"(\w+)"', line):
                heard.append(found[1].decode())
        raise http.client.HTTPException("stream: it has ended")
    except (OSError, http.client.HTTPException) as error:
        if time.monotonic() < end:
            tally.wrong[f"stream: {type(error).__name__} {error}"] += 1
    wire.close()
    tally.streams.append(heard)


def hang_up(wire: socket.socket) -> None:
    """End a connection, so that whoever waits at it goes on."""
    with suppress(OSError):  # the other side was faster
        wire.shutdown(socket.SHUT_RDWR)


def crowd(url: str, seconds: float, clients: int, streams: int) -> Tally:
    """Ask for so many seconds with so many clients, and as many streams; gives what was met."""
    tally, host, end = Tally(), urlsplit(url).netloc, time.monotonic() + seconds
    kinds = [kind for kind, share in SHARES.items() for _ in range(share)]
    chosen = [kinds[at % len(kinds)] for at in range(clients)]

    def ask(client: Client) -> None:
        while time.monotonic() < end:
            time.sleep(min(client.once(), max(0.0, end - time.monotonic())))

    threads = [
        threading.Thread(target=subscribe, args=(host, tally, end + 5)) for _ in range(streams)
    ]
    for number, kind in enumerate([*chosen, "heavy", "greedy", "greedy"]):
        address = "192.0.2.1" if kind == "greedy" else f"198.51.{number >> 8}.{number & 255}"
        one = Client(kind, address, host, tally, random.Random(number))
        threads.append(threading.Thread(target=ask, args=(one,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally
