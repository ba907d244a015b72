"""Make GraphQL documents from a schema: valid ones, by chance, the same for the same seed.

They use what the language has: aliases, variables with and without values, named and inline
fragments, `@skip` and `@include`, interfaces, `__typename`, lists within lists. Arguments come from
what a release holds, and now and then from what none holds, so that answers have errors, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

ODD = ("nothing-of-that-name", "", "ⓧ", "../..", "requirement/none", "http://[")
WORDS = ("opt out", "sale", '"third parties"', "child", "zzz", "the", "retain", "§", "*")
DAYS = ("2020-01-01", "2023-03-29", "2024-07-01", "2025-01-01", "2026-07-14", "2026-11-24")
INTERVALS = ("2024-01-01T00:00:00Z", "2026-02-03", "2025-06-30T12:00:00+02:00")
SHARES = {"first": 0.9, "last": 0.03, "after": 0.04, "before": 0.02}
"""How often an optional argument is given, where not in three of ten cases."""
DEEPEST = 6
MOST = 60


@dataclass
class Document:
    """A document, its variables, and what it uses."""

    text: str
    variables: dict[str, Any]
    uses: set[str] = field(default_factory=set)


@dataclass
class _Written:
    """What is written so far of one document."""

    definitions: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    uses: set[str] = field(default_factory=set)
    names: int = 0
    fields: int = 0

    def name(self, start: str) -> str:
        """A name that nothing has yet."""
        self.names += 1
        return f"{start}{self.names}"


class Writer:
    """Writes documents for one schema. `ids` are the IRIs of a release by GraphQL type."""

    def __init__(self, schema: GraphQLSchema, ids: Mapping[str, Sequence[str]], seed: int) -> None:
        """Take what to ask and what of."""
        self.schema = schema
        self.ids = ids
        self.chance = Random(seed)
        self.all_ids = [iri for some in ids.values() for iri in some]

    def documents(self, count: int) -> Iterator[Document]:
        """So many documents."""
        return (self.document() for _ in range(count))

    def document(self) -> Document:
        """One document."""
        written = _Written()
        query = self.schema.query_type
        assert query is not None
        roots = self.chance.sample(sorted(query.fields), self.chance.choice((1, 1, 1, 2, 3)))
        parts = [self._field(written, query, name, 0) for name in roots]
        if self._now(0.1):
            parts.append("__typename")
        variables = f"({', '.join(written.definitions)})" if written.definitions else ""
        text = f"query Q{variables} {{ {' '.join(parts)} }}"
        return Document("\n".join([text, *written.fragments]), written.values, written.uses)

    def _now(self, share: float) -> bool:
        return self.chance.random() < share

    def _field(self, written: _Written, owner: Any, name: str, depth: int) -> str:
        """A field with a key of its own, its arguments, directives and selection."""
        definition = owner.fields[name]
        written.fields += 1
        alias = ""
        if self._now(0.7) or depth > 0:
            alias = f"{written.name('a')}: "
            written.uses.add("alias")
        arguments = self._arguments(written, definition.args, owner.fields[name], name)
        kind = get_named_type(definition.type)
        inner = "" if is_leaf_type(kind) else self._selection(written, kind, depth + 1)
        return f"{alias}{name}{arguments}{self._directive(written)}{inner}"

    def _directive(self, written: _Written) -> str:
        if not self._now(0.08):
            return ""
        which, value = self.chance.choice(("skip", "include")), self._now(0.5)
        written.uses.add("directive")
        if self._now(0.5):
            return f" @{which}(if: {json.dumps(value)})"
        name = written.name("s")
        written.definitions.append(f"${name}: Boolean!")
        written.values[name] = value
        return f" @{which}(if: ${name})"

    def _selection(self, written: _Written, kind: Any, depth: int) -> str:
        """The fields asked of a type, some of them within fragments."""
        parts = ["__typename"] if self._now(0.15) else []
        parts += [
            self._field(written, kind, name, depth) for name in self._chosen(kind, written, depth)
        ]
        if isinstance(kind, GraphQLInterfaceType) and self._now(0.8):
            parts += self._of_types(written, kind, depth)
        elif parts and self._now(0.12):
            parts.append(self._fragment(written, kind, depth))
        return f" {{ {' '.join(parts or ['__typename'])} }}"

    def _chosen(self, kind: Any, written: _Written, depth: int) -> list[str]:
        """Some fields of a type: fewer and simpler ones the deeper it goes."""
        plain = [n for n, f in kind.fields.items() if is_leaf_type(get_named_type(f.type))]
        deep = [n for n in kind.fields if n not in plain]
        found = self.chance.sample(plain, min(len(plain), self.chance.randint(1, 4)))
        lists = [n for n in deep if n in ("edges", "nodes", "node", "pageInfo")]
        if depth < DEEPEST and written.fields < MOST:
            others = self.chance.sample(deep, min(len(deep), self.chance.choice((0, 1, 1, 2))))
            found += sorted({*others, *(self.chance.sample(lists, 1) if lists else ())})
        self.chance.shuffle(found)
        return found

    def _of_types(self, written: _Written, kind: GraphQLInterfaceType, depth: int) -> list[str]:
        """Inline fragments on types that an interface can be."""
        possible = sorted(self.schema.get_possible_types(kind), key=lambda each: each.name)
        some = self.chance.sample(possible, min(len(possible), 3))
        written.uses.add("interface")
        return [f"... on {each.name}{self._selection(written, each, depth + 1)}" for each in some]

    def _fragment(self, written: _Written, kind: GraphQLObjectType, depth: int) -> str:
        """A fragment on the type itself, or on an interface of it: named, or inline."""
        on = self.chance.choice([kind, *getattr(kind, "interfaces", ())])
        inner = self._selection(written, on, depth + 1)
        if self._now(0.5):
            written.uses.add("inline fragment")
            condition = f" on {on.name}" if on is not kind or self._now(0.7) else ""
            return f"...{condition}{self._directive(written)}{inner}"
        written.uses.add("named fragment")
        name = written.name("F")
        written.fragments.append(f"fragment {name} on {on.name}{inner}")
        return f"...{name}{self._directive(written)}"

    def _arguments(
        self, written: _Written, given: Mapping[str, GraphQLArgument], definition: Any, owner: str
    ) -> str:
        parts = []
        for name, argument in given.items():
            needed = isinstance(argument.type, GraphQLNonNull)
            if not needed and not self._now(SHARES.get(name, 0.3)):
                continue
            value = self._value(argument.type, name, owner)
            parts.append(f"{name}: {self._written(written, argument, name, value)}")
        return f"({', '.join(parts)})" if parts else ""

    def _written(self, written: _Written, argument: GraphQLArgument, name: str, value: Any) -> str:
        """A value as a literal, or as a variable that may have a default."""
        if not self._now(0.4):
            return _literal(argument.type, value)
        variable = written.name("v")
        written.uses.add("variable")
        nullable = not isinstance(argument.type, GraphQLNonNull)
        if nullable and self._now(0.2):
            default = f" = {_literal(argument.type, value)}" if self._now(0.7) else ""
            written.definitions.append(f"${variable}: {argument.type}{default}")
            return f"${variable}"
        written.definitions.append(f"${variable}: {argument.type}")
        written.values[variable] = value
        return f"${variable}"

    def _value(self, type_: Any, name: str, owner: str) -> Any:
        """A value of a type, as JSON has it."""
        if not isinstance(type_, GraphQLNonNull) and self._now(0.03):
            return None
        type_ = _bare(type_)
        if isinstance(type_, GraphQLList):
            size = self.chance.choice((0, 1, 1, 1, 2, 3))
            return [
                self._value(GraphQLNonNull(_bare(type_.of_type)), name, owner) for _ in range(size)
            ]
        if isinstance(type_, GraphQLInputObjectType):
            return self._input(type_)
        if isinstance(type_, GraphQLEnumType):
            return self.chance.choice(sorted(type_.values))
        return self._scalar(type_.name, name, owner)

    def _input(self, type_: GraphQLInputObjectType) -> dict[str, Any]:
        """An input object with what it must have and a little more."""
        needed = {n for n, f in type_.fields.items() if isinstance(f.type, GraphQLNonNull)}
        more = self.chance.sample(
            sorted(type_.fields), min(len(type_.fields), self.chance.choice((0, 1, 1, 2)))
        )
        return {
            name: self._value(type_.fields[name].type, name, type_.name)
            for name in sorted(needed | set(more))
            if name not in ("and", "or", "not") or self._now(0.5)
        }

    def _scalar(self, kind: str, name: str, owner: str) -> Any:
        chance = self.chance
        if kind == "ID":
            return self._id(name, owner)
        if kind == "Int":
            small = name in ("first", "last", "most")
            return chance.choice(
                (0, 1, 2, 3, 5, 5, 5, 700 if self._now(0.2) else 4) if small else (0, 1, 2, 10)
            )
        if kind == "Boolean":
            return self._now(0.5)
        if kind in ("Float", "Decimal"):
            return (
                chance.choice((0, 0.5, 1))
                if kind == "Float"
                else chance.choice(("0", "0.5", "100"))
            )
        if kind == "Date":
            return chance.choice(DAYS)
        if kind == "DateTime":
            return chance.choice(INTERVALS)
        return chance.choice(WORDS)

    def _id(self, name: str, owner: str) -> str:
        """An id of the kind that an argument's name tells of, or of any; now and then of nothing."""
        if self._now(0.08):
            return self.chance.choice(ODD)
        wanted = name if name not in ("id", "ids") else owner
        kind = wanted[:1].upper() + wanted[1:]
        pool = self.ids.get(kind) or self.ids.get(kind.rstrip("s"))
        if pool is None and wanted == "portfolio":
            return ODD[0]
        return self.chance.choice(pool or self.all_ids)


def _bare(type_: Any) -> Any:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_


def _literal(type_: Any, value: Any) -> str:
    """A value as GraphQL writes it."""
    type_ = _bare(type_)
    if value is None:
        return "null"
    if isinstance(type_, GraphQLList):
        entries = value if isinstance(value, list) else [value]
        return f"[{', '.join(_literal(type_.of_type, each) for each in entries)}]"
    if isinstance(type_, GraphQLInputObjectType):
        fields: Mapping[str, GraphQLInputField] = type_.fields
        parts = (f"{name}: {_literal(fields[name].type, each)}" for name, each in value.items())
        return f"{{{', '.join(parts)}}}"
    if isinstance(type_, GraphQLEnumType):
        return str(value)
    return json.dumps(value)
