"""What a SPARQL text asks for, found before it runs: its form, its dataset, its SERVICE clauses.

Oxigraph obeys SERVICE and has no switch against it, so a SERVICE clause must be found in the text.
A tokenizer by the book does not find them all. Oxigraph's grammar has no tokens: it reads
``SERVICEe:x{}``, ``1SERVICE<x>{}`` and ``e:a.b.SERVICE<x>{}`` as clauses, takes ``<`` for
less-than or the start of an IRI by context, and reads ``'''`` as two strings where a long one
fails. A text made for it can so look like a string to a tokenizer. Hence two steps, and both err
towards refusal:

1. Where the letters do not begin what has the shape of a clause, there is no clause.
2. What has the shape still counts unless *every* reading of the text puts it inside a comment, a
   string, an IRI, a variable or the local part of a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from urllib.parse import urljoin

_SPACE = r"(?:\s|\#[^\r\n]*)*+"
_IRI = r"<[^<>]*>"
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")

_PROLOGUE = re.compile(
    rf"""(?: \s | \#[^\r\n]*
           | BASE{_SPACE}{_IRI}
           | PREFIX{_SPACE}[^\s:<>]*:{_SPACE}{_IRI}
           | VERSION{_SPACE}(?:"[^"]*"|'[^']*') )*+""",
    re.IGNORECASE | re.VERBOSE,
)
_KEYWORD = re.compile("service", re.IGNORECASE)
_WINDOW = 1024  # a clause that is not decided in as many characters counts as one
_CLAUSE = re.compile(
    rf"""SERVICE{_SPACE}(?:SILENT{_SPACE})?
         (?: \Z | (?P<name>{_IRI} | (?:\\(?:.|\Z)|[^\s<>{{}}\#\\"'])++) {_SPACE}(?:\Z|\{{)
           | <[^<>]*\Z )""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_NAME_START = re.compile(r"[\w%:]|\\.", re.DOTALL)
_NAME_PART = re.compile(r"(?:[\w%:\u00b7\u203f\u2040-]|\\.)*", re.DOTALL)
_TOKEN = re.compile(
    r"""(?P<space>  \s+ | \#[^\r\n]* )
      | (?P<long>   \"\"\"(?:\"{0,2}(?:[^\"\\]|\\.))*\"\"\" | '''(?:'{0,2}(?:[^'\\]|\\.))*''' )
      | (?P<string> "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*' )
      | (?P<iri>    <[^\s<>"{}]*> )
      | (?P<name>   [?$]\w[\w\u00b7\u203f\u2040]* )
      | (?P<tag>    @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
      | (?P<local>  :(?:(?:[\w%:]|\\.)(?:[\w%:.\u00b7\u203f\u2040-]|\\.)*)? )
      | (?P<word>   [\w-]+ )
      | (?P<other>  . )""",
    re.VERBOSE | re.DOTALL,
)
_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def query_form(text: str) -> str | None:
    """``SELECT``, ``ASK``, ``CONSTRUCT``, ``DESCRIBE`` or ``UPDATE``; None for what is no SPARQL."""
    at = after_prologue(text)
    start = text[at : at + 10].upper()
    if start.startswith(_UPDATES):
        return "UPDATE"
    return next((form for form in FORMS if start.startswith(form)), None)


def after_prologue(text: str) -> int:
    """Where a text goes on after its declarations, comments and spaces."""
    prologue = _PROLOGUE.match(text)
    assert prologue is not None
    return prologue.end()


def is_volatile(text: str) -> bool:
    """Whether the answer may differ from one moment to the next over the same graph."""
    return re.search(r"\b(?:NOW|RAND|(?:STR)?UUID)\b", text, re.IGNORECASE) is not None


def names_dataset(text: str) -> bool:
    """Whether the query has a FROM clause of its own."""
    if re.search("from", text, re.IGNORECASE) is None:
        return False
    return any(
        token["word"].upper().endswith("FROM")
        and (text[token.end() : token.end() + 1] != ":" or not _declares(text, token["word"]))
        for token in _TOKEN.finditer(text)
        if token["word"]
    )


def graphs_named(text: str, base: str, prefixes: Mapping[str, str]) -> list[str]:
    """The graphs that the FROM clauses of a valid query name, as far as they can be told.

    `prefixes` are known without being declared. What cannot be resolved is left to the engine.
    """
    tokens = [each for each in _TOKEN.finditer(text) if each.lastgroup != "space"]
    bases = re.findall(rf"BASE{_SPACE}<([^<>]*)>", text, re.IGNORECASE)
    if len(bases) > 1:
        return []
    known = {**prefixes, **dict(_declared(text))}
    found = []
    for number, token in enumerate(tokens):
        if token[0].upper() == "FROM":
            named = _name_at(tokens[number + 1 : number + 4])
            iri = _resolved(named, known)
            if iri is not None:
                with suppress(ValueError):  # an address that only the engine understands
                    found.append(urljoin(urljoin(base, bases[0]) if bases else base, _decoded(iri)))
    return found


def undeclared(text: str, prefixes: Mapping[str, str]) -> tuple[int, str] | None:
    """The first prefix that is used and not known, and where; up to a quote that does not end."""
    known = {"_", *prefixes, *(name for name, _ in _declared(text))}
    before: re.Match[str] | None = None
    for token in _TOKEN.finditer(text):
        if token[0] in ("'", '"'):
            return None
        if token.lastgroup == "local":
            joined = before is not None and before.lastgroup == "word"
            name = before[0] if joined and before is not None else ""
            if name not in known and not _after_declaration(text, token.start() - len(name)):
                return token.start() - len(name), name
        before = token
    return None


def _after_declaration(text: str, at: int) -> bool:
    """Whether a prefix is about to be declared here."""
    return re.search(r"PREFIX\s+\Z", text[max(0, at - 20) : at], re.IGNORECASE) is not None


def _declared(text: str) -> list[tuple[str, str]]:
    return re.findall(
        rf"PREFIX{_SPACE}([^\s:<>]{{0,200}}+):{_SPACE}<([^<>]{{0,4000}}+)>", text, re.IGNORECASE
    )


def _name_at(tokens: Sequence[re.Match[str]]) -> str:
    """The IRI or prefixed name with which some tokens begin, after NAMED where it stands."""
    if tokens and tokens[0][0].upper() == "NAMED":
        tokens = tokens[1:]
    if tokens and tokens[0].lastgroup == "word" and len(tokens) > 1:
        joined = tokens[0].end() == tokens[1].start() and tokens[1].lastgroup == "local"
        return tokens[0][0] + tokens[1][0] if joined else ""
    return tokens[0][0] if tokens else ""


def _resolved(name: str, prefixes: Mapping[str, str]) -> str | None:
    """An IRI as it is written, or the one of a prefixed name without escapes."""
    if name.startswith("<"):
        return name[1:-1]
    prefix, colon, local = name.partition(":")
    if not colon or prefix not in prefixes or re.search(r"[\\%.]", local):
        return None
    return prefixes[prefix] + local


def services(text: str) -> list[str]:
    """The endpoints of all SERVICE clauses as they are written, in every reading of the text.

    An endpoint is ``<iri>``, a variable or a prefixed name, or empty where it cannot be told.
    SPARQL 1.1 lets codepoint escapes stand anywhere and SPARQL 1.2 does not: both are read.
    """
    return [name for reading in {text, _decoded(text)} for name in _services(reading)]


def _services(text: str) -> Iterator[str]:
    clauses = dict(_shapes(text))
    if not clauses:
        return
    for span in _words(text):
        found = (match.start() for match in _KEYWORD.finditer(text, *span))
        yield from (clauses[at] for at in found if at in clauses)


def _shapes(text: str) -> Iterator[tuple[int, str]]:
    """Each place where a clause may begin by its shape, and the endpoint it names."""
    for found in _KEYWORD.finditer(text):
        shape = _CLAUSE.match(text, found.start(), found.start() + _WINDOW)
        if shape is not None:
            yield found.start(), shape["name"] or ""


def _words(text: str) -> Iterator[tuple[int, int]]:
    """The span of whatever some reading takes for a bare word or the prefix of a name.

    Readings part at ``<``, at a dot in a local name, and at a long string with a backslash, which
    Oxigraph may refuse to take for one. They are followed by place, two that meet only once; a
    place is a position and whether a local name goes on there.
    """
    seen: set[tuple[int, bool]] = set()
    todo = [(0, False)]
    while todo:
        at, in_name = place = todo.pop()
        if place in seen or at >= len(text):
            continue
        seen.add(place)
        if in_name or text[at] == ":":
            todo.extend(_through_name(text, at, in_name))
            continue
        token = _TOKEN.match(text, at)
        assert token is not None
        todo.append((token.end(), False))
        if token.lastgroup == "word":
            yield token.span()
        elif token.lastgroup == "iri":
            todo.append((at + 1, False))
        elif token.lastgroup == "long" and "\\" in token[0]:
            todo.append((at + 2, False))


def _through_name(text: str, at: int, in_name: bool) -> Iterator[tuple[int, bool]]:
    """Where readings go on from a colon or within a local name: up to its next dot, or past it."""
    if not in_name:
        yield at + 1, _NAME_START.match(text, at + 1) is not None
        return
    part = _NAME_PART.match(text, at)
    assert part is not None
    end = part.end()
    yield end, False
    if text.startswith(".", end):
        yield end + 1, True


def _decoded(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        point = int(match[1] or match[2], 16)
        return chr(point) if point <= 0x10FFFF else match[0]

    return _CODEPOINT.sub(character, text)


def _declares(text: str, prefix: str) -> bool:
    return re.search(rf"PREFIX{_SPACE}{re.escape(prefix)}:", text, re.IGNORECASE) is not None
